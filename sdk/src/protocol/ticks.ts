/** A moment of the settlement chain. */
export interface Moment {
  /** [s since 1970] */
  time: bigint;
  block: bigint;
}

/** Returns the ticks between two moments: seconds, but at most four block times per block. */
export function ticksBetween(from: Moment, to: Moment, blockTime: bigint): bigint {
  return within(from, to, 4n * blockTime);
}

/** Returns the ticks of what must outlast a match (a claim's life, a closing line): seconds, but at most one block time per block. */
export function slowTicksBetween(from: Moment, to: Moment, blockTime: bigint): bigint {
  return within(from, to, blockTime);
}

function within(from: Moment, to: Moment, mostPerBlock: bigint): bigint {
  const elapsed = to.time - from.time;
  const most = mostPerBlock * (to.block - from.block);
  return elapsed < most ? elapsed : most;
}
