import { concat, dataSlice, getAddress, keccak256, toBeHex, type BytesLike, getBytes } from "ethers";

/** Kinds of L1 → L2 messages. */
export const DEPOSIT = 1;
export const FORCED = 2;
export const CALL = 3;

/** The longest message, its head included [bytes]. */
export const MAX_MESSAGE = 4096;
const VERSION = 1;

/** A message, taken apart. */
export interface Message {
  kind: number;
  sender: string;
  body: string;
}

export function encodeMessage(message: Message): string {
  return concat([toBeHex(VERSION, 1), toBeHex(message.kind, 1), message.sender, message.body]);
}

export function decodeMessage(encoded: BytesLike): Message {
  return {
    kind: getBytes(encoded)[1]!,
    sender: getAddress(dataSlice(encoded, 2, 22)),
    body: dataSlice(encoded, 22),
  };
}

/** Returns the message chain's head after one more message. The chain starts with zero. */
export function chainMessage(head: string, message: BytesLike): string {
  return keccak256(concat([head, keccak256(message)]));
}
