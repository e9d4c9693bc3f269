import { MESSAGE_ONLY, OPEN_MODULE, SINGLE_MODULE, SWEEP, SWEPT_PHASE } from "@rollworks/sdk/src/protocol";
import { Batcher, l1Context, postCall } from "../batcher/batcher";
import { Builder } from "../builder/builder";
import { ProgramTrapped } from "../executor/instance";
import { HUB } from "../l1/contracts";
import { isDone, refusalOf } from "../l1/refusal";
import { describe } from "../log";
import { BatchRecord } from "../store/rollup";
import { Attempts } from "./attempts";
import { headerBytes } from "./batch";
import type { Target } from "./chain";
import { readCommitment } from "./commitment";
import { RollupContext } from "./context";

/** The name of the error that says that the hub, asked by a simulation, would refuse a call. */
const WOULD_REVERT = "WouldRevert";
/** Reasons for which the hub refuses a post now though the batch stays right. */
const REFUSED_FOR_NOW = new Set([
  "RingFull",
  "PostedTooSoon",
  "PosterNotAdmitted",
  "LineInvalid",
  "ClaimsDelayed",
]);

/** Attempts at one batch follow each other at twice the distance of those before [ms]. */
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/**
 * Decides what is posted, and when: as the rollup's sequencer, full or old batches of transactions, messages that wait, and
 * the sweep; as anybody, what the hub opens to everyone once the sequencer is silent.
 */
export class Duties {
  private readonly batcher: Batcher;
  /** [ms], by the process's clock */
  private messagesSince: number | undefined;
  /** after the hub refused: nothing is posted before L1's next block, or this time [ms] */
  private retryFrom = 0;
  /** The last attempt's target was overtaken by another message. */
  private headMoves = false;
  private retryAt = 0;
  /** attempts at the next batch that failed, rebuilt ones included */
  private failed = { batch: 0, times: 0 };
  /** the hub said that it takes no batch of this node before then [s since 1970, by L1] */
  private notBefore = 0;

  constructor(
    private readonly context: RollupContext,
    private readonly deps: {
      readonly builder: Builder;
      readonly attempts: Attempts;
      /** Looks again in so many milliseconds. */
      readonly wakeIn: (ms: number) => void;
      readonly exclusively: (body: () => Promise<void>) => Promise<void>;
    },
  ) {
    this.batcher = new Batcher(context, {
      rejected: (batch, error) => this.postRejected(batch, error),
      done: () => deps.wakeIn(0),
    });
  }

  /** Whether this node's key orders the rollup's transactions. */
  isSequencer(): boolean {
    const { view, l1 } = this.context;
    const { sequencing, sequencer } = view.created!;
    if (sequencing === OPEN_MODULE.toLowerCase()) return true;
    return sequencing === SINGLE_MODULE.toLowerCase() && (view.sequencer ?? sequencer) === l1.address;
  }

  /** Builds and posts, as the rollup's sequencer. */
  async sequence(): Promise<void> {
    const { mempool, view, head, store } = this.context;
    const { builder } = this.deps;
    if (this.isPosting() || this.isWaiting()) return;
    store.space.require("batches");
    if (head.timestamp >= view.closesAt()) return this.sweep();
    if (builder.isOpen && mempool.readyCount === 0 && !builder.isWorthPosting) await builder.discard();
    if (!builder.isOpen) {
      if (mempool.readyCount > 0) {
        if (!(await this.open(view.dueTarget(), 0))) return;
      } else if (this.messagesAreDue() && this.mayPost()) return this.postMessages(0);
      else return;
    }
    await this.fill();
  }

