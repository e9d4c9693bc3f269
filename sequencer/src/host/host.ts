import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DEVELOPMENT_CHAINS, l2ChainId } from "@rollworks/sdk/src/protocol";
import { Config, ConfigInvalid, openMode, readKey } from "../config";
import { hashingReady } from "../hashing";
import { Eip1193, L1Client } from "../l1/client";
import { HUB, isCreation, subjectOf } from "../l1/contracts";
import { L1Outcome, L1Queue, L1Request } from "../l1/queue";
import { Stretch } from "../l1/reader";
import { L1Block, L1Log, L1Watcher } from "../l1/watcher";
import { describe, Log } from "../log";
import { answerHost, CHAIN_ID_METHODS } from "../rpc/host";
import { Call, Dispatch } from "../rpc/jsonrpc";
import { Params } from "../rpc/params";
import { SigningGuard } from "../signer/guard";
import { HostStore } from "../store/host";
import { metricsText, Vitals } from "./metrics";
import { Backlog } from "./backlog";
import { Gaps } from "./gaps";
import { PooledWorker, WorkerPool } from "./pool";
import { Stepper } from "./stepper";
import { Registry, RollupEntry } from "./registry";
import { Router } from "./router";
import { Rewound, WorkerSettings } from "./worker";

export interface HostDependencies {
  readonly log: Log;
  /** a provider to use in place of the configured endpoints */
  readonly l1?: Eip1193;
}

const GWEI = 1_000_000_000;
const NOWHERE: L1Block = { number: 0, hash: "0x", timestamp: 0 };

/**
 * The whole node in one process: follows L1 once for all rollups, answers for each under `/r/<chainId>`, runs them in
 * pooled worker threads, and signs L1 transactions in one queue.
 */
export class Host {
  private readonly store: HostStore;
  private readonly client: L1Client;
  private readonly registry: Registry;
  private readonly backlog: Backlog;
  private readonly gaps: Gaps;
  private readonly router: Router;
  private pool: WorkerPool | undefined;
  private watcher: L1Watcher | undefined;
  private queue: L1Queue | undefined;
  private chainId = 0n;
  private ready = false;
  private ticker: NodeJS.Timeout | undefined;
  private healthTicker: NodeJS.Timeout | undefined;
  private readonly stepper: Stepper | undefined;
  /** It is this node's turn in some match, as far as the last block says. */
  private isPressed = false;
  /** What the rollups know may go beyond the watcher's position: it was being written when the process ended, or when something failed. */
  private isUnsure = true;

  constructor(
    private readonly config: Config,
    private readonly deps: HostDependencies,
  ) {
    const { log } = deps;
    this.store = new HostStore(config.data);
    const endpoints = deps.l1 === undefined ? config.l1 : [deps.l1];
    this.client = new L1Client({ endpoints, lagBlocks: config.l1LagBlocks }, { log });
    if (config.stepped) {
      this.stepper = new Stepper({
        look: async () => this.watcher?.look(),
        workers: () => this.pool?.all() ?? [],
      });
    }
    this.registry = new Registry(this.store.rollups, this.store.matches);
    this.backlog = new Backlog(this.store.behind, {
      log,
      read: (rollup, from, to) => this.read(rollup, from, to),
      resume: (rollup, block) => this.ask(rollup, "resume", block),
      deliver: (rollup, logs, head) => this.ask(rollup, "advance", logs, head),
    });
    this.gaps = new Gaps({
      isBehind: (rollup) => this.backlog.has(rollup),
      note: (rollup, block) => this.backlog.note(rollup, block),
      createdAt: (rollup) => this.registry.find(rollup)?.created.block.number ?? 0,
      leave: () => this.client.leave(this.client.endpoint, "it left out logs of a rollup"),
    });
    this.router = new Router(
      { host: config.host, port: config.port },
      {
        log,
        routes: {
          rollup: (chainId) => this.route(chainId),
          host: (call) => this.answer(call),
          readiness: () => this.readiness(),
          metrics: () => this.metrics(),
        },
      },
    );
  }

