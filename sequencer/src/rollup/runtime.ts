import { join } from "node:path";
import { Builder } from "../builder/builder";
import { Alarms } from "../challenger/alarms";
import { Examiner } from "../challenger/analyst";
import { Challenger } from "../challenger/challenger";
import { Judge } from "../challenger/judge";
import { Claimer } from "../claimer/claimer";
import { Executor } from "../executor/executor";
import { equal, fromHex } from "../hashing";
import { Vitals } from "../host/metrics";
import { L1Block, L1Log } from "../l1/watcher";
import { describe, Log } from "../log";
import { DEFAULT_STAY, Lobby } from "../mempool/lobby";
import { DEFAULT_LIMITS, Mempool } from "../mempool/mempool";
import { findProgram } from "../programs/catalogue";
import { Program, ProgramState } from "../programs/program";
import { RpcError } from "../rpc/errors";
import { answerRollup } from "../rpc/rollup";
import { RollupStore, StoreFailed } from "../store/rollup";
import { Activity } from "./activity";
import { Attempts } from "./attempts";
import { batchHashOf } from "./batch";
import { ChainView, LogsIncomplete } from "./chain";
import { readConfig, RollupTerms, RollupUnusable } from "./config";
import { L1Access, RollupContext, RollupPlace, RollupTiming } from "./context";
import { Door } from "./door";
import { Duties } from "./duties";
import { CreatedFact } from "./facts";
import { Follower } from "./follower";
import { Journal } from "./journal";
import { Parts } from "./parts";
import { Results } from "./results";
import { Wakes } from "./wakes";

export interface RuntimeOptions {
  readonly place: RollupPlace;
  readonly timing: RollupTiming;
  readonly directory: string;
  /** free disk space below which the node stops doing things [bytes] */
  readonly minFree: number;
  readonly sequences: boolean;
  readonly claims: boolean;
  readonly challenges: boolean;
}

export interface RuntimeDependencies {
  readonly l1: L1Access;
  readonly log: Log;
  readonly analyst: Examiner;
  readonly activity: Activity;
  /** the programs that this node knows by their hash; a test may know others */
  readonly programs?: (hash: string) => Program | undefined;
}

const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 60_000;
const NO_VITALS = { posted: 0, derived: 0, final: 0, waiting: 0, matches: 0, alarms: 0, clock: undefined };

/**
 * One rollup in this node: its store, what L1 says about it, and the parts that build, post, derive and finalise. Whatever
 * changes results runs one after the other; transactions come in beside that. Nothing that goes wrong in here concerns another rollup.
 */
export class RollupRuntime {
  private store: RollupStore | undefined;
  private journal!: Journal;
  private readonly log: Log;
  private readonly wakes = new Wakes(() => this.work());
  private readonly parts: Parts;
  private context!: RollupContext;
  private alarms!: Alarms;
  private door!: Door;
  private builder!: Builder;
  private duties!: Duties;
  private follower!: Follower;
  private claimer!: Claimer;
  private challenger!: Challenger;
  private attempts: Attempts | undefined;
  private turn: Promise<void> = Promise.resolve();
  private latest: { readonly root: Uint8Array; readonly state: ProgramState } | undefined;
  private looking = false;
  /** why it isn't served, at the moment or for good */
  private fault: string | undefined = "it is being prepared";
  private isHalted = false;
  /** Its store can't be written: what L1 says about it is kept nowhere. */
  private isBroken = false;
  /** the head of L1 that the facts reach up to */
  private head!: L1Block;
  /** the view that replaces the present one after a reorg */
  private renewed: ChainView | undefined;
  private stopped = false;
  private isLive = false;
  private starting: Promise<void> = Promise.resolve();
  private retryMs = FIRST_RETRY_MS;

  constructor(
    private readonly options: RuntimeOptions,
    private readonly deps: RuntimeDependencies,
  ) {
    this.log = deps.log.child({ rollup: options.place.id });
    this.parts = new Parts(options.timing, { log: this.log, wakeIn: (ms) => this.wakeIn(ms) });
  }

