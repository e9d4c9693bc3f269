import { concat, keccak256, toBeHex } from "ethers";

/** The counters of a commitment (docs/encodings.md). */
export interface CommitmentCounters {
  readonly block: bigint;
  readonly timestamp: bigint;
  readonly messagesConsumed: bigint;
  readonly transactions: bigint;
  /** 0 open, 1 sweeping, 2 swept */
  readonly phase: number;
}

/** `block u64 ‖ timestamp u64 ‖ messagesConsumed u64 ‖ transactions u56 ‖ phase u8` */
export function packCounters(counters: CommitmentCounters): string {
  return concat([
    toBeHex(counters.block, 8),
    toBeHex(counters.timestamp, 8),
    toBeHex(counters.messagesConsumed, 8),
    toBeHex(counters.transactions, 7),
    toBeHex(counters.phase, 1),
  ]);
}

/** `keccak256(stateRoot ‖ exitRoot ‖ packed)` */
export function hashCommitment(stateRoot: string, exitRoot: string, packed: string): string {
  return keccak256(concat([stateRoot, exitRoot, packed]));
}
