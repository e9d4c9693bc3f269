import { Database } from "lmdb";
import { L1Log } from "../l1/watcher";
import { PooledWorker } from "./pool";

/** A rollup this host knows: the log of its creation, and the worker that runs it. */
export interface RollupEntry {
  readonly id: number;
  readonly l2ChainId: bigint;
  readonly created: L1Log;
  worker: PooledWorker;
}

/** The rollups of the hub, by id and by chain id. On disk, so that a restart answers for them before it looks at L1. */
export class Registry {
  private readonly byId = new Map<number, RollupEntry>();
  private readonly byChain = new Map<string, RollupEntry>();

  constructor(
    private readonly stored: Database<L1Log, number>,
    private readonly matches: Database<number, string>,
  ) {}

  /** The rollup in which a match was opened. */
  rollupOfMatch(matchId: string): number | undefined {
    return this.matches.get(matchId);
  }

  async noteMatch(matchId: string, rollup: number): Promise<void> {
    await this.matches.put(matchId, rollup);
  }

  /** The creations on disk, in the order of their ids: also of rollups that aren't served here. */
  load(): (readonly [number, L1Log])[] {
    return [...this.stored.getRange({})].map(({ key, value }) => [key, value] as const);
  }

  /** Keeps the creation of a rollup, whether it is served here or not. */
  async note(id: number, created: L1Log): Promise<void> {
    await this.stored.put(id, created);
  }

  keep(entry: RollupEntry): void {
    this.byId.set(entry.id, entry);
    this.byChain.set(entry.l2ChainId.toString(), entry);
  }

  async remove(id: number): Promise<void> {
    const entry = this.byId.get(id);
    if (entry !== undefined) {
      entry.worker.load--;
      this.byId.delete(id);
      this.byChain.delete(entry.l2ChainId.toString());
    }
    await this.stored.remove(id);
  }

  find(id: number): RollupEntry | undefined {
    return this.byId.get(id);
  }

  /** By chain id, decimal or hexadecimal. */
  findByChain(chainId: string): RollupEntry | undefined {
    if (!/^(0x[0-9a-fA-F]{1,16}|\d{1,20})$/.test(chainId)) return undefined;
    return this.byChain.get(BigInt(chainId).toString());
  }

  all(): Iterable<RollupEntry> {
    return this.byId.values();
  }

  /** The rollups of a worker, or of the one in whose place it came. */
  on({ index }: PooledWorker): RollupEntry[] {
    return [...this.byId.values()].filter(({ worker }) => worker.index === index);
  }
}
