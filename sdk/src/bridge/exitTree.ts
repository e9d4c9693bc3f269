import { concat, keccak256, toBeHex, ZeroHash } from "ethers";

/**
 * A rollup's exit tree: append-only, binary, in the shape of RFC 6962 (docs/encodings.md). Holds every node of its full subtrees, so that roots
 * and proofs for any count up to its own take a logarithmic number of steps.
 */
export class ExitTree {
  /** `levels[h][i]` is the root of the leaves [i · 2^h, (i + 1) · 2^h). */
  private readonly levels: string[][] = [[]];

  constructor(leafHashes: Iterable<string> = []) {
    for (const hash of leafHashes) this.append(hash);
  }

  get count(): number {
    return this.levels[0]?.length ?? 0;
  }

  /** Returns the index of the new leaf. */
  append(leafHash: string): number {
    const index = this.count;
    let node = leafHash;
    for (let height = 0; ; height++) {
      const level = (this.levels[height] ??= []);
      level.push(node);
      if (level.length % 2 === 1) return index;
      node = hashNode(level[level.length - 2] ?? "", node);
    }
  }

  /** Returns the root of the first `count` leaves; 0 of none. */
  root(count = this.count): string {
    this.requireCount(count);
    return count === 0 ? ZeroHash : this.range(0, count);
  }

  /** Returns `exitRoot` of a commitment. */
  exitRoot(count = this.count): string {
    return sealExitRoot(this.root(count), count);
  }

  /** Returns the siblings, upwards, that prove leaf `index` among the first `count`. */
  proof(index: number, count = this.count): string[] {
    return this.runProof(index, 1, count);
  }

  /** Returns the siblings that prove the leaves [first, first + length), which must fill a subtree. */
  runProof(first: number, length: number, count = this.count): string[] {
    this.requireCount(count);
    const size = 2 ** Math.ceil(Math.log2(length));
    const isWhole = length === size && first + length <= count;
    if (length < 1 || first % size !== 0 || !(isWhole || first + length === count))
      throw new Error(`exits ${first} to ${first + length - 1} of ${count} don't fill a subtree`);
    const siblings: string[] = [];
    let low = 0;
    let high = count;
    while (high - low > length) {
      const middle = low + split(high - low);
      if (first < middle) {
        siblings.unshift(this.range(middle, high));
        high = middle;
      } else {
        siblings.unshift(this.range(low, middle));
        low = middle;
      }
    }
    return siblings;
  }

  /** The root of the leaves [low, high), which is a subtree of the shape. */
  private range(low: number, high: number): string {
    const size = high - low;
    const height = Math.log2(size);
    if (Number.isInteger(height)) return this.levels[height]?.[low / size] ?? "";
    const middle = low + split(size);
    return hashNode(this.range(low, middle), this.range(middle, high));
  }

  private requireCount(count: number): void {
    if (!Number.isInteger(count) || count < 0 || count > this.count)
      throw new Error(`the tree has ${this.count} exits, not ${count}`);
  }
}

/** An aligned run of exits: what `exitBatch` takes under one proof. */
export interface ExitRun {
  readonly first: number;
  readonly length: number;
}

/** Cuts the exits [from, to) of a tree with `count` leaves into as few runs as fill subtrees of at most `most` (a power of two up to 128). */
export function alignedRuns(from: number, to: number, count: number, most = 32): ExitRun[] {
  const runs: ExitRun[] = [];
  for (let first = from; first < to;) {
    let length = most;
    while (first % length !== 0) length /= 2;
    if (first + length > to) {
      // The tree's tail is a subtree of its own; else take the largest power of two that fits.
      if (to === count) length = to - first;
      else while (first + length > to) length /= 2;
    }
    runs.push({ first, length });
    first += length;
  }
  return runs;
}

/** `keccak256(0x02 ‖ count u64 ‖ root)` */
export function sealExitRoot(root: string, count: number | bigint): string {
  return keccak256(concat(["0x02", toBeHex(count, 8), root]));
}

/** `keccak256(0x01 ‖ left ‖ right)` */
export function hashNode(left: string, right: string): string {
  return keccak256(concat(["0x01", left, right]));
}

/** The largest power of two below `size`. */
function split(size: number): number {
  return 2 ** Math.ceil(Math.log2(size) - 1);
}
