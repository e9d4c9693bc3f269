import { concat, getAddress, keccak256, toBeHex, toUtf8Bytes, ZeroHash, zeroPadValue } from "ethers";
import { type Asset, AssetKind } from "./asset";

/** An exit as a rollup's program writes it (docs/encodings.md). */
export interface ExitLeaf {
  readonly isKeyOnly: boolean;
  readonly isSweep: boolean;
  readonly asset: Asset;
  /** 0: L1 */
  readonly targetRollup: bigint;
  readonly id: bigint;
  /** [units of the asset] */
  readonly amount: bigint;
  readonly l2Sender: string;
  readonly to: string;
  readonly fallbackTo: string;
  readonly metadataHash: string;
  readonly dataHash: string;
}

/** The leaf as the bridge takes it: one field per word. */
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
  const flags = (leaf.isKeyOnly ? 1n : 0n) | (leaf.isSweep ? 2n : 0n);
  const head =
    (version << 248n) |
    (flags << 240n) |
    (BigInt(leaf.asset.kind) << 232n) |
    (leaf.targetRollup << 160n) |
    BigInt(leaf.asset.token);
  const { id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash } = leaf;
  return { head, id, amount, l2Sender, to, fallbackTo, metadataHash, dataHash };
}

/** The leaf's 256 bytes. */
export function encodeExitLeaf(leaf: ExitLeaf): string {
  const words = exitLeafWords(leaf);
  return concat([
    toBeHex(words.head, 32),
    toBeHex(words.id, 32),
    toBeHex(words.amount, 32),
    zeroPadValue(words.l2Sender, 32),
    zeroPadValue(words.to, 32),
    zeroPadValue(words.fallbackTo, 32),
    words.metadataHash,
    words.dataHash,
  ]);
}

export function decodeExitLeaf(bytes: string): ExitLeaf {
  if (!/^0x[0-9a-f]{512}$/i.test(bytes)) throw new Error("an exit leaf has 256 bytes");
  const word = (i: number): string => "0x" + bytes.slice(2 + 64 * i, 66 + 64 * i);
  const address = (i: number): string => getAddress("0x" + bytes.slice(26 + 64 * i, 66 + 64 * i));
  const head = BigInt(word(0));
  if (head >> 248n !== version) throw new Error(`exit leaf of unknown version ${head >> 248n}`);
  const kind = Number((head >> 232n) & 0xffn);
  if (!(kind in AssetKind)) throw new Error(`exit leaf of unknown asset kind ${kind}`);
  return {
    isKeyOnly: ((head >> 240n) & 1n) === 1n,
    isSweep: ((head >> 241n) & 1n) === 1n,
    asset: { kind, token: address(0) },
    targetRollup: (head >> 160n) & 0xffffffffffffffffn,
    id: BigInt(word(1)),
    amount: BigInt(word(2)),
    l2Sender: address(3),
    to: address(4),
    fallbackTo: address(5),
    metadataHash: word(6),
    dataHash: word(7),
  };
}

/** `keccak256(0x00 ‖ leaf)` */
export function hashExitLeaf(leaf: ExitLeaf): string {
  return keccak256(concat(["0x00", encodeExitLeaf(leaf)]));
}

/** Name, symbol and URI of something born on a rollup. */
export interface Metadata {
  readonly name: string;
  readonly symbol: string;
  /** Of the token for an NFT, else of the asset. */
  readonly uri: string;
}

/** `nameLength u8 ‖ name ‖ symbolLength u8 ‖ symbol ‖ uriLength u16 ‖ uri` */
export function encodeMetadata({ name, symbol, uri }: Metadata): string {
  const text = (field: string, value: string, most: number, width: number): string => {
    const bytes = toUtf8Bytes(value);
    if (bytes.length > most) throw new Error(`${field} has ${bytes.length} bytes, at most ${most} fit`);
    return concat([toBeHex(bytes.length, width), bytes]);
  };
  return concat([text("name", name, 64, 1), text("symbol", symbol, 16, 1), text("uri", uri, 256, 2)]);
}

/** The `dataHash` of a leaf: 0 for no call. */
export function hashExitData(data: string): string {
  return data === "0x" ? ZeroHash : keccak256(data);
}
