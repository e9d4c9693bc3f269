import { Match, movedMatch, openedMatch } from "@rollworks/sdk/src/dispute";
import { unpackPostTerms } from "@rollworks/sdk/src/protocol";
import { keccak } from "../hashing";
import { L1Block } from "../l1/watcher";
import { ClaimedFact, CreatedFact, Fact, PostedFact } from "./facts";

const ZERO = new Uint8Array(32);
const NONE = `0x${"00".repeat(32)}`;

/** Raised when a fact doesn't follow on those before it: an endpoint has left logs out. */
export class LogsIncomplete extends Error {
  override readonly name = "LogsIncomplete";
  /** of the fact that doesn't follow */
  block = 0;

  constructor(found: string, due: string) {
    super(`${found}, ${due}: L1's logs have a gap`);
  }
}

/** A claim as L1 shows it: came with its batch (place 0) or on its own (place 1). */
export interface ClaimView {
  readonly index: number;
  readonly asserter: string;
  readonly nonce: number;
  readonly parent: string;
  readonly commitment: string;
  readonly mode: number;
  readonly place: 0 | 1;
  readonly block: L1Block;
}

/** The terms word of a `post`, taken apart. */
export interface PostedTerms {
  readonly target: number;
  readonly l1Number: number;
  readonly timestamp: number;
  readonly flags: number;
  readonly mode: number;
}

/** A posted batch as L1 shows it. */
export interface PostedView extends PostedFact {
  readonly block: L1Block;
  readonly transaction: string;
  readonly word: PostedTerms;
  /** head of the message chain after `word.target` messages */
  readonly targetHash: Uint8Array;
  /** seconds since the batch before, or since creation */
  readonly gap: number;
}

/** A match as L1 shows it; `over` once it has ended. */
export interface MatchView {
  readonly match: Match;
  readonly over?: { readonly payee: string; readonly isPaid: boolean } | undefined;
}

/** A line as L1's events show it. */
export interface LineView {
  /** stake is reserved for it; else it is coins alone, without an end */
  readonly isAlt: boolean;
  /** when it was opened or refreshed last, and the last second in which it can claim [s since 1970] */
  readonly since: number;
  readonly validUntil: number;
}

export interface Target {
  readonly target: number;
  readonly targetHash: Uint8Array;
}

/**
 * One rollup as L1 tells it: a fold over its facts and nothing else, so that after a reorg folding again is all there
 * is to do.
 */
export class ChainView {
  created: (CreatedFact & { readonly block: L1Block }) | undefined;
  /** place of the last fact in it: block and log index */
  last: readonly [number, number] = [0, -1];
  /** batches by index */
  readonly posted = new Map<number, PostedView>();
  readonly claims = new Map<number, ClaimView[]>();
  /** present nonce of each key's line: a claim is backed while its nonce is this */
  readonly lineNonces = new Map<string, number>();
  /** lines that may claim, or could after a refresh, by key */
  readonly lines = new Map<string, LineView>();
  /** matches by id */
  readonly matches = new Map<string, MatchView>();
  postedIndex = 0;
  finalIndex = 0;
  finalCommitment = NONE;
  /** the single sequencer, where it isn't the first one any more */
  sequencer: string | undefined;
  drainedAt: number | undefined;
  ended: "retired" | "escaped" | undefined;
  /** messages enqueued, and the chain's head after them */
  count = 0;
  head: Uint8Array = ZERO;
  /** messages that had arrived when the last batch was posted */
  due = 0;
  /** target of the last batch */
  target = 0;
  /** of the last batch, or of the creation [s since 1970] */
  lastPost = 0;
  /** heads by number of messages, from the last target upwards */
  private readonly heads = new Map<number, Uint8Array>([[0, ZERO]]);

  /** @param codeRootOf the code root of a program by its hash, undefined where this node doesn't have it: then its matches aren't followed */
  constructor(private readonly codeRootOf: (programHash: string) => string | undefined) {}

  /** Adds a fact; returns the preimages that a message brings along. One that doesn't fit those before it adds nothing. */
  apply(fact: Fact): Uint8Array[] {
    try {
      const preimages = this.add(fact);
      this.last = [fact.block.number, fact.logIndex];
      return preimages;
    } catch (error) {
      if (error instanceof LogsIncomplete) error.block = fact.block.number;
      throw error;
    }
  }

