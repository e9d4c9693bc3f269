import { concat, keccak256, toBeHex } from "ethers";

/** Height of the memory tree: 2^27 leaves of 32 bytes are 4 GiB. */
export const DEPTH = 27;
/** Height of the text subtree: 2^16 leaves are 2 MiB. */
export const TEXT_DEPTH = 16;

const parent = (left: string, right: string) => keccak256(concat([left, right]));

const ZERO: string[] = [toBeHex(0, 32)];

/** The root of an all-zero subtree of height `level`. */
export function zero(level: number): string {
  const known = ZERO[level];
  if (known !== undefined) return known;
  const below = zero(level - 1);
  return (ZERO[level] = parent(below, below));
}

/**
 * The machine's memory, written for reading: a sparse binary keccak tree. A leaf is the little-endian integer of its 32 bytes and serves as a
 * node of level 0 as it is. Inner nodes are computed when asked for and forgotten along the path of each write.
 */
export class MemoryTree {
  private readonly leaves = new Map<number, bigint>();
  /** By level and index. No entry: nothing was ever written there; undefined: written since it was hashed last. */
  private readonly nodes = new Map<string, string | undefined>();

  /** A tree with the same content that shares nothing with this one. */
  copy(): MemoryTree {
    const twin = new MemoryTree();
    for (const [index, leaf] of this.leaves) twin.leaves.set(index, leaf);
    for (const [at, hash] of this.nodes) twin.nodes.set(at, hash);
    return twin;
  }

  leaf(index: number): bigint {
    return this.leaves.get(index) ?? 0n;
  }

  setLeaf(index: number, leaf: bigint): void {
    this.leaves.set(index, leaf);
    for (let level = 1; level <= DEPTH; level++)
      this.nodes.set(`${level}:${Math.floor(index / 2 ** level)}`, undefined);
  }

  /** `size` bytes at `address` as a little-endian integer; they lie in one leaf. */
  load(address: bigint, size: number): bigint {
    const shift = 8n * (address % 32n);
    return BigInt.asUintN(8 * size, this.leaf(Number(address / 32n)) >> shift);
  }

  store(address: bigint, size: number, value: bigint): void {
    const shift = 8n * (address % 32n);
    const mask = ((1n << BigInt(8 * size)) - 1n) << shift;
    const index = Number(address / 32n);
    this.setLeaf(index, (this.leaf(index) & ~mask) | ((value << shift) & mask));
  }

  /** Writes bytes at any address, as a loader does. */
  write(address: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      this.store(BigInt(address + i), 1, BigInt(byte));
    });
  }

  /** The hash of the subtree of height `level` whose leaves start at `index · 2^level`. */
  node(level: number, index: number): string {
    if (level === 0) return toBeHex(this.leaf(index), 32);
    const at = `${level}:${index}`;
    if (!this.nodes.has(at)) return zero(level);
    const known = this.nodes.get(at);
    if (known !== undefined) return known;
    const hash = parent(this.node(level - 1, 2 * index), this.node(level - 1, 2 * index + 1));
    this.nodes.set(at, hash);
    return hash;
  }

  root(): string {
    return this.node(DEPTH, 0);
  }

  codeRoot(): string {
    return this.node(TEXT_DEPTH, 0);
  }

  /** The leaf at `index` and its siblings, lowest first, up to height `depth`. */
  proof(index: number, depth: number): string[] {
    const path = [this.node(0, index)];
    for (let level = 0; level < depth; level++)
      path.push(this.node(level, Math.floor(index / 2 ** level) ^ 1));
    return path;
  }
}