  /** What anybody may do when the sequencer doesn't: consume messages that wait, and sweep, without data. */
  async standIn(): Promise<void> {
    const { view, head, place, l1 } = this.context;
    if (this.isPosting() || this.isWaiting()) return;
    const isClosed = head.timestamp >= view.closesAt();
    if (isClosed ? this.isSwept() : !this.hasMessages()) return;
    const data = HUB.encodeFunctionData("mayPost", [place.id, l1.address]);
    const answer = await l1.call<string>("eth_call", [{ to: place.hub, data }, "latest"]);
    if (HUB.decodeFunctionResult("mayPost", answer)[0] !== true) return;
    this.context.store.space.require("batches");
    if (this.deps.attempts.yields(`stand-in/${place.id}/${view.postedIndex + 1}`)) return;
    if (isClosed) await this.sweep();
    else await this.postMessages(MESSAGE_ONLY);
  }

  /** Sends the sealed batch, if there is one; true while one is on its way. */
  private isPosting(): boolean {
    const sealed = this.context.results.sealed();
    if (sealed !== undefined && !this.isWaiting()) this.batcher.send(sealed);
    return sealed !== undefined || this.batcher.isSending;
  }

  private isWaiting(): boolean {
    const { head } = this.context;
    return head.timestamp < this.notBefore || (head.number < this.retryFrom && Date.now() < this.retryAt);
  }

  /**
   * Whether the hub would take the sequencer's next batch now: there is room in its ring, and where anyone may post, it is time. Until
   * then the batch stays open and takes more.
   */
  private mayPost(): boolean {
    const { view, head, claimLife } = this.context;
    const { sequencing, ringLog2 } = view.created!;
    if (view.postedIndex - view.finalIndex >= 3 * 2 ** (ringLog2 - 2)) return false;
    const pace = sequencing === OPEN_MODULE.toLowerCase() ? Math.floor(claimLife / 2 ** ringLog2) : 0;
    return pace === 0 || head.timestamp >= view.lastPost + pace;
  }

  /** Fills the open batch with what waits, and seals it when it is full or old enough. */
  private async fill(): Promise<void> {
    const { mempool, head, program, timing } = this.context;
    const { builder, wakeIn } = this.deps;
    const block = timing.isStepped ? 1 : program.maxBlockTransactions;
    if (!builder.isFull) {
      do await builder.build(head.timestamp);
      while (!builder.isFull && mempool.readyCount >= block);
    }
    const left = timing.batchMs - builder.age;
    if (builder.isFull || (left <= 0 && builder.isWorthPosting)) {
      if (this.mayPost()) return this.sealAndSend();
    } else if (mempool.readyCount > 0) wakeIn(timing.blockMs);
    if (left > 0) wakeIn(left);
  }

  /** Whether messages have waited as long as a transaction would for a batch. */
  private messagesAreDue(): boolean {
    const { timing } = this.context;
    if (!this.hasMessages()) {
      this.messagesSince = undefined;
      return false;
    }
    this.messagesSince ??= Date.now();
    const left = this.messagesSince + timing.batchMs - Date.now();
    if (left > 0) this.deps.wakeIn(left);
    return left <= 0;
  }

  /** Posts a batch of messages alone, as many as one may take. */
  private async postMessages(flags: number): Promise<void> {
    const isOpen = await this.open(this.nextTarget(), flags);
    this.messagesSince = undefined;
    if (isOpen) await this.sealAndSend();
  }

  /** After the message door has closed: what waits can't come in any more, and the program sends everyone home. */
  private async sweep(): Promise<void> {
    const { view } = this.context;
    await this.deps.builder.refuseAll("RollupClosed");
    if (this.isSwept()) return;
    const target = this.nextTarget();
    if (await this.open(target, target.target === view.count ? MESSAGE_ONLY | SWEEP : MESSAGE_ONLY))
      await this.sealAndSend();
  }

  /** Opens a batch; false where the program can't take what it must begin with. */
  private async open(target: Target, flags: number): Promise<boolean> {
    try {
      await this.deps.builder.start(target, flags);
      return true;
    } catch (error) {
      if (!(error instanceof ProgramTrapped)) throw error;
      this.context.log.error(
        describe(error),
        "the program traps on messages that the next batch must consume",
      );
      await this.postUnbuilt(target, flags | MESSAGE_ONLY);
      return false;
    }
  }

