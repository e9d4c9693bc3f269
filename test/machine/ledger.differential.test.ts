import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getBytes } from "ethers";
import vectors from "../../programs/vectors/ledger.runs.json";
import { Emulator, PreimageTable } from "../../sequencer/src/machine";
import type { Machine } from "../../sdk/src/typechain";
import { Random } from "../Random";
import { Host } from "../programs/Host";
import { preimagesOf } from "./emulating";
import { MemoryTree } from "./MemoryTree";
import { Registers, stateHash, step, type State } from "./Reference";
import { deployMachine } from "./stepping";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const ELF = readFileSync(join(__dirname, "../../programs/artifacts/ledger.elf"));
/** Steps compared at both ends of the run, and as many at random between them as `RANDOM`. */
const ENDS = Number(process.env["ENDS"] ?? 1000);
const RANDOM = Number(process.env["RANDOM_STEPS"] ?? 100);
const PIECE = 1 << 20;
const HIGHEST = 64 << 20;

type Run = (typeof vectors.runs)[number];

/** Everything a run reads: the vector's preimages, and what the WebAssembly program keeps on its way. */
function oracleOf(run: Run): PreimageTable {
  const host = new Host();
  for (const bytes of run.preimages) host.keep(getBytes(bytes));
  host.call((program) => {
    program.run(host.argument(run.inputHash)[0]);
  });
  return new PreimageTable(host.preimages.values());
}

/** The emulator's present state, leaf by leaf, in the reference. */
function copied(emulator: Emulator): State {
  const memory = new MemoryTree();
  for (let start = 0; start < HIGHEST; start += PIECE) {
    const bytes = Buffer.from(emulator.read(BigInt(start), PIECE));
    for (let at = 0; at < PIECE; at += 32) {
      const leaf = Buffer.from(bytes.subarray(at, at + 32)).reverse();
      const value = BigInt(`0x${leaf.toString("hex")}`);
      if (value !== 0n) memory.setLeaf((start + at) / 32, value);
    }
  }
  const x = new Registers();
  for (let index = 1; index < 32; index++) x.set(index, emulator.register(index));
  return { memory, pc: emulator.pc, x };
}

describe("Ledger on the machine", () => {
  let machine: Machine;
  let table: PreimageTable;
  let emulator: Emulator;
  let end: bigint;

  before(async () => {
    // the vector with the most of everything
    const run = [...vectors.runs].sort((a, b) => b.preimages.length - a.preimages.length)[0] as Run;
    machine = await deployMachine();
    table = oracleOf(run);
    emulator = Emulator.load(ELF, table);
    end = emulator.run(run.inputHash).steps;
  });

  /** Compares the states after `count` steps from `start` in all three. */
  const compare = async (start: bigint, count: bigint) => {
    emulator.seek(start);
    const reference = copied(emulator);
    expect(stateHash(reference), "the copy is whole").to.equal(emulator.stateHash());
    for (let at = start; at < start + count && at < end; at++) {
      const witness = emulator.witness(at);
      const before = emulator.stateHash();
      emulator.seek(at + 1n);
      const after = emulator.stateHash();
      expect(step(reference, preimagesOf(table)) === witness, `witness of step ${at}`).to.equal(true);
      expect(stateHash(reference), `reference after step ${at}`).to.equal(after);
      const both = await machine.step(emulator.identity.codeRoot, witness);
      expect([...both], `Solidity at step ${at}`).to.deep.equal([before, after]);
    }
  };

  it("agrees with the reference and Solidity on the first steps", () => compare(0n, BigInt(ENDS)));

  it("agrees with the reference and Solidity on the last steps, and stays halted", async () => {
    await compare(end - BigInt(ENDS), BigInt(ENDS));
    const final = emulator.stateHash();
    expect([...(await machine.step(emulator.identity.codeRoot, emulator.witness(end + 5n)))]).to.deep.equal([
      final,
      final,
    ]);
  });

  it("agrees with Solidity on random steps", async () => {
    console.log(`        seed ${seed}`);
    const random = new Random(seed);
    const steps = Array.from({ length: RANDOM }, () => BigInt(random.below(Number(end)))).sort((a, b) =>
      Number(a - b),
    );
    for (const at of steps) {
      const witness = emulator.witness(at);
      const before = emulator.stateHash();
      emulator.seek(at + 1n);
      const both = await machine.step(emulator.identity.codeRoot, witness);
      expect([...both], `step ${at}`).to.deep.equal([before, emulator.stateHash()]);
    }
  });
});
