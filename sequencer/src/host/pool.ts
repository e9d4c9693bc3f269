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

/** A fixed set of worker threads, each with many runtimes. A new rollup goes where the fewest are. */
export class WorkerPool {
  private readonly members: { worker: Worker; pooled: PooledWorker }[] = [];
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
    await Promise.all(
      this.members.map(async ({ worker, pooled }) => {
        await pooled.channel.call("stop").catch(() => undefined);
        await worker.terminate();
        pooled.channel.close();
      }),
    );
  }

  /** A worker that ends by itself is replaced; the host then starts its rollups again from disk. */
  private spawn(index: number): void {
    const { worker, channel } = spawnWorker(join(__dirname, "worker.ts"), { ...this.options.data, index });
    const pooled: PooledWorker = { index, channel, load: 0 };
    this.members[index] = { worker, pooled };
    let fault = new Error("the worker thread ended");
    worker.on("error", (error) => (fault = error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", () => {
      channel.close();
      if (this.stopping) return;
      this.deps.log.error({ worker: index, error: fault.message }, "a worker thread ended, starting another");
      this.spawn(index);
      this.deps.lost(this.members[index]!.pooled, fault);
    });
    this.deps.prepare(pooled);
  }
}
