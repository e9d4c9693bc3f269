import { concat, getAddress, toBeHex, zeroPadBytes } from "ethers";

/** Kinds of assets: docs/encodings.md. Born kinds stand for what was born on a rollup. */
export enum AssetKind {
  Native = 0,
  ERC20 = 1,
  ERC721 = 2,
  ERC1155 = 3,
  BornFungible = 5,
  BornCollection = 6,
  BornMulti = 7,
}

export interface Asset {
  readonly kind: AssetKind;
  /** On L1, or on the rollup for born kinds; the zero address for the native coin. */
  readonly token: string;
}

export const zeroAddress = "0x0000000000000000000000000000000000000000";
export const nativeCoin: Asset = { kind: AssetKind.Native, token: zeroAddress };

/** `kind u8 ‖ zero(11) ‖ token address(20)` */
export function encodeAsset({ kind, token }: Asset): string {
  return concat([zeroPadBytes(toBeHex(kind, 1), 12), token]);
}

export function decodeAsset(word: string): Asset {
  const kind = Number(word.slice(0, 4));
  if (!/^0x[0-9a-f]{64}$/i.test(word) || !(kind in AssetKind) || !/^0{22}$/.test(word.slice(4, 26)))
    throw new Error(`not an asset: ${word}`);
  return { kind, token: getAddress("0x" + word.slice(26)) };
}
