import { join } from "node:path";
import { Builder } from "../builder/builder";
import { Examiner } from "../challenger/analyst";
import { Challenger } from "../challenger/challenger";
import { Claimer } from "../claimer/claimer";
import { Derivation } from "../derivation/derivation";
import { Executor } from "../executor/executor";
import { equal, fromHex } from "../hashing";
import { Vitals } from "../host/metrics";
import { L1Block, L1Log } from "../l1/watcher";
import { describe, Log } from "../log";
import { DEFAULT_STAY, Lobby } from "../mempool/lobby";
import { Admitted, DEFAULT_LIMITS, Mempool } from "../mempool/mempool";
import { findProgram } from "../programs/catalogue";
import { ProgramState } from "../programs/program";
import { RpcError } from "../rpc/errors";
import { answerRollup } from "../rpc/rollup";
import { RollupStore, StoreFailed } from "../store/rollup";
import { Activity } from "./activity";
import { Attempts } from "./attempts";
import { readConfig, RollupTerms, RollupUnusable } from "./config";
import { L1Access, RollupContext, RollupPlace, RollupTiming } from "./context";
import { Door } from "./door";
import { Duties } from "./duties";
import { CreatedFact } from "./facts";
import { Journal } from "./journal";
import { Results } from "./results";

export interface RuntimeOptions {
  readonly place: RollupPlace;
  readonly timing: RollupTiming;
  readonly directory: string;
  readonly sequences: boolean;
  readonly claims: boolean;
  readonly challenges: boolean;
}

const RETRY_MS = 1_000;
const WAKE_GRAIN_MS = 5;
const NO_VITALS = { posted: 0, derived: 0, final: 0, waiting: 0, matches: 0, alarms: 0 };

/**
 * One rollup in this node: its store, what L1 says about it, and the parts that build, post, derive and finalise. Whatever
 * changes results runs one after the other; transactions come in beside that.
 */