  /**
   * Posts a batch that can't be built, without data and without a claim: the hub lets nobody pass these messages by, and once it is
   * known that the batch is skipped, that is what is claimed. One at a time, since the next will probably be the same.
   */
  private async postUnbuilt({ target, targetHash }: Target, flags: number): Promise<void> {
    const { results, view, place, l1, config, timing } = this.context;
    const { tip } = results;
    if (results.executed(tip.index)?.isSkipped === true && view.finalIndex < tip.index) return;
    const index = tip.index + 1;
    const id = `unbuilt/${place.id}/${index}`;
    if (!this.mayPost() || !this.deps.attempts.isDue(id)) return;
    const around = await l1Context(this.context, timing.l1Depth);
    const frame = { index, poster: l1.address!, flags, target, targetHash, ...around };
    const data = new Uint8Array(0);
    const batch = {
      header: headerBytes(frame, data),
      parent: tip.commitment,
      commitment: tip.commitment,
      data,
    };
    this.deps.attempts.start(id, async () => ({ data: postCall(place.id, batch, config, false) }));
  }

  /** Whether messages wait that no batch has consumed: new ones, or what exceeded the work of the last batch. */
  private hasMessages(): boolean {
    return readCommitment(this.context.results.tip.parts).messagesConsumed < this.context.view.count;
  }

  private isSwept(): boolean {
    const { phase, messagesConsumed } = readCommitment(this.context.results.tip.parts);
    return phase === SWEPT_PHASE && messagesConsumed === this.context.view.count;
  }

  private async sealAndSend(): Promise<void> {
    const place = await l1Context(this.context, this.context.timing.l1Depth);
    this.batcher.send(await this.deps.builder.seal(place, this.context.l1.address!));
  }

  /**
   * All messages there are, unless another came in the way of the last attempt: then what was due, which can't change any more. So
   * a stream of messages doesn't keep batches from being posted.
   */
  private nextTarget(): Target {
    const { view } = this.context;
    const target = (this.headMoves ? undefined : view.headTarget()) ?? view.dueTarget();
    this.headMoves = false;
    return target;
  }

  /**
   * The batch isn't on L1. Only where the hub said that it would refuse it for what it is, it is built anew; whatever else went wrong (the key's
   * funds, L1's endpoints, a nonce, a post that reverted after its simulation hadn't) says nothing about it, and a transaction with it may be under
   * way. The next attempt asks again.
   */
  private postRejected(batch: BatchRecord, error: unknown): void {
    const { log, head, results, l1 } = this.context;
    const { reason, earliest } = refusalOf(error);
    const facts = { batch: batch.index, reason, earliest, ...describe(error) };
    if (earliest !== undefined || isDone(reason)) log.info(facts, "the hub doesn't take the batch now");
    else log.warn(facts, "the hub doesn't take the batch");
    this.notBefore = earliest ?? 0;
    this.retryFrom = head.number + 1;
    if (reason === "TargetWrong") this.headMoves = true;
    if (this.failed.batch !== batch.index) this.failed = { batch: batch.index, times: 0 };
    const delay = Math.min(RETRY_MS * 2 ** this.failed.times++, LONGEST_RETRY_MS);
    this.retryAt = this.context.timing.isStepped ? Infinity : Date.now() + delay;
    this.deps.wakeIn(delay);
    if ((error as Error).name !== WOULD_REVERT || REFUSED_FOR_NOW.has(reason)) return;
    const giveUp = async () => {
      if (results.sealed()?.index === batch.index) await this.deps.builder.discard();
    };
    this.deps
      .exclusively(giveUp)
      .catch((failure: unknown) => log.error(describe(failure), "giving up a batch failed"));
    l1.look();
  }
}
