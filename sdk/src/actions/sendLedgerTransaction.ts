import type { Signer } from "ethers";
import { type Action, gasOf, signTransaction } from "../ledger";
import type { RollupNode } from "../node";

/** Where a transaction stands: waiting, in a sealed block, ordered on L1, its result final there; or skipped by rule. */
export type Finality = "waiting" | "sealed" | "posted" | "final" | "rejected";

export interface LedgerReceipt {
  readonly finality: Finality;
  readonly applied?: boolean;
  /** `Applied`, or the first check that failed. */
  readonly status?: string;
  /** What the action made: a token's address, the first NFT's id, the index of an exit; 32 bytes. */
  readonly output?: string;
  readonly block?: number;
  readonly batch?: number;
}

/** Signs a transaction of the ledger with the account's next nonce and hands it to a node; returns its hash. */
export async function sendLedgerTransaction(
  node: RollupNode,
  signer: Signer,
  action: Action,
): Promise<string> {
  const [nonce, { gasPrice }] = await Promise.all([
    node.request<number>("ledger_getNonce", await signer.getAddress()),
    node.request<{ gasPrice: string }>("rollup_status"),
  ]);
  const maxFee = BigInt(gasOf(action)) * BigInt(gasPrice);
  const bytes = await signTransaction(signer, node.l2ChainId, { action, maxFee, nonce: BigInt(nonce) });
  return node.request<string>("ledger_sendTransaction", bytes);
}

/** Returns what became of a transaction; undefined when the node doesn't know it. */
export async function getLedgerReceipt(node: RollupNode, hash: string): Promise<LedgerReceipt | undefined> {
  return (await node.request<LedgerReceipt | null>("ledger_getReceipt", hash)) ?? undefined;
}