  /** Starts everything; resolves with the endpoint once the node has caught up with L1. */
  async start(): Promise<string> {
    const { config, deps } = this;
    await hashingReady;
    await this.client.checkHealth();
    this.chainId = BigInt(await this.client.call<string>("eth_chainId", []));
    if (config.stepped && !DEVELOPMENT_CHAINS.has(this.chainId))
      throw new ConfigInvalid([`stepped: got chain ${this.chainId}, rule: only on a development chain`]);
    await this.store.bind(`${this.chainId}/${config.hub.toLowerCase()}`);
    this.startQueue();
    const blockTime = await this.view("blockTime");
    const pool = new WorkerPool(
      { size: config.workers, data: { ...this.workerSettings(Number(blockTime)) } },
      {
        log: deps.log,
        prepare: (worker) => this.prepare(worker),
        lost: (worker) => void this.restart(worker),
      },
    );
    this.pool = pool;
    const watcher = new L1Watcher(
      {
        addresses: [config.hub],
        startBlock: config.startBlock,
        pollMs: config.pollMs,
        patienceMs: config.l1LagBlocks * Number(blockTime) * 1_000,
        isMadeUp: DEVELOPMENT_CHAINS.has(this.chainId),
      },
      {
        client: this.client,
        seen: this.store.seen,
        log: deps.log,
        listener: {
          rewind: (block) => this.rewind(block),
          advance: (logs, head, isLatest) => this.advance(logs, head, isLatest),
        },
      },
    );
    this.watcher = watcher;
    this.healthTicker = setInterval(() => void this.client.checkHealth(), config.l1HealthMs);
    await pool.ready();
    const head = watcher.lastSeen() ?? NOWHERE;
    for (const [id, created] of this.registry.load()) {
      if (this.serves(id)) await this.open(id, created, head);
      else await this.backlog.note(id, Math.max(head.number, created.block.number));
    }
    const port = await this.router.start();
    await watcher.start();
    this.ready = watcher.lastLook !== undefined;
    const endpoint = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;
    deps.log.info({ endpoint, roles: config.role, address: this.queue?.address }, "the node is ready");
    return endpoint;
  }

  /** Ends cleanly: nothing new comes in, what is being written gets written. */
  async stop(): Promise<void> {
    this.ready = false;
    clearInterval(this.ticker);
    clearInterval(this.healthTicker);
    await this.router.stop();
    await this.watcher?.stop();
    await this.backlog.stop();
    await this.pool?.stop();
    await this.queue?.idle();
    await this.store.close();
  }

  private startQueue(): void {
    const { config, deps } = this;
    if (config.keyFile === undefined) return;
    const guard = new SigningGuard(this.store.slots);
    const key = readKey(config.keyFile);
    const mode = openMode(config.keyFile);
    if (mode !== undefined)
      deps.log.warn(
        { keyFile: config.keyFile, mode },
        "others than the owner may read the key's file: chmod 600",
      );
    this.queue = new L1Queue(
      {
        key,
        chainId: this.chainId,
        maxFee: BigInt(Math.floor(config.maxFeeGwei * GWEI)),
        urgentMaxFee: BigInt(Math.floor(config.urgentFeeGwei * GWEI)),
        bumpAfterMs: config.bumpMs,
      },
      {
        ...{ client: this.client, guard, log: deps.log },
        entries: (address) => this.store.entries(address),
        isPressed: () => this.isPressed,
      },
    );
    if (!config.stepped) this.ticker = setInterval(() => this.tickQueue(), Math.max(config.pollMs, 200));
  }

  /** A node that is stepped has no timer that looks for what wasn't mined at once, so the step does. */
  private async sendInStep(request: L1Request): Promise<L1Outcome> {
    const queue = this.queue!;
    const outcome = queue.submit(request);
    const timer = setInterval(() => void queue.look().catch(() => undefined), this.config.pollMs);
    try {
      return await outcome;
    } finally {
      clearInterval(timer);
    }
  }

  private tickQueue(): void {
    const head = this.watcher?.head;
    if (head !== undefined) void this.queue?.tick(head).catch(() => undefined);
  }

  private workerSettings(blockTime: number): Omit<WorkerSettings, "index"> {
    const { config } = this;
    const { batchBytes, l1Depth, stepped: isStepped } = config;
    const [blockMs, batchMs] = isStepped ? [0, 0] : [config.blockMs, config.batchMs];
    return {
      directory: config.data,
      minFree: config.minFreeMib * 2 ** 20,
      logLevel: config.logLevel,
      l1ChainId: this.chainId,
      hub: config.hub.toLowerCase(),
      address: this.queue?.address.toLowerCase(),
      sequences: config.role.includes("sequencer"),
      challenges: config.role.includes("challenger"),
      claims: config.role.includes("claimer") || config.role.includes("sequencer"),
      timing: { blockMs, batchMs, batchBytes, l1Depth, blockTime, isStepped },
    };
  }

