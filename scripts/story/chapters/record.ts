import type { World } from "../world";

interface Batch {
  readonly index: number;
  readonly commitment: string;
  readonly stateRoot: string;
  readonly exitRoot: string;
  readonly blocks: { readonly first: number; readonly end: number };
  readonly bytes: number;
  readonly transactions: number;
  readonly l1: { readonly block: number; readonly batchHash: string };
}

/** Writes down what the story left on L1, batch by batch: with the same seed it is the same, to the last hash. */
export async function record({ stage, watchman, rollups }: World): Promise<void> {
  for (const { name, l2ChainId } of Object.values(rollups)) {
    const { batch } = await watchman.status(l2ChainId);
    const batches: unknown[] = [];
    for (let index = 1; index <= batch.derived; index++) {
      const { commitment, stateRoot, exitRoot, blocks, bytes, transactions, l1 } = await watchman.call<Batch>(
        "rollup_getBatch",
        [index],
        l2ChainId,
      );
      batches.push({ index, blocks, bytes, transactions, commitment, stateRoot, exitRoot, ...l1 });
    }
    stage.fact(`${name}: batches`, batches);
  }
}
