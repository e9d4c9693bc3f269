import { headerBytes } from "../rollup/batch";
import { keccak, toHex } from "../hashing";
import { Admitted } from "../mempool/mempool";
import { BuiltBlock, ExecutedBlock } from "../executor/executor";
import { OpenResult, ProgramReceipt } from "../programs/program";
import { Target } from "../rollup/chain";
import { RollupContext } from "../rollup/context";
import { Door } from "../rollup/door";
import { BatchRecord, BlockRecord, OpenRecord } from "../store/rollup";

/** The batch that is being built. */
interface OpenBatch {
  readonly record: OpenRecord;
  /** blocks as they stand in batch data */
  readonly blocks: Uint8Array[];
  readonly firstBlock: number;
  nextBlock: number;
  /** [bytes] of data so far */
  bytes: number;
  exitCount: number;
  stateRoot: Uint8Array;
  transactions: number;
  /** messages it consumed */
  readonly messages: number;
  isFull: boolean;
  /** [ms], by the process's clock */
  readonly openedAt: number;
}

const FORCED = 2;
const MESSAGE_HEAD_BYTES = 22;
const DATA_HEAD_BYTES = 1;

/**
 * Builds the one batch above the tip: opens it with its messages, fills it with blocks of waiting transactions, seals it
 * with its commitment. Every block is on disk, and its promises redeemed, before anybody hears of its receipts.
 */
export class Builder {
  private open: OpenBatch | undefined;

  constructor(
    private readonly context: RollupContext,
    private readonly door: Door,
  ) {}

  /** The state after the last executed block. */
  get stateRoot(): Uint8Array {
    return (
      this.open?.stateRoot ??
      (this.context.results.sealed() ?? this.context.results.tip).parts.subarray(0, 32)
    );
  }

  get isOpen(): boolean {
    return this.open !== undefined;
  }

  /** Whether the open batch changes anything: it has transactions, or messages. */
  get isWorthPosting(): boolean {
    return this.open !== undefined && this.open.transactions + this.open.messages > 0;
  }

  get isFull(): boolean {
    return this.open?.isFull ?? false;
  }

  /** How long ago the batch was opened [ms]. */
  get age(): number {
    return this.open === undefined ? 0 : Date.now() - this.open.openedAt;
  }

  /** Takes up what was being built when the process ended: the same batch, block by block. */
  async recover(): Promise<void> {
    const { store, results, log } = this.context;
    const record = store.meta.get("open") as OpenRecord | undefined;
    if (record === undefined || results.sealed() !== undefined) return;
    if (record.index !== results.tip.index + 1) return this.discard();
    const blocks = [...store.blocks.getRange({ start: results.tip.endBlock })].map(({ value }) => value);
    await this.begin(record);
    for (const block of blocks) {
      const executed = this.context.executor.executeOwn(block);
      if (toHex(executed.stateRoot) !== toHex(block.stateRoot)) {
        log.warn(
          { height: block.height },
          "a block has another result than before the restart: building anew",
        );
        return this.discard();
      }
      this.append(block, executed);
    }
    if (blocks.length > 0)
      log.info({ batch: record.index, blocks: blocks.length }, "took up the batch that was being built");
  }

  /** Opens the batch after the tip. */
  async start(target: Target, flags: number): Promise<void> {
    await this.begin({ index: this.context.results.tip.index + 1, flags, ...target });
  }

  /** Makes a block of what waits. Returns its record, or undefined when nothing came of it. */
  async build(timestamp: number): Promise<BlockRecord | undefined> {
    const { mempool, program, store, results, timing, log } = this.context;
    const open = this.open!;
    const room = timing.batchBytes - open.bytes - program.blockOverhead;
    const candidates = mempool.take(program.maxBlockTransactions, room, program.transactionOverhead);
    if (candidates.length === 0) {
      open.isFull ||= mempool.readyCount > 0;
      return undefined;
    }
    const built = await this.attempt(timestamp, candidates);
    const { batch, height } = { batch: open.record.index, height: open.nextBlock };
    const included = built.positions.map((position) => candidates[position]!);
    const rejected = built.rejected.map(({ position, receipt }) => ({
      transaction: candidates[position]!,
      receipt,
    }));
    const done = new Set([...included, ...rejected.map(({ transaction }) => transaction)]);
    const left = candidates.filter((candidate) => !done.has(candidate));
    const block = {
      height,
      batch,
      timestamp,
      transactions: included.map(({ raw }) => raw),
      stateRoot: built.stateRoot,
    };
    if (included.length > 0) this.append(block, built);
    open.isFull ||= built.isFull;
    if (left.length > 0) mempool.putBack(left);
    const stale = rejected.length + left.length > 0 ? mempool.resync() : [];
    const orphans = mempool.orphans(new Set(rejected.map(({ transaction }) => transaction.sender)));
    await store.atomically(() => {
      if (included.length > 0) {
        results.putBlock(block, built.receipts);
        results.putProducts(batch, built);
      }
      for (const { transaction, receipt } of rejected) this.putRejection(transaction, batch, receipt);
      for (const transaction of stale) this.putRejection(transaction, batch, STALE);
      for (const transaction of orphans) this.putRejection(transaction, batch, ORPHANED);
      for (const { sequence } of [...done, ...stale, ...orphans]) void store.promises.remove(sequence);
    });
    this.door.forget([...done, ...stale, ...orphans]);
    mempool.settle([...done]);
    if (rejected.length > 0)
      log.debug({ height, rejected: rejected.length }, "transactions were rejected by the program");
    return included.length > 0 ? { ...block, hashes: included.map(({ hash }) => hash) } : undefined;
  }

