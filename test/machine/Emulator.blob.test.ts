import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { dataSlice, getBytes, hexlify } from "ethers";
import type { Machine } from "../../sdk/src/typechain";
import { assemble, DATA_BASE } from "./assembler";
import { opening, VERSIONED_HASH, wordOf } from "./blob";
import { bootEmulator, bootReference, preimagesOf, ZERO_INPUT } from "./emulating";
import { stateHash, step } from "./Reference";
import { deployMachine } from "./stepping";

const BLOB_SIZE = 131_072n;
const [A0, STEP] = [10, 0n];

const oracle = {
  preimage: () => undefined,
  blobWord: (versionedHash: Uint8Array, index: number) =>
    hexlify(versionedHash) === VERSIONED_HASH ? getBytes(opening(index)) : undefined,
};

describe("Emulator", () => {
  describe("read: blob words in Solidity", () => {
    let machine: Machine;
    beforeEach(async () => {
      machine = await loadFixture(deployMachine);
    });

    it("shows openings that the contract verifies, and zero past the end, with the reference's witness", async () => {
      const program = assemble("ecall\n.data\n.dword 1, 2, 3, 4");
      const key = [0, 8, 16, 24].map((at) =>
        BigInt(hexlify(getBytes(dataSlice(VERSIONED_HASH, at, at + 8)).reverse())),
      );
      for (const index of [0, 1, 5, 2048, 4095, 4096]) {
        const emulator = bootEmulator(program, ZERO_INPUT, oracle);
        const reference = bootReference(program);
        const registers = Array.from({ length: 31 }, (_, number) => BigInt(number));
        registers.splice(A0 - 1, 8, 1n, ...key, BigInt(32 * index), BigInt(DATA_BASE), 1n);
        emulator.setRegisters(0n, registers);
        registers.forEach((value, number) => {
          reference.x.set(number + 1, value);
        });
        const [before, witness] = [emulator.stateHash(), emulator.witness(STEP)];
        expect(witness === step(reference, preimagesOf(oracle)), "the same witness").to.equal(true);
        emulator.runTo(STEP + 1n);
        expect(emulator.stateHash()).to.equal(stateHash(reference));
        const [first, second] = await machine.step(emulator.identity.codeRoot, witness);
        expect([first, second], `word ${index}`).to.deep.equal([before, emulator.stateHash()]);
        expect(hexlify(emulator.read(BigInt(DATA_BASE), 32))).to.equal(
          index < 4096 ? wordOf(index) : ZERO_INPUT,
        );
        expect(emulator.register(A0)).to.equal(BLOB_SIZE);
      }
    });
  });
});