  /**
   * Takes up where the store stands. `head` is the L1 block that the facts in the store reach up to. A rollup that can't be
   * run still keeps its facts, so that a later version of the node can take it up; what L1 didn't answer is asked again.
   */
  async start(created: readonly L1Log[], head: L1Block): Promise<void> {
    this.head = head;
    this.starting = this.open(created);
    await this.starting;
  }

  private async open(created: readonly L1Log[]): Promise<void> {
    try {
      const { directory, place, minFree } = this.options;
      this.store = new RollupStore(join(directory, `rollup-${place.id}`), minFree);
      this.journal = new Journal(this.store, (program) => this.programOf(program)?.codeRoot);
      await this.journal.keep(created);
    } catch (error) {
      this.isBroken = true;
      return this.halt(error);
    }
    await this.exclusively(async () => void (await this.begin()));
  }

  /** Makes everything ready. Returns whether it is. */
  private async begin(): Promise<boolean> {
    if (this.stopped || this.isHalted) return false;
    try {
      await this.prepare(this.store!);
      this.fault = undefined;
      return true;
    } catch (error) {
      if (error instanceof RollupUnusable || error instanceof StoreFailed) {
        this.halt(error);
        return false;
      }
      this.fault = `it couldn't be prepared yet: ${error instanceof Error ? error.message : String(error)}`;
      this.log.warn(describe(error), "preparing a rollup failed, trying again");
      this.wakeIn(this.retryMs);
      this.retryMs = Math.min(MOST_RETRY_MS, 2 * this.retryMs);
      return false;
    }
  }

  private async prepare(store: RollupStore): Promise<void> {
    this.renewed = undefined;
    const view = await this.journal.read();
    if (view.created === undefined)
      throw new RollupUnusable(`rollup ${this.options.place.id} has no creation event`);
    const program = this.programOf(view.created.program);
    if (program === undefined) throw new RollupUnusable(`this node has no program ${view.created.program}`);
    const executor = new Executor(program, {
      preimage: (hash) => store.preimages.get(hash),
      recovered: (input) => this.door.recovered(input),
    });
    const genesis = executor.genesis();
    const results = new Results(store, genesis);
    const { config, claimLife } = await this.terms(store, view.created, genesis.commitment);
    await store.atomically(() => results.putProducts(0, genesis));
    const mempool = new Mempool(DEFAULT_LIMITS, (sender) => this.state().nonce(fromHex(sender)));
    const { place, timing } = this.options;
    const { l1, activity } = this.deps;
    const { log, head } = this;
    this.context = {
      ...{ place, timing, log, l1, store, program, executor, results, mempool },
      ...{ activity, config, claimLife, view, head },
    };
    this.alarms = new Alarms(store);
    this.wire(view.created);
    await this.recover();
    const promises = this.door.readmit();
    await this.builder.dropStale();
    await this.rollBack();
    this.log.info(
      { chainId: place.l2ChainId.toString(), batch: results.tip.index, promises },
      "serving a rollup",
    );
  }

  /**
   * L1 says more about this rollup. Resolves with true when it is on disk, and is acted upon afterwards; with false when
   * the store doesn't take it.
   */
  async advance(logs: readonly L1Log[], head: L1Block): Promise<boolean> {
    if (this.isBroken || this.store === undefined) return false;
    try {
      if (await this.journal.keep(logs)) this.renewed = await this.journal.read();
    } catch (error) {
      this.isBroken = true;
      this.halt(error);
      return false;
    }
    this.head = head;
    this.catchUp();
    return true;
  }

  /** The node has caught up with L1, whose head this is: from now on there is something to do besides reading. */
  tick(head: L1Block): void {
    this.isLive = true;
    this.head = head;
    this.catchUp();
  }

  /**
   * L1 was reorganised above `block`. Resolves, without waiting for what is being done, when the store has forgotten what was there;
   * with "gone" when the rollup itself was undone, with "broken" when the store doesn't take it.
   */
  async rewind(block: number): Promise<"done" | "gone" | "broken"> {
    if (this.isBroken || this.store === undefined) return "broken";
    try {
      if (!(await this.journal.forgetAbove(block))) return "done";
      const view = await this.journal.read();
      if (view.created === undefined) return "gone";
      this.renewed = view;
    } catch (error) {
      this.isBroken = true;
      this.halt(error);
      return "broken";
    }
    this.catchUp();
    return "done";
  }

