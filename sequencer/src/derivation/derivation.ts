import { MESSAGE_ONLY } from "@rollworks/sdk/src/protocol";
import { Interface } from "ethers";
import { fromHex, toHex } from "../hashing";
import { ExecutedBlock } from "../executor/executor";
import { putMessageReceipts } from "../builder/builder";
import { HUB } from "../l1/contracts";
import { PostedView } from "../rollup/chain";
import { RollupContext } from "../rollup/context";
import { batchHashOf, headerBytes } from "../rollup/batch";
import { BatchRecord } from "../store/rollup";

/** Raised when what L1 shows of a batch doesn't hash to what the hub accepted: an endpoint errs, or L1 is being reorganised. */
export class BatchUnreadable extends Error {
  override readonly name = "BatchUnreadable";
}

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
    const { header, data } = await this.read(posted);
    await this.deps.discard();
    const record = await this.execute(posted, header, data);
    log.info(
      {
        batch: record.index,
        blocks: record.endBlock - record.firstBlock,
        commitment: toHex(record.commitment),
      },
      "derived a batch",
    );
    await this.deps.moved();
    return true;
  }

  private async execute(posted: PostedView, header: Uint8Array, data: Uint8Array): Promise<BatchRecord> {
    const { results, executor, program, store, config } = this.context;
    const { tip } = results;
    const { index, word, targetHash } = posted;
    const opened = executor.open({
      parent: tip.commitment,
      config,
      target: word.target,
      targetHash,
      flags: word.flags,
    });
    const blocks = word.flags & MESSAGE_ONLY ? [] : program.decodeData(data);
    const executed: ExecutedBlock[] = [];
    let isFull = false;
    for (const block of blocks) {
      if (isFull) break;
      const result = executor.execute(block);
      isFull = result.receipts.length < block.transactions.length;
      executed.push(result);
    }
    const closed = executor.close(word.timestamp);
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

  /** Reads a batch's header and data back from L1 and checks them against the hash that the hub emitted. */
  private async read(posted: PostedView): Promise<{ header: Uint8Array; data: Uint8Array }> {
    const { l1, config } = this.context;
    const { word } = posted;
    const data = word.flags & MESSAGE_ONLY ? new Uint8Array(0) : await this.data(posted);
    const block = await l1.call<{ hash: string } | null>("eth_getBlockByNumber", [
      `0x${word.l1Number.toString(16)}`,
      false,
    ]);
    if (block === null) throw new BatchUnreadable(`L1 has no block ${word.l1Number}`);
    const { index, poster, targetHash } = posted;
    const header = headerBytes({ ...word, index, poster, targetHash, l1Hash: block.hash }, data);
    if (batchHashOf(header, config) !== posted.batchHash) {
      throw new BatchUnreadable(`batch ${index} doesn't hash to ${posted.batchHash}`);
    }
    return { header, data };
  }

  /** The hub takes data only from an account without code that calls it directly: so it is the transaction's last argument. */
  private async data(posted: PostedView): Promise<Uint8Array> {
    const transaction = await this.context.l1.call<{ input: string } | null>("eth_getTransactionByHash", [
      posted.transaction,
    ]);
    if (transaction === null) throw new BatchUnreadable(`L1 has no transaction ${posted.transaction}`);
    return dataOfPost(HUB, transaction.input);
  }
}

/** A batch's data in the calldata of its `post`. */
export function dataOfPost(hub: Interface, input: string): Uint8Array {
  try {
    return fromHex(String(hub.decodeFunctionData("post", input).getValue("data")));
  } catch (cause) {
    throw new BatchUnreadable("the transaction isn't a call of post", { cause });
  }
}
