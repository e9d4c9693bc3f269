import type { ExitLeaf } from "../ledger";

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

const version = 1n;

export function exitLeafWords(leaf: ExitLeaf): ExitLeafWords {
  const head =
    (version << 248n) |
    (BigInt(leaf.flags) << 240n) |
    (BigInt(leaf.kind) << 232n) |
    (leaf.targetRollup << 160n) |
    BigInt(leaf.token);
  const { id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash } = leaf;
  return { head, id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash };
}
