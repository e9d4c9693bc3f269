import { keccak } from "../hashing";
import { L1Log } from "../l1/watcher";
import { RollupStore } from "../store/rollup";
import { ChainView } from "./chain";
import { Fact, toFact } from "./facts";

/** What L1 said about one rollup, kept as facts: the one thing that isn't derived from anything else here. */
export class Journal {
  /** @param codeRootOf see `ChainView` */
  constructor(
    private readonly store: RollupStore,
    private readonly codeRootOf: (programHash: string) => string | undefined,
  ) {}

  /** Writes what logs say to the store; returns the facts in order, without those known already. */
  async keep(logs: readonly L1Log[]): Promise<Fact[]> {
    const facts = logs.map(toFact).filter((fact) => fact !== undefined);
    const news = facts.filter(({ block, logIndex }) => !this.store.facts.doesExist([block.number, logIndex]));
    if (news.length > 0) {
      await this.store.atomically(() => {
        for (const fact of news) {
          void this.store.facts.put([fact.block.number, fact.logIndex], fact);
          if (fact.kind === "message") void this.store.messages.put(fact.index, fact.message);
        }
      });
    }
    return news;
  }

  /** Adds facts to a view, and what they bring along to the preimages. */
  async apply(view: ChainView, facts: Iterable<Fact>): Promise<void> {
    const preimages: Uint8Array[] = [];
    for (const fact of facts) preimages.push(...view.apply(fact));
    const hashed = preimages.map((bytes) => [keccak(bytes), bytes] as const);
    const news = hashed.filter(([hash]) => !this.store.preimages.doesExist(hash));
    if (news.length === 0) return;
    await this.store.atomically(() =>
      news.forEach(([hash, bytes]) => void this.store.preimages.put(hash, bytes)),
    );
  }

  /** The rollup as all facts together tell it. */
  async read(): Promise<ChainView> {
    const view = new ChainView(this.codeRootOf);
    await this.apply(
      view,
      this.store.facts.getRange({}).map(({ value }) => value),
    );
    return view;
  }

  /** Forgets what L1 blocks above this one said. */
  async forgetAbove(block: number): Promise<void> {
    await this.store.atomically(() => {
      for (const key of this.store.factsAbove(block)) void this.store.facts.remove(key);
    });
  }
}
