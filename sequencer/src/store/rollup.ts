import { Database, RootDatabase } from "lmdb";
import { ProgramReceipt } from "../programs/program";
import { Fact } from "../rollup/facts";
import { openEnvironment } from "./environment";
import { DiskSpace } from "./space";

/** A block as it stands in the store. Heights run on from the first batch; a batch's blocks follow its messages. */
export interface BlockRecord {
  readonly height: number;
  /** index of its batch */
  readonly batch: number;
  readonly timestamp: number;
  readonly transactions: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  readonly stateRoot: Uint8Array;
}

/** A batch whose result is known: sealed here and on its way to L1, or read from L1 and executed. */
export interface BatchRecord {
  readonly index: number;
  readonly header: Uint8Array;
  /** length of its data, which `data` holds by index */
  readonly bytes: number;
  readonly parent: Uint8Array;
  readonly commitment: Uint8Array;
  /** the commitment's preimage; the parent's for a batch that was skipped */
  readonly parts: Uint8Array;
  readonly firstBlock: number;
  /** one past the batch's last block */
  readonly endBlock: number;
  /** exits of the rollup up to this batch */
  readonly exitCount: number;
  /** The program has no result for it: the parent's commitment stays. */
  readonly isSkipped?: boolean;
}

/** The batch that is being built: what it was opened with, so that a restart opens it again alike. */
export interface OpenRecord {
  readonly index: number;
  readonly target: number;
  readonly targetHash: Uint8Array;
  readonly flags: number;
}

export interface ReceiptRecord {
  /** height of the block; -1 for a message's transaction */
  readonly height: number;
  readonly batch: number;
  readonly position: number;
  readonly receipt: ProgramReceipt;
}

export interface ExitRecord {
  readonly leaf: Uint8Array;
  readonly batch: number;
}

/** Raised once a write has failed: memory may be ahead of the disk, so the rollup must start again from the disk. */
export class StoreFailed extends Error {
  override readonly name = "StoreFailed";

  constructor(path: string, options: ErrorOptions) {
    super(`writing to ${path} failed`, options);
  }
}

/** Everything one rollup's runtime keeps: one LMDB environment. Only its worker opens it. */
export class RollupStore {
  private readonly root: RootDatabase;
  /** preimages by keccak256; content-addressed, so they are never rolled back */
  readonly preimages: Database<Uint8Array, Uint8Array>;
  /** acknowledged transactions that are in no block yet, in the order of their acknowledgement */
  readonly promises: Database<Uint8Array, number>;
  readonly blocks: Database<BlockRecord, number>;
  readonly batches: Database<BatchRecord, number>;
  readonly data: Database<Uint8Array, number>;
  readonly receipts: Database<ReceiptRecord, Uint8Array>;
  readonly exits: Database<ExitRecord, number>;
  /** complete subtrees of the exit tree by [level, index] */
  readonly exitNodes: Database<Uint8Array, [number, number]>;
  /** [owner, exit index] */
  readonly exitOwners: Database<boolean, [string, number]>;
  /** L1 facts about this rollup by [block, log index] */
  readonly facts: Database<Fact, [number, number]>;
  readonly messages: Database<Uint8Array, number>;
  readonly meta: Database<unknown, string>;
  /** Asked before work begins: what has begun is written. */
  readonly space: DiskSpace;
  private failure: StoreFailed | undefined;

  /** @param minFree see `DiskSpace` [bytes] */
  constructor(
    private readonly path: string,
    minFree: number,
  ) {
    this.space = new DiskSpace(path, minFree);
    this.root = openEnvironment(path);
    const open = <V, K extends (string | number)[] | string | number>(name: string) =>
      this.root.openDB<V, K>({ name });
    this.preimages = this.root.openDB({ name: "preimages", encoding: "binary", keyEncoding: "binary" });
    this.receipts = this.root.openDB({ name: "receipts", keyEncoding: "binary" });
    this.data = this.root.openDB({ name: "data", encoding: "binary" });
    this.promises = this.root.openDB({ name: "promises", encoding: "binary" });
    this.exitNodes = this.root.openDB({ name: "exitNodes", encoding: "binary" });
    this.blocks = open("blocks");
    this.batches = open("batches");
    this.exits = open("exits");
    this.exitOwners = open("exitOwners");
    this.facts = open("facts");
    this.messages = this.root.openDB({ name: "messages", encoding: "binary" });
    this.meta = open("meta");
  }

  /** Everything `write` puts becomes visible and durable together; resolves once it is on disk. */
  async atomically(write: () => void): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    try {
      await this.root.transaction(write);
    } catch (error) {
      this.failure = new StoreFailed(this.path, { cause: error });
      throw this.failure;
    }
  }

  /** Keys of the facts from L1 blocks above this one. */
  factsAbove(block: number): [number, number][] {
    return [...this.facts.getKeys({ start: [block, Number.MAX_SAFE_INTEGER] })];
  }

  async close(): Promise<void> {
    await this.root.close();
  }
}