  /** Ends the batch: from here on it is what will be posted. */
  async seal(
    context: { l1Number: number; l1Hash: string; timestamp: number },
    poster: string,
  ): Promise<BatchRecord> {
    const { executor, program, results, store } = this.context;
    const open = this.open!;
    const { index, target, targetHash, flags } = open.record;
    const closed = executor.close(context.timestamp);
    const data = program.encodeData(open.blocks);
    const header = headerBytes({ index, poster, flags, target, targetHash, ...context }, data);
    const record: BatchRecord = {
      index,
      header,
      bytes: data.length,
      parent: results.tip.commitment,
      commitment: closed.commitment,
      parts: closed.parts,
      firstBlock: open.firstBlock,
      endBlock: open.nextBlock,
      exitCount: open.exitCount + closed.exits.length,
    };
    await store.atomically(() => {
      results.putProducts(index, closed);
      results.putBatch(record, data);
      void store.meta.remove("open");
    });
    this.open = undefined;
    return record;
  }

  /**
   * Gives up what was built above the tip, or above an earlier batch after a reorg: its transactions become promises
   * again, ahead of all others.
   */
  async discard(index = this.context.results.tip.index): Promise<void> {
    const { store, results } = this.context;
    this.open = undefined;
    let renewed: readonly (readonly [number, Uint8Array])[] = [];
    await store.atomically(() => {
      renewed = this.door.renew(results.rollBack(index));
    });
    this.door.retake(renewed);
    await this.dropStale();
  }

  /** Refuses everything that waits, and gives up what was built: the rollup takes no more transactions. */
  async refuseAll(status: string): Promise<void> {
    const { mempool, results } = this.context;
    if (this.isOpen) await this.discard();
    const waiting = mempool.drain();
    await this.refuse(waiting, results.tip.index, { applied: false, status });
  }

  /** Takes transactions out of the pool whose nonce was used, with a receipt that says so. */
  async dropStale(): Promise<void> {
    await this.refuse(this.context.mempool.resync(), this.context.results.tip.index, STALE);
  }

  private async refuse(
    transactions: readonly Admitted[],
    batch: number,
    receipt: ProgramReceipt,
  ): Promise<void> {
    if (transactions.length === 0) return;
    const { store } = this.context;
    await store.atomically(() => {
      for (const transaction of transactions) {
        this.putRejection(transaction, batch, receipt);
        void store.promises.remove(transaction.sequence);
      }
    });
    this.door.forget(transactions);
  }

  /** A fault while executing costs no transaction: the candidates go back, and the batch is taken up again from disk. */
  private async attempt(timestamp: number, candidates: readonly Admitted[]): Promise<BuiltBlock> {
    try {
      return this.context.executor.build(
        timestamp,
        candidates.map(({ raw }) => raw),
      );
    } catch (error) {
      this.open = undefined;
      this.context.mempool.putBack(candidates);
      await this.recover();
      throw error;
    }
  }

  private async begin(record: OpenRecord): Promise<void> {
    const { executor, results, store, config } = this.context;
    const { tip } = results;
    const opened = executor.open({ parent: tip.commitment, config, ...record });
    this.open = {
      record,
      blocks: [],
      firstBlock: tip.endBlock,
      nextBlock: tip.endBlock,
      bytes: DATA_HEAD_BYTES,
      exitCount: tip.exitCount + opened.exits.length,
      stateRoot: opened.stateRoot,
      transactions: 0,
      messages: opened.receipts.length,
      isFull: opened.workLeft === 0n,
      openedAt: Date.now(),
    };
    await store.atomically(() => {
      void store.meta.put("open", record);
      results.putProducts(record.index, opened);
      putMessageReceipts(this.context, record.index, opened);
    });
  }

  private append(block: Omit<BlockRecord, "hashes">, executed: ExecutedBlock): void {
    const open = this.open!;
    const { encoded } = executed.block;
    open.blocks.push(encoded);
    open.bytes += encoded.length;
    open.nextBlock = block.height + 1;
    open.exitCount += executed.exits.length;
    open.stateRoot = executed.stateRoot;
    open.transactions += block.transactions.length;
    open.isFull ||= executed.workLeft === 0n;
  }

  private putRejection({ hash }: Admitted, batch: number, receipt: ProgramReceipt): void {
    this.context.results.putReceipt(hash, { height: -1, batch, position: -1, receipt });
  }
}

const STALE: ProgramReceipt = { applied: false, status: "NonceUsed" };
/** As the program would say: an earlier transaction of the sender was rejected, so this one's nonce isn't due. */
const ORPHANED: ProgramReceipt = { applied: false, status: "WrongNonce" };

/** Receipts of forced transactions: the messages that a batch consumed are the last ones before its cursor. */
export function putMessageReceipts(
  { store, results }: RollupContext,
  batch: number,
  opened: OpenResult,
): void {
  const first = opened.messageIndex - opened.receipts.length;
  opened.receipts.forEach((receipt, position) => {
    const message = store.messages.get(first + position);
    if (message?.[1] !== FORCED) return;
    results.putReceipt(keccak(message.subarray(MESSAGE_HEAD_BYTES)), {
      height: -1,
      batch,
      position: first + position,
      receipt,
    });
  });
}
