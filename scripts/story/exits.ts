import { AbiCoder, concat, dataSlice, getBytes, hexlify } from "ethers";
import type { StoryNode } from "./node";

/** Exits as a node proves them, as the bridge takes them. */

/** What `rollup_exitProof` answers. */
export interface ProvenRun {
  readonly first: number;
  readonly length: number;
  readonly leaves: readonly string[];
  readonly siblings: readonly string[];
  readonly count: number;
  readonly slot: number;
  readonly commitment: string;
  readonly stateRoot: string;
  readonly exitRoot: string;
  readonly packed: string;
}

export interface LeafWords {
  readonly head: bigint;
  readonly id: bigint;
  readonly amount: bigint;
  readonly l2Sender: string;
  readonly to: string;
  readonly fallbackTo: string;
  readonly metadataHash: string;
  readonly dataHash: string;
}

const LEAF_TYPES = ["uint256", "uint256", "uint256", "address", "address", "address", "bytes32", "bytes32"];

export function leafWords(leaf: string): LeafWords {
  const [head, id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash] =
    AbiCoder.defaultAbiCoder().decode(LEAF_TYPES, leaf) as unknown as [
      bigint,
      bigint,
      bigint,
      string,
      string,
      string,
      string,
      string,
    ];
  return { head, id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash };
}

export function kindOf({ head }: LeafWords): number {
  return Number((head >> 232n) & 0xffn);
}

/** The address of the asset within its kind. */
export function tokenOf(leaf: string): string {
  return dataSlice(leaf, 12, 32);
}

/** The proof argument of `exit` and `exitBatch`. */
export function proofArgument(
  rollup: bigint,
  run: ProvenRun,
): { place: bigint; stateRoot: string; packed: string } {
  const place =
    (BigInt(run.slot) << 192n) | (rollup << 128n) | (BigInt(run.count) << 64n) | BigInt(run.first);
  return { place, stateRoot: run.stateRoot, packed: run.packed };
}

export async function proveRun(
  node: StoryNode,
  l2ChainId: bigint,
  first: number,
  length = 1,
): Promise<ProvenRun> {
  return node.call<ProvenRun>("rollup_exitProof", [first, length], l2ChainId);
}

/** `nameLength u8 ‖ name ‖ symbolLength u8 ‖ symbol ‖ uriLength u16 ‖ uri` */
export function metadata(name: string, symbol: string, uri: string): string {
  const text = (value: string, bytes: 1 | 2): string => {
    const encoded = new TextEncoder().encode(value);
    const length =
      bytes === 1 ? Uint8Array.of(encoded.length) : Uint8Array.of(encoded.length >> 8, encoded.length & 0xff);
    return concat([length, encoded]);
  };
  return hexlify(getBytes(concat([text(name, 1), text(symbol, 1), text(uri, 2)])));
}
