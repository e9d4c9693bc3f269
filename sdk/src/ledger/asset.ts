import { concat, dataSlice, getAddress, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import { Reader, type Bytes, Writer, toBytes } from "./bytes";

/** What kinds of assets there are; 1 to 3 live on L1, 5 to 7 are born on a rollup. */
export const AssetKind = {
  Coin: 0,
  Erc20: 1,
  Erc721: 2,
  Erc1155: 3,
  Token: 5,
  Collection: 6,
  MultiToken: 7,
} as const;

/** What an amount is of. `token` is zero for the coin, `id` is 0 for fungible assets. */
export interface Asset {
  kind: number;
  token: string;
  id: bigint;
}

/** Returns whether each piece is one of its kind, with one holder. */
export function isNft(kind: number): boolean {
  return kind === AssetKind.Erc721 || kind === AssetKind.Collection;
}

/** Returns whether assets of this kind are born on a rollup. */
export function isBorn(kind: number): boolean {
  return kind >= AssetKind.Token && kind <= AssetKind.MultiToken;
}

/** Returns the address of the asset that a creator makes as his `created`-th (from 0). */
export function assetAddress(chainId: bigint, creator: string, created: bigint): string {
  const parts = [toUtf8Bytes("rollworks.asset"), toBeHex(chainId, 8), creator, toBeHex(created, 8)];
  return getAddress(dataSlice(keccak256(concat(parts)), 12));
}

/** Name, symbol and URI of an asset born on a rollup, as its mirror on L1 shows them. */
export interface Metadata {
  name: string;
  symbol: string;
  uri: string;
}

export function encodeMetadata({ name, symbol, uri }: Metadata): Uint8Array {
  return new Writer().text(name, 1).text(symbol, 1).text(uri, 2).bytes();
}

export function decodeMetadata(bytes: Bytes): Metadata {
  const reader = new Reader(toBytes(bytes));
  const metadata = { name: reader.text(1), symbol: reader.text(1), uri: reader.text(2) };
  reader.end();
  return metadata;
}

/** Returns what an exit leaf's metadataHash is the hash of, for one piece of a collection. */
export function pieceMetadata(collection: Metadata, id: bigint): Metadata {
  return { ...collection, uri: collection.uri + id.toString() };
}

export function metadataHash(metadata: Metadata): string {
  return keccak256(encodeMetadata(metadata));
}
