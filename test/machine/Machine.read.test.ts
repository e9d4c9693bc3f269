import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { concat, dataLength, dataSlice, getBytes, hexlify, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import { ethers } from "hardhat";
import type { Machine } from "../../sdk/src/typechain";
import { ERROR, type State, registersToBytes, step } from "./Reference";
import { MODULUS, VERSIONED_HASH, opening, wordOf } from "./blob";
import { DATA, Known, LAST_LEAF, before, call, deployMachine, ramp, stepBoth } from "./stepping";

const ECALL = 0x73;
const FAILED = 2n ** 64n - 1n;

/** A state about to READ. */
function reading(kind: bigint, key: string, offset: bigint, destination = DATA): State {
  const state = before(ECALL, { 10: kind, 15: offset, 16: destination, 17: 1n });
  for (let i = 0; i < 4; i++)
    state.x.set(11 + i, BigInt(hexlify(getBytes(dataSlice(key, 8 * i, 8 * i + 8)).reverse())));
  state.memory.store(destination < 2n ** 21n || destination >= 2n ** 32n ? DATA : destination, 8, 0x5555n);
  return state;
}

/** The 32 bytes that a program finds at `address`. */
function bytesAt(state: State, address: bigint): string {
  return hexlify(
    Uint8Array.from({ length: 32 }, (_, i) => Number(state.memory.load(address + BigInt(i), 1))),
  );
}

describe("Machine", () => {
  let machine: Machine;
  let known: Known;
  beforeEach(async () => {
    machine = await loadFixture(deployMachine);
    known = new Known();
  });

  const read = async (kind: bigint, key: string, offset: bigint, destination?: bigint) => {
    const state = reading(kind, key, offset, destination);
    const witness = await stepBoth(machine, state, known);
    return { state, witness };
  };

  describe("read: registers", () => {
    it("fails for an unknown kind, a crooked offset and a bad destination, with no preimage needed", async () => {
      const key = known.add(ramp(64));
      for (const kind of [3n, 4n, 255n, 2n ** 32n, 2n ** 63n]) {
        const { state, witness } = await read(kind, key, 0n);
        expect([state.pc, dataLength(witness)]).to.deep.equal([ERROR, 832]);
      }
      for (const offset of [1n, 16n, 31n, 2n ** 63n + 8n])
        expect((await read(0n, key, offset)).state.pc).to.equal(ERROR);
      for (const destination of [0n, DATA - 32n, DATA + 8n, 2n ** 32n, 2n ** 32n + DATA, 2n ** 64n - 32n])
        expect((await read(0n, key, 0n, destination)).state.pc, `to ${destination}`).to.equal(ERROR);
    });
  });

  describe("read: keccak256 preimages", () => {
    it("rejects another preimage, a longer one than 24 KiB, and none at all [Machine 8]", async () => {
      const key = known.add(ramp(64));
      const state = reading(0n, key, 0n);
      const codeRoot = state.memory.codeRoot();
      const witness = dataSlice(step(state, known), 0, 1728);
      for (const wrong of ["0x", hexlify(ramp(63)), hexlify(ramp(65))])
        await expect(machine.step(codeRoot, concat([witness, wrong])))
          .to.be.revertedWithCustomError(machine, "PreimageWrong")
          .withArgs(key, keccak256(wrong));
      await expect(machine.step(codeRoot, concat([witness, ramp(24577)])))
        .to.be.revertedWithCustomError(machine, "PreimageTooLong")
        .withArgs(24576, 24577);
      await expect(machine.step(codeRoot, dataSlice(witness, 0, 1727)))
        .to.be.revertedWithCustomError(machine, "WitnessLengthWrong")
        .withArgs(1728, 1727);
    });

    it("rejects a memory leaf that isn't the state's", async () => {
      const state = reading(0n, known.add(ramp(64)), 0n);
      const [codeRoot, root] = [state.memory.codeRoot(), state.memory.root()];
      const witness = getBytes(step(state, known));
      witness[832] = (witness[832] ?? 0) ^ 0x80;
      await expect(machine.step(codeRoot, witness))
        .to.be.revertedWithCustomError(machine, "MemoryProofWrong")
        .withArgs(root, (actual: string) => actual !== root);
    });

    it("writes each word, the last zero-padded, and the length; past the end zero words", async () => {
      for (const length of [0, 1, 31, 32, 33, 95, 96]) {
        const preimage = ramp(length);
        const key = known.add(preimage);
        for (const offset of [0, 32, 64, 96, 2 ** 32]) {
          const { state } = await read(0n, key, BigInt(offset));
          const word = new Uint8Array(32);
          word.set(preimage.slice(offset, offset + 32));
          expect(bytesAt(state, DATA), `${length} bytes at ${offset}`).to.equal(hexlify(word));
          expect([state.x.get(10), state.pc]).to.deep.equal([BigInt(length), 0x104n]);
        }
        await read(0n, key, 2n ** 64n - 32n);
      }
    });

    it("changes one leaf and a0, nothing else, also at the last leaf", async () => {
      const key = known.add(ramp(40));
      const state = reading(0n, key, 32n, LAST_LEAF);
      state.memory.store(LAST_LEAF - 32n, 8, 7n);
      const registers = [...state.x.all()];
      await stepBoth(machine, state, known);
      registers[10] = 40n;
      expect(state.x.all()).to.deep.equal(registers);
      expect(state.memory.load(LAST_LEAF - 32n, 8)).to.equal(7n);
      expect(registersToBytes(state.x, 11)).to.equal(key);
    });
  });

  describe("read: blob words", () => {
    it("rejects another word, commitment, proof or blob, and openings of other sizes [Machine 8]", async () => {
      known.openings.set(`${VERSIONED_HASH}:5`, opening(5));
      const state = reading(1n, VERSIONED_HASH, 160n);
      const codeRoot = state.memory.codeRoot();
      const witness = step(state, known);
      for (const at of [1728, 1759, 1800, 1855]) {
        const wrong = getBytes(witness);
        wrong[at] = (wrong[at] ?? 0) ^ 1;
        await expect(machine.step(codeRoot, wrong))
          .to.be.revertedWithCustomError(machine, "BlobOpeningWrong")
          .withArgs(VERSIONED_HASH, 5);
      }
      // The neighbour's word, rightly proved, is another word.
      await expect(machine.step(codeRoot, concat([dataSlice(witness, 0, 1728), opening(6)])))
        .to.be.revertedWithCustomError(machine, "BlobOpeningWrong")
        .withArgs(VERSIONED_HASH, 5);
      for (const wrong of [
        dataSlice(witness, 0, 1728),
        dataSlice(witness, 0, 1855),
        concat([witness, "0x00"]),
      ])
        await expect(machine.step(codeRoot, wrong))
          .to.be.revertedWithCustomError(machine, "WitnessLengthWrong")
          .withArgs(1856, dataLength(wrong));
    });

    it("opens words in bit-reversed order", async () => {
      expect(wordOf(0)).to.equal(toBeHex(1, 32));
      expect(wordOf(1)).to.equal(toBeHex(MODULUS - 1n, 32));
      for (const index of [0, 1, 2, 3, 5, 1024, 2047, 2048, 4094, 4095]) {
        known.openings.set(`${VERSIONED_HASH}:${index}`, opening(index));
        const { state } = await read(1n, VERSIONED_HASH, BigInt(32 * index));
        expect(bytesAt(state, DATA), `word ${index}`).to.equal(wordOf(index));
        expect(state.x.get(10)).to.equal(131072n);
      }
    });

    it("gives zero words past the end, without an opening", async () => {
      for (const offset of [131072n, 2n ** 64n - 32n]) {
        const { state, witness } = await read(1n, VERSIONED_HASH, offset);
        expect(bytesAt(state, DATA)).to.equal(toBeHex(0, 32));
        expect(dataLength(witness)).to.equal(1728);
      }
    });

    it("rejects a precompile that answers nothing, as on a chain that lacks it", async () => {
      // Any success without the two constants; the identity precompile's echo of the input would be one.
      known.openings.set(`${toBeHex(0, 32)}:0`, opening(0));
      const state = reading(1n, toBeHex(0, 32), 0n);
      await expect(machine.step(state.memory.codeRoot(), step(state, known)))
        .to.be.revertedWithCustomError(machine, "BlobOpeningWrong")
        .withArgs(toBeHex(0, 32), 0);
    });
  });

  describe("read: precompiles", () => {
    const signature = concat([
      "0x18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c",
      toBeHex(28, 32),
      "0x73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f",
      "0xeeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549",
    ]);
    const modexp = (base: string, exponent: string, modulus: string) =>
      concat([
        ...[base, exponent, modulus].map((bytes) => toBeHex(dataLength(bytes), 32)),
        base,
        exponent,
        modulus,
      ]);

    it("rejects the call of another key", async () => {
      const key = known.add(call(2, 1000, "0x61"));
      const state = reading(2n, key, 0n);
      const codeRoot = state.memory.codeRoot();
      const witness = dataSlice(step(state, known), 0, 1728);
      for (const other of [call(2, 1001, "0x61"), call(3, 1000, "0x61"), call(2, 1000, "0x62")])
        await expect(machine.step(codeRoot, concat([witness, other])))
          .to.be.revertedWithCustomError(machine, "PreimageWrong")
          .withArgs(key, keccak256(other));
    });

    it("demands the gas that the call was promised [out-of-gas inside a precompile taken as a result] [Machine 8]", async () => {
      const state = reading(2n, known.add(call(2, 3_000_000, "0x61")), 0n);
      const codeRoot = state.memory.codeRoot();
      const witness = step(state, known);
      const needed = Math.floor((3_000_000 * 64) / 63) + 50_000;
      for (const gasLimit of [200_000, 1_000_000, 3_000_000, needed + 50_000])
        await expect(machine.step(codeRoot, witness, { gasLimit }))
          .to.be.revertedWithCustomError(machine, "StepGasTooLow")
          .withArgs(needed, (left: bigint) => left < BigInt(needed));
      await machine.step(codeRoot, witness, { gasLimit: needed + 200_000 });
    });

    it("gives the outputs of ecrecover, sha256, ripemd160, identity and modexp", async () => {
      const cases: [Uint8Array, string][] = [
        [call(1, 3000, signature), "0x000000000000000000000000a94f5374fce5edbc8e2a8697c15331677e6ebf0b"],
        [
          call(2, 72, toUtf8Bytes("abc")),
          "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ],
        [
          call(3, 720, toUtf8Bytes("abc")),
          "0x0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
        ],
        [call(4, 18, toUtf8Bytes("abc")), "0x616263"],
        [call(5, 3000, modexp("0x03", "0x05", "0x0007")), "0x0005"],
      ];
      for (const [input, output] of cases) {
        const { state } = await read(2n, known.add(input), 0n);
        expect(bytesAt(state, DATA)).to.equal(concat([output, new Uint8Array(32 - dataLength(output))]));
        expect(state.x.get(10)).to.equal(BigInt(dataLength(output)));
      }
    });

    it("agrees with the reference on recoveries that fail, and on high s", async () => {
      const [hash, , r, s] = [0, 32, 64, 96].map((at) => dataSlice(signature, at, at + 32));
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const [h, x, y] = [hash ?? "", r ?? "", s ?? ""];
      for (const [v, rr, ss] of [
        [toBeHex(27, 32), x, y],
        [toBeHex(28, 32), x, toBeHex(order - BigInt(y), 32)],
        [toBeHex(26, 32), x, y],
        [toBeHex(29, 32), x, y],
        [toBeHex(2n ** 255n + 28n, 32), x, y],
        [toBeHex(28, 32), toBeHex(0, 32), y],
        [toBeHex(28, 32), x, toBeHex(0, 32)],
        [toBeHex(28, 32), x, toBeHex(order, 32)],
        [toBeHex(28, 32), toBeHex(order, 32), y],
        [toBeHex(28, 32), toBeHex(5, 32), y],
      ] as const)
        await read(2n, known.add(call(1, 3000, concat([h, v, rr, ss]))), 0n);
      await read(2n, known.add(call(1, 3000, "0x")), 0n);
      await read(2n, known.add(call(1, 3000, concat([signature, ramp(77)]))), 0n);
    });

    it("reads any word of an output, zero-padded", async () => {
      const key = known.add(call(4, 100, ramp(70)));
      for (const offset of [0, 32, 64, 96, 2 ** 40]) await read(2n, key, BigInt(offset));
      const { state } = await read(2n, key, 64n);
      expect(bytesAt(state, DATA)).to.equal(concat([ramp(70).slice(64), new Uint8Array(26)]));
    });

    it("marks a call that fails, also for lack of gas, by the length 2^64 − 1 and a zero word", async () => {
      for (const input of [
        call(1, 2999, signature),
        call(2, 71, toUtf8Bytes("abc")),
        call(4, 0, "0x"),
        call(3, 719, "0x61"),
      ]) {
        const { state } = await read(2n, known.add(input), 0n);
        expect(state.x.get(10)).to.equal(FAILED);
        expect(bytesAt(state, DATA)).to.equal(toBeHex(0, 32));
      }
    });

    it("fails for calls outside the list and its limits, for anybody's witness alike", async () => {
      const huge = modexp("0x03", "0x05", "0x07").replace(
        toBeHex(1, 32).slice(2),
        toBeHex(1025, 32).slice(2),
      );
      const illegal = [
        getBytes("0x"),
        getBytes("0x0002000003"),
        call(0, 1000, "0x61"),
        call(6, 1000, "0x61"),
        call(9, 1000, "0x61"),
        call(10, 100_000, "0x61"),
        call(0x0102, 1000, "0x61"),
        call(2, 3_000_001, "0x61"),
        call(2, 2 ** 32 - 1, "0x61"),
        call(2, 100_000, ramp(4097)),
        call(2, 100_000, ramp(24570)),
        call(5, 100_000, huge),
        call(5, 100_000, toBeHex(2n ** 255n, 32)),
        call(5, 100_000, "0x04"),
        call(5, 100_000, concat([toBeHex(1, 32), "0x04"])),
      ];
      for (const input of illegal) {
        const key = known.add(input);
        const { state, witness } = await read(2n, key, 0n);
        expect(state.pc, hexlify(input).slice(0, 20)).to.equal(ERROR);
        expect(bytesAt(state, DATA)).to.equal("0x5555" + "00".repeat(30));
        expect(dataLength(witness)).to.equal(1728 + input.length);
      }
      const state = reading(2n, known.add(call(6, 1000, "0x61")), 0n);
      const [codeRoot, root] = [state.memory.codeRoot(), state.memory.root()];
      const witness = getBytes(step(state, known));
      witness[840] = (witness[840] ?? 0) ^ 1;
      await expect(machine.step(codeRoot, witness))
        .to.be.revertedWithCustomError(machine, "MemoryProofWrong")
        .withArgs(root, (actual: string) => actual !== root);
    });

    it("takes calls at their limits", async () => {
      for (const input of [
        call(2, 3_000_000, ramp(4096)),
        call(5, 3_000_000, modexp(hexlify(ramp(1024)), "0x03", hexlify(ramp(1024)))),
        call(5, 3_000_000, modexp("0x", "0x", "0x")),
        call(5, 3_000_000, "0x"),
        call(5, 3_000_000, modexp("0x02", "0x", "0x05")),
        call(5, 3_000_000, modexp("0x02", "0x0a", "0x00")),
        call(5, 3_000_000, modexp("0x02", hexlify(ramp(40)), "0xfb")),
      ]) {
        const { state } = await read(2n, known.add(input), 0n);
        expect(state.pc).to.equal(0x104n);
      }
    });
  });

  describe("read: the largest legal steps", () => {
    /** Gas of the whole transaction if every byte of calldata cost 64, on top of what it costs today. */
    async function dearly(state: State): Promise<bigint> {
      const codeRoot = state.memory.codeRoot();
      const data = machine.interface.encodeFunctionData("step", [codeRoot, step(state, known)]);
      const [sender] = await ethers.getSigners();
      const sent = await sender?.sendTransaction({
        to: await machine.getAddress(),
        data,
        gasLimit: 16_000_000,
      });
      const receipt = await sent?.wait();
      return (receipt?.gasUsed ?? 0n) + 64n * BigInt(dataLength(data));
    }

    it("settle below 8 M gas at 64 gas per byte of calldata [Machine 9]", async () => {
      const longest = known.add(ramp(24_576));
      // 1,024-byte operands with a long exponent: fails after burning all that it may be offered.
      const dearest = known.add(
        call(5, 3_000_000, concat([toBeHex(1024, 32), toBeHex(1024, 32), toBeHex(1024, 32), ramp(4000)])),
      );
      for (const state of [reading(0n, longest, 24_544n), reading(2n, dearest, 0n)]) {
        const gas = await dearly(state);
        expect(gas).to.be.lessThan(8_000_000n);
        expect(gas).to.be.greaterThan(1_500_000n);
      }
    });
  });
});
