import { keccak } from "../hashing";

const LEAF = Uint8Array.of(0x00);
const INNER = Uint8Array.of(0x01);
const ROOT = Uint8Array.of(0x02);
const ZERO = new Uint8Array(32);

/** Complete subtrees of an exit tree: level 0 holds the leaf hashes, [level, index] covers leaves index·2^level onwards. */
export interface ExitNodes {
  get(level: number, index: number): Uint8Array | undefined;
  put(level: number, index: number, hash: Uint8Array): void;
}

export function exitLeafHash(leaf: Uint8Array): Uint8Array {
  return keccak(LEAF, leaf);
}

/** Appends leaf number `index`; completes every subtree that it completes. */
export function appendExit(nodes: ExitNodes, index: number, leafHash: Uint8Array): void {
  let hash = leafHash;
  nodes.put(0, index, hash);
  for (let level = 0, at = index; at % 2 === 1; level++, at = (at - 1) / 2) {
    hash = keccak(INNER, node(nodes, level, at - 1), hash);
    nodes.put(level + 1, (at - 1) / 2, hash);
  }
}

/** The commitment to a tree of `count` leaves: keccak256(0x02 ‖ count u64 ‖ root), root 0 when it is empty. */
export function exitRoot(nodes: ExitNodes, count: number): Uint8Array {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(count));
  return keccak(ROOT, size, count === 0 ? ZERO : subtree(nodes, 0, count));
}

/**
 * The audit path of RFC 6962 to the root of a tree of `count` leaves, lowest level first: of leaf `first`, or of the subtree
 * of at most `size` leaves, a power of two, that starts there and is cut off at the tree's end.
 */
export function exitProof(nodes: ExitNodes, first: number, count: number, size = 1): Uint8Array[] {
  return path(nodes, first, 0, count, size);
}

function path(nodes: ExitNodes, index: number, start: number, size: number, run: number): Uint8Array[] {
  if (size <= run) return [];
  const left = largestPowerBelow(size);
  if (index - start < left) {
    return [...path(nodes, index, start, left, run), subtree(nodes, start + left, size - left)];
  }
  return [...path(nodes, index, start + left, size - left, run), subtree(nodes, start, left)];
}

function subtree(nodes: ExitNodes, start: number, size: number): Uint8Array {
  if (Number.isInteger(Math.log2(size)) && start % size === 0)
    return node(nodes, Math.log2(size), start / size);
  const left = largestPowerBelow(size);
  return keccak(INNER, subtree(nodes, start, left), subtree(nodes, start + left, size - left));
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function node(nodes: ExitNodes, level: number, index: number): Uint8Array {
  const hash = nodes.get(level, index);
  if (hash === undefined) throw new Error(`the exit tree lacks node ${level}/${index}`);
  return hash;
}
