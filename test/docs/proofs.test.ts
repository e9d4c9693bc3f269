import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const CONTRACTS = join(__dirname, "..", "..", "contracts");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "mocks" ? [] : sources(path);
    return [path];
  });
}

/** Where the compiler doesn't check, somebody must have said why nothing goes wrong. */
describe("The contracts' unchecked and assembly blocks", () => {
  it("have their proof on the line above", () => {
    const blocks = sources(CONTRACTS).flatMap((path) => {
      const lines = readFileSync(path, "utf8").split("\n");
      return lines.flatMap((line, at) =>
        /^\s*(unchecked|assembly \("memory-safe"\)) \{/.test(line)
          ? [{ place: `${path.slice(CONTRACTS.length + 1)}:${at + 1}`, above: lines[at - 1] ?? "" }]
          : [],
      );
    });
    expect(blocks.length).to.be.greaterThan(90);
    expect(blocks.filter(({ above }) => !/^\s*\/\/ \S/.test(above)).map(({ place }) => place)).to.deep.equal(
      [],
    );
  });

  it("are all of these two kinds", () => {
    for (const path of sources(CONTRACTS))
      expect(readFileSync(path, "utf8"), path).not.to.match(/\bassembly (?!\("memory-safe"\) \{)/);
  });
});
