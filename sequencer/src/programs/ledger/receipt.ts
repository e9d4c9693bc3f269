import { RECEIPT_LENGTH, STATUSES } from "@rollworks/sdk/src/ledger";
import { toHex } from "../../hashing";
import { ProgramReceipt } from "../program";

/** Reads `count u16 ‖ receipts` from `at` on. */
export function readReceipts(bytes: Uint8Array, at: number): ProgramReceipt[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(at);
  return Array.from({ length: count }, (_, position) => readReceipt(bytes, view, at + 2 + position * RECEIPT_LENGTH));
}

function readReceipt(bytes: Uint8Array, view: DataView, at: number): ProgramReceipt {
  const status = bytes[at]!;
  return {
    applied: status === 0,
    status: STATUSES[status] ?? `Status${status}`,
    gas: view.getUint32(at + 1),
    sender: toHex(bytes.subarray(at + 5, at + 25)),
    output: toHex(bytes.subarray(at + 25, at + RECEIPT_LENGTH)),
  };
}
