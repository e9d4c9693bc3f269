import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Emulator } from "../../sequencer/src/machine";
import type { Machine } from "../../sdk/src/typechain";
import { CONTROL_PROGRAMS } from "./conformity/control";
import { IMMEDIATE_PROGRAMS } from "./conformity/immediates";
import { MEMORY_PROGRAMS } from "./conformity/memory";
import { MULTIPLY_PROGRAMS } from "./conformity/multiply";
import { build, failureCode, type Program } from "./conformity/Program";
import { REGISTER_PROGRAMS } from "./conformity/registers";
import { bootEmulator, bootReference } from "./emulating";
import { INSTRUCTIONS } from "./instructions";
import { EXIT, isHalted, step } from "./Reference";
import { deployMachine, NOTHING } from "./stepping";

const A0 = 10;
const LIMIT = 10_000n;

const PROGRAMS: readonly Program[] = [
  ...CONTROL_PROGRAMS,
  ...REGISTER_PROGRAMS,
  ...IMMEDIATE_PROGRAMS,
  ...MEMORY_PROGRAMS,
  ...MULTIPLY_PROGRAMS,
];

/** Whether a word is the instruction `mnemonic`. */
function isInstruction(word: number, mnemonic: string): boolean {
  const row = INSTRUCTIONS.get(mnemonic);
  if (row === undefined) return false;
  const mask = { U: 0x7f, J: 0x7f, R: 0xfe00707f, shift6: 0xfc00707f, shift5: 0xfe00707f }[row.format as "U"];
  return ((word ^ row.bits) & (mask ?? 0x707f)) === 0;
}

/** Runs a program and returns the steps, with their pc, at which it executes `mnemonic` at a place that it passes only once. */
function onceOnly(emulator: Emulator, mnemonic: string): [bigint, bigint][] {
  const visits = new Map<bigint, bigint[]>();
  while (!emulator.isHalted) {
    const { pc, steps } = emulator;
    const word = Buffer.from(emulator.read(pc, 4)).readUInt32LE();
    if (isInstruction(word, mnemonic)) visits.set(pc, [...(visits.get(pc) ?? []), steps]);
    emulator.runTo(steps + 1n);
  }
  return [...visits].flatMap(([pc, [at, again]]) =>
    at === undefined || again !== undefined ? [] : [[at, pc]],
  );
}

/**
 * The cases of the official ISA tests rv64ui and rv64um (riscv-software-src/riscv-tests, BSD licence), transcribed into tables: operands and
 * results are the suite's, in its order and with its numbers, so nothing that is expected here was computed by this project. `fence_i` and
 * `ma_data` are left out (docs/encodings/machine.md says why); `st_ld` has the same cases as `ld_st`.
 */
describe("Conformity to rv64ui and rv64um", () => {
  it("has a program for every instruction", () => {
    const names = new Set(PROGRAMS.map(({ name }) => name));
    const missing = [...INSTRUCTIONS].filter(([name, { format }]) => format !== "word" && !names.has(name));
    expect(missing.map(([name]) => name)).to.deep.equal([]);
    expect(names.size).to.equal(PROGRAMS.length);
  });

  for (const program of PROGRAMS)
    it(`${program.name}: ${program.cases.length} cases pass in the emulator and in the reference`, () => {
      const assembly = build(program);
      const emulator = bootEmulator(assembly);
      expect(emulator.runTo(LIMIT).outcome).to.equal("exit");
      expect(emulator.register(A0)).to.equal(0n);
      const reference = bootReference(assembly);
      while (!isHalted(reference)) step(reference, NOTHING);
      expect([reference.pc, reference.x.get(A0)]).to.deep.equal([EXIT, 0n]);
    });

  it("names the case that fails", () => {
    for (const program of PROGRAMS) {
      const index = program.cases.map(({ result }) => result !== undefined).lastIndexOf(true);
      if (index < 0) continue;
      const cases = program.cases.map((item, at) => (at === index ? { ...item, result: "0x5a5a" } : item));
      const emulator = bootEmulator(build({ ...program, cases }));
      expect(emulator.runTo(LIMIT).outcome, program.name).to.equal("exit");
      expect(emulator.register(A0), program.name).to.equal(failureCode(index));
    }
  });

  describe("in Solidity", () => {
    let machine: Machine;
    before(async () => {
      machine = await loadFixture(deployMachine);
    });

    // What runs twice is what runs once, with other instructions between: a pipeline's business, and two thirds of the steps.
    it("each instruction of its own program goes where the emulator goes", async () => {
      for (const program of PROGRAMS) {
        const emulator = bootEmulator(build(program));
        const { codeRoot } = emulator.identity;
        for (const [at, pc] of onceOnly(emulator, program.name)) {
          const witness = emulator.witness(at);
          const before = emulator.stateHash();
          emulator.seek(at + 1n);
          const [first, second] = await machine.step(codeRoot, witness);
          expect([first, second], `${program.name} at ${pc}`).to.deep.equal([before, emulator.stateHash()]);
        }
      }
    });
  });
});
