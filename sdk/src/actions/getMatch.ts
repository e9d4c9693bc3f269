import type { Log, Provider } from "ethers";
import {
  ASSERTER,
  type Match,
  clockInTurn,
  disputedRange,
  movedMatch,
  openedMatch,
  segmentIn,
} from "../dispute";
import type { MovedEvent, OpenedEvent } from "../dispute";
import { logsOf } from "../logs";
import { ticksBetween } from "../protocol";
import { IRollupHub__factory } from "../typechain";

/** Who did something in a match: one of its sides, or somebody who plays neither. */
export type Player = "asserter" | "challenger" | "anyone";

/** A transaction in a match. */
export interface MatchMove {
  readonly by: Player;
  readonly sender: string;
  readonly verb: "open" | "dissect" | "settle" | "timeOut" | "dropMatch" | "collect";
  /** for a dissection: which eighth is disputed */
  readonly segment: number | undefined;
  /** the steps in dispute after it: from the one before which both agree, up to the one before which they don't */
  readonly range: readonly [from: bigint, to: bigint];
  readonly block: number;
  readonly transaction: string;
  readonly gas: bigint;
}

export type MatchOutcome = "live" | "asserter won" | "challenger won" | "dropped";

/** A match from its opening to its present end, as L1 tells it. */
export interface PlayedMatch {
  /** without its program's code root, which no event names: it is to be looked at, not to be moved in */
  readonly match: Omit<Match, "codeRoot">;
  readonly moves: readonly MatchMove[];
  readonly outcome: MatchOutcome;
  /** Of a live match: who has to move, how much of his clock is used, and all of it [ticks]. */
  readonly turn: { readonly by: Player; readonly used: bigint; readonly clock: bigint } | undefined;
  /** What the winner gets, and what was burned [wei]; undefined while it is live. */
  readonly payout: bigint | undefined;
  readonly burned: bigint | undefined;
  readonly isPaid: boolean;
}

const hub = IRollupHub__factory.createInterface();
const EVENTS = ["MatchOpened", "MatchMoved", "MatchWon", "MatchDropped", "MatchPaid"] as const;
const TOPICS = EVENTS.map((name) => hub.getEvent(name).topicHash);
interface Draft {
  match: Match;
  readonly moves: MatchMove[];
  outcome: MatchOutcome;
  payout: bigint | undefined;
  burned: bigint | undefined;
  isPaid: boolean;
}

/**
 * Returns the matches of a hub in the order of their openings, with every transaction in them.
 *
 * @param only a match's id, or undefined for all
 */
export async function listMatches(
  provider: Provider,
  address: string,
  fromBlock: number,
  only?: string,
): Promise<PlayedMatch[]> {
  const latest = await provider.getBlock("latest");
  if (latest === null) return [];
  const drafts = new Map<string, Draft>();
  const topics = only === undefined ? [TOPICS] : [TOPICS, only];
  for await (const log of logsOf(provider, { address, topics }, fromBlock, latest.number))
    await take(provider, drafts, log);
  const blockTime = await IRollupHub__factory.connect(address, provider).blockTime();
  const now = { time: BigInt(latest.timestamp), block: BigInt(latest.number) };
  return [...drafts.values()].map((draft) => {
    if (draft.outcome !== "live") return { ...draft, turn: undefined };
    const by = draft.match.position.turn === ASSERTER ? ("asserter" as const) : ("challenger" as const);
    const used = ticksBetween(draft.match.position.lastMove, now, blockTime);
    return { ...draft, turn: { by, used, clock: clockInTurn(draft.match) } };
  });
}

async function take(provider: Provider, drafts: Map<string, Draft>, log: Log): Promise<void> {
  const event = hub.parseLog(log);
  if (event === null) return;
  const id = event.args.getValue("matchId") as string;
  const known = drafts.get(id);
  const [receipt, sent] = await Promise.all([
    provider.getTransactionReceipt(log.transactionHash),
    provider.getTransaction(log.transactionHash),
  ]);
  if (receipt === null || sent === null) throw new Error(`L1 has no transaction ${log.transactionHash}`);
  const played = (match: Match, verb: MatchMove["verb"], segment?: number): MatchMove => ({
    by: playerOf(match, receipt.from),
    sender: receipt.from,
    verb,
    segment,
    range: disputedRange(match),
    block: log.blockNumber,
    transaction: log.transactionHash,
    gas: receipt.gasUsed,
  });
  if (event.name === "MatchOpened") {
    const match = openedMatch(event.args.toObject() as OpenedEvent, "");
    const moves = [played(match, "open")];
    drafts.set(id, { match, moves, outcome: "live", payout: undefined, burned: undefined, isPaid: false });
    return;
  }
  if (known === undefined) return;
  if (event.name === "MatchMoved") {
    const moved = event.args.toObject() as MovedEvent;
    const move = played(known.match, "dissect", segmentIn(moved.position));
    known.match = movedMatch(known.match, moved);
    known.moves.push({ ...move, range: disputedRange(known.match) });
    return;
  }
  if (event.name === "MatchPaid") {
    known.isPaid = true;
    known.moves.push(played(known.match, "collect"));
    return;
  }
  known.payout = event.args.getValue("payout") as bigint;
  known.burned = event.name === "MatchWon" ? (event.args.getValue("burned") as bigint) : 0n;
  if (event.name === "MatchDropped") {
    known.moves.push(played(known.match, "dropMatch"));
    known.outcome = "dropped";
  } else {
    const winner = event.args.getValue("winner") as string;
    const verb = verbOf(sent.data, known.match, winner);
    known.moves.push(played(known.match, verb));
    const won = playerOf(known.match, winner, verb === "timeOut");
    known.outcome = won === "asserter" ? "asserter won" : "challenger won";
  }
  if (known.payout === 0n) known.isPaid = true;
}

/** A side of a match, by address; who plays both is told apart by whose turn it is: the winner by time is the other one. */
function playerOf({ asserter, challenger, position }: Match, address: string, isLate = false): Player {
  const same = (other: string) => other.toLowerCase() === address.toLowerCase();
  if (same(asserter) && same(challenger))
    return (position.turn === ASSERTER) !== isLate ? "asserter" : "challenger";
  if (same(asserter)) return "asserter";
  return same(challenger) ? "challenger" : "anyone";
}

/** How a match was won. Where a contract called the hub, by who won: the side in turn can do so by a step alone, the other by its clock. */
function verbOf(
  data: string,
  { asserter, challenger, position }: Match,
  winner: string,
): "settle" | "timeOut" {
  const name = hub.parseTransaction({ data })?.name;
  if (name === "settle" || name === "timeOut") return name;
  const mover = position.turn === ASSERTER ? asserter : challenger;
  return winner.toLowerCase() === mover.toLowerCase() ? "settle" : "timeOut";
}

/** Returns a match from its opening on; undefined if there is none with this id. */
export async function getMatch(
  provider: Provider,
  address: string,
  fromBlock: number,
  matchId: string,
): Promise<PlayedMatch | undefined> {
  const [found] = await listMatches(provider, address, fromBlock, matchId);
  return found;
}

/** Whose turn it is in a live match. */
export function mover({ match, turn }: PlayedMatch): string | undefined {
  return turn && (turn.by === "asserter" ? match.asserter : match.challenger);
}
