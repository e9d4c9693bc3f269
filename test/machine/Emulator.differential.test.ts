import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { hexlify } from "ethers";
import { assemble, type Assembly, DATA_BASE } from "./assembler";
import { buildElf } from "./elf";
import { bootEmulator, bootReference, ZERO_INPUT } from "./emulating";
import { encode, type Fields, INSTRUCTIONS } from "./instructions";
import { isHalted, type State, stateHash, step as advance } from "./Reference";
import type { Emulator } from "../../sequencer/src/machine";
import type { Machine } from "../../sdk/src/typechain";
import { deployMachine, EDGES, NOTHING } from "./stepping";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const runs = Number(process.env["RUNS"] ?? 20);

/** Builds the program that consists of these words, with the given data. */
function programOf(words: readonly number[], data = new Uint8Array(64)): Assembly {
  const text = new Uint8Array(words.length * 4);
  const view = new DataView(text.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  const segments = [
    { address: 0, bytes: text, flags: "rx" as const },
    { address: DATA_BASE, bytes: data, flags: "rw" as const },
  ];
  return { text, data, entry: 0, symbols: new Map(), elf: buildElf(0, segments) };
}

/** The same program in the reference and in the emulator, kept in step. */
class Pair {
  readonly reference: State;
  readonly emulator: Emulator;

  constructor(program: Assembly) {
    this.reference = bootReference(program);
    this.emulator = bootEmulator(program);
  }

  set(pc: bigint, registers: readonly bigint[]): void {
    this.reference.pc = pc;
    registers.forEach((value, index) => {
      this.reference.x.set(index + 1, value);
    });
    this.emulator.setRegisters(pc, registers);
  }

  /** Makes up to `count` steps in the reference, as many in the emulator at once, and compares the registers. */
  advance(count: number): void {
    let steps = 0;
    for (; steps < count && !isHalted(this.reference); steps++) advance(this.reference, NOTHING);
    const from = this.emulator.steps;
    expect(this.emulator.runTo(from + BigInt(count)).steps - from).to.equal(BigInt(steps));
    const expected = this.reference.x.all();
    const differs = expected.some((value, index) => this.emulator.register(index) !== value);
    // asserting each register in turn takes longer than the steps
    if (differs) expect(expected.map((_, index) => this.emulator.register(index))).to.deep.equal(expected);
    expect(this.emulator.pc, "pc").to.equal(this.reference.pc);
  }

  /** Makes one step in the contract as well, with the emulator's witness. */
  async advanceIn(machine: Machine): Promise<void> {
    const { emulator } = this;
    const [before, witness] = [emulator.stateHash(), emulator.witness(emulator.steps)];
    this.advance(1);
    const [first, second] = await machine.step(emulator.identity.codeRoot, witness);
    expect([first, second]).to.deep.equal([before, emulator.stateHash()]);
  }

  compareHashes(): void {
    expect(this.emulator.stateHash()).to.equal(stateHash(this.reference));
  }
}

const word64 = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -64n, max: 64n }).map((value) => BigInt.asUintN(64, value)),
  fc.integer({ min: DATA_BASE, max: DATA_BASE + 64 }).map(BigInt),
);
const registerFile = fc.array(word64, { minLength: 31, maxLength: 31 });
const registerNumber = fc.nat(31);

/** An instruction with operands that fit, jumps staying near. */
const instruction: fc.Arbitrary<number> = fc
  .record({
    mnemonic: fc.constantFrom(...[...INSTRUCTIONS.keys()].filter((name) => name !== "unimp")),
    rd: registerNumber,
    rs1: registerNumber,
    rs2: registerNumber,
    small: fc.integer({ min: -2048, max: 2047 }),
    near: fc.integer({ min: -24, max: 24 }),
  })
  .map(({ mnemonic, small, near, ...registers }) => {
    const format = INSTRUCTIONS.get(mnemonic)?.format ?? "word";
    const immediate = {
      shift6: small & 63,
      shift5: small & 31,
      B: near * 2,
      J: near * 2,
      U: small,
    } as Record<string, number>;
    return encode(mnemonic, { ...registers, immediate: immediate[format] ?? small } satisfies Fields);
  });

/** An instruction whose fixed fields may be wrong. */
const flipped = (word: number): number => (word ^ ((1 << ((word >>> 7) % 25)) << 7)) >>> 0;