  private prepare({ channel }: PooledWorker): void {
    channel.handle("l1.call", (method: string, params: unknown[]) => this.client.call(method, params));
    channel.handle("l1.submit", (request: L1Request) => {
      if (this.stepper === undefined) return this.queue!.submit(request);
      return this.stepper.hold(request, () => this.sendInStep(request));
    });
    channel.handle("l1.look", () => this.watcher?.look());
    channel.handle("l1.missing", (rollup: number, last: number, shown: number) =>
      this.gaps.report(rollup, last, shown),
    );
  }

  /** A worker thread ended by itself: its rollups start again from disk in the new one. */
  private async restart(worker: PooledWorker): Promise<void> {
    const head = this.watcher?.head ?? NOWHERE;
    for (const entry of this.registry.on(worker)) {
      entry.worker = worker;
      worker.load++;
      await worker.channel
        .call("open", entry.id, entry.l2ChainId, [entry.created], head)
        .catch((error: unknown) =>
          this.deps.log.error({ rollup: entry.id, ...describe(error) }, "a rollup couldn't be restarted"),
        );
    }
  }

  private async advance(logs: readonly L1Log[], head: L1Block, isLatest: boolean): Promise<void> {
    const position = this.watcher?.lastSeen()?.number ?? this.config.startBlock - 1;
    if (this.isUnsure) await this.rewind(position);
    this.isUnsure = true;
    await this.backlog.release(position, (id) => this.registry.find(id) !== undefined);
    const byRollup = new Map<number, L1Log[]>();
    for (const log of logs) {
      const id = await this.rollupOf(log);
      if (id === undefined) continue;
      if (isCreation(log)) await this.admit(id, log, head);
      const known = byRollup.get(id);
      if (known === undefined) byRollup.set(id, [log]);
      else known.push(log);
    }
    await Promise.all([...byRollup].map(([id, own]) => this.deliver(id, own, head, position)));
    this.isUnsure = false;
    const behind = this.backlog.all();
    this.backlog.catchUp(
      behind.filter((id) => this.registry.find(id) !== undefined),
      head,
    );
    if (!isLatest) return;
    for (const { channel } of this.pool?.all() ?? [])
      void channel.call("tick", head, behind).catch(() => undefined);
    void this.vitals().then((all) => (this.isPressed = all.some(({ clock }) => clock !== undefined)));
  }

  /** The rollup that a log is about. */
  private async rollupOf(log: L1Log): Promise<number | undefined> {
    const subject = subjectOf(log);
    if (subject === undefined) return undefined;
    const id = "rollup" in subject ? subject.rollup : this.registry.rollupOfMatch(subject.match);
    if (id !== undefined && "opens" in subject && subject.opens !== undefined)
      await this.registry.noteMatch(subject.opens, id);
    return id;
  }

  /** Opens a new rollup, or takes note of it where it isn't served: a later configuration may want it. */
  private async admit(id: number, created: L1Log, head: L1Block): Promise<void> {
    if (this.registry.find(id) !== undefined) return;
    await this.registry.note(id, created);
    if (this.serves(id)) return this.open(id, created, head);
    this.deps.log.info({ rollup: id }, "a rollup that this node doesn't serve");
    await this.backlog.note(id, created.block.number);
  }

  /** Tells a rollup what L1 says about it. Who can't be told now is told later: nobody else waits for that. */
  private async deliver(id: number, logs: L1Log[], head: L1Block, position: number): Promise<void> {
    const entry = this.registry.find(id);
    if (entry === undefined || this.backlog.has(id)) return;
    if (await this.ask(id, "advance", logs, head)) return;
    await this.backlog.note(id, Math.max(position, entry.created.block.number));
  }

  /** Whether a rollup's worker did what it was asked to. */
  private async ask(id: number, method: "advance" | "resume", ...args: unknown[]): Promise<boolean> {
    const channel = this.registry.find(id)?.worker.channel;
    if (channel === undefined) return false;
    return channel.call<boolean>(method, id, ...args).catch((error: unknown) => {
      this.deps.log.warn({ rollup: id, ...describe(error) }, "a rollup can't be told what L1 says");
      return false;
    });
  }

  private async read(rollup: number, from: number, to: number): Promise<Stretch | undefined> {
    const stretch = await this.watcher?.stretch(from, to, this.gaps.carefulUntil(rollup));
    if (stretch === undefined) return undefined;
    const logs: L1Log[] = [];
    for (const log of stretch.logs) if ((await this.rollupOf(log)) === rollup) logs.push(log);
    return { ...stretch, logs };
  }

