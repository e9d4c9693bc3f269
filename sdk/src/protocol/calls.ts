import { Interface, ZeroHash, type BytesLike } from "ethers";
import { entryWords, type Entry } from "./claim";
import { packWord, unpackWord } from "./word";

/** The hub's hot verbs, whose arguments are packed words (docs/encodings/claims.md). */
export const hotVerbs = new Interface([
  "function post(bytes32 terms, bytes32 batchHash, bytes data, bytes32 parent, bytes32 commitment)",
  "function claim(bytes32 terms, bytes32 parent, bytes32 commitment, bytes32[4] entry)",
  "function finalize(bytes32 terms, bytes32 batchHash, bytes32 commitment, bytes32 backing, bytes32 times)",
]);

/** What a call of `post` says about the batch beside its data. */
export interface PostTerms {
  rollup: bigint;
  index: bigint;
  target: bigint;
  l1Number: bigint;
  /** [s since 1970] */
  timestamp: bigint;
  flags: number;
  /** of the claim that comes with it */
  mode: number;
}

/** A claim that comes with its batch. */
export interface InlineClaim {
  parent: string;
  commitment: string;
}

/** Where a claim's entry stands: in the ring (it came with its batch), or on its own. */
export const IN_RING = 0;
export const ON_ITS_OWN = 1;

export function packPostTerms(terms: PostTerms): string {
  return packWord(
    [64, terms.rollup],
    [32, terms.index],
    [40, terms.target],
    [40, terms.l1Number],
    [40, terms.timestamp],
    [8, terms.flags],
    [8, terms.mode],
  );
}

export function unpackPostTerms(word: BytesLike): PostTerms {
  const [rollup, index, target, l1Number, timestamp, flags, mode] = unpackWord(
    word,
    64,
    32,
    40,
    40,
    40,
    8,
    8,
  ) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  return { rollup, index, target, l1Number, timestamp, flags: Number(flags), mode: Number(mode) };
}

export function packClaimTerms(terms: { rollup: bigint; index: bigint; mode: number }): string {
  return packWord([64, terms.rollup], [32, terms.index], [8, terms.mode]);
}

export function packFinalizeTerms(terms: {
  rollup: bigint;
  index: bigint;
  mode: number;
  place: number;
}): string {
  return packWord([64, terms.rollup], [32, terms.index], [8, terms.mode], [8, terms.place]);
}

/** Returns the arguments of `post`. */
export function postArguments(
  terms: PostTerms,
  batchHash: string,
  data: BytesLike,
  claim?: InlineClaim,
): [string, string, BytesLike, string, string] {
  return [packPostTerms(terms), batchHash, data, claim?.parent ?? ZeroHash, claim?.commitment ?? ZeroHash];
}

/** Returns the arguments of `claim`; `entry` is the ring's. */
export function claimArguments(
  claim: { rollup: bigint; index: bigint; mode: number; parent: string; commitment: string },
  entry: Entry,
): [string, string, string, [string, string, string, string]] {
  return [packClaimTerms(claim), claim.parent, claim.commitment, entryWords(entry)];
}

/** Returns the arguments of `finalize`; `entry` is the claim's. */
export function finalizeArguments(
  claim: { rollup: bigint; index: bigint; mode: number; commitment: string; place: number },
  entry: Entry,
): [string, string, string, string, string] {
  const [batchHash, , backing, times] = entryWords(entry);
  return [packFinalizeTerms(claim), batchHash, claim.commitment, backing, times];
}

export const encodePost = (...args: Parameters<typeof postArguments>) =>
  hotVerbs.encodeFunctionData("post", postArguments(...args));
export const encodeClaim = (...args: Parameters<typeof claimArguments>) =>
  hotVerbs.encodeFunctionData("claim", claimArguments(...args));
export const encodeFinalize = (...args: Parameters<typeof finalizeArguments>) =>
  hotVerbs.encodeFunctionData("finalize", finalizeArguments(...args));
