import { batchHash, calldataCommitment, encodeHeader, Header } from "@rollworks/sdk/src/protocol";
import { fromHex, keccak, toHex } from "../hashing";

/** What a batch's header says beside its data. */
export interface BatchFrame {
  readonly index: number;
  readonly poster: string;
  readonly flags: number;
  readonly target: number;
  readonly targetHash: Uint8Array;
  readonly l1Number: number;
  readonly l1Hash: string;
  readonly timestamp: number;
}

/** The header of a batch whose data lies in calldata. */
export function headerBytes(frame: BatchFrame, data: Uint8Array): Uint8Array {
  const header: Header = {
    flags: frame.flags,
    index: BigInt(frame.index),
    poster: frame.poster,
    target: BigInt(frame.target),
    dataCommitment: calldataCommitment(data),
    targetHash: toHex(frame.targetHash),
    l1Hash: frame.l1Hash,
    l1Number: BigInt(frame.l1Number),
    timestamp: BigInt(frame.timestamp),
  };
  return fromHex(encodeHeader(header));
}

/** The hash that pins a batch: its header and its config. */
export function batchHashOf(header: Uint8Array, config: Uint8Array): string {
  return batchHash(toHex(keccak(header)), toHex(keccak(config)));
}
