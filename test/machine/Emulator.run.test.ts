import { expect } from "chai";
import { getBytes, hexlify, keccak256, toBeHex } from "ethers";
import { Worker } from "node:worker_threads";
import { join } from "node:path";
import { PreimageMissing, PreimageTable, PreimageTooLong, PreimageWrong } from "../../sequencer/src/machine";
import { assemble, DATA_BASE } from "./assembler";
import { bootEmulator, bootReference, preimagesOf, ZERO_INPUT } from "./emulating";
import { ERROR, EXIT, stateHash, step } from "./Reference";

/** READ (kind, key = input) at `offset`, then exit with the word read and the length in s0. */
const reader = (kind: number, offset = 0) =>
  assemble(`
    mv a4, a3
    mv a3, a2
    mv a2, a1
    mv a1, a0
    li a0, ${kind}
    li a5, ${offset}
    la a6, buffer
    li a7, 1
    ecall
    mv s0, a0
    ld a0, 0(a6)
    ld a1, 8(a6)
    ld a2, 16(a6)
    ld a3, 24(a6)
    li a7, 93
    ecall
    .data
    buffer: .dword 1, 2, 3, 4
  `);

const READ_STEP = 9n;
const ramp = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7 + 1) & 0xff);

const memoryUser = assemble(`
  la s0, table
  li s1, 3000
  loop: sd s1, 0(s0)
  ld t0, 8(s0)
  add a0, a0, t0
  addi s0, s0, 520
  addi s1, s1, -1
  bnez s1, loop
  li a7, 93
  ecall
  .data
  table: .dword 7, 8
`);

