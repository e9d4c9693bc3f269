import { toHex } from "../hashing";
import { RollupStore } from "../store/rollup";

interface Alarm {
  readonly batch: number;
  /** the result that it is about, by this node's first execution */
  readonly commitment: string;
  readonly message: string;
  /** what this node executed when it was raised, where that isn't `commitment`; a batch that wasn't executed then has another result now */
  readonly executed?: string;
}

/**
 * What an operator must look at, on disk: a restart doesn't forget that somebody must. A batch that is executed anew with
 * another result, by another version or after a reorg, is another matter: its alarm has ended.
 */
export class Alarms {
  private all: readonly Alarm[];

  constructor(private readonly store: RollupStore) {
    this.all = (store.meta.get("alarms") as Alarm[] | undefined) ?? [];
  }

  get messages(): readonly string[] {
    return this.current().map(({ message }) => message);
  }

  has(batch: number, commitment: string): boolean {
    return this.current().some((alarm) => alarm.batch === batch && alarm.commitment === commitment);
  }

  /** Resolves once it is on disk. */
  async raise(batch: number, commitment: string, message: string, executed?: string): Promise<void> {
    if (this.has(batch, commitment)) return;
    const alarm = { batch, commitment, message, ...(executed === undefined ? {} : { executed }) };
    this.all = [...this.current(), alarm];
    await this.store.atomically(() => void this.store.meta.put("alarms", this.all));
  }

  /** Those whose batch has no other result by now. */
  private current(): readonly Alarm[] {
    return this.all.filter(({ batch, commitment, executed = commitment }) => {
      const record = this.store.batches.get(batch);
      return record === undefined || toHex(record.commitment) === executed;
    });
  }
}
