import { DAY } from "./day";

/** Length of an epoch [s]: what is earned in one is paid out evenly over the next. */
export const EPOCH = 7n * DAY;

/** Returns the epoch that `time` [s since 1970] falls in. */
export function epochOf(time: bigint): bigint {
  return time / EPOCH;
}

/** Returns the first second of `epoch` [s since 1970]. */
export function startOfEpoch(epoch: bigint): bigint {
  return epoch * EPOCH;
}
