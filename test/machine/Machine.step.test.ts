import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { AssertionError, expect } from "chai";
import { concat, dataLength, dataSlice, getBytes, hexlify, toBeHex } from "ethers";
import type { Machine } from "../../sdk/src/typechain";
import { encode, INSTRUCTIONS } from "./instructions";
import { ERROR, EXIT, type State, encodeState, stateHash, step } from "./Reference";
import { DATA, EDGES, LAST_LEAF, NOTHING, before, beforeOne, deployMachine, stepBoth } from "./stepping";

const mnemonics = (...formats: string[]) =>
  [...INSTRUCTIONS].filter(([, { format }]) => formats.includes(format)).map(([name]) => name);

const flip = (hex: string, at: number) => {
  const bytes = getBytes(hex);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return hexlify(bytes);
};

describe("Machine", () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await loadFixture(deployMachine);
  });

  /** Steps and says whether it was an error halt. */
  async function fails(state: State): Promise<boolean> {
    await stepBoth(machine, state);
    return state.pc === ERROR;
  }

  describe("step: witness", () => {
    const add = () => beforeOne("add", { rd: 5, rs1: 6, rs2: 7 }, { 6: 1n, 7: 2n });
    const load = () => beforeOne("ld", { rd: 5, rs1: 6 }, { 6: DATA });
    const store = () => beforeOne("sd", { rs2: 5, rs1: 6 }, { 6: DATA });

    it("rejects a witness without a whole state", async () => {
      await expect(machine.step(toBeHex(0, 32), dataSlice(step(add(), NOTHING), 0, 287)))
        .to.be.revertedWithCustomError(machine, "WitnessLengthWrong")
        .withArgs(288, 287);
    });

    it("rejects a witness without a whole code proof", async () => {
      await expect(machine.step(add().memory.codeRoot(), dataSlice(step(add(), NOTHING), 0, 831)))
        .to.be.revertedWithCustomError(machine, "WitnessLengthWrong")
        .withArgs(832, 831);
    });

    it("rejects every length but the one that the step needs [Machine 2]", async () => {
      const halted = add();
      halted.pc = EXIT;
      const lost = add();
      lost.pc = 2n;
      const [misaligned, readonly] = [load(), store()];
      misaligned.x.set(6, DATA + 1n);
      readonly.x.set(6, DATA - 8n);
      const call = before(0x73);
      const cases: [State, number][] = [
        [halted, 288],
        [lost, 288],
        [add(), 832],
        [before(0), 832],
        [misaligned, 832],
        [readonly, 832],
        [call, 832],
        [load(), 1728],
        [store(), 1728],
      ];
      for (const [state, length] of cases) {
        const codeRoot = state.memory.codeRoot();
        const witness = step(state, NOTHING);
        expect(dataLength(witness)).to.equal(length);
        for (const wrong of [concat([witness, "0x00"]), concat([witness, toBeHex(0, 32)])])
          await expect(machine.step(codeRoot, wrong))
            .to.be.revertedWithCustomError(machine, "WitnessLengthWrong")
            .withArgs(length, dataLength(wrong));
        if (length === 1728)
          for (const shorter of [1727, 832])
            await expect(machine.step(codeRoot, dataSlice(witness, 0, shorter)))
              .to.be.revertedWithCustomError(machine, "WitnessLengthWrong")
              .withArgs(length, shorter);
      }
    });

    it("rejects code that isn't the program's", async () => {
      const state = add();
      const codeRoot = state.memory.codeRoot();
      const witness = step(state, NOTHING);
      for (const at of [288, 319, 320, 831])
        await expect(machine.step(codeRoot, flip(witness, at)))
          .to.be.revertedWithCustomError(machine, "CodeProofWrong")
          .withArgs(codeRoot, (root: string) => root !== codeRoot);
      await expect(machine.step(flip(codeRoot, 0), witness))
        .to.be.revertedWithCustomError(machine, "CodeProofWrong")
        .withArgs(flip(codeRoot, 0), codeRoot);
    });

    it("rejects a memory leaf that isn't the state's", async () => {
      for (const state of [load(), store()]) {
        const [codeRoot, root] = [state.memory.codeRoot(), state.memory.root()];
        const witness = step(state, NOTHING);
        for (const at of [832, 863, 864, 1727])
          await expect(machine.step(codeRoot, flip(witness, at)))
            .to.be.revertedWithCustomError(machine, "MemoryProofWrong")
            .withArgs(root, (actual: string) => actual !== root);
      }
    });

    it("never accepts a flipped byte as the same state [Machine 1]", async () => {
      const state = store();
      const [codeRoot, hash] = [state.memory.codeRoot(), stateHash(state)];
      const witness = step(state, NOTHING);
      for (let at = 0; at < dataLength(witness); at += 23) {
        try {
          const [first] = await machine.step(codeRoot, flip(witness, at));
          expect(first, `byte ${at}`).not.to.equal(hash);
          expect(at, "accepted beyond the state").to.be.lessThan(288);
        } catch (error) {
          if (error instanceof AssertionError) throw error;
          const { data } = error as { data?: string };
          const name = machine.interface.parseError(data ?? "0x")?.name;
          expect(name, `byte ${at}`).to.match(/^(CodeProofWrong|MemoryProofWrong|WitnessLengthWrong)$/);
        }
      }
    });
  });

  describe("step: halting", () => {
    it("leaves a halted state as it is, exited or failed [Machine 2]", async () => {
      for (const pc of [EXIT, ERROR]) {
        const state = beforeOne("add", { rd: 5 }, { 10: 7n });
        state.pc = pc;
        const encoded = encodeState(state);
        expect(await stepBoth(machine, state)).to.equal(encoded);
        expect(encodeState(state)).to.equal(encoded);
      }
    });

    it("exits by system call 93 with a0..a3 as they are", async () => {
      const state = before(0x73, { 17: 93n, 10: 1n, 11: 2n, 12: 3n, 13: 4n });
      await stepBoth(machine, state);
      expect(state.pc).to.equal(EXIT);
      expect(state.x.get(10)).to.equal(1n);
    });

    it("zeroes a0..a3 on an error and nothing else [Machine 6]", async () => {
      const state = before(0xc0001073, { 9: 9n, 10: 1n, 11: 2n, 12: 3n, 13: 4n, 14: 5n });
      expect(await fails(state)).to.equal(true);
      expect([9, 10, 11, 12, 13, 14].map((i) => state.x.get(i))).to.deep.equal([9n, 0n, 0n, 0n, 0n, 5n]);
    });

    it("fails at a pc outside the text or between instructions", async () => {
      for (const pc of [1n, 2n, 3n, 2n ** 21n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 3n, 2n ** 64n - 4n]) {
        const state = before(encode("addi"));
        state.pc = pc;
        expect(await fails(state), `pc ${pc}`).to.equal(true);
      }
    });

    it("runs the last instruction of the text, and fails after it", async () => {
      const state = before(encode("addi"), {}, 2n ** 21n - 4n);
      expect(await fails(state)).to.equal(false);
      expect(state.pc).to.equal(2n ** 21n);
      expect(await fails(state)).to.equal(true);
    });

    it("fails at unknown system calls instead of letting them succeed [unknown system calls that succeed]", async () => {
      for (const a7 of [0n, 2n, 64n, 92n, 94n, 2n ** 32n + 1n, 2n ** 32n + 93n, 2n ** 63n])
        expect(await fails(before(0x73, { 17: a7 })), `a7 = ${a7}`).to.equal(true);
    });
  });

  describe("step: arithmetic", () => {
    for (const mnemonic of mnemonics("R"))
      it(`${mnemonic} agrees with the reference on edge values`, async () => {
        for (const a of EDGES)
          for (const b of EDGES)
            expect(await fails(beforeOne(mnemonic, { rd: 5, rs1: 6, rs2: 7 }, { 6: a, 7: b }))).to.equal(
              false,
            );
      });

    for (const mnemonic of mnemonics("I", "shift5", "shift6"))
      it(`${mnemonic} agrees with the reference on edge values`, async () => {
        const immediates = { I: [0, 1, -1, 2047, -2048], shift5: [0, 1, 31], shift6: [0, 1, 31, 32, 63] }[
          INSTRUCTIONS.get(mnemonic)?.format as "I"
        ];
        for (const a of EDGES)
          for (const immediate of immediates)
            expect(await fails(beforeOne(mnemonic, { rd: 5, rs1: 6, immediate }, { 6: a }))).to.equal(false);
      });

    it("lui and auipc extend the sign of their 32 bits", async () => {
      for (const mnemonic of ["lui", "auipc"])
        for (const immediate of [0, 1, 0x7ffff, 0x80000, 0xfffff])
          expect(await fails(beforeOne(mnemonic, { rd: 5, immediate }))).to.equal(false);
      const state = beforeOne("lui", { rd: 5, immediate: 0x80000 });
      await stepBoth(machine, state);
      expect(state.x.get(5)).to.equal(0xffffffff80000000n);
    });

    it("masks shift amounts to six bits, and to five for 32-bit operations [unmasked shifts]", async () => {
      const state = beforeOne("sll", { rd: 5, rs1: 6, rs2: 7 }, { 6: 1n, 7: 2n ** 64n - 64n + 3n });
      await stepBoth(machine, state);
      expect(state.x.get(5)).to.equal(8n);
      const narrow = beforeOne("sllw", { rd: 5, rs1: 6, rs2: 7 }, { 6: 1n, 7: 32n + 3n });
      await stepBoth(machine, narrow);
      expect(narrow.x.get(5)).to.equal(8n);
    });

    it("truncates 32-bit operations and extends their sign [untruncated 32-bit operations]", async () => {
      const state = beforeOne("addw", { rd: 5, rs1: 6, rs2: 7 }, { 6: 2n ** 32n + 2n ** 31n - 1n, 7: 1n });
      await stepBoth(machine, state);
      expect(state.x.get(5)).to.equal(0xffffffff80000000n);
      const shifted = beforeOne("srliw", { rd: 5, rs1: 6, immediate: 0 }, { 6: 0xabcdef0080000000n });
      await stepBoth(machine, shifted);
      expect(shifted.x.get(5)).to.equal(0xffffffff80000000n);
    });

    it("divides by zero and overflows as the manual says", async () => {
      const cases: [string, bigint, bigint, bigint][] = [
        ["div", 5n, 0n, 2n ** 64n - 1n],
        ["divu", 5n, 0n, 2n ** 64n - 1n],
        ["rem", 5n, 0n, 5n],
        ["remu", 5n, 0n, 5n],
        ["div", 2n ** 63n, 2n ** 64n - 1n, 2n ** 63n],
        ["rem", 2n ** 63n, 2n ** 64n - 1n, 0n],
        ["divw", 5n, 2n ** 32n, 2n ** 64n - 1n],
        ["divuw", 5n, 2n ** 32n, 2n ** 64n - 1n],
        ["remw", 2n ** 31n, 0n, 0xffffffff80000000n],
        ["remuw", 2n ** 31n, 0n, 0xffffffff80000000n],
        ["divw", 2n ** 31n, 2n ** 64n - 1n, 0xffffffff80000000n],
        ["remw", 2n ** 31n, 2n ** 64n - 1n, 0n],
      ];
      for (const [mnemonic, a, b, result] of cases) {
        const state = beforeOne(mnemonic, { rd: 5, rs1: 6, rs2: 7 }, { 6: a, 7: b });
        await stepBoth(machine, state);
        expect(state.x.get(5), mnemonic).to.equal(result);
      }
    });

    it("never writes x0, and reads it as zero [Machine 5]", async () => {
      const written = beforeOne("addi", { rd: 0, rs1: 6, immediate: 1 }, { 6: 41n });
      await stepBoth(machine, written);
      const read = beforeOne("add", { rd: 5, rs1: 0, rs2: 0 }, { 5: 1n }, 0x1000n);
      await stepBoth(machine, read);
      expect(read.x.get(5)).to.equal(0n);
    });

    it("reads and writes every register", async () => {
      for (let i = 1; i < 32; i++) {
        const state = beforeOne("addi", { rd: i, rs1: 32 - i, immediate: i }, { [32 - i]: 2n ** 64n - 2n });
        for (let j = 1; j < 32; j++) if (j !== 32 - i) state.x.set(j, 0x1111111111111111n * BigInt(j % 16));
        expect(await fails(state), `x${i}`).to.equal(false);
      }
    });
  });

  describe("step: jumps", () => {
    it("branches agree with the reference on edge values, forwards and backwards", async () => {
      for (const mnemonic of mnemonics("B"))
        for (const a of EDGES.slice(0, 9))
          for (const b of EDGES.slice(0, 9))
            await stepBoth(
              machine,
              beforeOne(mnemonic, { rs1: 6, rs2: 7, immediate: a < b ? 4094 - 2 : -256 }, { 6: a, 7: b }),
            );
    });

    it("checks the target of a branch only when it is taken", async () => {
      expect(await fails(beforeOne("beq", { rs1: 6, rs2: 7, immediate: 6 }, { 6: 1n, 7: 1n }))).to.equal(
        true,
      );
      expect(await fails(beforeOne("beq", { rs1: 6, rs2: 7, immediate: 6 }, { 6: 1n, 7: 2n }))).to.equal(
        false,
      );
    });

    it("wraps a branch below address 0, and fails there", async () => {
      const state = beforeOne("beq", { immediate: -8 }, {}, 4n);
      expect(await fails(state)).to.equal(false);
      expect(state.pc).to.equal(2n ** 64n - 4n);
      expect(await fails(state)).to.equal(true);
    });

    it("jal links and jumps, and writes nothing when the target is misaligned", async () => {
      for (const immediate of [0, 4, -4, 0xffffc, -0x100000, 2, -2]) {
        const state = beforeOne("jal", { rd: 1, immediate }, { 1: 5n });
        expect(await fails(state)).to.equal(immediate % 4 !== 0);
        expect(state.x.get(1)).to.equal(immediate % 4 !== 0 ? 5n : 0x104n);
      }
    });

    it("jalr takes its base before it writes the link, and clears bit 0", async () => {
      const same = beforeOne("jalr", { rd: 6, rs1: 6, immediate: 5 }, { 6: 0x200n });
      expect(await fails(same)).to.equal(false);
      expect([same.pc, same.x.get(6)]).to.deep.equal([0x204n, 0x104n]);
      for (const [base, immediate] of [
        [0x200n, 2],
        [0x200n, 3],
        [0n, -2],
        [0n, -1],
        [2n ** 64n - 1n, 0],
      ] as const)
        expect(await fails(beforeOne("jalr", { rd: 1, rs1: 6, immediate }, { 6: base }))).to.equal(true);
    });

    it("reaches neither EXIT nor ERROR by a jump [Machine 7]", async () => {
      for (const base of [EXIT, ERROR]) {
        const state = beforeOne("jalr", { rd: 1, rs1: 6 }, { 6: base, 10: 1n, 1: 77n });
        expect(await fails(state)).to.equal(true);
        expect([state.x.get(10), state.x.get(1)]).to.deep.equal([0n, 77n]);
      }
    });
  });

  describe("step: loads and stores", () => {
    const PATTERN = 0x8091a2b3c4d5e6f7n;
    const loads = mnemonics("load").filter((name) => name !== "jalr");
    const sizes: Record<string, bigint> = { b: 1n, h: 2n, w: 4n, d: 8n };
    const sizeOf = (mnemonic: string) => sizes[mnemonic[1] ?? ""] ?? 0n;

    for (const mnemonic of [...loads, ...mnemonics("S")])
      it(`${mnemonic} agrees with the reference at every offset of a leaf, and fails where misaligned`, async () => {
        for (let offset = 0n; offset < 32n; offset++) {
          const state = beforeOne(
            mnemonic,
            { rd: 5, rs2: 7, rs1: 6, immediate: -3 },
            { 6: DATA + 3n + offset, 7: ~PATTERN },
          );
          for (let i = 0n; i < 4n; i++) state.memory.store(DATA + 8n * i, 8, PATTERN + i);
          expect(await fails(state)).to.equal(offset % sizeOf(mnemonic) !== 0n);
        }
      });

    it("extends the sign of signed loads only", async () => {
      const results: Record<string, bigint> = {
        lb: 2n ** 64n - 9n,
        lh: 0xffffffffffffe6f7n,
        lw: 0xffffffffc4d5e6f7n,
        ld: PATTERN,
        lbu: 0xf7n,
        lhu: 0xe6f7n,
        lwu: 0xc4d5e6f7n,
      };
      for (const mnemonic of loads) {
        const state = beforeOne(mnemonic, { rd: 5, rs1: 6 }, { 6: DATA });
        state.memory.store(DATA, 8, PATTERN);
        await stepBoth(machine, state);
        expect(state.x.get(5), mnemonic).to.equal(results[mnemonic]);
      }
    });

    it("refuses stores into code, and allows loads from it [stores into code] [Machine 4]", async () => {
      for (const mnemonic of mnemonics("S")) {
        const state = beforeOne(mnemonic, { rs2: 7, rs1: 6 }, { 6: DATA - 8n, 7: 1n });
        const root = state.memory.root();
        expect(await fails(state), mnemonic).to.equal(true);
        expect(state.memory.root()).to.equal(root);
        expect(await fails(beforeOne(mnemonic, { rs2: 7, rs1: 6 }, { 6: DATA, 7: 1n }))).to.equal(false);
      }
      const own = beforeOne("lwu", { rd: 5, rs1: 6 }, { 6: 0x100n });
      expect(await fails(own)).to.equal(false);
      expect(own.x.get(5)).to.equal(BigInt(encode("lwu", { rd: 5, rs1: 6 })));
    });

    it("reaches the last leaf and nothing beyond, however addresses wrap", async () => {
      for (const mnemonic of ["ld", "sd"]) {
        expect(
          await fails(beforeOne(mnemonic, { rd: 5, rs2: 7, rs1: 6 }, { 6: LAST_LEAF + 24n, 7: 9n })),
        ).to.equal(false);
        for (const address of [2n ** 32n, 2n ** 32n + DATA, 2n ** 63n, 2n ** 64n - 8n])
          expect(await fails(beforeOne(mnemonic, { rd: 5, rs2: 7, rs1: 6 }, { 6: address }))).to.equal(true);
        // −8 + (DATA + 8) wraps to DATA.
        expect(
          await fails(beforeOne(mnemonic, { rd: 5, rs2: 7, rs1: 6, immediate: -8 }, { 6: DATA + 8n })),
        ).to.equal(false);
      }
      expect(await fails(beforeOne("lb", { rd: 5, rs1: 6, immediate: 16 }, { 6: 2n ** 64n - 16n }))).to.equal(
        false,
      );
    });

    it("loads into x0 to no effect", async () => {
      const state = beforeOne("ld", { rd: 0, rs1: 6 }, { 6: DATA });
      state.memory.store(DATA, 8, PATTERN);
      expect(await fails(state)).to.equal(false);
      expect(dataLength(step(state, NOTHING))).to.equal(832);
    });
  });

  describe("step: encodings", () => {
    it("takes every form of fence as a no-op", async () => {
      for (const mnemonic of ["fence", "fence.i", "fence.tso", "pause"])
        expect(await fails(before(encode(mnemonic))), mnemonic).to.equal(false);
      for (const word of [0xfff0000f, 0xffffff8f & ~0x7000, 0x0000100f | 0xfff00000])
        expect(await fails(before(word >>> 0, { 31: 1n }))).to.equal(false);
    });

    it("fails at words outside RV64IM", async () => {
      const illegal = [
        0x00000000,
        0xffffffff, // defined illegal
        0xc0001073,
        0x00100073, // unimp, ebreak
        0x00200073,
        0x30200073,
        0x10500073,
        0x000000f3,
        0x00008073, // uret, mret, wfi, ecall with rd or rs1
        0x30001073,
        0x30002073,
        0x00004073, // CSRs
        0x0000200f,
        0x0000700f, // MISC-MEM beyond the fences
        0x00001067,
        0x00002067, // jalr with funct3
        0x00002063,
        0x00003063, // branches that don't exist
        0x00007003, // load of another size
        0x00004023,
        0x00007023, // stores of other sizes
        0x04001013,
        0x08001013,
        0x40001013,
        0x20005013,
        0x44005013 | 0x08000000, // slli, srai with wrong selectors
        0x0200101b,
        0x0200501b,
        0x4200501b,
        0x4000101b,
        0x0000201b,
        0x0000301b,
        0x0000401b,
        0x0000601b,
        0x0000701b, // op-imm-32
        0x40001033,
        0x40002033,
        0x40003033,
        0x40004033,
        0x40006033,
        0x40007033,
        0x04000033,
        0x80000033,
        0x42000033, // op
        0x0000203b,
        0x0000403b,
        0x4000103b,
        0x0200103b,
        0x0200203b,
        0x0200303b,
        0x0400003b, // op-32
        0x0000002f,
        0x1000202f, // atomics
        0x00000007,
        0x00000027,
        0x00000053,
        0x00000043, // floating point
        0x00000001,
        0x00000002,
        0x00008082, // compressed
        0x0000000b,
        0x0000002b,
        0x0000005b,
        0x0000007b,
        0x00000057,
        0x00000077,
        0x0000006b, // custom, vector, reserved
      ];
      for (const word of illegal) expect(await fails(before(word >>> 0)), word.toString(16)).to.equal(true);
    });

    it("takes a shift of 64 bits by 32 or more", async () => {
      for (const word of [0x02001013, 0x02005013, 0x42005013, 0x03f31293])
        expect(await fails(before(word, { 6: 0x8000000000000001n })), word.toString(16)).to.equal(false);
    });

    it("decodes instructions at every place of a leaf", async () => {
      for (let pc = 0n; pc < 64n; pc += 4n)
        expect(await fails(beforeOne("addi", { rd: 5, rs1: 5, immediate: 1 }, {}, pc))).to.equal(false);
    });
  });
});
