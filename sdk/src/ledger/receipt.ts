import { getAddress } from "ethers";
import { EncodingError, Reader, type Bytes, toBytes } from "./bytes";

/** What became of a transaction or message: applied, or the first check that failed. Positions are the numbers of the format. */
export const STATUSES = [
  "Applied",
  "Malformed",
  "BadSignature",
  "WrongNonce",
  "FeeTooHigh",
  "InsufficientCoin",
  "InsufficientBalance",
  "NotHolder",
  "UnknownAsset",
  "NotMinter",
  "SupplyExceeded",
  "Overflow",
  "WrongAmount",
  "WrongId",
  "WrongRecipient",
  "NotCreator",
  "TextTooLong",
  "Frozen",
  "AboveMessageGas",
  "UnknownMessage",
] as const;

export type Status = (typeof STATUSES)[number];

/** Why a transaction is skipped, and what to do. */
export const STATUS_TEXTS: Record<Status, string> = {
  Applied: "The transaction took effect.",
  Malformed: "The bytes aren't a transaction, or more than 1,024. Encode it with this package.",
  BadSignature:
    "Nobody signed this, or s is above half the order. Sign the typed data of this rollup's chain id.",
  WrongNonce: "The nonce isn't the account's next. Ask for the nonce and sign again.",
  FeeTooHigh: "The fee is above maxFee. Sign with a maxFee of at least gas times the gas price.",
  InsufficientCoin: "The account's coins don't cover amount and fee. Deposit, or send less.",
  InsufficientBalance: "The account owns less of this asset. Send less.",
  NotHolder: "The NFT belongs to somebody else, or isn't on this rollup.",
  UnknownAsset: "There is no such asset here, or its kind doesn't fit the action.",
  NotMinter: "Only the creator, or a minter within the allowance, may mint. Ask the creator for SetMinter.",
  SupplyExceeded: "The asset's maxSupply would be exceeded. Mint less.",
  Overflow: "The receiver's balance would not fit 256 bits.",
  WrongAmount: "The amount is zero, not 1 for an NFT, or a count not 1 to 32.",
  WrongId: "The id of a fungible asset is 0.",
  WrongRecipient: "The recipient is the zero address.",
  NotCreator: "Only the asset's creator may do this.",
  TextTooLong: "Name, symbol or URI is too long (64, 16, 256; a collection's URI 236 bytes).",
  Frozen: "The rollup is being swept: what you own becomes an exit on L1 by itself.",
  AboveMessageGas: "The transaction's gas is above what a message from L1 may use. Split it.",
  UnknownMessage: "The message's version, kind or length is unknown.",
};

export interface Receipt {
  status: Status;
  /** [L2 gas]; 0 for what was skipped, and for deposits. */
  gas: number;
  /** The signer or L1 sender; zero if it isn't known. */
  sender: string;
  /** Token created, first NFT id, or index of the exit, as a word; else zero. */
  output: string;
}

export const RECEIPT_LENGTH = 57;

export function decodeReceipt(bytes: Bytes): Receipt {
  const reader = new Reader(toBytes(bytes));
  const code = reader.number(1);
  const status = STATUSES[code];
  if (status === undefined) throw new EncodingError(`no status ${code}`);
  const receipt = {
    status,
    gas: reader.number(4),
    sender: getAddress(reader.hex(20)),
    output: reader.hex(32),
  };
  reader.end();
  return receipt;
}
