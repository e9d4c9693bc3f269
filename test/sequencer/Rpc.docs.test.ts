import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import hashes from "../../programs/artifacts/hashes.json";
import { findProgram } from "../../sequencer/src";
import { CATALOGUE } from "../../sequencer/src/rpc/errors";
import { CHAIN_ID_METHODS, HOST_METHODS } from "../../sequencer/src/rpc/host";
import { ROLLUP_METHODS } from "../../sequencer/src/rpc/rollup";

describe("docs/rpc.md", () => {
  const text = readFileSync(join(__dirname, "../../docs/rpc.md"), "utf8");
  /** the text of one method, up to the next heading */
  const sections = new Map(
    [...text.matchAll(/^### `(\w+)`\n([^#]*)/gm)].map(([, name, body]) => [name!, body!] as const),
  );

  it("names exactly the methods that the node serves", () => {
    const { methods } = findProgram(hashes.ledger.programHash)!;
    const served = [...HOST_METHODS, ...CHAIN_ID_METHODS, ...ROLLUP_METHODS, ...methods];
    expect([...sections.keys()].sort()).to.deep.equal([...served].sort());
  });

  it("lists exactly the errors there are, each with its code, what it means and what to do", () => {
    const rows = [...text.matchAll(/^\| (-\d+) +\| `(\w+)` +\| (.*?) +\| (.*?) +\|$/gm)].map(
      ([, code, name, why, next]) => [name!, { code: Number(code), why, next }] as const,
    );
    expect(Object.fromEntries(rows)).to.deep.equal({ ...CATALOGUE });
    const codes = rows.map(([, { code }]) => code);
    expect(new Set(codes).size).to.equal(codes.length);
  });

  it("says of each method what it takes, and names only errors there are", () => {
    for (const [name, body] of sections) {
      expect(body, name).to.match(/No parameters|Parameters?:|The same as/);
      for (const [, error] of (body.split("Errors:")[1] ?? "").matchAll(/`(\w+)`/g))
        expect(CATALOGUE, `${name} names ${error}`).to.have.property(error!);
    }
  });
});