export class RollupRuntime {
  private readonly store: RollupStore;
  private readonly journal: Journal;
  private readonly log: Log;
  private context!: RollupContext;
  private door!: Door;
  private builder!: Builder;
  private duties!: Duties;
  private derivation!: Derivation;
  private claimer!: Claimer;
  private challenger: Challenger | undefined;
  private turn: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private wakesAt = 0;
  /** moments at which to look again [ms] */
  private readonly wakes = new Set<number>();
  private latest: { readonly root: Uint8Array; readonly state: ProgramState } | undefined;
  private looking = false;
  private fault: string | undefined;
  private stopped = false;
  private isLive = false;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: RuntimeOptions,
    private readonly deps: { l1: L1Access; log: Log; analyst: Examiner; activity: Activity },
  ) {
    this.log = deps.log.child({ rollup: options.place.id });
    this.store = new RollupStore(join(options.directory, `rollup-${options.place.id}`));
    this.journal = new Journal(this.store, (program) => findProgram(program)?.codeRoot);
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
    await this.journal.keep(created);
    const view = await this.journal.read();
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
    const { config, claimLife } = await this.terms(view.created, genesis.commitment);
    await this.store.atomically(() => results.putProducts(0, genesis));
    const mempool = new Mempool(DEFAULT_LIMITS, (sender) => this.state().nonce(fromHex(sender)));
    const { place, timing } = this.options;
    const { l1, activity } = this.deps;
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
      activity,
      config,
      claimLife,
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
    const facts = await this.journal.keep(logs);
    await this.starting;
    if (this.fault !== undefined) return;
    void this.exclusively(async () => {
      await this.journal.apply(this.context.view, facts);
      // A tick may have told of a later head while this waited its turn.
      if (this.context.head.number < head.number) this.context.head = head;
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
      await this.journal.forgetAbove(block);
      const view = await this.journal.read();
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
      {
        context: this.context,
        door: this.door,
        builder: this.builder,
        alarms: this.challenger?.alarms ?? [],
        state: () => this.state(),
      },
      () => this.wake(),
    );
  }

  vitals(): Vitals {
    const { id } = this.options.place;
    if (this.fault !== undefined || this.challenger === undefined)
      return { id, isHalted: this.fault !== undefined, ...NO_VITALS };
    const { view, results, mempool } = this.context;
    return {
      id,
      isHalted: false,
      posted: view.postedIndex,
      derived: results.tip.index,
      final: view.finalIndex,
      waiting: mempool.size,
      matches: [...view.matches.values()].filter(({ over }) => over === undefined).length,
      alarms: this.challenger.alarms.length,
    };
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
      {
        program: context.program,
        mempool: context.mempool,
        lobby: new Lobby(DEFAULT_STAY),
        store: this.store,
        state: () => this.state(),
      },
    );
    this.builder = new Builder(context, this.door);
    const attempts = new Attempts(context, { wakeIn: (ms) => this.wakeIn(ms) });
    this.duties = new Duties(context, {
      builder: this.builder,
      attempts,
      wakeIn: (ms) => this.wakeIn(ms),
      exclusively: (body) => this.exclusively(body),
    });
    this.derivation = new Derivation(context, {
      discard: () => this.builder.discard(),
      moved: () => this.dropIncluded(),
    });
    this.claimer = new Claimer(context, { attempts }, { claims: this.options.claims });
    this.challenger = new Challenger(
      context,
      { analyst: this.deps.analyst, attempts },
      { challenges: this.options.challenges },
    );
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
  private async terms(created: CreatedFact, genesis: Uint8Array): Promise<RollupTerms> {
    const known = this.store.meta.get("terms") as RollupTerms | undefined;
    if (known !== undefined) return known;
    const terms = await readConfig(this.deps.l1, this.options.place, created, genesis);
    await this.store.meta.put("terms", terms);
    return terms;
  }

  /** Does all that is due now: in a node that is stepped nothing else makes it act. */
  async step(): Promise<void> {
    await this.starting;
    if (this.fault !== undefined || this.stopped) return;
    await this.exclusively(() => this.look()).catch((error: unknown) => {
      if (error instanceof StoreFailed) return this.halt(error);
      this.log.warn(describe(error), "work on the rollup failed, trying again");
    });
  }

  /** Looks at what there is to do, after whatever is being done. */
  private work(): void {
    if (this.stopped || this.looking || this.fault !== undefined || this.options.timing.isStepped) return;
    this.looking = true;
    void this.exclusively(() => {
      this.looking = false;
      return this.look();
    }).catch((error: unknown) => {
      if (error instanceof StoreFailed) return this.halt(error);
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

  /** Looks again in so many milliseconds. */
  private wakeIn(ms: number): void {
    if (this.stopped || this.options.timing.isStepped) return;
    this.wakes.add(WAKE_GRAIN_MS * Math.ceil((Date.now() + ms) / WAKE_GRAIN_MS));
    const next = Math.min(...this.wakes);
    if (this.timer !== undefined && this.wakesAt <= next) return;
    clearTimeout(this.timer);
    this.wakesAt = next;
    this.timer = setTimeout(() => this.awake(), Math.max(0, next - Date.now()));
  }

  private awake(): void {
    this.timer = undefined;
    for (const time of this.wakes) if (time <= this.wakesAt) this.wakes.delete(time);
    this.work();
    if (this.wakes.size > 0) this.wakeIn(Math.min(...this.wakes) - Date.now());
  }

  private async look(): Promise<void> {
    while (await this.derivation.step());
    const { results, view } = this.context;
    if (results.tip.index < view.postedIndex || !this.isLive || this.deps.l1.address === undefined) return;
    if (view.ended === undefined) {
      if (this.options.sequences && this.duties.isSequencer()) await this.duties.sequence();
      else await this.duties.standIn();
    }
    await this.claimer.look();
    this.challenger?.look();
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
