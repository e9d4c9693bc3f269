import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Log } from "../log";
import { Channel } from "./channel";

/** A worker thread with the channel to it. */
export interface PooledWorker {
  readonly index: number;
  readonly channel: Channel;
  /** rollups placed here */
  load: number;
}

export function spawnWorker(
  entry: string,
  data: Record<string, unknown>,
): { worker: Worker; channel: Channel } {
  const worker = new Worker(join(__dirname, "boot.cjs"), {
    workerData: { ...data, entry },
    execArgv: [],
    stdout: false,
  });
  return { worker, channel: new Channel(worker) };
}

/** A worker that has lived so long ends by accident; one that hasn't is started again after a while, each time twice as long [ms]. */
const STEADY_MS = 60_000;
const FIRST_DELAY_MS = 500;
const MOST_DELAY_MS = 60_000;

/** A fixed set of worker threads, each with many runtimes. A new rollup goes where the fewest are. */
export class WorkerPool {
  private readonly members: { worker: Worker; pooled: PooledWorker }[] = [];
  /** how often in a row each has ended soon after it began */
  private readonly failures: number[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopping = false;

  constructor(
    private readonly options: { size: number; data: Record<string, unknown> },
    private readonly deps: {
      log: Log;
      prepare(worker: PooledWorker): void;
      lost(worker: PooledWorker, error: Error): void;
    },
  ) {
    for (let index = 0; index < options.size; index++) this.spawn(index);
  }

  /** Resolves once every worker runs. */
  async ready(): Promise<void> {
    await Promise.all(this.members.map(({ pooled }) => pooled.channel.call("ready")));
  }

  place(): PooledWorker {
    const chosen = this.members.map(({ pooled }) => pooled).reduce((a, b) => (b.load < a.load ? b : a));
    chosen.load++;
    return chosen;
  }

  all(): readonly PooledWorker[] {
    return this.members.map(({ pooled }) => pooled);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(
      this.members.map(async ({ worker, pooled }) => {
        await pooled.channel.call("stop").catch(() => undefined);
        await worker.terminate();
        pooled.channel.close();
      }),
    );
  }

  /**
   * A worker that ends by itself is replaced, the later the more often it did; the host then starts its rollups again from disk.
   */
  private spawn(index: number): void {
    const { worker, channel } = spawnWorker(join(__dirname, "worker.ts"), { ...this.options.data, index });
    const pooled: PooledWorker = { index, channel, load: 0 };
    this.members[index] = { worker, pooled };
    const bornAt = Date.now();
    let fault = new Error("the worker thread ended");
    worker.on("error", (error) => (fault = error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", () => {
      channel.close();
      if (this.stopping) return;
      const failures = Date.now() - bornAt > STEADY_MS ? 0 : (this.failures[index] ?? 0);
      this.failures[index] = failures + 1;
      const delayMs = failures === 0 ? 0 : Math.min(MOST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
      const facts = { worker: index, error: fault.message, delayMs };
      this.deps.log.error(facts, "a worker thread ended, starting another");
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        this.spawn(index);
        this.deps.lost(this.members[index]!.pooled, fault);
      }, delayMs);
      this.timers.add(timer);
    });
    this.deps.prepare(pooled);
  }
}
