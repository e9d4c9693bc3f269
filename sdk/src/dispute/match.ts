import { concat, keccak256, toBeHex, zeroPadValue } from "ethers";
import { packWord, unpackWord } from "../protocol/word";
import { pairRoot } from "./pairTree";
import {
  ASSERTER,
  LOG2_SEGMENTS,
  SEGMENTS,
  type Position,
  packPosition,
  segmentIn,
  unpackPosition,
} from "./position";

/** What never changes in a match. */
export interface MatchTerms {
  rollup: bigint;
  index: bigint;
  mode: number;
  place: number;
  /** of the asserter's line */
  nonce: bigint;
  /** B [wei] */
  bond: bigint;
}

/** A live match, as its events tell it. */
export interface Match {
  id: string;
  claimKey: string;
  terms: MatchTerms;
  codeRoot: string;
  asserter: string;
  challenger: string;
  position: Position;
  /** the step that `start` is the state before; states[i] is the one before step from + (i + 1) · 2^log2len */
  from: bigint;
  start: string;
  /** of whoever moved last */
  states: readonly string[];
}

/** The arguments of `MatchOpened`. */
export interface OpenedEvent {
  matchId: string;
  asserter: string;
  challenger: string;
  claimKey: string;
  terms: string;
  position: string;
  start: string;
  /** s0 … s6 */
  states: readonly string[];
  /** s7 */
  end: string;
}

/** The arguments of `MatchMoved`. */
export interface MovedEvent {
  /** after the move, with the segment that was chosen in the lowest byte */
  position: string;
  states: readonly string[];
}

export function packMatchTerms(terms: MatchTerms): string {
  return packWord(
    [64, terms.rollup],
    [32, terms.index],
    [8, terms.mode],
    [8, terms.place],
    [32, terms.nonce],
    [80, terms.bond],
  );
}

export function unpackMatchTerms(word: string): MatchTerms {
  const [rollup, index, mode, place, nonce, bond] = unpackWord(word, 64, 32, 8, 8, 32, 80) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { rollup, index, mode: Number(mode), place: Number(place), nonce, bond };
}

const addressWord = (address: string) => zeroPadValue(address, 32);

/** Returns a match's id: what its slot is found by. */
export function matchId(
  match: Pick<Match, "claimKey" | "terms" | "codeRoot" | "asserter" | "challenger">,
): string {
  return keccak256(
    concat([
      match.claimKey,
      packMatchTerms(match.terms),
      match.codeRoot,
      addressWord(match.asserter),
      addressWord(match.challenger),
    ]),
  );
}

/** Returns what the match's slot holds as long as it is live. */
export function matchSlot(
  match: Pick<Match, "position" | "asserter" | "challenger" | "start" | "states">,
): bigint {
  const hash = keccak256(
    concat([
      packPosition(match.position),
      addressWord(match.asserter),
      addressWord(match.challenger),
      pairRoot(match.start, match.states),
    ]),
  );
  return BigInt(hash) | (1n << 255n);
}

/** What a slot says about a match. */
export type MatchStatus =
  | { kind: "none" }
  | { kind: "live"; hash: bigint }
  | { kind: "payout"; payee: string; amount: bigint }
  | { kind: "paid" };

export function readMatchSlot(slot: bigint): MatchStatus {
  if (slot === 0n) return { kind: "none" };
  if (slot === 1n) return { kind: "paid" };
  if (slot >> 255n === 1n) return { kind: "live", hash: slot };
  return {
    kind: "payout",
    payee: toBeHex(slot & ((1n << 160n) - 1n), 20),
    amount: (slot >> 160n) & ((1n << 80n) - 1n),
  };
}

/**
 * Returns the match that an event opened.
 * @param codeRoot of the rollup's program
 */
export function openedMatch(event: OpenedEvent, codeRoot: string): Match {
  return {
    id: event.matchId,
    claimKey: event.claimKey,
    terms: unpackMatchTerms(event.terms),
    codeRoot,
    asserter: event.asserter,
    challenger: event.challenger,
    position: unpackPosition(event.position),
    from: 0n,
    start: event.start,
    states: [...event.states, event.end],
  };
}

/** Returns the match after a move. */
export function movedMatch(match: Match, event: MovedEvent): Match {
  const segment = segmentIn(event.position);
  return {
    ...match,
    position: unpackPosition(event.position),
    from: match.from + (BigInt(segment) << BigInt(match.position.log2len)),
    start: segmentStart(match, segment),
    states: [...event.states],
  };
}

/** Returns the state at which a segment starts: both sides agree on it if they agree on every segment before. */
export function segmentStart(match: Match, segment: number): string {
  return (segment === 0 ? match.start : match.states[segment - 1]) ?? "";
}

/** Returns whose turn it is. */
export function inTurn(match: Match): string {
  return match.position.turn === ASSERTER ? match.asserter : match.challenger;
}

/** Returns the steps before which the eight states of a segment's dissection stand. */
export function dissectionSteps(match: Match, segment: number): bigint[] {
  return steps(
    match.from + (BigInt(segment) << BigInt(match.position.log2len)),
    match.position.log2len - LOG2_SEGMENTS,
  );
}

/** Returns the steps before which the eight states of the current dissection stand. */
export function currentSteps(match: Match): bigint[] {
  return steps(match.from, match.position.log2len);
}

/** Returns the steps that are in dispute: both agree on the state before the first, not on that before the one after the last. */
export function disputedRange(match: Match): readonly [from: bigint, to: bigint] {
  return [match.from, match.from + (BigInt(SEGMENTS) << BigInt(match.position.log2len))];
}

/** Returns the steps before which the eight states of an opening stand; the last is the end of the run of 2^logSteps. */
export function openingSteps(logSteps: number): bigint[] {
  return steps(0n, logSteps - LOG2_SEGMENTS);
}

function steps(from: bigint, log2len: number): bigint[] {
  return Array.from({ length: SEGMENTS }, (_, i) => from + (BigInt(i + 1) << BigInt(log2len)));
}

/**
 * Returns the first segment whose end differs from one's own run, or undefined if none does: then the other side's run is right.
 * @param own states of one's run at `currentSteps`
 */
export function disputedSegment(match: Match, own: readonly string[]): number | undefined {
  const segment = match.states.findIndex((state, i) => state !== own[i]);
  return segment === -1 ? undefined : segment;
}

/** Returns the ticks that the side in turn has in all, from the last move on. A move on the last one still counts. */
export function clockInTurn(match: Match): bigint {
  return match.position.clocks[match.position.turn];
}
