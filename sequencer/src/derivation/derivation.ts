import { toHex } from "../hashing";
import { putMessageReceipts } from "../builder/builder";
import { PostedView } from "../rollup/chain";
import { RollupContext } from "../rollup/context";
import { batchHashOf } from "../rollup/batch";
import { BatchRecord } from "../store/rollup";
import { readBatch } from "./read";
import { replay } from "./replay";

/**
 * Turns L1's batches into results, one after the other: the same blocks and roots for everybody who reads L1. A batch that
 * was built here and posted as it was is taken over as it is.
 */
export class Derivation {
  constructor(
    private readonly context: RollupContext,
    private readonly deps: {
      /** What was built above the tip doesn't stand: give it up. */
      discard(): Promise<void>;
      /** A batch from elsewhere moved the tip. */
      moved(): Promise<void>;
      /** Whether it is known that the program has no result for a batch on the tip. */
      isSkipped(posted: PostedView): boolean;
    },
  ) {}

  /** Takes the next batch of L1 in. Returns false when there is none. */
  async step(): Promise<boolean> {
    const { view, results, store, config, log } = this.context;
    const posted = view.posted.get(results.tip.index + 1);
    if (posted === undefined) return false;
    const sealed = results.sealed();
    if (sealed !== undefined && batchHashOf(sealed.header, config) === posted.batchHash) {
      await store.atomically(() => results.advanceTip(sealed));
      return true;
    }
    store.space.require("results");
    const { header, data } = await readBatch(this.context, posted);
    await this.deps.discard();
    const record = this.deps.isSkipped(posted)
      ? await this.skip(posted, header, data)
      : await this.execute(posted, header, data);
    log.info(
      {
        batch: record.index,
        skipped: record.isSkipped === true,
        blocks: record.endBlock - record.firstBlock,
        commitment: toHex(record.commitment),
      },
      "derived a batch",
    );
    await this.deps.moved();
    return true;
  }

  /** Takes a batch over that has no result: its index advances, its parent's result stays. */
  private async skip({ index }: PostedView, header: Uint8Array, data: Uint8Array): Promise<BatchRecord> {
    const { results, store } = this.context;
    const { commitment, parts, endBlock, exitCount } = results.tip;
    const record: BatchRecord = {
      index,
      header,
      bytes: data.length,
      parent: commitment,
      commitment,
      parts,
      firstBlock: endBlock,
      endBlock,
      exitCount,
      isSkipped: true,
    };
    await store.atomically(() => {
      results.putBatch(record, data);
      results.advanceTip(record);
    });
    return record;
  }

  private async execute(posted: PostedView, header: Uint8Array, data: Uint8Array): Promise<BatchRecord> {
    const { results, executor, program, store, config } = this.context;
    const { tip } = results;
    const { index, word, targetHash } = posted;
    const { target, flags, timestamp } = word;
    const argument = { parent: tip.commitment, config, target, targetHash, flags };
    const { opened, executed, closed } = replay(executor, program, { argument, data, timestamp });
    const exits = [opened, ...executed, closed].reduce((sum, products) => sum + products.exits.length, 0);
    const record: BatchRecord = {
      index,
      header,
      bytes: data.length,
      parent: tip.commitment,
      commitment: closed.commitment,
      parts: closed.parts,
      firstBlock: tip.endBlock,
      endBlock: tip.endBlock + executed.length,
      exitCount: tip.exitCount + exits,
    };
    await store.atomically(() => {
      results.putProducts(index, opened);
      putMessageReceipts(this.context, index, opened);
      executed.forEach((result, position) => {
        const { timestamp, transactions } = result.block;
        const kept = transactions.slice(0, result.receipts.length);
        const height = tip.endBlock + position;
        results.putBlock(
          { height, batch: index, timestamp, transactions: kept, stateRoot: result.stateRoot },
          result.receipts,
        );
        results.putProducts(index, result);
      });
      results.putProducts(index, closed);
      results.putBatch(record, data);
      results.advanceTip(record);
    });
    return record;
  }
}
