import { packWord, unpackWord } from "../protocol/word";
import type { Moment } from "../protocol/ticks";

/** Who moves. */
export const ASSERTER = 0;
export const CHALLENGER = 1;
export type Side = typeof ASSERTER | typeof CHALLENGER;

/** A move cuts a segment into 2^3. */
export const LOG2_SEGMENTS = 3;
export const SEGMENTS = 8;

/** Where a match stands, beside its players and its states (docs/encodings/claims.md, "Matches"). */
export interface Position {
  /** time left to each side, by `Side` [ticks] */
  clocks: readonly [asserter: bigint, challenger: bigint];
  /** E: what a mover has at least after his move [ticks] */
  extension: bigint;
  lastMove: Moment;
  /** a segment has 2^log2len steps; 0: it is to be settled */
  log2len: number;
  turn: Side;
}

/** Returns the position's word; `segment` stands in its lowest byte when a mover names one. */
export function packPosition(position: Position, segment = 0): string {
  return packWord(
    [32, position.clocks[ASSERTER]],
    [32, position.clocks[CHALLENGER]],
    [32, position.extension],
    [40, position.lastMove.time],
    [40, position.lastMove.block],
    [8, position.log2len],
    [8, position.turn],
    [56, 0],
    [8, segment],
  );
}

export function unpackPosition(word: string): Position {
  const [asserter, challenger, extension, time, block, log2len, turn] = unpackWord(
    word,
    32,
    32,
    32,
    40,
    40,
    8,
    8,
  ) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  return {
    clocks: [asserter, challenger],
    extension,
    lastMove: { time, block },
    log2len: Number(log2len),
    turn: turn === 0n ? ASSERTER : CHALLENGER,
  };
}

/** Returns the segment that a mover named in a position's word. */
export function segmentIn(word: string): number {
  return Number(BigInt(word) & 0xffn);
}
