import { Database } from "lmdb";
import { describe, Log } from "../log";
import { L1Client } from "./client";

export interface L1Block {
  readonly number: number;
  readonly hash: string;
  /** [s] */
  readonly timestamp: number;
}

export interface L1Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  readonly block: L1Block;
}

export interface L1Listener {
  /** L1 was reorganised: forget everything from above `block`. Must be on disk when the promise resolves. */
  rewind(block: number): Promise<void>;
  /**
   * The logs up to `head`, in order. Must be on disk when the promise resolves; the same logs may come again. `isLatest`:
   * there is nothing above `head` yet.
   */
  advance(logs: readonly L1Log[], head: L1Block, isLatest: boolean): Promise<void>;
}

interface RawBlock {
  number: string;
  hash: string;
  parentHash: string;
  timestamp: string;
}

interface RawLog {
  address: string;
  topics: string[];
  data: string;
  transactionHash: string;
  logIndex: string;
  blockNumber: string;
  blockHash: string;
}

/** The span of one `eth_getLogs`; most endpoints refuse longer ones. */
const MAX_SPAN = 2_000;
const REMEMBERED_BLOCKS = 4_096;
/** So many looks in a row an endpoint may show a chain that ends before what was read: then L1 really lost its end. */
const PATIENT_LOOKS = 8;

/**
 * Follows L1: one look per interval, every log of the watched contracts exactly in order, reorgs announced before the
 * logs that replace what they threw out. The position is on disk only after the listener's work is.
 */
export class L1Watcher {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private shortLooks = 0;
  head: L1Block | undefined;

  constructor(
    private readonly options: { addresses: readonly string[]; startBlock: number; pollMs: number },
    private readonly deps: {
      client: L1Client;
      seen: Database<string, number>;
      listener: L1Listener;
      log: Log;
    },
  ) {}

  /** The block up to which the listener has been told everything, from before a restart; without its time. */
  lastSeen(): L1Block | undefined {
    for (const { key, value } of this.deps.seen.getRange({ reverse: true, limit: 1 })) {
      return { number: key, hash: value, timestamp: 0 };
    }
    return undefined;
  }

  /** Catches up with L1 once, then keeps looking. */
  async start(): Promise<void> {
    await this.look();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks at L1 now. Looks never overlap. */
  look(): Promise<void> {
    const next = this.running.then(() => (this.stopped ? undefined : this.catchUp()));
    this.running = next.catch(() => undefined);
    return next;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.look()
        .catch((error: unknown) => this.deps.log.warn(describe(error), "looking at L1 failed, trying again"))
        .finally(() => this.schedule());
    }, this.options.pollMs);
  }

  private async catchUp(): Promise<void> {
    const latest = await this.block("latest");
    if (latest === null) return;
    if (this.head?.hash === latest.hash) return;
    if (this.isBehind(latest)) return;
    let position = await this.commonAncestor();
    while (position < latest.number) {
      const to = Math.min(latest.number, position + MAX_SPAN);
      const last = to === latest.number ? latest : await this.block(to);
      if (last === null) return;
      const logs = await this.logs(position + 1, to);
      const check = await this.block(to);
      if (logs === undefined || check?.hash !== last.hash) return; // reorganised while reading: look again
      await this.deps.listener.advance(logs, last, to === latest.number);
      await this.remember(logs, last);
      this.head = last;
      position = to;
    }
    if (position !== latest.number) return;
    if (this.head?.hash !== latest.hash) await this.deps.listener.advance([], latest, true);
    this.head = latest;
  }

  /** Whether the endpoint only lags: its chain is a beginning of what was read, as far as that can be told. */
  private isBehind(latest: L1Block): boolean {
    const newest = this.lastSeen();
    const known = this.deps.seen.get(latest.number);
    const isShort = newest !== undefined && latest.number < newest.number;
    const isOther = known !== undefined && known !== latest.hash;
    if (!isShort || isOther || ++this.shortLooks > PATIENT_LOOKS) {
      this.shortLooks = 0;
      return false;
    }
    return true;
  }

  /** The highest remembered block that is still part of the chain; announces a rewind when there are higher ones. */
  private async commonAncestor(): Promise<number> {
    let newest: number | undefined;
    let position = this.options.startBlock - 1;
    for (const { key, value } of this.deps.seen.getRange({ reverse: true })) {
      newest ??= key;
      if ((await this.block(key))?.hash === value) {
        position = key;
        break;
      }
    }
    if (newest !== undefined && newest !== position) {
      this.deps.log.warn({ from: newest, to: position }, "L1 was reorganised");
      await this.deps.listener.rewind(position);
      await this.deps.seen.transaction(() => {
        for (const key of [...this.deps.seen.getKeys({ start: position + 1 })])
          void this.deps.seen.remove(key);
      });
    }
    return position;
  }

  private async remember(logs: readonly L1Log[], head: L1Block): Promise<void> {
    await this.deps.seen.transaction(() => {
      for (const { block } of logs) void this.deps.seen.put(block.number, block.hash);
      void this.deps.seen.put(head.number, head.hash);
      const excess = this.deps.seen.getCount() - REMEMBERED_BLOCKS;
      if (excess > 0)
        for (const key of [...this.deps.seen.getKeys({ limit: excess })]) void this.deps.seen.remove(key);
    });
  }

  private async logs(from: number, to: number): Promise<L1Log[] | undefined> {
    const filter = { address: this.options.addresses, fromBlock: quantity(from), toBlock: quantity(to) };
    const raw = await this.deps.client.call<RawLog[]>("eth_getLogs", [filter]);
    const blocks = new Map<string, L1Block>();
    for (const log of raw) {
      if (blocks.has(log.blockNumber)) continue;
      const block = await this.block(Number(log.blockNumber));
      if (block === null) return undefined;
      blocks.set(log.blockNumber, block);
    }
    const logs: L1Log[] = [];
    for (const log of raw) {
      const block = blocks.get(log.blockNumber)!;
      if (log.blockHash !== block.hash) return undefined;
      const { address, topics, data, transactionHash } = log;
      logs.push({
        address: address.toLowerCase(),
        topics,
        data,
        transactionHash,
        logIndex: Number(log.logIndex),
        block,
      });
    }
    return logs.sort((a, b) => a.block.number - b.block.number || a.logIndex - b.logIndex);
  }

  private async block(tag: number | "latest"): Promise<L1Block | null> {
    const raw = await this.deps.client.call<RawBlock | null>("eth_getBlockByNumber", [
      typeof tag === "number" ? quantity(tag) : tag,
      false,
    ]);
    return raw === null
      ? null
      : { number: Number(raw.number), hash: raw.hash, timestamp: Number(raw.timestamp) };
  }
}

function quantity(value: number): string {
  return `0x${Math.max(0, value).toString(16)}`;
}