  /** It lacks what L1 said after `block`: forgets what it knows from there, and acts no more until the next tick. Resolves with false if it can't. */
  async resume(block: number): Promise<boolean> {
    this.isLive = false;
    return (await this.rewind(block)) === "done";
  }

  async answer(method: string, params: readonly unknown[]): Promise<unknown> {
    await this.starting;
    if (this.fault !== undefined)
      throw new RpcError(this.isHalted ? "RollupHalted" : "RollupNotReady", { fault: this.fault });
    if (method === "ledger_sendTransaction") this.requireAccepting();
    return answerRollup(
      method,
      params,
      {
        context: this.context,
        door: this.door,
        builder: this.builder,
        alarms: this.whatToLookAt(),
        state: () => this.state(),
      },
      () => this.wake(),
    );
  }

  vitals(): Vitals {
    const { id } = this.options.place;
    if (this.fault !== undefined) return { id, isHalted: true, ...NO_VITALS };
    const { view, results, mempool } = this.context;
    return {
      id,
      isHalted: false,
      posted: view.postedIndex,
      derived: results.tip.index,
      final: view.finalIndex,
      waiting: mempool.size,
      matches: [...view.matches.values()].filter(({ over }) => over === undefined).length,
      alarms: this.whatToLookAt().length,
      clock: this.deps.l1.address === undefined ? undefined : this.challenger.leastClock(),
    };
  }

  /** Ends when nothing of this rollup reads or writes its store any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wakes.stop();
    await this.attempts?.stop();
    await this.turn;
    await this.store?.close();
  }

  /** Does all that is due now: in a node that is stepped nothing else makes it act. */
  async step(): Promise<void> {
    try {
      if (this.fault !== undefined) await this.exclusively(() => this.begin());
      while (this.fault === undefined && !this.stopped && (await this.exclusively(() => this.look())));
    } catch (error) {
      this.halt(error);
    }
  }

  private programOf(hash: string): Program | undefined {
    return (this.deps.programs ?? findProgram)(hash);
  }

  private wire(created: CreatedFact): void {
    const { context, alarms } = this;
    const { analyst } = this.deps;
    const wakeIn = (ms: number) => this.wakeIn(ms);
    this.door = new Door(
      { chainId: context.place.l2ChainId, gasPrice: BigInt(created.gasPrice) },
      {
        program: context.program,
        mempool: context.mempool,
        lobby: new Lobby(DEFAULT_STAY),
        store: context.store,
        state: () => this.state(),
      },
    );
    this.builder = new Builder(context, this.door);
    const attempts = new Attempts(context, { wakeIn });
    this.attempts = attempts;
    this.duties = new Duties(context, {
      builder: this.builder,
      attempts,
      wakeIn,
      exclusively: (body) => this.exclusively(body),
    });
    const judge = new Judge(context, { analyst, alarms, wakeIn });
    this.follower = new Follower(context, { builder: this.builder, door: this.door, judge });
    this.claimer = new Claimer(context, { attempts }, { claims: this.options.claims });
    const { challenges } = this.options;
    this.challenger = new Challenger(context, { analyst, attempts, alarms }, { challenges });
  }

  /** Takes up the batch that was being built. What can't be taken up is built anew: nothing else may wait for it. */
  private async recover(): Promise<void> {
    try {
      await this.builder.recover();
    } catch (error) {
      if (error instanceof StoreFailed) throw error;
      this.log.error(describe(error), "the batch that was being built can't be taken up: building anew");
      await this.builder.discard();
    }
  }

  /** The state after the last block; the same object as long as there is no other. */
  private state(): ProgramState {
    const { program, executor } = this.context;
    const root = this.builder.stateRoot;
    if (this.latest === undefined || !equal(this.latest.root, root)) {
      this.latest = { root, state: program.state(root, (hash) => executor.read(hash)) };
    }
    return this.latest.state;
  }

  /** What never changes about this rollup: L1 is asked once. */
  private async terms(store: RollupStore, created: CreatedFact, genesis: Uint8Array): Promise<RollupTerms> {
    const known = store.meta.get("terms") as RollupTerms | undefined;
    if (known !== undefined) return known;
    const terms = await readConfig(this.deps.l1, this.options.place, created, genesis);
    await store.atomically(() => void store.meta.put("terms", terms));
    return terms;
  }

