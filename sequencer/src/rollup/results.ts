import { NORMAL, SKIP } from "@rollworks/sdk/src/protocol";
import { appendExit, ExitNodes } from "../exits/tree";
import { keccak, toHex } from "../hashing";
import { CloseResult, ProgramReceipt } from "../programs/program";
import { Products } from "../executor/executor";
import { ClaimView } from "./chain";
import { BatchRecord, BlockRecord, ReceiptRecord, RollupStore } from "../store/rollup";

/** The rollup after a batch that stands on L1 and was executed here. */
export interface Tip {
  readonly index: number;
  readonly commitment: Uint8Array;
  /** the commitment's preimage */
  readonly parts: Uint8Array;
  readonly exitCount: number;
  /** one past the last block */
  readonly endBlock: number;
}

const OWNER_WORDS = [3, 4];

/** The mode in which the true claim about a batch is made. */
export function modeOf({ isSkipped = false }: Pick<BatchRecord, "isSkipped">): number {
  return isSkipped ? SKIP : NORMAL;
}

/**
 * What executing batches resulted in. The tip is the last batch on L1; above it there may be blocks of one more batch,
 * being built or sealed. All `put…` are called within one `store.atomically`.
 */
export class Results {
  private current: Tip;
  /** the tip's batch: known here at once, readable in the store only once its transaction is through */
  private tipBatch: BatchRecord | undefined;
  /** the batch above the tip, if it is sealed */
  private above: BatchRecord | undefined;
  readonly exitNodes: ExitNodes;

  constructor(
    private readonly store: RollupStore,
    private readonly genesis: CloseResult,
  ) {
    this.exitNodes = {
      get: (level, index) => store.exitNodes.get([level, index]),
      put: (level, index, hash) => void store.exitNodes.put([level, index], hash),
    };
    this.current = this.tipAt((store.meta.get("tip") as number | undefined) ?? 0);
    this.above = store.batches.get(this.current.index + 1);
  }

  get tip(): Tip {
    return this.current;
  }

  /** The batch above the tip that is sealed and on its way to L1, if there is one. */
  sealed(): BatchRecord | undefined {
    return this.above;
  }

  tipAt(index: number): Tip {
    if (index === 0) return { index: 0, ...this.genesis, exitCount: 0, endBlock: 0 };
    const record = this.store.batches.get(index);
    if (record === undefined) throw new Error(`the store lacks batch ${index}`);
    const { commitment, parts, exitCount, endBlock } = record;
    return { index, commitment, parts, exitCount, endBlock };
  }

  /** Whether a claim says what executing the batch here said. */
  isTrue(claim: ClaimView): boolean {
    const record = this.executed(claim.index);
    return (
      record !== undefined &&
      claim.mode === modeOf(record) &&
      toHex(record.commitment) === claim.commitment &&
      toHex(record.parent) === claim.parent
    );
  }

  /** A batch that stands on L1 and was executed here. */
  executed(index: number): BatchRecord | undefined {
    if (index === this.tipBatch?.index) return this.tipBatch;
    return index <= this.current.index ? this.store.batches.get(index) : undefined;
  }

  /** Height of the last block, below 0 when there is none. */
  lastBlock(): number {
    for (const height of this.store.blocks.getKeys({ reverse: true, limit: 1 })) return height;
    return -1;
  }

  putProducts(batch: number, { preimages, exits }: Products): void {
    for (const [hash, bytes] of preimages) this.putPreimage(hash, bytes);
    for (const { index, leaf, leafHash } of exits) {
      void this.store.exits.put(index, { leaf, batch });
      appendExit(this.exitNodes, index, leafHash);
      for (const position of OWNER_WORDS) {
        void this.store.exitOwners.put(
          [toHex(leaf.subarray(32 * position + 12, 32 * position + 32)), index],
          true,
        );
      }
    }
  }

  putPreimage(hash: Uint8Array, bytes: Uint8Array): void {
    void this.store.preimages.put(hash, bytes);
  }

  putBlock(record: Omit<BlockRecord, "hashes">, receipts: readonly ProgramReceipt[]): void {
    const hashes = record.transactions.map((raw) => keccak(raw));
    void this.store.blocks.put(record.height, { ...record, hashes });
    receipts.forEach((receipt, position) => {
      this.putReceipt(hashes[position]!, { height: record.height, batch: record.batch, position, receipt });
    });
  }

  /** A transaction that was applied stays so, whatever happens when it is sent again. */
  putReceipt(hash: Uint8Array, record: ReceiptRecord): void {
    const known = this.store.receipts.get(hash);
    if (known?.receipt.applied && !record.receipt.applied) return;
    void this.store.receipts.put(hash, record);
  }

  /** Keeps the batch after the tip. */
  putBatch(record: BatchRecord, data: Uint8Array): void {
    void this.store.batches.put(record.index, record);
    void this.store.data.put(record.index, data);
    this.above = record;
  }

  dataOf(index: number): Uint8Array {
    const data = this.store.data.get(index);
    if (data === undefined) throw new Error(`the store lacks the data of batch ${index}`);
    return data;
  }

  /** Makes the batch after the tip the tip: it stands on L1 with this result. */
  advanceTip(record: BatchRecord): void {
    const { index, commitment, parts, exitCount, endBlock } = record;
    void this.store.meta.put("tip", index);
    this.current = { index, commitment, parts, exitCount, endBlock };
    this.tipBatch = record;
    this.above = undefined;
  }

  /** Goes back to the tip at `index`: forgets batches, blocks, receipts and exits above. Returns the blocks' transactions, oldest first. */
  rollBack(index: number): Uint8Array[] {
    const tip = this.tipAt(index);
    const transactions: Uint8Array[] = [];
    for (const { key, value } of [...this.store.blocks.getRange({ start: tip.endBlock })]) {
      transactions.push(...value.transactions);
      for (const hash of value.hashes)
        if (this.store.receipts.get(hash)?.height === key) void this.store.receipts.remove(hash);
      void this.store.blocks.remove(key);
    }
    for (const key of [...this.store.batches.getKeys({ start: index + 1 })]) {
      void this.store.batches.remove(key);
      void this.store.data.remove(key);
    }
    for (const { key, value } of [...this.store.exits.getRange({ start: tip.exitCount })]) {
      for (const position of OWNER_WORDS) {
        void this.store.exitOwners.remove([
          toHex(value.leaf.subarray(32 * position + 12, 32 * position + 32)),
          key,
        ]);
      }
      void this.store.exits.remove(key);
    }
    void this.store.meta.remove("open");
    void this.store.meta.put("tip", index);
    this.current = tip;
    this.tipBatch = undefined;
    this.above = undefined;
    return transactions;
  }
}
