import { toHex } from "../../hashing";
import { ProgramReceipt } from "../program";

export const RECEIPT_BYTES = 57;

/** Names of the statuses in docs/encodings/ledger.md, by number. */
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

/** Reads `count u16 ‖ receipts` from `at` on. */
export function readReceipts(bytes: Uint8Array, at: number): ProgramReceipt[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(at);
  return Array.from({ length: count }, (_, position) => readReceipt(bytes, view, at + 2 + position * RECEIPT_BYTES));
}

function readReceipt(bytes: Uint8Array, view: DataView, at: number): ProgramReceipt {
  const status = bytes[at]!;
  return {
    applied: status === 0,
    status: STATUSES[status] ?? `Status${status}`,
    gas: view.getUint32(at + 1),
    sender: toHex(bytes.subarray(at + 5, at + 25)),
    output: toHex(bytes.subarray(at + 25, at + RECEIPT_BYTES)),
  };
}
