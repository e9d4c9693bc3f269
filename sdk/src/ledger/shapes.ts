import type { TypedDataField } from "ethers";
import type { Action } from "./transaction";

/** What an action is made of: its number, its price and its fields, in the order in which they are written and hashed. */
export interface Shape {
  code: number;
  /** [L2 gas] */
  gas: number;
  fields: readonly TypedDataField[];
}

const field = (type: string, name: string): TypedDataField => ({ type, name });

export const SHAPES: Record<Action["type"], Shape> = {
  SendCoin: { code: 1, gas: 200, fields: [field("address", "to"), field("uint256", "amount")] },
  SendAsset: {
    code: 2,
    gas: 300,
    fields: [
      field("uint8", "kind"),
      field("address", "token"),
      field("uint256", "id"),
      field("address", "to"),
      field("uint256", "amount"),
    ],
  },
  CreateAsset: {
    code: 3,
    gas: 400,
    fields: [
      field("uint8", "kind"),
      field("string", "name"),
      field("string", "symbol"),
      field("string", "uri"),
      field("uint128", "maxSupply"),
      field("bool", "openMint"),
    ],
  },
  Mint: {
    code: 4,
    gas: 400,
    fields: [
      field("address", "token"),
      field("uint256", "id"),
      field("address", "to"),
      field("uint128", "amount"),
    ],
  },
  MintNft: {
    code: 5,
    gas: 300,
    fields: [field("address", "collection"), field("address", "to"), field("uint16", "count")],
  },
  SetMinter: {
    code: 6,
    gas: 300,
    fields: [field("address", "token"), field("address", "minter"), field("uint128", "allowance")],
  },
  Burn: {
    code: 7,
    gas: 300,
    fields: [field("address", "token"), field("uint256", "id"), field("uint256", "amount")],
  },
  Exit: {
    code: 8,
    gas: 300,
    fields: [
      field("uint8", "kind"),
      field("address", "token"),
      field("uint256", "id"),
      field("uint256", "amount"),
      field("uint64", "targetRollup"),
      field("address", "to"),
      field("address", "fallbackTo"),
      field("bytes32", "dataHash"),
    ],
  },
};

/** What follows an action's own fields when it is signed. */
export const SIGNED_FIELDS = [field("uint256", "maxFee"), field("uint64", "nonce")];

const BY_CODE = new Map(
  Object.entries(SHAPES).map(([type, shape]) => [shape.code, { type: type as Action["type"], ...shape }]),
);

/** Returns the action with this number, undefined if there is none. */
export function shapeOf(code: number): (Shape & { type: Action["type"] }) | undefined {
  return BY_CODE.get(code);
}

/** Each piece that MintNft makes costs so much more [L2 gas]. */
export const PIECE_GAS = 100;

/** A URI is the only text that may be longer than 255 bytes. */
export function textPrefix(name: string): 1 | 2 {
  return name === "uri" ? 2 : 1;
}

/** Returns the bytes that an unsigned integer of a type has at most. */
export function sizeOf(type: string): number {
  return Number(type.slice("uint".length)) / 8;
}
