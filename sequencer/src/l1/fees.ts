/** What a transaction offers for its gas [wei per gas]. */
export interface Fees {
  readonly maxFee: bigint;
  readonly tip: bigint;
}

/** What L1 asks for gas at the moment [wei per gas]. */
export interface Market {
  readonly base: bigint;
  readonly tip: bigint;
}

/** A transaction that waits, as far as its fee goes. */
export interface Waiting {
  readonly nonce: number;
  /** L1's time when it was signed first, 0 as long as that isn't known, and after which it is of no use [s since 1970] */
  readonly since?: number;
  readonly deadline?: number;
}

/** How far a transaction's fee may rise by now, and how soon it rises. */
export interface Allowance {
  /** [wei per gas] */
  readonly cap: bigint;
  /** so many times what L1 asks for at the moment is never too little, unless there is no time left to find out */
  readonly multiple: bigint | undefined;
  /** [ms] */
  readonly patience: number;
}

export interface FeeTerms {
  /** [wei per gas]; `urgentMaxFee` once half of the time before a deadline is over */
  readonly maxFee: bigint;
  readonly urgentMaxFee?: bigint;
  readonly bumpAfterMs?: number;
}

/** Endpoints take a replacement only from 10 % more on, and more of both parts. */
const RAISE_PERCENT = 126n;
export const BUMP_AFTER_MS = 30_000;
/** Of the time that is left, so much is waited for an answer before the fee rises. */
const DEADLINE_SHARE = 16;
const LEAST_WAIT_MS = 1_000;
/** A match's clock may run a little slower than seconds: a deadline has passed for good after this part of the time more. */
const GRACE_SHARE = 8;
const MULTIPLE = 4n;
const LATE_MULTIPLE = 16n;
/** What L1 asks for is taken to be at least this tip, where it is to be multiplied [wei per gas]. */
const LEAST_TIP = 1_000_000_000n;

/** The fees to begin with. */
export function firstFees({ base, tip }: Market, cap: bigint): Fees {
  const maxFee = least(2n * base + tip, cap);
  return { maxFee, tip: least(tip, maxFee) };
}

/** The fees of a replacement; undefined where a higher one isn't allowed, or wouldn't help: L1 asks for far less. */
export function replacementFees(
  old: Fees,
  market: Market,
  { cap, multiple }: Pick<Allowance, "cap" | "multiple">,
): Fees | undefined | "capped" {
  const next = raised(old.maxFee);
  if (next > cap) return "capped";
  const plenty = multiple === undefined ? cap : multiple * (2n * market.base + most(market.tip, LEAST_TIP));
  if (next > plenty && old.tip >= market.tip) return undefined;
  const wanted = firstFees(market, cap);
  const maxFee = most(next, wanted.maxFee);
  return { maxFee, tip: least(most(raised(old.tip), wanted.tip), maxFee) };
}

/** What something before a deadline may offer at this market while there is still time to find out what is enough [wei per gas]. */
export function lateFee({ base, tip }: Market, { maxFee, urgentMaxFee = maxFee }: FeeTerms): bigint {
  return least(most(maxFee, urgentMaxFee), LATE_MULTIPLE * (2n * base + most(tip, LEAST_TIP)));
}

/** The least that endpoints take in place of a fee. */
export function raised(fee: bigint): bigint {
  return most((fee * RAISE_PERCENT + 99n) / 100n, fee + 1n);
}

/** What the deadlines that wait for a transaction allow it: its own, and those of later nonces, as long as they aren't over. */
export function allowance(
  own: Waiting,
  waiting: readonly Waiting[],
  now: number,
  { maxFee, urgentMaxFee = maxFee, bumpAfterMs = BUMP_AFTER_MS }: FeeTerms,
): Allowance {
  let [cap, multiple, patience]: [bigint, bigint | undefined, number] = [maxFee, MULTIPLE, bumpAfterMs];
  for (const { nonce, since = 0, deadline } of waiting) {
    if (nonce < own.nonce || deadline === undefined || since === 0) continue;
    const time = deadline - since;
    if (now > deadline + time / GRACE_SHARE) continue;
    patience = Math.min(patience, Math.max(LEAST_WAIT_MS, (1_000 * (deadline - now)) / DEADLINE_SHARE));
    if (2 * (now - since) < time) continue;
    cap = most(maxFee, urgentMaxFee);
    const isLast = 4 * (now - since) >= 3 * time;
    if (isLast) multiple = undefined;
    else if (multiple !== undefined) multiple = LATE_MULTIPLE;
  }
  return { cap, multiple, patience };
}

export function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
