import { Database } from "lmdb";
import { describe, Log } from "../log";
import { L1Client, PinnedL1 } from "./client";
import { L1Unreachable } from "./faults";
import { L1Block, L1Log, L1Reader, Stretch } from "./reader";

export type { L1Block, L1Log } from "./reader";

export interface L1Listener {
  /** L1 was reorganised: forget everything from above `block`. Must be on disk when the promise resolves. */
  rewind(block: number): Promise<void>;
  /**
   * The logs up to `head`, in order. Must be on disk when the promise resolves; the same logs may come again. `isLatest`:
   * there is nothing above `head` yet.
   */
  advance(logs: readonly L1Log[], head: L1Block, isLatest: boolean): Promise<void>;
}

const REMEMBERED_BLOCKS = 4_096;
/** So many of the last blocks are asked for one by one: not every machine of an endpoint may have them yet. */
const NEAR_BLOCKS = 32;
/** So far from its end what somebody lacks is read one block after the other: an endpoint may have left it out before. */
const CAREFUL_BLOCKS = 2_500;
/** So many looks in a row, and so long, an endpoint may show a chain that ends before what was read: then L1 really lost its end. */
const PATIENT_LOOKS = 8;
/** So many looks in a row may come to nothing, as they do while L1 is reorganised, before another endpoint is asked. */
const FRUITLESS_LOOKS = 3;

/**
 * Follows L1: one look per interval, every log of the watched contracts exactly in order, reorgs announced before the
 * logs that replace what they threw out. The position is on disk only after the listener's work is. A look asks one endpoint.
 */
export class L1Watcher {
  private readonly reader: L1Reader;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private caughtUp: (() => void) | undefined;
  private fruitless = 0;
  private short: { looks: number; readonly since: number } | undefined;
  private lookedAt: number | undefined;
  /** hash of the block up to which the listener was told everything; undefined after a rewind */
  private told: string | undefined;
  head: L1Block | undefined;

  constructor(
    private readonly options: {
      addresses: readonly string[];
      startBlock: number;
      pollMs: number;
      /** so long an endpoint may lag before the end it doesn't show is taken to be lost [ms] */
      patienceMs?: number;
      /** see `L1Reader` */
      isMadeUp?: boolean;
    },
    private readonly deps: {
      client: L1Client;
      seen: Database<string, number>;
      listener: L1Listener;
      log: Log;
    },
  ) {
    this.reader = new L1Reader(options, deps);
  }

  /** The block up to which the listener has been told everything, from before a restart; without its time. */
  lastSeen(): L1Block | undefined {
    return this.seenUpTo(Number.MAX_SAFE_INTEGER);
  }

  /** When a look at L1 succeeded last, by the process's clock [ms]. */
  get lastLook(): number | undefined {
    return this.lookedAt;
  }

  /** Keeps looking from now on; resolves once it has caught up with L1 for the first time, or was stopped. */
  async start(): Promise<void> {
    const caughtUp = new Promise<void>((resolve) => (this.caughtUp = resolve));
    await this.lookAndSchedule();
    await caughtUp;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.caughtUp?.();
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks at L1 now. Looks never overlap. */
  look(): Promise<void> {
    return this.after(() => this.catchUp());
  }

  /**
   * The logs from `from` to `to`, or to where one reading of many blocks ends, for somebody who lacks them; up to block `careful` one block
   * after the other. Undefined while L1 is being reorganised.
   */
  stretch(from: number, to: number, careful: number): Promise<Stretch | undefined> {
    const l1 = this.deps.client.pin();
    if (to - from >= CAREFUL_BLOCKS && from > careful) return this.reader.range(l1, from, to);
    return this.reader.each(l1, from, Math.min(to, from + NEAR_BLOCKS), this.deps.seen.get(from - 1));
  }

  private after(body: () => Promise<void>): Promise<void> {
    const next = this.running.then(() => (this.stopped ? undefined : body()));
    this.running = next.catch(() => undefined);
    return next;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.lookAndSchedule(), this.options.pollMs);
  }

  private async lookAndSchedule(): Promise<void> {
    await this.look().catch((error: unknown) =>
      this.deps.log.warn(describe(error), "looking at L1 failed, trying again"),
    );
    if (this.lookedAt !== undefined) this.caughtUp?.();
    this.schedule();
  }

