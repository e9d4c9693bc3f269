import { RollupStore } from "../store/rollup";

interface Alarm {
  readonly batch: number;
  /** what this node's first execution made of it */
  readonly commitment: string;
  readonly message: string;
}

/**
 * Batches on which this node's own executions disagree, on disk: a restart doesn't forget that somebody must look. A batch that is executed anew with
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

  raise(batch: number, commitment: string, message: string): void {
    if (this.has(batch, commitment)) return;
    this.all = [...this.all, { batch, commitment, message }];
    void this.store.meta.put("alarms", this.all);
  }
}
