import { expect } from "chai";
import { hexlify } from "ethers";
import { Emulator, MemoryExhausted, PreimageTable } from "../../sequencer/src/machine";
import { assemble } from "./assembler";
import { bootEmulator, bootReference, ZERO_INPUT } from "./emulating";
import { EXIT, stateHash, step } from "./Reference";

const FOREVER = 2n ** 40n;

/** Reads a page in the inner loop before anything is written to it, writes to it, reads it again; then the same with the next one. */
const readBeforeWritten = assemble(`
  li s0, 0x300000
  li s1, 12
  loop: ld a0, 0(s0)
  ld a1, 8(s0)
  lbu a2, 2047(s0)
  add a3, a3, a1
  addi s2, s2, 1
  andi t0, s2, 3
  bnez t0, loop
  sd s1, 8(s0)
  ld a1, 8(s0)
  add a3, a3, a1
  li t1, 4096
  add s0, s0, t1
  addi s1, s1, -1
  bnez s1, loop
  li a7, 93
  ecall
`);

describe("Emulator: memory", () => {
  it("reads zeros where nothing was written, and then what is", () => {
    const [emulator, reference] = [bootEmulator(readBeforeWritten), bootReference(readBeforeWritten)];
    for (let number = 1n; reference.pc !== EXIT; number++) {
      step(reference, { preimage: () => undefined });
      if (number % 7n !== 0n && reference.pc !== EXIT) continue;
      emulator.runTo(number);
      expect(emulator.stateHash(), `step ${number}`).to.equal(stateHash(reference));
    }
    expect(emulator.runTo(FOREVER).outcome).to.equal("exit");
  });

  it("goes back behind what was written to a page that it had read as zeros", () => {
    const numbers = [0n, 5n, 30n, 31n, 38n, 60n, 200n, 300n];
    const expected = numbers.map((number) => {
      const fresh = bootEmulator(readBeforeWritten);
      fresh.runTo(number);
      return fresh.stateHash();
    });
    const emulator = bootEmulator(readBeforeWritten);
    emulator.runTo(FOREVER);
    expect(emulator.stateHashes(numbers)).to.deep.equal(expected);
    expect(emulator.stateHashes([...numbers].reverse())).to.deep.equal([...expected].reverse());
    expect(emulator.pages, "pages that were only read").to.be.at.most(14 * numbers.length);
  });

  it("gives up kept states rather than memory, and finds each state all the same", () => {
    const rewriting = assemble(`
      li s1, 9
      again: li s0, 0x300000
      li s2, 0x340000
      li t1, 4096
      loop: sd s1, 0(s0)
      add s0, s0, t1
      bltu s0, s2, loop
      addi s1, s1, -1
      bnez s1, again
      li a7, 93
      ecall
    `);
    const load = (pages?: number): Emulator => {
      const emulator = new Emulator({ elf: rewriting.elf, pages }, { oracle: new PreimageTable() });
      emulator.boot(ZERO_INPUT);
      return emulator;
    };
    const numbers = Array.from({ length: 9 }, (_, index) => BigInt(200 * (index + 1)));
    const [frugal, lavish] = [load(160), load()];
    expect(frugal.stateHashes(numbers)).to.deep.equal(lavish.stateHashes(numbers));
    expect(frugal.pages).to.be.at.most(160);
    expect(lavish.pages).to.be.greaterThan(320);
    expect(frugal.stateHashes([...numbers].reverse())).to.deep.equal(
      lavish.stateHashes([...numbers].reverse()),
    );
  });

  describe("when a run touches gigabytes", () => {
    const greedy = assemble(`
      li s0, 0x200000
      li s1, 0x600000
      li s2, 4096
      low: sd s0, 0(s0)
      add s0, s0, s2
      bltu s0, s1, low
      mv a4, a3
      mv a3, a2
      mv a2, a1
      mv a1, a0
      li a0, 0
      li a5, 0
      mv a6, s0
      li a7, 1
      ecall
      ld s3, 0(s0)
      high: sd s0, 0(s0)
      add s0, s0, s2
      j high
    `);
    const afterReading = 3n * BigInt((0x600000 - 0x200000) / 4096) + 16n;
    const oracle = new PreimageTable();
    const input = oracle.add(new Uint8Array(24_576).fill(7));

    /** An emulator with so many bytes of its memory taken, without a computer that has them. */
    function withTaken(bytes: number): Emulator {
      const emulator = Emulator.load(greedy.elf, oracle);
      const { memory } = (
        emulator as unknown as {
          exports: { memory: { grow(pages: number): void; buffer: ArrayBuffer } };
        }
      ).exports;
      memory.grow((bytes - memory.buffer.byteLength) / 2 ** 16);
      emulator.boot(input);
      return emulator;
    }

    it("still reads preimages [pages above 2 GiB]", () => {
      const emulator = withTaken(2 ** 31);
      expect(emulator.runTo(afterReading).outcome).to.equal("limit");
      expect(emulator.register(10), "a0").to.equal(24_576n);
      expect(emulator.register(19), "s3").to.equal(0x0707070707070707n);
      expect(hexlify(emulator.read(0x600008n, 24))).to.equal(`0x${"07".repeat(24)}`);
      const plain = Emulator.load(greedy.elf, oracle);
      plain.boot(input);
      plain.runTo(afterReading);
      expect(emulator.stateHash()).to.equal(plain.stateHash());
      expect(emulator.witness(afterReading - 1n)).to.equal(plain.witness(afterReading - 1n));
    });

    it("says that memory is exhausted, and goes on saying so", () => {
      const emulator = withTaken(2 ** 32 - 2 ** 25);
      for (let round = 0; round < 2; round++)
        expect(() => emulator.runTo(FOREVER)).to.throw(
          MemoryExhausted,
          /^the run holds [\d,]+ pages of 4 KiB soon after step \d+, and the emulator has 4 GiB: the program must/,
        );
      expect(() => emulator.stateHash()).to.throw(MemoryExhausted);
      expect(() => emulator.witness(1n)).to.throw(MemoryExhausted);
    });
  });
});