  private async catchUp(): Promise<void> {
    const l1 = this.deps.client.pin();
    try {
      const outcome = await this.follow(l1);
      if (outcome === "done") this.lookedAt = Date.now();
      this.fruitless = outcome === "again" ? this.fruitless + 1 : 0;
      if (this.fruitless < FRUITLESS_LOOKS) return;
      this.leave(l1, "its blocks don't fit together, or are missing");
    } catch (error) {
      // It may have answered, and even have the newest block, but not what was needed: another endpoint may do better.
      this.leave(l1, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  private leave({ endpoint }: PinnedL1, reason: string): void {
    this.fruitless = 0;
    if (this.deps.client.endpoint === endpoint) this.deps.client.leave(endpoint, reason);
  }

  /** "again" where L1 was reorganised meanwhile, or the endpoint lacks something; "behind" where it only lags. */
  private async follow(l1: PinnedL1): Promise<"done" | "behind" | "again"> {
    const latest = await this.reader.block(l1, "latest");
    if (latest === null) return "again";
    if (this.told === latest.hash) return "done";
    if (await this.isBehind(l1, latest)) return "behind";
    let position = await this.commonAncestor(l1, latest);
    while (position < latest.number) {
      const stretch = await this.read(l1, position, latest);
      if (stretch === undefined) return "again";
      const { logs, last } = stretch;
      await this.deps.listener.advance(logs, last, last.number === latest.number);
      await this.remember(stretch);
      this.head = last;
      this.told = last.hash;
      position = last.number;
    }
    if (this.told !== latest.hash) await this.deps.listener.advance([], latest, true);
    this.head = latest;
    this.told = latest.hash;
    return "done";
  }

  private async read(l1: PinnedL1, position: number, latest: L1Block): Promise<Stretch | undefined> {
    const far = latest.number - NEAR_BLOCKS;
    if (position < far) return this.reader.range(l1, position + 1, far);
    const to = Math.min(latest.number, position + NEAR_BLOCKS);
    const stretch = await this.reader.each(l1, position + 1, to, this.deps.seen.get(position));
    return to === latest.number && stretch?.last.hash !== latest.hash ? undefined : stretch;
  }

  /** Whether the endpoint only lags: its chain is a beginning of what was read, as far as that can be told. */
  private async isBehind(l1: PinnedL1, latest: L1Block): Promise<boolean> {
    const newest = this.lastSeen();
    const own = this.seenUpTo(latest.number);
    const isShort = newest !== undefined && latest.number < newest.number;
    if (!isShort || (own !== undefined && (await this.reader.block(l1, own.number))?.hash !== own.hash)) {
      this.short = undefined;
      return false;
    }
    // If anybody still has what was read, it isn't lost: he is asked from now on.
    if (await this.deps.client.seek(newest.number, newest.hash)) return true;
    const { patienceMs = 0 } = this.options;
    this.short ??= { looks: 0, since: Date.now() };
    if (++this.short.looks <= PATIENT_LOOKS || Date.now() - this.short.since < patienceMs) return true;
    this.short = undefined;
    return false;
  }

  /** The highest remembered block that is still part of the chain; announces a rewind when there are higher ones. */
  private async commonAncestor(l1: PinnedL1, latest: L1Block): Promise<number> {
    let newest: number | undefined;
    let position = this.options.startBlock - 1;
    for (const { key, value } of this.deps.seen.getRange({ reverse: true })) {
      newest ??= key;
      if (key > latest.number) continue;
      const block = await this.reader.block(l1, key);
      if (block === null)
        throw new L1Unreachable(`the L1 endpoint has block ${latest.number}, but not ${key}`);
      if (block.hash === value) {
        position = key;
        break;
      }
    }
    if (newest !== undefined && newest !== position) {
      this.deps.log.warn({ from: newest, to: position }, "L1 was reorganised");
      await this.rewind(position);
    }
    return position;
  }

  private async rewind(position: number): Promise<void> {
    this.told = undefined;
    await this.deps.listener.rewind(position);
    await this.deps.seen.transaction(() => {
      for (const key of [...this.deps.seen.getKeys({ start: position + 1 })]) void this.deps.seen.remove(key);
    });
  }

  private async remember({ blocks }: Stretch): Promise<void> {
    await this.deps.seen.transaction(() => {
      for (const { number, hash } of blocks) void this.deps.seen.put(number, hash);
      const excess = this.deps.seen.getCount() - REMEMBERED_BLOCKS;
      if (excess > 0)
        for (const key of [...this.deps.seen.getKeys({ limit: excess })]) void this.deps.seen.remove(key);
    });
  }

  private seenUpTo(block: number): L1Block | undefined {
    for (const { key, value } of this.deps.seen.getRange({ start: block, reverse: true, limit: 1 }))
      return { number: key, hash: value, timestamp: 0 };
    return undefined;
  }
}
