import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { concat, dataLength, getBytes, hexlify } from "ethers";
import { ethers } from "hardhat";
import { ERROR, stateHash, step } from "./Reference";
import { DATA, Known, before, beforeOne, deployMachine, ramp, stepBoth } from "./stepping";

const ECALL = 0x73;

/** Offsets of one bit each, and of all but one. */
const bitByBit = (low: number, high: number): number[] => {
  const bits = Array.from({ length: high - low + 1 }, (_, i) => 2 ** (low + i));
  const sign = 2 ** high;
  const signed = (bit: number): number => (bit === sign ? -sign : bit);
  return bits.flatMap((bit) => [signed(bit), -signed(bit) - 2 ** low]);
};

describe("Machine", () => {
  describe("step: every bit of an offset counts", () => {
    for (const [mnemonic, low, high] of [
      ["ld", 3, 11],
      ["lb", 0, 11],
      ["sd", 3, 11],
      ["sb", 0, 11],
    ] as const)
      it(`of ${mnemonic}`, async () => {
        const machine = await loadFixture(deployMachine);
        for (const immediate of bitByBit(low, high)) {
          const place = DATA + 4096n + BigInt(immediate);
          const state = beforeOne(
            mnemonic,
            { rd: 5, rs1: 6, rs2: 7, immediate },
            { 6: DATA + 4096n, 7: 0xabn },
          );
          state.memory.store(place - (place % 8n), 8, 0x1122334455667788n);
          await stepBoth(machine, state);
          if (mnemonic.startsWith("s"))
            expect(state.memory.load(place, 1), `offset ${immediate}`).to.equal(0xabn);
          else expect(state.x.get(5), `offset ${immediate}`).to.not.equal(0n);
        }
      });

    for (const [mnemonic, high] of [
      ["beq", 12],
      ["jal", 20],
    ] as const)
      it(`of ${mnemonic}`, async () => {
        const machine = await loadFixture(deployMachine);
        for (const immediate of bitByBit(2, high)) {
          const state = beforeOne(mnemonic, { immediate }, {}, 0x100000n);
          await stepBoth(machine, state);
          expect(state.pc).to.equal(0x100000n + BigInt(immediate));
        }
      });
  });

  describe("step: every register is linked to", () => {
    it("by jal and jalr, and none of its number's bits is taken for the offset's", async () => {
      const machine = await loadFixture(deployMachine);
      for (let rd = 1; rd < 32; rd++)
        for (const mnemonic of ["jal", "jalr"]) {
          const state = beforeOne(mnemonic, { rd, rs1: 0, immediate: 0x40 });
          await stepBoth(machine, state);
          expect([state.pc, state.x.get(rd)]).to.deep.equal([mnemonic === "jal" ? 0x140n : 0x40n, 0x104n]);
        }
    });
  });

  describe("step: widths that loads and stores don't have", () => {
    it("are errors, whatever the address", async () => {
      const machine = await loadFixture(deployMachine);
      const words = [0x03 | (7 << 12), ...[4, 5, 6, 7].map((funct3) => 0x23 | (funct3 << 12))];
      for (const word of words)
        for (const address of [DATA, DATA + 16n, DATA + 64n]) {
          const state = before(word | (6 << 15) | (7 << 20), { 6: address, 7: 1n });
          await stepBoth(machine, state);
          expect(state.pc, `0x${word.toString(16)} at 0x${address.toString(16)}`).to.equal(ERROR);
        }
    });
  });

  describe("step: calldata behind the witness", () => {
    it("counts for nothing: the last word of a preimage is padded with zeros, whatever a sender puts there", async () => {
      const machine = await loadFixture(deployMachine);
      const known = new Known();
      for (const [length, offset] of [
        [45, 32],
        [31, 0],
        [1, 0],
        [64, 64],
      ] as const) {
        const key = known.add(ramp(length));
        const state = before(ECALL, { 10: 0n, 15: BigInt(offset), 16: DATA, 17: 1n });
        for (let i = 0; i < 4; i++)
          state.x.set(
            11 + i,
            BigInt(
              hexlify(
                getBytes(key)
                  .slice(8 * i, 8 * i + 8)
                  .reverse(),
              ),
            ),
          );
        const codeRoot = state.memory.codeRoot();
        const first = stateHash(state);
        const witness = step(state, known);
        const clean = machine.interface.encodeFunctionData("step", [codeRoot, witness]);
        const padding = (32 - (dataLength(witness) % 32)) % 32;
        const dirty = concat([
          getBytes(clean).slice(0, dataLength(clean) - padding),
          new Uint8Array(padding + 64).fill(0xff),
        ]);
        const answer = await ethers.provider.call({ to: await machine.getAddress(), data: dirty });
        expect([...machine.interface.decodeFunctionResult("step", answer)], `${length} bytes`).to.deep.equal([
          first,
          stateHash(state),
        ]);
      }
    });
  });
});
