import { ZeroHash, concat, getAddress, hexlify, keccak256, toBeHex } from "ethers";
import { EncodingError, Reader, type Bytes, Writer, toBytes } from "./bytes";

/** Exits: their leaf, and the append-only tree (RFC 6962) whose root every commitment holds. */

export interface ExitLeaf {
  /** Bit 0 keyOnly, bit 1 sweep. */
  flags: number;
  kind: number;
  /** 0: to L1 */
  targetRollup: bigint;
  token: string;
  id: bigint;
  amount: bigint;
  l2Sender: string;
  to: string;
  fallbackTo: string;
  /** keccak256 of the metadata of an asset born on the rollup; else zero. */
  metadataHash: string;
  /** keccak256 of the call data for the receiver; zero for no call. */
  dataHash: string;
}

export const EXIT_FLAG_KEY_ONLY = 1;
export const EXIT_FLAG_SWEEP = 2;

const VERSION = 1;
const PAD = new Uint8Array(12);

export function encodeExit(leaf: ExitLeaf): string {
  const writer = new Writer()
    .integer(VERSION, 1)
    .integer(leaf.flags, 1)
    .integer(leaf.kind, 1)
    .integer(0, 1)
    .integer(leaf.targetRollup, 8)
    .raw(leaf.token, 20)
    .integer(leaf.id, 32)
    .integer(leaf.amount, 32);
  for (const address of [leaf.l2Sender, leaf.to, leaf.fallbackTo]) writer.raw(PAD).raw(address, 20);
  return hexlify(writer.raw(leaf.metadataHash, 32).raw(leaf.dataHash, 32).bytes());
}

export function decodeExit(bytes: Bytes): ExitLeaf {
  const reader = new Reader(toBytes(bytes));
  const version = reader.number(1);
  if (version !== VERSION) throw new EncodingError(`an exit leaf of version ${version}`);
  const address = (): string => {
    if (reader.integer(12) !== 0n) throw new EncodingError("an address of more than 20 bytes");
    return getAddress(reader.hex(20));
  };
  const flags = reader.number(1);
  const kind = reader.number(1);
  reader.raw(1);
  const leaf = {
    flags,
    kind,
    targetRollup: reader.integer(8),
    token: getAddress(reader.hex(20)),
    id: reader.integer(32),
    amount: reader.integer(32),
    l2Sender: address(),
    to: address(),
    fallbackTo: address(),
    metadataHash: reader.hex(32),
    dataHash: reader.hex(32),
  };
  reader.end();
  return leaf;
}

/** Returns the hash of a leaf's 256 bytes. */
export function exitLeafHash(leaf: Bytes): string {
  return keccak256(concat(["0x00", leaf]));
}

function nodeHash(left: string, right: string): string {
  return keccak256(concat(["0x01", left, right]));
}

/** Returns what a commitment holds of a tree: its count and root in one hash. */
export function exitRoot(count: bigint | number, root: string): string {
  return keccak256(concat(["0x02", toBeHex(count, 8), root]));
}

/** The tree of a rollup's exits, for proofs. Complete subtrees are hashed once, so a proof costs a logarithm. */
export class ExitTree {
  /** Level 0 are the leaves' hashes; level n holds the roots of complete subtrees of 2^n leaves. */
  private readonly levels: string[][] = [[]];

  constructor(leafHashes: Iterable<string> = []) {
    for (const hash of leafHashes) this.append(hash);
  }

  get count(): number {
    return this.levels[0]?.length ?? 0;
  }

  append(leafHash: string): void {
    let hash = leafHash;
    for (let level = 0; ; level++) {
      const row = (this.levels[level] ??= []);
      row.push(hash);
      const left = row[row.length - 2];
      if (row.length % 2 === 1 || left === undefined) return;
      hash = nodeHash(left, hash);
    }
  }

  /** Forgets all leaves from `count` on: blocks that were taken back. */
  truncate(count: number): void {
    this.levels.forEach((row, level) => row.splice(Math.floor(count / 2 ** level)));
  }

  /** Returns the root when the tree had `count` leaves. */
  root(count = this.count): string {
    return count === 0 ? ZeroHash : this.subtree(0, count);
  }

  exitRoot(count = this.count): string {
    return exitRoot(count, this.root(count));
  }

  /** Returns the siblings of a leaf, nearest first, in the tree of `count` leaves. */
  proof(index: number, count = this.count): string[] {
    if (index < 0 || index >= count || count > this.count)
      throw new RangeError(`no leaf ${index} in a tree of ${count} of ${this.count}`);
    return this.runProof(index, 1, count);
  }

  /**
   * Returns the siblings, nearest first, of the subtree that the leaves [first, first + length) fill: a power of two of them, from a
   * multiple of it on; at the tree's end also fewer.
   */
  runProof(first: number, length: number, count = this.count): string[] {
    const end = first + length;
    if (first < 0 || length < 1 || end > count || count > this.count)
      throw new RangeError(`no leaves ${first} to ${end - 1} in a tree of ${count} of ${this.count}`);
    const whole = 2 ** Math.ceil(Math.log2(length));
    if (first % whole !== 0 || (length !== whole && end !== count))
      throw new RangeError(`the leaves ${first} to ${end - 1} of ${count} fill no subtree`);
    const siblings: string[] = [];
    let [start, size] = [0, count];
    while (size > length) {
      const split = largestPowerBelow(size);
      if (first < start + split) {
        siblings.push(this.subtree(start + split, size - split));
        size = split;
      } else {
        siblings.push(this.subtree(start, split));
        [start, size] = [start + split, size - split];
      }
    }
    return siblings.reverse();
  }

  /** Returns the root of the leaves from `start` on; `start` is a multiple of the power of two that covers them. */
  private subtree(start: number, size: number): string {
    const level = Math.log2(size);
    const complete = Number.isInteger(level) ? this.levels[level]?.[start / size] : undefined;
    if (complete !== undefined) return complete;
    const split = largestPowerBelow(size);
    return nodeHash(this.subtree(start, split), this.subtree(start + split, size - split));
  }
}

function largestPowerBelow(size: number): number {
  return 2 ** Math.ceil(Math.log2(size) - 1);
}

/** Returns the root that a proof leads to (RFC 9162, section 2.1.3.2). Throws when its length isn't the tree's. */
export function exitRootOf(
  leafHash: string,
  index: number,
  count: number,
  siblings: readonly string[],
): string {
  if (index < 0 || index >= count) throw new RangeError(`no leaf ${index} in a tree of ${count}`);
  let [at, last, hash] = [index, count - 1, leafHash];
  for (const sibling of siblings) {
    if (last === 0) throw new EncodingError("a proof with too many siblings");
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new EncodingError("a proof with too few siblings");
  return exitRoot(count, hash);
}
