import { keccak } from "../hashing";
import { L1Log } from "../l1/watcher";
import { RollupStore } from "../store/rollup";
import { ChainView, LogsIncomplete } from "./chain";
import { toFact } from "./facts";

/** What L1 said about one rollup, kept as facts: the one thing that isn't derived from anything else here. */
export class Journal {
  /** @param codeRootOf see `ChainView` */
  constructor(
    private readonly store: RollupStore,
    private readonly codeRootOf: (programHash: string) => string | undefined,
  ) {}

  /**
   * Writes what logs say to the store; what it knows already stays as it is. Returns whether something belongs before what was known: then a
   * view doesn't get it by following.
   */
  async keep(logs: readonly L1Log[]): Promise<boolean> {
    const facts = logs.map(toFact).filter((fact) => fact !== undefined);
    const news = facts.filter(({ block, logIndex }) => !this.store.facts.doesExist([block.number, logIndex]));
    const [first] = news;
    if (first === undefined) return false;
    const isLate =
      this.store.facts.getKeysCount({ start: [first.block.number, first.logIndex], limit: 1 }) > 0;
    await this.store.atomically(() => {
      for (const fact of news) {
        void this.store.facts.put([fact.block.number, fact.logIndex], fact);
        if (fact.kind === "message") void this.store.messages.put(fact.index, fact.message);
      }
    });
    return isLate;
  }

  /**
   * Adds to a view what the store has beyond it, and what that brings along to the preimages. Where there is a gap, as much as fits: then it
   * rejects with LogsIncomplete.
   */
  async follow(view: ChainView): Promise<void> {
    const preimages: Uint8Array[] = [];
    const [block, index] = view.last;
    let gap: LogsIncomplete | undefined;
    try {
      for (const { value } of this.store.facts.getRange({ start: [block, index + 1] }))
        preimages.push(...view.apply(value));
    } catch (error) {
      if (!(error instanceof LogsIncomplete)) throw error;
      gap = error;
    }
    await this.keepPreimages(preimages);
    if (gap !== undefined) throw gap;
  }

  /** The rollup as all facts together tell it, or those before a gap: whoever follows the view on is told of that. */
  async read(): Promise<ChainView> {
    const view = new ChainView(this.codeRootOf);
    await this.follow(view).catch((error: unknown) => {
      if (!(error instanceof LogsIncomplete)) throw error;
    });
    return view;
  }

  /** Forgets what L1 blocks above this one said. Returns whether there was anything. */
  async forgetAbove(block: number): Promise<boolean> {
    const keys = this.store.factsAbove(block);
    if (keys.length === 0) return false;
    await this.store.atomically(() => {
      for (const key of keys) void this.store.facts.remove(key);
    });
    return true;
  }

  private async keepPreimages(preimages: readonly Uint8Array[]): Promise<void> {
    const hashed = preimages.map((bytes) => [keccak(bytes), bytes] as const);
    const news = hashed.filter(([hash]) => !this.store.preimages.doesExist(hash));
    if (news.length === 0) return;
    await this.store.atomically(() =>
      news.forEach(([hash, bytes]) => void this.store.preimages.put(hash, bytes)),
    );
  }
}
