import { RollupStore } from "../store/rollup";

interface Alarm {
  readonly batch: number;
  /** the result that it is about, by this node's first execution */
  readonly commitment: string;
  readonly message: string;
}

/**
 * What an operator must look at, on disk: a restart doesn't forget that somebody must. A batch that is executed anew with
 * another result, by another version or after a reorg, is another matter.
 */
export class Alarms {
  private all: readonly Alarm[];

  constructor(private readonly store: RollupStore) {
    this.all = (store.meta.get("alarms") as Alarm[] | undefined) ?? [];
  }

  get messages(): readonly string[] {
    return this.all.map(({ message }) => message);
  }

  has(batch: number, commitment: string): boolean {
    return this.all.some((alarm) => alarm.batch === batch && alarm.commitment === commitment);
  }

  /** Resolves once it is on disk. */
  async raise(batch: number, commitment: string, message: string): Promise<void> {
    if (this.has(batch, commitment)) return;
    this.all = [...this.all, { batch, commitment, message }];
    await this.store.atomically(() => void this.store.meta.put("alarms", this.all));
  }
}
