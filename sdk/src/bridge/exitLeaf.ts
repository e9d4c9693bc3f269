import type { ExitLeaf } from "../ledger";
import { packWord } from "../protocol/word";

/** An exit leaf as the bridge takes it: one field per word, in the order in which the leaf is hashed. */
export interface ExitLeafWords {
  readonly head: bigint;
  readonly id: bigint;
  readonly amount: bigint;
  readonly l2Sender: string;
  readonly to: string;
  readonly fallbackTo: string;
  readonly metadataHash: string;
  readonly dataHash: string;
}

const VERSION = 1;

/** @throws FieldOverflowError if a field of the head is wider than its place there */
export function exitLeafWords(leaf: ExitLeaf): ExitLeafWords {
  const head = packWord(
    [8, VERSION],
    [8, leaf.flags],
    [8, leaf.kind],
    [8, 0],
    [64, leaf.targetRollup],
    [160, leaf.token],
  );
  const { id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash } = leaf;
  return { head: BigInt(head), id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash };
}
