import { type BytesLike, ZeroHash, hexlify, keccak256 } from "ethers";
import { chainMessage } from "../protocol/message";

/** A message that a rollup never read, and its place in the message chain, as the bridge's `refund` takes it. */
export interface UnreadMessage {
  readonly index: bigint;
  /** The chain's head before the message. */
  readonly before: string;
  readonly message: string;
  /** The hash of each message after it, up to the next mark or the chain's head. */
  readonly later: readonly string[];
}

/**
 * Returns what proves one of a rollup's messages.
 *
 * @param messages all of them, from the first
 * @param messageBound the hub keeps the chain's head after every so many
 */
export function unreadMessage(
  messages: readonly BytesLike[],
  index: number,
  messageBound: number,
): UnreadMessage {
  const message = messages[index];
  if (message === undefined) throw new RangeError(`no message ${index} of ${messages.length}`);
  const before = messages
    .slice(0, index)
    .reduce<string>((head, earlier) => chainMessage(head, earlier), ZeroHash);
  const mark = Math.ceil((index + 1) / messageBound) * messageBound;
  return {
    index: BigInt(index),
    before,
    message: hexlify(message),
    later: messages.slice(index + 1, mark).map((later) => keccak256(later)),
  };
}
