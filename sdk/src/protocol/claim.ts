import { AbiCoder, ZeroAddress, ZeroHash, concat, keccak256 } from "ethers";
import { addressOf, packWord, unpackWord } from "./word";

/** NORMAL: the run returned the commitment. SKIP: it returned nothing; the commitment is the parent's. */
export const NORMAL = 0;
export const SKIP = 1;

/** What a claim says. */
export interface Claim {
  rollup: bigint;
  index: bigint;
  batchHash: string;
  parent: string;
  mode: number;
  commitment: string;
}

/** What the hub keeps the hash of, for a batch with the claim that came with it, or for a claim made on its own. */
export interface Entry {
  batchHash: string;
  /** zero: the batch came without a claim */
  claimKey: string;
  asserter: string;
  nonce: bigint;
  /** [ticks] */
  window: bigint;
  policyMask: number;
  policyThreshold: number;
  flags: number;
  /** [s since 1970] */
  backedTime: bigint;
  backedBlock: bigint;
  /** [s since 1970] */
  postTime: bigint;
  /** seconds since the batch before [s] */
  gap: bigint;
}

export function claimKey(claim: Claim): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["uint64", "uint64", "bytes32", "bytes32", "uint8", "bytes32"],
      [claim.rollup, claim.index, claim.batchHash, claim.parent, claim.mode, claim.commitment],
    ),
  );
}

/** Returns where the hub keeps the entry of a claim made on its own. */
export function claimId(key: string, asserter: string, nonce: bigint): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(["bytes32", "address", "uint256"], [key, asserter, nonce]),
  );
}

/** Returns the four words of an entry. */
export function entryWords(entry: Entry): [string, string, string, string] {
  return [
    entry.batchHash,
    entry.claimKey,
    packWord(
      [160, entry.asserter],
      [32, entry.nonce],
      [32, entry.window],
      [8, entry.policyMask],
      [8, entry.policyThreshold],
      [16, entry.flags],
    ),
    packWord([64, entry.backedTime], [64, entry.backedBlock], [64, entry.postTime], [64, entry.gap]),
  ];
}

/** Reads an entry from its four words. */
export function decodeEntry(words: readonly string[]): Entry {
  const [batchHash, key, backing, times] = words as [string, string, string, string];
  const [asserter, nonce, window, mask, threshold, flags] = unpackWord(backing, 160, 32, 32, 8, 8, 16) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const [backedTime, backedBlock, postTime, gap] = unpackWord(times, 64, 64, 64, 64) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return {
    batchHash,
    claimKey: key,
    asserter: addressOf(asserter),
    nonce,
    window,
    policyMask: Number(mask),
    policyThreshold: Number(threshold),
    flags: Number(flags),
    backedTime,
    backedBlock,
    postTime,
    gap,
  };
}

/** Returns the part of an entry's slot that never changes: the hash with its low 8 bits cleared. */
export function entryHash(entry: Entry): bigint {
  return (BigInt(keccak256(concat(entryWords(entry)))) >> 8n) << 8n;
}

/** Reads an entry's slot. */
export function readSlot(slot: bigint): { hash: bigint; bits: number } {
  return { hash: (slot >> 8n) << 8n, bits: Number(slot & 0xffn) };
}

/** Returns the entry of a batch that came without a claim. */
export function unclaimed(entry: Entry): Entry {
  return { ...entry, claimKey: ZeroHash, asserter: ZeroAddress, nonce: 0n };
}
