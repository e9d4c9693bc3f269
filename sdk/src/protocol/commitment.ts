import { concat, keccak256, type BytesLike } from "ethers";
import { packWord, unpackWord } from "./word";

/** The phase, in a commitment, of a rollup that was swept; 0: no sweep has begun, 1: one is under way. */
export const SWEPT_PHASE = 2;

/** What a commitment commits to: the state after a batch. */
export interface CommitmentFields {
  stateRoot: string;
  exitRoot: string;
  block: bigint;
  /** [s since 1970] */
  timestamp: bigint;
  messagesConsumed: bigint;
  transactions: bigint;
  phase: number;
}

/** Returns the commitment's third word. */
export function packCommitment(fields: Omit<CommitmentFields, "stateRoot" | "exitRoot">): string {
  return packWord(
    [64, fields.block],
    [64, fields.timestamp],
    [64, fields.messagesConsumed],
    [56, fields.transactions],
    [8, fields.phase],
  );
}

export function commitmentHash(fields: CommitmentFields): string {
  return keccak256(concat([fields.stateRoot, fields.exitRoot, packCommitment(fields)]));
}

/** Reads the three words of a commitment. */
export function decodeCommitment(stateRoot: string, exitRoot: string, packed: BytesLike): CommitmentFields {
  const [block, timestamp, messagesConsumed, transactions, phase] = unpackWord(packed, 64, 64, 64, 56, 8) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { stateRoot, exitRoot, block, timestamp, messagesConsumed, transactions, phase: Number(phase) };
}
