import { Database } from "lmdb";
import { L1Block, L1Log, Stretch } from "../l1/reader";
import { describe, Log } from "../log";

const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 60_000;

/**
 * Rollups that don't know all that the host has read: their store or their thread failed, an endpoint left logs out, or this node
 * didn't serve them then. For each the L1 block up to which it knows everything, on disk. What they lack is read again for them
 * alone, beside everything else, so that nobody waits for them.
 */
export class Backlog {
  private readonly running = new Set<number>();
  private readonly waits = new Map<number, { ms: number; until: number }>();
  /** deliveries that a reorg must not overtake */
  private readonly delivering = new Set<Promise<unknown>>();
  /** number of reorgs: what was read before one isn't delivered after it */
  private generation = 0;
  private stopped = false;
  /** the head that the host has read */
  private head: L1Block | undefined;

  constructor(
    private readonly behind: Database<number, number>,
    private readonly deps: {
      log: Log;
      /** The logs of one rollup in L1's blocks from one on, at most up to another; undefined while L1 is being reorganised. */
      read(rollup: number, from: number, to: number): Promise<Stretch | undefined>;
      /** Makes a rollup forget what it knows from above a block, and act no more until the next tick; false if it can't. */
      resume(rollup: number, block: number): Promise<boolean>;
      deliver(rollup: number, logs: readonly L1Log[], head: L1Block): Promise<boolean>;
    },
  ) {}

  has(rollup: number): boolean {
    return this.behind.get(rollup) !== undefined;
  }

  all(): number[] {
    return [...this.behind.getKeys({})];
  }

  /** A rollup knows everything up to this block only. On disk when the promise resolves. */
  async note(rollup: number, block: number): Promise<void> {
    const known = this.behind.get(rollup);
    if (known !== undefined && known <= block) return;
    this.deps.log.warn({ rollup, block }, "a rollup doesn't know what L1 says after this block");
    await this.behind.put(rollup, block);
  }

  async remove(rollup: number): Promise<void> {
    await this.behind.remove(rollup);
  }

  /** The host goes on from this block: of the rollups that it serves those that know everything up to it go on with it. */
  async release(position: number, isServed: (rollup: number) => boolean): Promise<void> {
    for (const { key, value } of [...this.behind.getRange({})])
      if (value === position && isServed(key) && !this.running.has(key)) await this.behind.remove(key);
  }

  /** L1 was reorganised above `block`. */
  async rewind(block: number): Promise<void> {
    this.generation++;
    await Promise.all(this.delivering);
    for (const { key, value } of [...this.behind.getRange({})])
      if (value > block) await this.behind.put(key, block);
  }

  /** Reads what these rollups lack, up to the head that the host has read; nothing waits for it. */
  catchUp(rollups: readonly number[], head: L1Block): void {
    this.head = head;
    for (const rollup of rollups) {
      const wait = this.waits.get(rollup);
      if (this.stopped || this.running.has(rollup) || (wait !== undefined && Date.now() < wait.until))
        continue;
      this.running.add(rollup);
      void this.work(rollup)
        .catch((error: unknown) => {
          this.deps.log.warn(
            { rollup, ...describe(error) },
            "reading what a rollup lacks failed, trying again",
          );
          return false;
        })
        .then((isDone) => {
          this.running.delete(rollup);
          if (isDone) return this.waits.delete(rollup);
          const ms = Math.min(MOST_RETRY_MS, 2 * (wait?.ms ?? FIRST_RETRY_MS / 2));
          return this.waits.set(rollup, { ms, until: Date.now() + ms });
        });
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.generation++;
    await Promise.all(this.delivering);
  }

  /** Returns whether the rollup knows everything up to the head now. */
  private async work(rollup: number): Promise<boolean> {
    const { generation } = this;
    const isCurrent = () => generation === this.generation;
    const from = this.behind.get(rollup);
    if (from === undefined) return true;
    if (!(await this.guarded(this.deps.resume(rollup, from)))) return false;
    // What else the first block says may be missing too.
    for (let next = from, head = this.head!; next <= head.number; head = this.head!) {
      const stretch = await this.deps.read(rollup, next, head.number);
      if (stretch === undefined || !isCurrent()) return false;
      if (!(await this.guarded(this.deps.deliver(rollup, stretch.logs, head)))) return false;
      if (!isCurrent()) return false;
      await this.guarded(this.behind.put(rollup, stretch.last.number));
      next = stretch.last.number + 1;
    }
    return true;
  }

  private async guarded<T>(task: Promise<T>): Promise<T> {
    const quiet = task.catch(() => undefined);
    this.delivering.add(quiet);
    void quiet.then(() => this.delivering.delete(quiet));
    return task;
  }
}
