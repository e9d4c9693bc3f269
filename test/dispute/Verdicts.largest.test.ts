import { expect } from "chai";
import { concat, dataLength, dataSlice, getBytes, hexlify, toBeHex } from "ethers";
import { VERSIONED_HASH, opening } from "../machine/blob";
import { Known, call, ramp } from "../machine/stepping";
import { Arena } from "./arena";
import { programOf } from "./runs";
import { FALSEHOOD } from "./scenes";

const LIMIT = 8_000_000n;
/** What a byte of calldata may come to cost. */
const DEAR_BYTE = 64n;
const KIND_BLOB = 1;
/** State, instruction and memory word with their proofs: what a step that reads brings beside what it reads. */
const MEMORY_WITNESS = 1_728;
const LAST_WORD = 4095;

/** A program that reads one thing, and exits with what it has read. */
const reader = (kind: number, key: string, offset: number) => `
_start:
  la t0, key
  ld a1, 0(t0)
  ld a2, 8(t0)
  ld a3, 16(t0)
  ld a4, 24(t0)
  li a5, ${offset}
  la a6, place
  li a0, ${kind}
  li a7, 1
  ecall
  ld a1, 0(a6)
  li a7, 93
  ecall
  .data
key: ${[0, 8, 16, 24].map((at) => `.dword ${hexlify(getBytes(dataSlice(key, at, at + 8)).reverse())}`).join("\n  ")}
place: .zero 32`;

describe("Verdicts > settle", () => {
  const known = new Known();
  known.openings.set(`${VERSIONED_HASH}:${LAST_WORD}`, opening(LAST_WORD));
  // 1,024-byte operands with a long exponent: fails after burning all that it may be offered.
  const operands = [1024, 1024, 1024].map((length) => toBeHex(length, 32));
  /** The program, the bytes of its witness, and the gas that the step burns at least. */
  const cases: Record<string, readonly [source: string, witness: number, least: bigint]> = {
    "a preimage of 24 KiB": [reader(0, known.add(ramp(24_576)), 24_544), MEMORY_WITNESS + 24_576, 0n],
    "a precompile call of 4 KiB": [
      reader(2, known.add(call(5, 3_000_000, concat([...operands, ramp(4_000)]))), 0),
      MEMORY_WITNESS + 6 + 4_096,
      3_000_000n,
    ],
    "a blob's word": [reader(KIND_BLOB, VERSIONED_HASH, 32 * LAST_WORD), MEMORY_WITNESS + 128, 0n],
  };

  for (const [what, [source, witness, least]] of Object.entries(cases))
    it(`costs less than 8 M gas where ${what} is read, at 64 gas per byte of calldata [Machine 9]`, async () => {
      const arena = await Arena.create(programOf(source, 30n, known));
      const target = await arena.post(() => ({ commitment: FALSEHOOD }));
      const { truth } = target;
      // The step that needs the longest witness is the one that reads.
      const steps = Array.from({ length: Number(truth.length) }, (_, step) => BigInt(step));
      const largest = steps.reduce((a, b) =>
        dataLength(truth.witness(b)) > dataLength(truth.witness(a)) ? b : a,
      );
      expect(dataLength(truth.witness(largest)), "the step does read it").to.equal(witness);
      const lie = arena.lie(target, FALSEHOOD, largest);
      const match = await arena.play(await arena.open(target), { asserter: lie, challenger: truth });
      const sent = await arena.sendSettlement(match, truth, 16_000_000);
      await expect(sent).to.emit(arena.hub, "MatchWon");
      const receipt = await sent.wait();
      expect(receipt?.gasUsed ?? 0n).to.be.greaterThan(least);
      const gas = (receipt?.gasUsed ?? 0n) + DEAR_BYTE * BigInt(dataLength(sent.data));
      expect(gas).to.be.lessThan(LIMIT);
    });
});
