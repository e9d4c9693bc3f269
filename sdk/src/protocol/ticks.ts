/** A moment of the settlement chain. */
export interface Moment {
  /** [s since 1970] */
  time: bigint;
  block: bigint;
}

/** Returns the ticks between two moments: seconds, but at most four block times per block. */
export function ticksBetween(from: Moment, to: Moment, blockTime: bigint): bigint {
  const elapsed = to.time - from.time;
  const most = 4n * blockTime * (to.block - from.block);
  return elapsed < most ? elapsed : most;
}
