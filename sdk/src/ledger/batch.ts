import { hexlify } from "ethers";
import { EncodingError, Reader, type Bytes, Writer, toBytes } from "./bytes";

/** Batch data of the ledger: blocks of transactions. */

export interface Block {
  /** When it was built [s]; information, the program doesn't judge it. */
  timestamp: bigint;
  /** Signed transactions, each as its bytes. */
  transactions: readonly Bytes[];
}

const VERSION = 1;
/** Longest data of one batch [bytes]. */
export const DATA_LIMIT = 768 * 4_096;

/** A block whose transactions are bytes, as nodes hold it. */
export interface RawBlock extends Block {
  transactions: readonly Uint8Array[];
  /** The block as it stands in the data: what the program executes. */
  bytes: Uint8Array;
}

export function encodeBlock(block: Block): string {
  return hexlify(writeBlock(block));
}

/** Returns the data of a batch; no block is no data. */
export function encodeBatch(blocks: readonly Block[]): string {
  return hexlify(joinBlocks(blocks.map(writeBlock)));
}

/** Returns the data of a batch of blocks that are bytes already. */
export function joinBlocks(blocks: readonly Uint8Array[]): Uint8Array {
  if (blocks.length === 0) return new Uint8Array(0);
  const writer = new Writer().integer(VERSION, 1);
  for (const block of blocks) writer.raw(block);
  const data = writer.bytes();
  if (data.length > DATA_LIMIT)
    throw new EncodingError(`${data.length} bytes, a batch has at most ${DATA_LIMIT}`);
  return data;
}

/** Returns the blocks that the program finds in a batch's data: by rule those before the first that is cut short. */
export function decodeBatch(data: Bytes): Block[] {
  return readBlocks(toBytes(data)).map(({ timestamp, transactions }) => ({
    timestamp,
    transactions: transactions.map((bytes) => hexlify(bytes)),
  }));
}

/** As `decodeBatch`, without making texts of the transactions. */
export function readBlocks(data: Uint8Array): RawBlock[] {
  const reader = new Reader(data);
  const blocks: RawBlock[] = [];
  if (reader.left === 0 || reader.number(1) !== VERSION) return blocks;
  try {
    for (;;) {
      const from = data.length - reader.left;
      const block = readBlock(reader);
      blocks.push({ ...block, bytes: data.subarray(from, data.length - reader.left) });
    }
  } catch (error) {
    if (error instanceof EncodingError) return blocks;
    throw error;
  }
}

/** Returns the bytes of a block as they stand in a batch's data. */
export function writeBlock({ timestamp, transactions }: Block): Uint8Array {
  const writer = new Writer().integer(timestamp, 8).integer(transactions.length, 2);
  for (const transaction of transactions) {
    const bytes = toBytes(transaction);
    writer.integer(bytes.length, 2).raw(bytes);
  }
  return writer.bytes();
}

function readBlock(reader: Reader): Omit<RawBlock, "bytes"> {
  const timestamp = reader.integer(8);
  const count = reader.number(2);
  const transactions = Array.from({ length: count }, () => reader.raw(reader.number(2)));
  return { timestamp, transactions };
}