  private add(fact: Fact): Uint8Array[] {
    switch (fact.kind) {
      case "created":
        this.created = fact;
        this.lastPost = fact.block.timestamp;
        return [];
      case "message":
        return this.applyMessage(fact.index, fact.message);
      case "posted":
        this.applyPosted(fact);
        return [];
      case "claimed":
        this.addClaim({ ...claimOf(fact), place: 1, block: fact.block });
        return [];
      case "finalized":
        this.finalIndex = fact.index;
        this.finalCommitment = fact.commitment;
        return [];
      case "matchOpened": {
        const codeRoot = this.codeRootOf(this.created!.program);
        if (codeRoot !== undefined) this.matches.set(fact.matchId, { match: openedMatch(fact, codeRoot) });
        return [];
      }
      case "matchMoved":
        this.change(fact.matchId, ({ match }) => ({
          match: movedMatch(match, fact),
        }));
        return [];
      case "matchEnded":
        this.change(fact.matchId, ({ match }) => ({
          match,
          over: { payee: fact.payee, isPaid: fact.payout === "0" },
        }));
        return [];
      case "matchPaid":
        this.change(fact.matchId, ({ match, over }) => ({ match, over: over && { ...over, isPaid: true } }));
        return [];
      case "rotated":
        this.sequencer = fact.sequencer;
        return [];
      case "drained":
        this.drainedAt = fact.drainAt;
        return [];
      case "retired":
      case "escaped":
        this.ended = fact.kind;
        return [];
      case "line":
        this.lineNonces.set(fact.key, fact.nonce);
        this.lines.set(fact.key, { ...fact, since: fact.block.timestamp });
        return [];
      case "lineRefreshed":
        this.lines.set(fact.key, { ...fact, isAlt: true, since: fact.block.timestamp });
        return [];
      case "lineClosing":
        this.lines.delete(fact.key);
        return [];
      case "lineLost":
        this.lineNonces.set(fact.key, fact.nonce);
        this.lines.delete(fact.key);
        return [];
    }
  }

  /** Whether a claim still has its asserter's line behind it. */
  isBacked({ asserter, nonce }: Pick<ClaimView, "asserter" | "nonce">): boolean {
    return this.lineNonces.get(asserter) === nonce;
  }

  /** What the next batch must take as its target: what was due at the last post, or the mark on the way there. */
  dueTarget(): Target {
    const bound = this.created!.messageBound;
    const target = this.due > this.target + bound ? (Math.floor(this.target / bound) + 1) * bound : this.due;
    return { target, targetHash: this.headAfter(target) };
  }

  /** All messages there are as a target, if a batch may take so many. Holds only until another message arrives. */
  headTarget(): Target | undefined {
    const bound = this.created!.messageBound;
    if (this.due > this.target + bound || this.count > this.target + bound) return undefined;
    return { target: this.count, targetHash: this.head };
  }

  /** When Draining begins [s since 1970], as far as L1 has said. */
  drainsAt(): number {
    const end = this.created!.endTime === 0 ? Infinity : this.created!.endTime;
    return Math.min(end, this.drainedAt ?? Infinity);
  }

  /** When the message door closes and batches become sweeps [s since 1970]. */
  closesAt(): number {
    return this.drainsAt() + this.created!.unwind;
  }

  private applyMessage(index: number, message: Uint8Array): Uint8Array[] {
    if (index !== this.count)
      throw new LogsIncomplete(`message ${index} came`, `message ${this.count} was due`);
    const link = Buffer.concat([this.head, keccak(message)]);
    this.head = keccak(link);
    this.count++;
    this.heads.set(this.count, this.head);
    return [message, link];
  }

  private applyPosted(fact: PostedFact & Pick<Fact, "block" | "transaction">): void {
    if (fact.index !== this.postedIndex + 1) {
      throw new LogsIncomplete(`batch ${fact.index} came`, `batch ${this.postedIndex + 1} was due`);
    }
    const terms = readTerms(fact.terms);
    const targetHash = this.headAfter(terms.target);
    const gap = fact.block.timestamp - this.lastPost;
    this.posted.set(fact.index, { ...fact, word: terms, targetHash, gap });
    this.postedIndex = fact.index;
    this.lastPost = fact.block.timestamp;
    if (fact.commitment !== NONE)
      this.addClaim({
        ...claimOf({ ...fact, asserter: fact.poster, mode: terms.mode }),
        place: 0,
        block: fact.block,
      });
    for (let number = this.target; number < terms.target; number++) this.heads.delete(number);
    this.target = terms.target;
    this.due = this.count;
  }

  private addClaim(claim: ClaimView): void {
    const known = this.claims.get(claim.index);
    if (known === undefined) this.claims.set(claim.index, [claim]);
    else known.push(claim);
  }

  private change(matchId: string, change: (view: MatchView) => MatchView): void {
    const known = this.matches.get(matchId);
    if (known !== undefined) this.matches.set(matchId, change(known));
    else if (this.codeRootOf(this.created!.program) !== undefined)
      throw new LogsIncomplete(`match ${matchId} went on`, "it was never opened");
  }

  private headAfter(count: number): Uint8Array {
    const head = this.heads.get(count);
    if (head === undefined)
      throw new LogsIncomplete(`a target of ${count} messages came`, "they aren't known");
    return head;
  }
}

function claimOf(fact: Omit<ClaimedFact, "kind" | "batchHash">): Omit<ClaimView, "place" | "block"> {
  const { index, asserter, nonce, parent, commitment, mode } = fact;
  return { index, asserter, nonce, parent, commitment, mode };
}

function readTerms(word: string): PostedTerms {
  const { target, l1Number, timestamp, flags, mode } = unpackPostTerms(word);
  return { target: Number(target), l1Number: Number(l1Number), timestamp: Number(timestamp), flags, mode };
}
