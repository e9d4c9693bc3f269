/** The magnitude of a pool that was never slashed, and the scale of tickets. */
export const WHOLE = 10n ** 27n;
/** Below this magnitude a pool is dead: no deposits, no lines; exits work. */
export const DEAD_BELOW = 10n ** 21n;
/** Shares that nobody owns, against 1 wei that nobody has. */
export const VIRTUAL_SHARES = 10n ** 6n;

/** A pool as `poolOf` returns it: active stake [ALT wei] and the shares in it. */
export interface PoolShares {
  readonly active: bigint;
  readonly shares: bigint;
}

/** Returns the shares that a deposit of `amount` [ALT wei] buys, rounded down. Zero: the vault refuses it. */
export function sharesOf(amount: bigint, { active, shares }: PoolShares): bigint {
  return (amount * (shares + VIRTUAL_SHARES)) / (active + 1n);
}

/** Returns what `owned` shares are worth [ALT wei], rounded down: what unbonding them takes out. */
export function shareValue(owned: bigint, { active, shares }: PoolShares): bigint {
  return (owned * (active + 1n)) / (shares + VIRTUAL_SHARES);
}

/** Returns the scaled ticket for `amount` [ALT wei] that leaves a pool of this magnitude, rounded down. */
export function scaledTicket(amount: bigint, magnitude: bigint): bigint {
  return magnitude === 0n ? 0n : (amount * WHOLE) / magnitude;
}

/**
 * Returns what a scaled ticket is worth [ALT wei], rounded down, by the pool's magnitude: now's, or for a matured ticket that of the last
 * second before its maturity.
 */
export function ticketValue(q: bigint, magnitude: bigint): bigint {
  return (q * magnitude) / WHOLE;
}

/** Returns the active stake behind an allocation [ALT wei], rounded down. */
export function stakeBehind(allocation: bigint, active: bigint, magnitude: bigint): bigint {
  return magnitude === 0n ? 0n : (active * allocation) / magnitude;
}
