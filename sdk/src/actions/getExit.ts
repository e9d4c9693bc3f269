import type { Provider } from "ethers";
import { type ExitLeaf, decodeExit } from "../ledger";
import { NodeRefused, type RollupNode } from "../node";
import { ICanonicalBridge__factory } from "../typechain";
import type { PayExit } from "./payExit";

/** Where an exit stands: not yet under a final commitment, payable on L1, paid there. */
export type ExitStatus = "pending" | "payable" | "paid";

export interface Exit {
  readonly index: bigint;
  readonly status: ExitStatus;
  /** Undefined while it is pending. */
  readonly leaf: ExitLeaf | undefined;
  /** What `payExit` takes; undefined unless it is payable. */
  readonly payment: PayExit | undefined;
}

export interface GetExit {
  readonly provider: Provider;
  readonly node: RollupNode;
  readonly bridge: string;
  readonly rollup: bigint;
  readonly index: bigint;
}

interface Proof {
  readonly leaves: readonly [string];
  readonly metadata: readonly [string];
  readonly count: number;
  readonly siblings: readonly string[];
  readonly slot: number;
  readonly stateRoot: string;
  readonly packed: string;
}

/**
 * Returns where an exit of a rollup stands, with its proof as soon as there is one.
 *
 * @throws NodeRefused when the rollup has no such exit
 */
export async function getExit({ provider, node, bridge, rollup, index }: GetExit): Promise<Exit> {
  let proof: Proof;
  try {
    proof = await node.request<Proof>("rollup_exitProof", Number(index));
  } catch (error) {
    if (!(error instanceof NodeRefused) || error.error !== "ExitNotFinal") throw error;
    return { index, status: "pending", leaf: undefined, payment: undefined };
  }
  const leaf = decodeExit(proof.leaves[0]);
  if (await ICanonicalBridge__factory.connect(bridge, provider).isSpent(rollup, index)) {
    return { index, status: "paid", leaf, payment: undefined };
  }
  const { slot, stateRoot, packed, siblings } = proof;
  const place = { slot, count: BigInt(proof.count), index };
  return {
    index,
    status: "payable",
    leaf,
    payment: { bridge, rollup, leaf, ...place, stateRoot, packed, siblings, metadata: proof.metadata[0] },
  };
}

/** An exit in an owner's list. */
export interface OwnedExit {
  readonly index: number;
  /** Sealed, posted or final. */
  readonly finality: string;
  readonly leaf: ExitLeaf;
}

/** Returns the exits that are an owner's to take, as receiver or as sender on the rollup, the first thousand from an index. */
export async function listExits(node: RollupNode, owner: string, first = 0): Promise<OwnedExit[]> {
  const found = await node.request<readonly { index: number; leaf: string; finality: string }[]>(
    "rollup_exits",
    owner,
    first,
  );
  return found.map(({ index, leaf, finality }) => ({ index, finality, leaf: decodeExit(leaf) }));
}