describe("Emulator and reference", () => {
  before(() => {
    console.log(`      seed ${seed}`);
  });

  it("agree on every instruction at every pair of edge values", () => {
    const fields = { rd: 7, rs1: 5, rs2: 6, immediate: 8 };
    const mnemonics = [...INSTRUCTIONS.keys()];
    const words = mnemonics.flatMap((name) => [encode(name, fields), encode(name, { ...fields, rd: 0 })]);
    const pair = new Pair(programOf(words));
    for (const a of [...EDGES, BigInt(DATA_BASE)])
      for (const b of EDGES) {
        const registers = Array.from({ length: 31 }, (_, index) => (index % 2 === 0 ? a : b));
        words.forEach((_, index) => {
          // every second one computes x0: once per value is enough
          if (index % 2 === 1 && a !== b) return;
          pair.set(BigInt(4 * index), registers);
          pair.advance(1);
        });
      }
    pair.compareHashes();
  });

  it("agree on any instruction word", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(instruction, instruction.map(flipped), fc.nat(2 ** 32 - 1)), {
          minLength: 60,
          maxLength: 60,
        }),
        registerFile,
        (words, registers) => {
          const pair = new Pair(programOf(words));
          words.forEach((_, index) => {
            pair.set(BigInt(4 * index), registers);
            pair.advance(1);
          });
          pair.compareHashes();
        },
      ),
      { seed, numRuns: runs },
    );
  });

  it("agree on random programs, in one go and step by step, and every seventh step in Solidity", async () => {
    const machine = await loadFixture(deployMachine);
    await fc.assert(
      fc.asyncProperty(
        fc.array(instruction, { minLength: 30, maxLength: 60 }),
        registerFile,
        async (words, registers) => {
          const [whole, single] = [new Pair(programOf(words)), new Pair(programOf(words))];
          for (let start = 0; start < words.length; start += 3) {
            whole.set(BigInt(4 * start), registers);
            whole.advance(100);
          }
          single.set(0n, registers);
          for (let steps = 0; steps < 50; steps++) {
            if (steps % 7 !== 0) single.advance(1);
            else {
              // A halted state proves little.
              if (isHalted(single.reference)) single.set(BigInt(4 * (steps % words.length)), registers);
              await single.advanceIn(machine);
            }
          }
          whole.compareHashes();
          single.compareHashes();
        },
      ),
      { seed, numRuns: runs },
    );
  });

  it("agree on the sequences that the emulator runs as one, entered and left in the middle", () => {
    const source = readFileSync(
      join(__dirname, "..", "..", "programs", "emulator", "src", "decode.rs"),
      "utf8",
    );
    const sequences = [...source.matchAll(/\(&\[(\w+, [\w, ]+)\], \w+\)/g)].map((match) =>
      (match[1] ?? "").toLowerCase().split(", "),
    );
    expect(sequences.length).to.be.at.least(20);
    fc.assert(
      fc.property(
        fc.array(fc.record({ rd: registerNumber, rs1: registerNumber, rs2: registerNumber, n: fc.nat(63) }), {
          minLength: 80,
          maxLength: 80,
        }),
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 31, maxLength: 31 }),
        (operands, registers) => {
          const wild = registers.map((value, index) =>
            index % 2 === 0 ? BigInt(DATA_BASE) + (value % 64n) * 8n : value,
          );
          const words = sequences.flat().map((operation, index) => {
            // `li` is how the emulator keeps an addi from x0.
            const isLi = operation === "li";
            const mnemonic = isLi ? "addi" : operation;
            const { rd, rs1, rs2, n } = operands[index % operands.length] ?? { rd: 0, rs1: 0, rs2: 0, n: 0 };
            const format = INSTRUCTIONS.get(mnemonic)?.format;
            const immediate =
              format === "B" ? 4 * ((n % 5) - 1) : format === "load" || format === "S" ? n * 8 : n;
            return encode(mnemonic, { rd, rs1: isLi ? 0 : rs1 | 1, rs2, immediate });
          });
          const pair = new Pair(programOf(words));
          words.forEach((_, index) => {
            for (const count of [1, 2, 3, 50]) {
              pair.set(BigInt(4 * index), wild);
              pair.advance(count);
            }
          });
          pair.compareHashes();
        },
      ),
      { seed, numRuns: Math.ceil(runs / 5) },
    );
  });

  it("agree on memory: every size, aligned and not, across pages and at the ends", () => {
    const addresses = [
      0n,
      4n,
      0x1ffff8n,
      0x1fffffn,
      0x200000n,
      0x200ff8n,
      0x200ffcn,
      0x201000n,
      0xfffffff8n,
      0xffffffffn,
    ];
    const names = ["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu", "sb", "sh", "sw", "sd"];
    const words = names.flatMap((name) =>
      [0, 1, 2, 4].flatMap((offset) => {
        const once = encode(name, { rd: 7, rs1: 5, rs2: 6, immediate: 8 + offset });
        return [once, once, encode("ld", { rd: 8, rs1: 5, immediate: 8 })];
      }),
    );
    const pair = new Pair(programOf(words));
    for (const address of [...addresses, 2n ** 32n, 2n ** 63n, 2n ** 64n - 8n]) {
      const registers = Array.from(
        { length: 31 },
        (_, index) => (0x8182838485868788n * BigInt(index)) % 2n ** 64n,
      );
      registers[4] = BigInt.asUintN(64, address - 8n);
      for (let index = 0; index < words.length; index += 3) {
        pair.set(BigInt(4 * index), registers);
        pair.advance(3);
      }
      pair.compareHashes();
    }
  });

  it("agree on the hash of every state of a program and on its output [Machine 10]", () => {
    const program = assemble(`
      la s0, table
      li s1, 40
      fill: sd s1, 0(s0)
      addi s0, s0, 264
      mul a0, a0, s1
      xor a0, a0, s0
      addi s1, s1, -1
      bnez s1, fill
      call finish
      finish: li a7, 93
      ecall
      .data
      table: .zero 8
    `);
    const input = hexlify(Uint8Array.from({ length: 32 }, (_, index) => index + 1));
    const reference = bootReference(program, input);
    const emulator = bootEmulator(program, input);
    const expected = [stateHash(reference)];
    while (!isHalted(reference)) {
      advance(reference, NOTHING);
      expected.push(stateHash(reference));
    }
    const numbers = expected.map((_, index) => BigInt(index));
    expect(emulator.stateHashes(numbers)).to.deep.equal(expected);
    expect(emulator.stateHashes([...numbers].reverse())).to.deep.equal([...expected].reverse());
    expect(emulator.stateHashes([2n ** 40n])).to.deep.equal(expected.slice(-1));
    expect(bootEmulator(program, ZERO_INPUT).runTo(2n ** 30n).outcome).to.equal("exit");
  });
});
