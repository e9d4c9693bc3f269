import { join } from "node:path";
import { encodeConfig, OPEN_MODULE, SINGLE_MODULE, SWEPT_PHASE } from "@rollworks/sdk";
import { messageOnlyFlags, Builder } from "../builder/builder";
import { Batcher, l1Context } from "../batcher/batcher";
import { Claimer } from "../claimer/claimer";
import { Derivation } from "../derivation/derivation";
import { Executor } from "../executor/executor";
import { fromHex, keccak, toHex } from "../hashing";
import { HUB, revertName } from "../l1/contracts";
import { L1Block, L1Log } from "../l1/watcher";
import { describe, Log } from "../log";
import { Admitted, DEFAULT_LIMITS, Mempool } from "../mempool/mempool";
import { findProgram } from "../programs/catalogue";
import { RpcError } from "../rpc/errors";
import { answerRollup } from "../rpc/rollup";
import { BatchRecord, RollupStore } from "../store/rollup";
import { ChainView } from "./chain";
import { L1Access, RollupContext, RollupPlace, RollupTiming } from "./context";
import { readCommitment } from "./commitment";
import { CreatedFact, Fact, toFact } from "./facts";
import { Door } from "./door";
import { Results } from "./results";

export interface RuntimeOptions {
  readonly place: RollupPlace;
  readonly timing: RollupTiming;
  readonly directory: string;
  readonly sequences: boolean;
  readonly claims: boolean;
}

/** Raised when the node can't run a rollup: what L1 says about it doesn't fit what the node knows. */
export class RollupUnusable extends Error {
  override readonly name = "RollupUnusable";
}

const RETRY_MS = 1_000;

/**
 * One rollup in this node: its store, what L1 says about it, and the parts that build, post, derive and finalise. Whatever
 * changes results runs one after the other; transactions come in beside that.
 */
