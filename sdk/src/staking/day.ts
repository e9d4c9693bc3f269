/** Length of a day [s]. Tickets mature when a day of UTC starts. */
export const DAY = 86_400n;

/** Returns the day that `time` [s since 1970] falls on, counted from 1970-01-01. */
export function dayOf(time: bigint): bigint {
  return time / DAY;
}

/** Returns the first second of `day` [s since 1970]. */
export function startOfDay(day: bigint): bigint {
  return day * DAY;
}

/**
 * Returns the day on which a ticket matures that is made at `time` [s since 1970]: the first that starts once the unbonding delay [s] is
 * over. `last`, the latest maturity in the pool's queue, matters only if the delay was once longer.
 */
export function maturityOf(time: bigint, unbondingDelay: bigint, last = 0n): bigint {
  const soonest = (time + unbondingDelay + DAY - 1n) / DAY;
  return last > soonest ? last : soonest;
}