  private async rewind(block: number): Promise<void> {
    await this.queue?.rewind(block);
    await this.backlog.rewind(block);
    await Promise.all((this.pool?.all() ?? []).map((worker) => this.rewindOn(worker, block)));
    for (const [id, created] of this.registry.load()) {
      if (created.block.number <= block || this.registry.find(id) !== undefined) continue;
      await this.registry.remove(id);
      await this.backlog.remove(id);
    }
  }

  /** A worker that has ended is told when it is back, by what its rollups are behind. */
  private async rewindOn(worker: PooledWorker, block: number): Promise<void> {
    const everyone = this.registry.on(worker).map(({ id }) => id);
    const lost: Rewound = { gone: [], broken: everyone };
    const { gone, broken } = await worker.channel.call<Rewound>("rewind", block).catch(() => lost);
    const isUndone = (id: number) => (this.registry.find(id)?.created.block.number ?? 0) > block;
    for (const id of broken) if (!isUndone(id)) await this.backlog.note(id, block);
    for (const id of [...gone, ...broken.filter(isUndone)]) {
      this.deps.log.warn({ rollup: id }, "L1 lost the creation of a rollup: forgetting it");
      await this.registry.remove(id);
      await this.backlog.remove(id);
      await rm(join(this.config.data, `rollup-${id}`), { recursive: true, force: true });
    }
  }

  private serves(id: number): boolean {
    return this.config.rollups.length === 0 || this.config.rollups.includes(id);
  }

  private async open(id: number, created: L1Log, head: L1Block): Promise<void> {
    const entry: RollupEntry = {
      id,
      l2ChainId: l2ChainId(this.chainId, this.config.hub, BigInt(id)),
      created,
      worker: this.pool!.place(),
    };
    this.registry.keep(entry);
    await entry.worker.channel
      .call("open", id, entry.l2ChainId, [created], head)
      .catch((error: unknown) =>
        this.deps.log.error({ rollup: id, ...describe(error) }, "a rollup couldn't be opened"),
      );
  }

  private route(chainId: string): Dispatch | undefined {
    const entry = this.registry.findByChain(chainId);
    if (entry === undefined) return undefined;
    return async ({ method, params }) => {
      if (!CHAIN_ID_METHODS.includes(method))
        return entry.worker.channel.call("answer", entry.id, method, params);
      new Params(params, 0);
      return `0x${entry.l2ChainId.toString(16)}`;
    };
  }

  private answer(call: Call): Promise<unknown> {
    const { config, chainId, watcher, ready, registry } = this;
    return answerHost(call, {
      roles: config.role,
      hub: config.hub,
      l1ChainId: chainId,
      l1: watcher?.head,
      isReady: ready,
      rollups: () => registry.all(),
      step: this.stepper && (() => this.stepper!.step()),
    });
  }

  /** One rollup that is halted says nothing about the others: only when all are, there is no use in asking here. */
  private async readiness(): Promise<{ isReady: boolean; words: string }> {
    if (!this.ready) return { isReady: false, words: "catching up" };
    const rollups = await this.vitals();
    const halted = rollups.filter(({ isHalted }) => isHalted).map(({ id }) => id);
    if (halted.length === 0) return { isReady: true, words: "ok" };
    return { isReady: halted.length < rollups.length, words: `halted: ${halted.join(", ")}` };
  }

  /** A worker that has ended just now is missing from the figures until it is back. */
  private async vitals(): Promise<Vitals[]> {
    const asked = (this.pool?.all() ?? []).map(({ channel }) =>
      channel.call<Vitals[]>("vitals").catch(() => []),
    );
    return (await Promise.all(asked)).flat().sort((a, b) => a.id - b.id);
  }

  private async metrics(): Promise<string> {
    const rollups = await this.vitals();
    const { ready: isReady, watcher, client, queue } = this;
    const l1 = { head: watcher?.head, lastLook: watcher?.lastLook };
    return metricsText({ isReady, endpoint: client.endpoint, l1, queue: queue?.vitals() }, rollups);
  }

  private async view(name: string): Promise<bigint> {
    const data = HUB.encodeFunctionData(name);
    const answer = await this.client.call<string>("eth_call", [{ to: this.config.hub, data }, "latest"]);
    return HUB.decodeFunctionResult(name, answer)[0] as bigint;
  }
}