export class RollupRuntime {
  private readonly store: RollupStore;
  private readonly log: Log;
  private context!: RollupContext;
  private door!: Door;
  private builder!: Builder;
  private batcher!: Batcher;
  private derivation!: Derivation;
  private claimer!: Claimer;
  private turn: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private wakesAt = 0;
  private looking = false;
  private messagesSince: number | undefined;
  private retryFrom = 0;
  private fault: string | undefined;
  private stopped = false;
  private isLive = false;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: RuntimeOptions,
    private readonly deps: { l1: L1Access; log: Log },
  ) {
    this.log = deps.log.child({ rollup: options.place.id });
    this.store = new RollupStore(join(options.directory, `rollup-${options.place.id}`));
  }

  /**
   * Takes up where the store stands. `head` is the L1 block that the facts in the store reach up to. A rollup that can't be
   * run still keeps its facts, so that a later version of the node can take it up.
   */
  async start(created: readonly L1Log[], head: L1Block): Promise<void> {
    this.starting = this.prepare(created, head).catch((error: unknown) => this.halt(error));
    await this.starting;
  }

  private async prepare(created: readonly L1Log[], head: L1Block): Promise<void> {
    await this.keep(created);
    const view = await this.fold();
    if (view.created === undefined)
      throw new RollupUnusable(`rollup ${this.options.place.id} has no creation event`);
    const program = findProgram(view.created.program);
    if (program === undefined) throw new RollupUnusable(`this node has no program ${view.created.program}`);
    const executor = new Executor(program, {
      preimage: (hash) => this.store.preimages.get(hash),
      recovered: (input) => this.door.recovered(input),
    });
    const genesis = executor.genesis();
    const results = new Results(this.store, genesis);
    const config = await this.config(view.created, genesis.commitment);
    await this.store.atomically(() => results.putProducts(0, genesis));
    const mempool = new Mempool(DEFAULT_LIMITS, (sender) => this.state().nonce(fromHex(sender)));
    const { place, timing } = this.options;
    const { l1 } = this.deps;
    this.context = {
      place,
      timing,
      log: this.log,
      l1,
      store: this.store,
      program,
      executor,
      results,
      mempool,
      config,
      view,
      head,
    };
    this.wire(view.created);
    await this.builder.recover();
    const promises = this.door.readmit();
    await this.builder.dropStale();
    this.log.info(
      { chainId: place.l2ChainId.toString(), batch: results.tip.index, promises },
      "serving a rollup",
    );
  }

  /** L1 says more about this rollup. On disk when the promise resolves; acted upon afterwards. */
  async advance(logs: readonly L1Log[], head: L1Block): Promise<void> {
    const facts = await this.keep(logs);
    await this.starting;
    if (this.fault !== undefined) return;
    void this.exclusively(async () => {
      const preimages = facts.flatMap((fact) => this.context.view.apply(fact));
      await this.putPreimages(preimages);
      this.context.head = head;
    }).then(
      () => this.work(),
      (error: unknown) => this.halt(error),
    );
  }

  /** The node has caught up with L1, whose head this is: from now on there is something to do besides reading. */
  async tick(head: L1Block): Promise<void> {
    await this.starting;
    if (this.fault !== undefined) return;
    this.isLive = true;
    this.context.head = head;
    this.work();
  }

  /** L1 was reorganised above `block`. Resolves false when the rollup itself was undone. */
  async rewind(block: number): Promise<boolean> {
    await this.starting;
    return this.exclusively(async () => {
      await this.store.atomically(() => {
        for (const key of this.store.factsAbove(block)) void this.store.facts.remove(key);
      });
      const view = await this.fold();
      if (view.created === undefined) return false;
      if (this.fault !== undefined) return true;
      this.context.view = view;
      const { results } = this.context;
      if (results.tip.index > view.postedIndex) {
        this.log.warn({ from: results.tip.index, to: view.postedIndex }, "L1 lost batches: rolling back");
        await this.builder.discard(view.postedIndex);
      }
      return true;
    });
  }

  async answer(method: string, params: readonly unknown[]): Promise<unknown> {
    await this.starting;
    if (this.fault !== undefined) throw new RpcError("RollupHalted", { fault: this.fault });
    if (method === "ledger_sendTransaction") this.requireAccepting();
    return answerRollup(
      method,
      params,
      { context: this.context, door: this.door, builder: this.builder, state: () => this.state() },
      () => this.wake(),
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn;
    await this.store.close();
  }

  private wire(created: CreatedFact): void {
    const { context } = this;
    this.door = new Door(
      { chainId: context.place.l2ChainId, gasPrice: BigInt(created.gasPrice) },
      { program: context.program, mempool: context.mempool, store: this.store, state: () => this.state() },
    );
    this.builder = new Builder(context, this.door);
    this.batcher = new Batcher(context, {
      rejected: (batch, error) => this.postRejected(batch, error),
      done: () => this.work(),
    });
    this.derivation = new Derivation(context, {
      discard: () => this.builder.discard(),
      moved: () => this.dropIncluded(),
    });
    this.claimer = new Claimer(context, { claims: this.options.claims });
  }

  private state() {
    const { program, executor } = this.context;
    return program.state(this.builder.stateRoot, (hash) => executor.read(hash));
  }

  /** Writes what logs say to the store; returns the facts in order, without those known already. */
  private async keep(logs: readonly L1Log[]): Promise<Fact[]> {
    const facts = logs.map(toFact).filter((fact) => fact !== undefined);
    const news = facts.filter(({ block, logIndex }) => !this.store.facts.doesExist([block.number, logIndex]));
    if (news.length > 0) {
      await this.store.atomically(() => {
        for (const fact of news) {
          void this.store.facts.put([fact.block.number, fact.logIndex], fact);
          if (fact.kind === "message") void this.store.messages.put(fact.index, fact.message);
        }
      });
    }
    return news;
  }

  private async fold(): Promise<ChainView> {
    const view = new ChainView();
    const preimages: Uint8Array[] = [];
    for (const { value } of this.store.facts.getRange({})) preimages.push(...view.apply(value));
    await this.putPreimages(preimages);
    return view;
  }

  private async putPreimages(preimages: readonly Uint8Array[]): Promise<void> {
    const hashed = preimages.map((bytes) => [keccak(bytes), bytes] as const);
    const news = hashed.filter(([hash]) => !this.store.preimages.doesExist(hash));
    if (news.length > 0)
      await this.store.atomically(() =>
        news.forEach(([hash, bytes]) => void this.store.preimages.put(hash, bytes)),
      );
  }

  /** The config of this rollup's batches, which must hash to what the hub keeps. */
  private async config(created: CreatedFact, genesis: Uint8Array): Promise<Uint8Array> {
    const known = this.store.meta.get("config") as Uint8Array | undefined;
    if (known !== undefined) return known;
    const { place } = this.options;
    const view = async (name: string, argument: unknown) => {
      const data = HUB.encodeFunctionData(name, [argument]);
      return HUB.decodeFunctionResult(
        name,
        await this.deps.l1.call<string>("eth_call", [{ to: place.hub, data }, "latest"]),
      );
    };
    const entry = await view("programEntry", created.program);
    if (entry.genesis !== toHex(genesis))
      throw new RollupUnusable("the program's genesis isn't the catalogue's");
    const config = fromHex(
      encodeConfig({
        programHash: created.program,
        l2ChainId: place.l2ChainId,
        batchGas: entry.batchGas as bigint,
        messageGas: BigInt(created.messageGas),
        messageBound: BigInt(created.messageBound),
        logSteps: entry.logSteps as bigint,
        policyMask: BigInt(created.policy >> 8),
        policyThreshold: BigInt(created.policy & 0xff),
        availability: created.availability,
        clock: BigInt(created.clock),
        extension: BigInt(created.extension),
        bond: BigInt(created.bond),
        window: BigInt(created.window),
        feeRecipient: created.feeRecipient,
        gasPrice: BigInt(created.gasPrice),
      }),
    );
    const record = (await view("record", place.id))[0] as { configHash: string };
    if (record.configHash !== toHex(keccak(config)))
      throw new RollupUnusable("the config doesn't hash to what the hub keeps");
    await this.store.meta.put("config", config);
    return config;
  }

  /** Looks at what there is to do, after whatever is being done. */
  private work(): void {
    if (this.stopped || this.looking || this.fault !== undefined) return;
    this.looking = true;
    void this.exclusively(() => {
      this.looking = false;
      return this.look();
    }).catch((error: unknown) => {
      this.log.warn(describe(error), "work on the rollup failed, trying again");
      this.wakeIn(RETRY_MS);
    });
  }

  /** Something that can't be mended by trying again: the rollup stops here, the others go on. */
  private halt(error: unknown): void {
    this.fault = error instanceof Error ? error.message : String(error);
    this.log.error(describe(error), "stopped serving the rollup");
  }

  /** A transaction came in: it waits for others a little, then there is a block. */
  private wake(): void {
    const { mempool, program } = this.context;
    this.wakeIn(mempool.readyCount >= program.maxBlockTransactions ? 0 : this.options.timing.blockMs);
  }

  /** Looks again in so many milliseconds, or earlier where that was asked for before. */
  private wakeIn(ms: number): void {
    const time = Date.now() + ms;
    if (this.stopped || (this.timer !== undefined && this.wakesAt <= time)) return;
    clearTimeout(this.timer);
    this.wakesAt = time;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.work();
    }, ms);
  }

  private async look(): Promise<void> {
    while (await this.derivation.step());
    if (this.context.results.tip.index < this.context.view.postedIndex) return;
    if (!this.isLive || this.deps.l1.address === undefined || this.context.view.ended !== undefined) return;
    if (this.options.sequences && this.isSequencer()) await this.sequence();
    else await this.standIn();
    await this.claimer.look();
  }

  /** Builds and posts, as the rollup's sequencer. */
  private async sequence(): Promise<void> {
    const { results, mempool, view, head } = this.context;
    const sealed = results.sealed();
    if (sealed !== undefined) {
      if (head.number >= this.retryFrom) this.batcher.send(sealed);
      return;
    }
    if (this.batcher.isSending || head.number < this.retryFrom) return;
    if (head.timestamp >= view.closesAt()) return this.sweep();
    if (!this.builder.isOpen) {
      if (mempool.readyCount > 0) await this.builder.start(view.dueTarget(), 0);
      else if (this.messagesAreDue()) return this.postMessages(0);
      else return;
    }
    await this.fill();
  }

  /** Fills the open batch with what waits, and seals it when it is full or old enough. */
  private async fill(): Promise<void> {
    const { mempool, head, program } = this.context;
    const { batchMs, blockMs } = this.options.timing;
    const { builder } = this;
    do await builder.build(head.timestamp);
    while (!builder.isFull && mempool.readyCount >= program.maxBlockTransactions);
    const left = batchMs - builder.age;
    if (builder.isFull || (left <= 0 && builder.isWorthPosting)) return this.sealAndSend();
    if (mempool.readyCount > 0) this.wakeIn(blockMs);
    if (left > 0) this.wakeIn(left);
  }

  /** Whether messages have waited as long as a transaction would for a batch. */
  private messagesAreDue(): boolean {
    const { view } = this.context;
    if (view.count === view.target) {
      this.messagesSince = undefined;
      return false;
    }
    this.messagesSince ??= Date.now();
    const left = this.messagesSince + this.options.timing.batchMs - Date.now();
    if (left > 0) this.wakeIn(left);
    return left <= 0;
  }

  /** Posts a batch of messages alone, as many as one may take. */
  private async postMessages(flags: number): Promise<void> {
    const { view } = this.context;
    await this.builder.start(view.headTarget() ?? view.dueTarget(), flags);
    this.messagesSince = undefined;
    await this.sealAndSend();
  }

  /** After the message door has closed: what waits can't come in any more, and the program sends everyone home. */
  private async sweep(): Promise<void> {
    const { view, results } = this.context;
    await this.builder.refuseAll("RollupClosed");
    const parts = readCommitment(results.tip.parts);
    if (parts.phase === SWEPT_PHASE && parts.messagesConsumed === view.count) return;
    const target = view.headTarget() ?? view.dueTarget();
    await this.builder.start(target, messageOnlyFlags(target.target === view.count));
    await this.sealAndSend();
  }

  /** What anybody may do when the sequencer doesn't: consume messages that wait, and sweep, without data. */
  private async standIn(): Promise<void> {
    const { view, results, head, place, l1 } = this.context;
    const sealed = results.sealed();
    if (sealed !== undefined || this.batcher.isSending) {
      if (sealed !== undefined && head.number >= this.retryFrom) this.batcher.send(sealed);
      return;
    }
    const isClosed = head.timestamp >= view.closesAt();
    const parts = readCommitment(results.tip.parts);
    const isSwept = parts.phase === SWEPT_PHASE && parts.messagesConsumed === view.count;
    if (head.number < this.retryFrom || (isClosed ? isSwept : view.count === view.target)) return;
    const data = HUB.encodeFunctionData("mayPost", [place.id, l1.address]);
    const answer = await l1.call<string>("eth_call", [{ to: place.hub, data }, "latest"]);
    if (HUB.decodeFunctionResult("mayPost", answer)[0] !== true) return;
    if (isClosed) await this.sweep();
    else await this.postMessages(messageOnlyFlags(false));
  }

  private async sealAndSend(): Promise<void> {
    const { l1, timing } = this.context;
    const place = await l1Context(this.context, timing.l1Depth);
    this.batcher.send(await this.builder.seal(place, l1.address!));
  }

  /** The post would revert or has: what L1 says by now decides, and the batch is built anew where it no longer fits. */
  private postRejected(batch: BatchRecord, error: unknown): void {
    const reason = reasonOf(error);
    this.log.warn({ batch: batch.index, reason, ...describe(error) }, "the hub doesn't take the batch");
    this.retryFrom = this.context.head.number + 1;
    if (KEEP_SEALED.has(reason)) return;
    void this.exclusively(async () => {
      if (this.context.results.sealed()?.index === batch.index) await this.builder.discard();
    }).catch((failure: unknown) => this.log.error(describe(failure), "giving up a batch failed"));
    this.deps.l1.look();
  }

  /** A batch from elsewhere may hold what waits here: that is done, and what it made impossible is refused. */
  private async dropIncluded(): Promise<void> {
    const { results, mempool, store } = this.context;
    const record = store.batches.get(results.tip.index)!;
    const done: Admitted[] = [];
    for (let height = record.firstBlock; height < record.endBlock; height++) {
      for (const hash of store.blocks.get(height)!.hashes) {
        const transaction = mempool.find(hash);
        if (transaction === undefined || !store.receipts.get(hash)?.receipt.applied) continue;
        mempool.remove(transaction);
        done.push(transaction);
      }
    }
    if (done.length > 0)
      await store.atomically(() => done.forEach(({ sequence }) => void store.promises.remove(sequence)));
    this.door.forget(done);
    await this.builder.dropStale();
  }

  private isSequencer(): boolean {
    const { sequencing, sequencer } = this.context.view.created!;
    if (sequencing === OPEN_MODULE.toLowerCase()) return true;
    return (
      sequencing === SINGLE_MODULE.toLowerCase() &&
      (this.context.view.sequencer ?? sequencer) === this.deps.l1.address
    );
  }

  private requireAccepting(): void {
    const { view, head } = this.context;
    if (!this.options.sequences || !this.isSequencer()) throw new RpcError("NotASequencer");
    if (view.ended !== undefined || head.timestamp >= view.closesAt())
      throw new RpcError("RollupNotAccepting");
  }

  /** Runs after whatever changes results at the moment. */
  private exclusively<T>(body: () => Promise<T>): Promise<T> {
    const result = this.turn.then(body);
    this.turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

/** Reasons for which a post is refused now though the batch stays right. */
const KEEP_SEALED = new Set([
  "RingFull",
  "PostedTooSoon",
  "PosterNotAdmitted",
  "LineInvalid",
  "ClaimsDelayed",
  "L1Unreachable",
]);

function reasonOf(error: unknown): string {
  const data = (error as { data?: unknown }).data;
  if (typeof data === "string") return revertName(data);
  return error instanceof Error ? error.name : "unknown";
}
