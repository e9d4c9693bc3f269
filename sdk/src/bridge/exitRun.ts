/** Exits that stand side by side and fill a subtree of the exit tree: one proof serves them all. */
export interface ExitRun {
  readonly first: number;
  readonly length: number;
}

/** Runs of so many cost about half of what single exits cost; longer ones save little more. */
export const USUAL_RUN = 32;

/**
 * Cuts the exits [from, to) of a tree with `count` leaves into runs for `exitBatch`.
 *
 * @param most the longest run: a power of two up to 128
 */
export function exitRuns(from: number, to: number, count: number, most = USUAL_RUN): ExitRun[] {
  if (from < 0 || from > to || to > count)
    throw new RangeError(`no exits ${from} to ${to - 1} in a tree of ${count}`);
  if (![1, 2, 4, 8, 16, 32, 64, 128].includes(most))
    throw new RangeError(`runs of ${most} exits: a power of two up to 128 is needed`);
  const runs: ExitRun[] = [];
  for (let first = from; first < to;) {
    let length = most;
    while (first % length !== 0) length /= 2;
    // The tree's tail fills a subtree whatever its length; elsewhere the largest power of two that fits does.
    if (first + length > to && to === count) length = to - first;
    while (first + length > to) length /= 2;
    runs.push({ first, length });
    first += length;
  }
  return runs;
}
