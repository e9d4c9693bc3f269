import type { Moment } from "./chain";
import type { Commitment, Final, State } from "./machine";

/** What a rollup's record says about disputes. Times in ticks, coins and stake in units of the test's choice. */
export interface Terms {
  readonly window: number;
  readonly clock: number;
  readonly extension: number;
  readonly bond: number;
  readonly deposit: number;
  readonly slash: number;
  /** L; three to a move */
  readonly logSteps: number;
}

/** Ticks to spare for a chain that halts. */
export interface Spare {
  readonly spare: number;
}

export const ASSERTER = 0;
export const CHALLENGER = 1;
export type Side = typeof ASSERTER | typeof CHALLENGER;

/** T_match ≤ 2C + (L/3 + 1)·E [ticks] */
export const longestMatch = ({ clock, extension, logSteps }: Terms): number =>
  2 * clock + (logSteps / 3 + 1) * extension;

/** The longest a claim can live: its window, then its last match [ticks]. */
export const claimLife = (terms: Terms): number => terms.window + longestMatch(terms);

export interface Line {
  deposit: number;
  nonce: number;
  /** last second in which it can claim; 0: it can't */
  validUntil: number;
  /** X is reserved */
  alt: boolean;
  /** matches against any claim of it */
  openMatches: number;
  closing?: Moment;
  /** counts the lines that the key ever opened: no rule looks at it */
  serial: number;
}

export interface Claim {
  readonly rollup: number;
  readonly index: number;
  readonly parent: Commitment;
  readonly skip: boolean;
  readonly commitment: Commitment;
  readonly asserter: string;
  readonly nonce: number;
  backed: Moment;
  readonly serial: number;
}

/** A live or ended match. */
export interface Match {
  readonly id: number;
  readonly claim: Claim;
  readonly challenger: string;
  readonly bond: number;
  readonly opened: Moment;
  clocks: [number, number];
  turn: Side;
  log2len: number;
  last: Moment;
  start: State;
  states: State[];
  /** the step that `start` is before: players look at it, no rule does */
  from: number;
  /** undefined while it is live, and if it was dropped */
  winner?: Side;
  /** undefined while it is live */
  payout?: { readonly payee: string; readonly amount: number; paid: number };
}

export interface Rollup {
  readonly terms: Terms;
  posted: number;
  /** commitments of the final batches; genesis first */
  readonly finals: Commitment[];
  readonly lines: Map<string, Line>;
  readonly claims: Claim[];
}

/** What an opening says. */
export interface Opening {
  readonly final: Final;
  /** s0 … s6, after 1/8 … 7/8 of the run */
  readonly states: readonly State[];
  /** what the challenger says the first and the last state are: the hub knows better */
  readonly start: State;
  readonly end: State;
}

/** Index of the last final batch. */
export const final = (rollup: Rollup): number => rollup.finals.length - 1;

export const inTurn = (match: Match): string =>
  match.turn === ASSERTER ? match.claim.asserter : match.challenger;

export function segmentStart(match: Match, segment: number): State {
  const state = segment === 0 ? match.start : match.states[segment - 1];
  if (state === undefined) throw new Error(`no segment ${segment}`);
  return state;
}

/** Whether two claims say the same. */
export function isSame(
  one: Pick<Claim, "index" | "parent" | "skip" | "commitment">,
  other: Pick<Claim, "index" | "parent" | "skip" | "commitment">,
): boolean {
  return (
    one.index === other.index &&
    one.parent === other.parent &&
    one.skip === other.skip &&
    one.commitment === other.commitment
  );
}