  /** Takes in what the store has been told, after whatever is being done; then there may be work. */
  private catchUp(): void {
    if (this.fault !== undefined) return;
    const done = this.exclusively(async () => void (await this.parts.attempt("reading", () => this.sync())));
    void done.catch((error: unknown) => this.halt(error)).then(() => this.work());
  }

  /** Brings the view up to what the store has been told, and the results to what stands on L1 by that. */
  private async sync(): Promise<void> {
    if (this.fault !== undefined) return;
    const { context, renewed, head } = this;
    if (renewed !== undefined) {
      context.view = renewed;
      await this.rollBack();
      if (this.renewed === renewed) this.renewed = undefined;
    }
    try {
      await this.journal.follow(context.view);
    } catch (error) {
      if (error instanceof LogsIncomplete)
        this.deps.l1.missing?.(context.place.id, context.view.last[0], error.block);
      throw error;
    }
    context.head = head;
  }

  /** Goes back to the last batch that stands on L1 as it was executed here. */
  private async rollBack(): Promise<void> {
    const { results, view, config } = this.context;
    const { index } = results.tip;
    let last = Math.min(view.finalIndex, index);
    while (last < index) {
      const record = results.executed(last + 1);
      const posted = view.posted.get(last + 1);
      if (record === undefined || posted === undefined) break;
      if (batchHashOf(record.header, config) !== posted.batchHash) break;
      last++;
    }
    if (last === index) return;
    this.log.warn({ from: index, to: last }, "L1 lost batches: rolling back");
    await this.builder.discard(last);
  }

  /** Looks at what there is to do, after whatever is being done. */
  private work(): void {
    if (this.stopped || this.looking || this.isHalted || this.options.timing.isStepped) return;
    this.looking = true;
    void this.exclusively(() => {
      this.looking = false;
      return this.fault === undefined ? this.look() : this.begin();
    }).then(
      (isMore) => {
        if (isMore) this.work();
      },
      (error: unknown) => this.halt(error),
    );
  }

  /** Something that can't be mended by trying again: the rollup stops here, the others go on. */
  private halt(error: unknown): void {
    this.isHalted = true;
    if (error instanceof StoreFailed) this.isBroken = true;
    this.fault = error instanceof Error ? error.message : String(error);
    this.log.error(describe(error), "stopped serving the rollup");
  }

  /** A transaction came in: it waits for others a little, then there is a block. */
  private wake(): void {
    const { mempool, program } = this.context;
    this.wakeIn(mempool.readyCount >= program.maxBlockTransactions ? 0 : this.options.timing.blockMs);
  }

  /** Looks again in so many milliseconds. */
  private wakeIn(ms: number): void {
    if (!this.options.timing.isStepped) this.wakes.in(ms);
  }

  /**
   * Does what is due, at most one batch of it, so that a reorg or another rollup's turn never waits for more. First of all what defends the
   * results so far: no later batch, whatever is wrong with it, keeps it from being done. Returns whether there is more to derive.
   */
  private async look(): Promise<boolean> {
    if (!(await this.parts.attempt("reading", () => this.sync()))) return false;
    const acts = this.isLive && this.deps.l1.address !== undefined;
    if (acts) await this.parts.attempt("challenger", () => this.challenger.look());
    let isMore = false;
    await this.parts.attempt("derivation", async () => void (isMore = await this.follower.follow()));
    if (isMore) return true;
    if (!acts) return false;
    await this.parts.attempt("claimer", () => this.claimer.look());
    const { results, view } = this.context;
    if (results.tip.index < view.postedIndex || view.ended !== undefined) return false;
    await this.parts.attempt("duties", () =>
      this.options.sequences && this.duties.isSequencer() ? this.duties.sequence() : this.duties.standIn(),
    );
    return false;
  }

  private whatToLookAt(): readonly string[] {
    const { obstacle } = this.follower;
    return [...this.alarms.messages, ...(obstacle === undefined ? [] : [obstacle])];
  }

  private requireAccepting(): void {
    const { view, head } = this.context;
    if (!this.options.sequences || !this.duties.isSequencer()) throw new RpcError("NotASequencer");
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
