import { decodeCommitment } from "@rollworks/sdk/src/protocol";
import { toHex } from "../hashing";

/** The parts of a commitment, as its preimage of 96 bytes holds them. */
export interface CommitmentParts {
  readonly stateRoot: Uint8Array;
  readonly exitRoot: Uint8Array;
  readonly packed: Uint8Array;
  readonly block: number;
  readonly timestamp: number;
  readonly messagesConsumed: number;
  readonly transactions: number;
  readonly phase: number;
}

/** Takes a commitment's preimage apart. */
export function readCommitment(preimage: Uint8Array): CommitmentParts {
  const [stateRoot, exitRoot, packed] = [
    preimage.subarray(0, 32),
    preimage.subarray(32, 64),
    preimage.subarray(64, 96),
  ];
  const fields = decodeCommitment(toHex(stateRoot), toHex(exitRoot), packed);
  return {
    stateRoot,
    exitRoot,
    packed,
    block: Number(fields.block),
    timestamp: Number(fields.timestamp),
    messagesConsumed: Number(fields.messagesConsumed),
    transactions: Number(fields.transactions),
    phase: fields.phase,
  };
}
