import { concat, keccak256 } from "ethers";

const pair = (left: string, right: string) => keccak256(concat([left, right]));

/** The rows of the tree over the eight pairs of neighbours among nine states, leaves first. */
function rows(start: string, states: readonly string[]): string[][] {
  const all = [start, ...states];
  let row = states.map((state, i) => pair(all[i] ?? "", state));
  const tree = [row];
  while (row.length > 1) {
    const below = row;
    row = Array.from({ length: below.length / 2 }, (_, i) =>
      pair(below[2 * i] ?? "", below[2 * i + 1] ?? ""),
    );
    tree.push(row);
  }
  return tree;
}

/** Returns the root over a match's start and its eight states. */
export function pairRoot(start: string, states: readonly string[]): string {
  return rows(start, states)[3]?.[0] ?? "";
}

/** Returns the three siblings that prove a segment's two ends, lowest first. */
export function pairSiblings(
  start: string,
  states: readonly string[],
  segment: number,
): [string, string, string] {
  const tree = rows(start, states);
  return [0, 1, 2].map((level) => tree[level]?.[(segment >> level) ^ 1] ?? "") as [string, string, string];
}
