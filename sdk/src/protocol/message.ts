import {
  concat,
  dataLength,
  dataSlice,
  getAddress,
  keccak256,
  toBeHex,
  type BytesLike,
  getBytes,
} from "ethers";

/** Kinds of L1 → L2 messages. */
export const DEPOSIT = 1;
export const FORCED = 2;
export const CALL = 3;

/** The longest message, its head of 22 bytes included [bytes]. */
export const MESSAGE_LIMIT = 4096;
const VERSION = 1;

/** A message, taken apart. */
export interface Message {
  kind: number;
  sender: string;
  body: string;
}

/**
 * Returns the bytes of a message.
 *
 * @throws RangeError if it is longer than the hub takes, or a field isn't as long as it is drawn
 */
export function encodeMessage(message: Message): string {
  if (!Number.isInteger(message.kind) || message.kind < 0 || message.kind > 255)
    throw new RangeError(`a message of kind ${message.kind}: kinds are 0 to 255`);
  if (dataLength(message.sender) !== 20)
    throw new RangeError(`a sender of ${dataLength(message.sender)} bytes where 20 belong`);
  const encoded = concat([toBeHex(VERSION, 1), toBeHex(message.kind, 1), message.sender, message.body]);
  const length = dataLength(encoded);
  if (length > MESSAGE_LIMIT)
    throw new RangeError(
      `a message of ${length} bytes, its head included, where ${MESSAGE_LIMIT} fit: shorten its body`,
    );
  return encoded;
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