describe("Emulator", () => {
  describe("run", () => {
    it("ends with the registers as they are on exit, and with zero on an error", () => {
      const exits = bootEmulator(assemble("li a1, 258\nli s0, 5\nli a7, 93\necall"), `0x${"11".repeat(32)}`);
      expect(exits.runTo(100n)).to.deep.equal({
        outcome: "exit",
        steps: 4n,
        pc: EXIT,
        output: `0x${"11".repeat(8)}0201${"00".repeat(6)}${"11".repeat(16)}`,
      });
      const errs = bootEmulator(assemble("li s0, 5\nunimp"), `0x${"11".repeat(32)}`);
      expect(errs.runTo(100n)).to.deep.equal({ outcome: "error", steps: 2n, pc: ERROR, output: ZERO_INPUT });
      expect(errs.register(8)).to.equal(5n);
    });

    it("stops at a limit in the middle of anything, and goes on", () => {
      const emulator = bootEmulator(memoryUser);
      for (const limit of [1n, 2n, 5n, 5n, 4321n])
        expect(emulator.runTo(limit)).to.include({ outcome: "limit", steps: limit });
      const whole = bootEmulator(memoryUser);
      expect(emulator.runTo(2n ** 40n)).to.deep.equal(whole.runTo(2n ** 40n));
      expect(emulator.stateHash()).to.equal(whole.stateHash());
    });

    it("runs the same in a worker", async () => {
      const path = join(__dirname, "..", "..", "sequencer", "src", "machine");
      const worker = new Worker(
        `require(${JSON.stringify(require.resolve("tsx/cjs"))});
         const { workerData, parentPort } = require("node:worker_threads");
         const { Emulator, PreimageTable } = require(workerData.path);
         const emulator = Emulator.load(workerData.elf, new PreimageTable());
         emulator.run(workerData.input);
         parentPort.postMessage(emulator.stateHash());`,
        { eval: true, workerData: { path, elf: memoryUser.elf, input: ZERO_INPUT } },
      );
      const hash = await new Promise((resolve, reject) => {
        worker.once("message", resolve).once("error", reject);
      });
      await worker.terminate();
      const emulator = bootEmulator(memoryUser);
      emulator.runTo(2n ** 40n);
      expect(hash).to.equal(emulator.stateHash());
    });
  });

  describe("read", () => {
    it("stops before a step whose preimage is missing, and goes on once it is there", () => {
      const table = new PreimageTable();
      const key = keccak256(ramp(100));
      const emulator = bootEmulator(reader(0, 96), key, table);
      const run = () => emulator.runTo(100n);
      const complaint = `step ${READ_STEP} reads kind 0, key ${key}: the oracle doesn't know it`;
      expect(run).to.throw(PreimageMissing, complaint).that.includes({ kind: 0, key, step: READ_STEP });
      expect(() => emulator.witness(READ_STEP)).to.throw(PreimageMissing, complaint);
      expect(emulator.steps).to.equal(READ_STEP);
      table.add(ramp(100));
      expect(run().output).to.equal(`${hexlify(ramp(100).slice(96))}${"00".repeat(28)}`);
      expect(emulator.register(8)).to.equal(100n);
    });

    it("refuses bytes that don't hash to the key, and preimages that no witness carries", () => {
      const long = new PreimageTable();
      const key = long.add(ramp(24_577));
      expect(() => bootEmulator(reader(0), key, long).runTo(100n)).to.throw(
        PreimageTooLong,
        "longer than 24,576 bytes",
      );
      const wrong = { preimage: () => ramp(3) };
      expect(() => bootEmulator(reader(2), key, wrong).runTo(100n)).to.throw(
        PreimageWrong,
        "don't hash to it",
      );
    });

    it("reads words of blobs by their opening, and zero past the end", () => {
      const hash = `0x01${"ab".repeat(31)}`;
      const asked: number[] = [];
      const blobs = {
        preimage: () => undefined,
        blobWord: (_: Uint8Array, index: number) => {
          asked.push(index);
          return index === 7 ? undefined : ramp(128);
        },
      };
      const at = (offset: number) => bootEmulator(reader(1, offset), hash, blobs);
      const first = at(64);
      expect(first.runTo(100n).output).to.equal(hexlify(ramp(32)));
      expect(first.register(8)).to.equal(131_072n);
      expect(first.witness(READ_STEP).length).to.equal(2 + 2 * (1728 + 128));
      const end = at(131_072);
      expect(end.runTo(100n).output).to.equal(ZERO_INPUT);
      expect(end.witness(READ_STEP).length).to.equal(2 + 2 * 1728);
      expect(() => at(224).runTo(100n)).to.throw(PreimageMissing, `reads kind 1, key ${hash}, word 7`);
      expect(asked).to.deep.equal([2, 2, 7]);
    });

    it("answers as the reference does, in every kind of success and failure, with the same witness", () => {
      const request = (address: number, gas: number, input: Uint8Array) =>
        getBytes(`0x${toBeHex(address, 2).slice(2)}${toBeHex(gas, 4).slice(2)}${hexlify(input).slice(2)}`);
      const modexp = (b: number, e: number, m: number, rest: Uint8Array) =>
        getBytes(`0x${[b, e, m].map((n) => toBeHex(n, 32).slice(2)).join("")}${hexlify(rest).slice(2)}`);
      const signed = getBytes(
        "0x18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c" +
          "000000000000000000000000000000000000000000000000000000000000001c" +
          "73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f" +
          "eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549",
      );
      const requests = [
        ...[1, 2, 3, 4, 5].flatMap((address) =>
          [0, 200, 2999, 3000, 3_000_000].map((gas) => request(address, gas, signed)),
        ),
        ...[0, 1, 33, 127, 129, 4096, 4097].flatMap((length) =>
          [1, 2, 3, 4].map((address) => request(address, 100_000, ramp(length))),
        ),
        ...[0, 6, 0x1234].map((address) => request(address, 100_000, ramp(10))),
        request(2, 3_000_001, ramp(10)),
        request(
          1,
          3000,
          signed.map((byte, index) => (index === 63 ? 0x1d : byte)),
        ),
        request(
          1,
          3000,
          signed.map((byte, index) => (index > 63 ? 0 : byte)),
        ),
        request(
          1,
          3000,
          signed.map((byte, index) => (index > 95 ? 0xff : byte)),
        ),
        ...[
          modexp(3, 5, 7, ramp(15)),
          modexp(0, 0, 0, ramp(0)),
          modexp(0, 0, 1, ramp(9)),
          modexp(64, 40, 64, ramp(200)),
        ].flatMap((input) => [
          request(5, 150, input),
          request(5, 3_000_000, input),
          request(5, 5_000, input),
        ]),
        ...[
          modexp(1024, 1, 1024, ramp(2049)),
          modexp(1025, 1, 1, ramp(9)),
          modexp(1, 1025, 1, ramp(9)),
          modexp(1, 1, 1025, ramp(9)),
        ].map((input) => request(5, 3_000_000, input)),
        modexp(2 ** 31, 1, 1, ramp(1)).slice(0, 90),
        new Uint8Array([0, 4, 0, 0, 1]),
      ];
      const table = new PreimageTable(requests);
      const kinds = [
        ...requests.map((bytes) => [2, bytes] as const),
        ...[0, 1, 32, 24_576].map((n) => [0, ramp(n)] as const),
      ];
      const program = assemble("ecall\n.data\n.zero 32");
      const reference = bootReference(program);
      const emulator = bootEmulator(program, ZERO_INPUT, table);
      for (const [kind, bytes] of kinds) {
        const key = getBytes(table.add(bytes));
        for (const offset of [0n, 32n]) {
          const registers = Array.from({ length: 31 }, (_, index) => BigInt(index));
          const words = [0, 8, 16, 24].map((start) => Buffer.from(key).readBigUInt64LE(start));
          registers.splice(9, 8, BigInt(kind), ...words, offset, BigInt(DATA_BASE), 1n);
          reference.pc = 0n;
          registers.forEach((value, index) => {
            reference.x.set(index + 1, value);
          });
          emulator.setRegisters(0n, registers);
          const at = emulator.steps;
          expect(emulator.witness(at) === step(reference, preimagesOf(table)), "witness").to.equal(true);
          emulator.runTo(at + 1n);
          expect(emulator.stateHash(), hexlify(bytes.slice(0, 40))).to.equal(stateHash(reference));
        }
      }
    });
  });

  describe("seek", () => {
    it("goes back and forth without changing what it finds", () => {
      const plain = bootEmulator(memoryUser);
      const numbers = [0n, 1n, 17n, 2000n, 2001n, 9000n, 2n ** 33n];
      const expected = numbers.map((number) => {
        const fresh = bootEmulator(memoryUser);
        fresh.runTo(number);
        return fresh.stateHash();
      });
      for (const order of [numbers, [...numbers].reverse(), [2000n, 0n, 9000n, 17n, 2n ** 33n, 2001n, 1n]])
        expect(plain.stateHashes(order)).to.deep.equal(
          order.map((number) => expected[numbers.indexOf(number)]),
        );
    });

    it("keeps only so many states, and gives their pages back", () => {
      const emulator = bootEmulator(memoryUser);
      emulator.runTo(2n ** 40n);
      const needed = emulator.pages;
      for (let round = 0; round < 5; round++) {
        emulator.stateHashes(Array.from({ length: 300 }, (_, index) => BigInt(index * 60)));
        emulator.boot(ZERO_INPUT);
      }
      emulator.runTo(2n ** 40n);
      expect(emulator.pages).to.be.at.most(needed + 2);
    });

    it("uses memory in proportion to the pages touched", () => {
      const sparse = assemble(`li t0, 0x200000
        li t1, 0x10000000
        li t2, 0x100000000
        loop: sb t1, 0(t0)
        add t0, t0, t1
        bltu t0, t2, loop
        li a7, 93
        ecall`);
      const emulator = bootEmulator(sparse);
      emulator.runTo(1000n);
      expect(emulator.pages).to.be.at.most(18);
    });
  });
});
