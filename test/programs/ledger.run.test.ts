import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { concat, dataSlice, getBytes, toBeHex } from "ethers";
import vectors from "../../programs/vectors/ledger.runs.json";
import hashes from "../../programs/artifacts/hashes.json";
import { Emulator, PreimageTable } from "../../sequencer/src/machine";
import { Host } from "./Host";

const elf = readFileSync(join(__dirname, "../../programs/artifacts/ledger.elf"));

type Run = (typeof vectors.runs)[number];

function openArgument(run: Run): string {
  return concat([run.parent, run.config, toBeHex(run.target, 8), run.targetHash, toBeHex(run.flags, 1)]);
}

/** Runs a vector block by block and compares every result. */
function assertIncremental(host: Host, run: Run): void {
  const opened = host.call((program) => program.open(...host.argument(openArgument(run))));
  expect(dataSlice(opened, 51)).to.equal(concat(run.messageReceipts));
  run.blockReceipts.forEach((receipts, i) => {
    const result = host.call((program) => program.block(...host.argument(run.blocks[i] ?? "0x")));
    expect(dataSlice(result, 42)).to.equal(concat(receipts));
  });
  const closed = host.call((program) => program.close(BigInt(run.timestamp)));
  expect(closed).to.equal(concat([run.commitment, run.commitmentPreimage]));
}

describe("ledger, run natively, in WebAssembly and on the machine", () => {
  it("begins at the recorded genesis", () => {
    const host = new Host();
    const genesis = host.call((program) => program.genesis());
    expect(genesis).to.equal(hashes.ledger.genesis);
    expect(genesis).to.equal(vectors.runs[0]?.parent);
  });

  for (const run of vectors.runs) {
    it(`run gives the native commitment: ${run.name}`, () => {
      const host = new Host();
      for (const bytes of run.preimages) host.keep(getBytes(bytes));
      const commitment = host.call((program) => program.run(host.argument(run.inputHash)[0]));
      expect(commitment).to.equal(run.commitment);
    });

    it(`the machine gives the native commitment: ${run.name}`, () => {
      const known = new PreimageTable([...run.preimages, ...run.precompileKeys].map((bytes) => getBytes(bytes)));
      const { outcome, output } = Emulator.load(elf, known).run(run.inputHash);
      expect([outcome, output]).to.deep.equal(["exit", run.commitment]);
    });

    it(`open, block, close give the native receipts and commitment: ${run.name}`, () => {
      const host = new Host();
      for (const bytes of run.preimages) host.keep(getBytes(bytes));
      assertIncremental(host, run);
    });
  }

  it("goes from batch to batch on what it published, and from any mark again", () => {
    const host = new Host();
    host.call((program) => program.genesis());
    // messages, the only preimages that no batch publishes
    for (const run of vectors.runs) for (const bytes of run.preimages) host.keep(getBytes(bytes));
    const [deposits, transfers] = vectors.runs;
    if (deposits === undefined || transfers === undefined) throw new Error("two runs at least");
    assertIncremental(host, deposits);
    host.call((program) => program.open(...host.argument(openArgument(transfers))));
    const mark = host.program.mark();
    const play = (): string[] =>
      transfers.blocks.map((block) => host.call((program) => program.block(...host.argument(block))));
    const first = play();
    host.program.rewind(mark);
    expect(play()).to.deep.equal(first);
    const closed = host.call((program) => program.close(BigInt(transfers.timestamp)));
    expect(dataSlice(closed, 0, 32)).to.equal(transfers.commitment);
    for (const run of vectors.runs.slice(2)) assertIncremental(host, run);
    expect(host.exits.length).to.be.greaterThan(6);
  });

  it("throws on a missing preimage [a preimage that the host withholds]", () => {
    const run = vectors.runs[1];
    const host = new Host();
    for (const bytes of run?.preimages ?? []) host.keep(getBytes(bytes));
    host.preimages.delete(run?.parent ?? "");
    expect(() => host.program.open(...host.argument(openArgument(run as Run)))).to.throw("missing preimage");
  });

  it("traps on bytes that aren't one block", () => {
    const run = vectors.runs[0];
    const host = new Host();
    for (const bytes of run?.preimages ?? []) host.keep(getBytes(bytes));
    host.call((program) => program.open(...host.argument(openArgument(run as Run))));
    expect(() => host.program.block(...host.argument("0x00"))).to.throw("unreachable");
  });
});
