import { exitLeafHash } from "../exits/tree";
import { keccak, toHex } from "../hashing";
import {
  BatchArgument,
  BlockResult,
  CloseResult,
  EncodedBlock,
  OpenResult,
  Program,
  ProgramBlock,
  ProgramReceipt,
} from "../programs/program";
import { CallResult, LogEntry, Oracle, ProgramInstance, ProgramTrapped } from "./instance";

export interface ExitEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** What a step of a session brought forth and the store must keep. */
export interface Products {
  readonly preimages: readonly (readonly [hash: Uint8Array, bytes: Uint8Array])[];
  readonly exits: readonly ExitEntry[];
}

export interface ExecutedBlock extends BlockResult, Products {
  readonly block: EncodedBlock;
}

/** A transaction the program wouldn't apply, and why. */
export interface Rejection {
  readonly position: number;
  readonly receipt: ProgramReceipt;
}

export interface BuiltBlock extends ExecutedBlock {
  /** positions, among the candidates, of the transactions in the block */
  readonly positions: readonly number[];
  readonly rejected: readonly Rejection[];
  /** the batch has no work left for the candidates that are neither in the block nor rejected */
  readonly isFull: boolean;
}

const PREIMAGE = 0;
const EXIT = 1;

/**
 * Runs one batch at a time on an instance of the rollup's program: open, block by block, close. Building and deriving
 * both come through here; a derived block is what a built one is, without the choice.
 */
export class Executor {
  /** preimages that steps of this session brought forth; the store may not have written them yet */
  private readonly fresh = new Map<string, Uint8Array>();
  private readonly oracle: Oracle;
  private current: ProgramInstance | undefined;

  constructor(
    private readonly program: Program,
    stored: Oracle,
  ) {
    this.oracle = {
      preimage: (hash) => this.fresh.get(key(hash)) ?? stored.preimage(hash),
      recovered: (input) => stored.recovered(input),
    };
  }

  /** A preimage as the session sees it: also what the store hasn't written yet. */
  read(hash: Uint8Array): Uint8Array | undefined {
    return this.oracle.preimage(hash);
  }

  genesis(): CloseResult & Products {
    const call = this.run((instance) => instance.genesis());
    const { result } = call;
    const products = this.absorb(call);
    const parts = products.preimages.find(([hash]) => toHex(hash) === toHex(result))?.[1];
    if (parts === undefined)
      throw new Error("the program's genesis doesn't come with its commitment's preimage");
    return { commitment: result, parts, ...products };
  }

  /** Begins a batch: consumes its messages. */
  open(argument: BatchArgument): OpenResult & Products {
    this.fresh.clear();
    const call = this.run((instance) => instance.open(this.oracle, this.program.encodeOpen(argument)));
    return { ...this.program.readOpen(call), ...this.absorb(call) };
  }

  /** Executes a block as it is. Fewer receipts than transactions: the batch's work is used up, and nothing follows. */
  execute(block: EncodedBlock): ExecutedBlock {
    const call = this.run((instance) => instance.block(this.oracle, block.encoded));
    return { block, ...this.program.readBlock(call), ...this.absorb(call) };
  }

  /** Executes a block of this node's own making. */
  executeOwn({ timestamp, transactions }: ProgramBlock): ExecutedBlock {
    const encoded = this.program.encodeBlock({ timestamp, transactions });
    return this.execute({ timestamp, transactions, encoded });
  }

  /**
   * Makes a block of the candidates that the program applies, in their order. What it would skip is left out, since it
   * changes nothing and costs data; so the block is executed a second time where something was.
   */
  build(timestamp: number, candidates: readonly Uint8Array[]): BuiltBlock {
    const mark = this.run((instance) => instance.mark());
    const attempt = this.executeOwn({ timestamp, transactions: candidates });
    const rejected: Rejection[] = [];
    const positions: number[] = [];
    attempt.receipts.forEach((receipt, position) => {
      if (receipt.applied) positions.push(position);
      else rejected.push({ position, receipt });
    });
    const isFull = attempt.receipts.length < candidates.length;
    if (positions.length === candidates.length) return { ...attempt, positions, rejected, isFull };
    this.run((instance) => instance.rewind(mark));
    const executed = this.executeOwn({
      timestamp,
      transactions: positions.map((position) => candidates[position]!),
    });
    return { ...executed, positions, rejected, isFull };
  }

  /** Ends the batch. */
  close(timestamp: number): CloseResult & Products {
    const call = this.run((instance) => instance.close(this.oracle, BigInt(timestamp)));
    const closed = this.program.readClose(call);
    if (closed.commitment.every((byte) => byte === 0))
      throw new ProgramTrapped("the run returned zero, which is no result");
    return { ...closed, ...this.absorb(call) };
  }

  /** Memory of an idle rollup is given back; the next session begins with a fresh instance. */
  release(): void {
    this.current = undefined;
    this.fresh.clear();
  }

  /** Calls the instance. After a call that throws it is of no use: the next session gets another. */
  private run<T>(call: (instance: ProgramInstance) => T): T {
    this.current ??= this.program.instantiate();
    try {
      return call(this.current);
    } catch (error) {
      this.current = undefined;
      throw error;
    }
  }

  private absorb({ log }: CallResult): Products {
    const preimages: (readonly [Uint8Array, Uint8Array])[] = [];
    const exits: ExitEntry[] = [];
    for (const entry of log) {
      if (entry.kind === PREIMAGE) {
        const hash = keccak(entry.bytes);
        this.fresh.set(key(hash), entry.bytes);
        preimages.push([hash, entry.bytes]);
      } else if (entry.kind === EXIT) exits.push(readExit(entry));
    }
    return { preimages, exits };
  }
}

function readExit({ bytes }: LogEntry): ExitEntry {
  const index = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
  const leaf = bytes.subarray(8);
  return { index, leaf, leafHash: exitLeafHash(leaf) };
}

function key(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("latin1");
}
