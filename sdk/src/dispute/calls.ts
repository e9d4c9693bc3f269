import { concat, dataLength, dataSlice, keccak256, type BytesLike } from "ethers";
import { entryWords, type Entry } from "../protocol/claim";
import { configWords, type Config } from "../protocol/config";
import { IN_RING } from "../protocol/calls";
import { packWord } from "../protocol/word";
import type { MatchStateStruct, OpeningStruct } from "../typechain/contracts/dispute/IMatches";
import { packMatchTerms, segmentStart, type Match } from "./match";
import { pairRoot, pairSiblings } from "./pairTree";
import { ASSERTER, packPosition } from "./position";

/** A program as its hash is made. */
export interface ProgramPreimage {
  codeRoot: string;
  memoryRoot0: string;
  entry: bigint;
}

export type DissectArguments = [
  matchId: string,
  other: string,
  position: string,
  start: string,
  end: string,
  states: Eight,
  siblings: [string, string, string],
];
export type SettleArguments = [
  state: MatchStateStruct,
  witness: BytesLike,
  start: string,
  end: string,
  siblings: [string, string, string],
];
type Eight = [string, string, string, string, string, string, string, string];

/** Raised when a final state isn't the 288 bytes of a machine state. */
export class FinalStateLengthError extends Error {
  constructor(readonly bytes: number) {
    super(`a machine state has 288 bytes, this one ${bytes}`);
  }
}

/** What a challenger opens with. */
export interface OpeningPlan {
  rollup: bigint;
  index: bigint;
  mode: number;
  place: number;
  /** log2 of the ring's size, as the record has it; where the entry stands if it came with its batch */
  ringLog2: number;
  parent: string;
  commitment: string;
  /** of the claim */
  entry: Entry;
  headerHash: string;
  config: Config;
  program: ProgramPreimage;
  /** of one's run at the first seven of `openingSteps` */
  states: readonly string[];
  /** the 288 bytes of the state at the last */
  finalState: BytesLike;
}

/** Returns the hash of a whole program, by which a config names it. */
export function programHashOf(program: ProgramPreimage): string {
  return keccak256(concat([program.codeRoot, program.memoryRoot0, entryWord(program)]));
}

const entryWord = (program: ProgramPreimage) => `0x${program.entry.toString(16).padStart(64, "0")}`;

function packOpeningTerms({ rollup, index, mode, place, ringLog2 }: OpeningPlan): string {
  const ringSlot = place === IN_RING ? index & ((1n << BigInt(ringLog2)) - 1n) : 0n;
  return packWord([64, rollup], [32, index], [8, mode], [8, place], [16, ringSlot]);
}

/** Returns the argument of `openMatch`. */
export function openingOf(plan: OpeningPlan): OpeningStruct {
  const length = dataLength(plan.finalState);
  if (length !== 288) throw new FinalStateLengthError(length);
  const [, , backing, times] = entryWords(plan.entry);
  return {
    terms: packOpeningTerms(plan),
    parent: plan.parent,
    commitment: plan.commitment,
    backing,
    times,
    headerHash: plan.headerHash,
    config: configWords(plan.config),
    codeRoot: plan.program.codeRoot,
    memoryRoot: plan.program.memoryRoot0,
    entry: entryWord(plan.program),
    states: plan.states.slice(0, 7),
    finalState: Array.from({ length: 9 }, (_, i) => dataSlice(plan.finalState, 32 * i, 32 * i + 32)),
  };
}

/** Returns the arguments of `dissect` for the side in turn. */
export function dissectArguments(match: Match, segment: number, states: readonly string[]): DissectArguments {
  const other = match.position.turn === ASSERTER ? match.challenger : match.asserter;
  return [
    match.id,
    other,
    packPosition(match.position, segment),
    segmentStart(match, segment),
    match.states[segment] ?? "",
    states as Eight,
    pairSiblings(match.start, match.states, segment),
  ];
}

function stateArgument(match: Match, segment = 0): MatchStateStruct {
  return {
    claimKey: match.claimKey,
    terms: packMatchTerms(match.terms),
    codeRoot: match.codeRoot,
    asserter: match.asserter,
    challenger: match.challenger,
    position: packPosition(match.position, segment),
  };
}

/** Returns the arguments of `settle` for the side in turn. */
export function settleArguments(match: Match, segment: number, witness: BytesLike): SettleArguments {
  return [
    stateArgument(match, segment),
    witness,
    segmentStart(match, segment),
    match.states[segment] ?? "",
    pairSiblings(match.start, match.states, segment),
  ];
}

/** Returns the arguments of `timeOut` and of `dropMatch`. */
export function endArguments(match: Match): [state: MatchStateStruct, root: string] {
  return [stateArgument(match), pairRoot(match.start, match.states)];
}
