import { MESSAGE_ONLY } from "@rollworks/sdk/src/protocol";
import { Interface } from "ethers";
import { fromHex, toHex } from "../hashing";
import { HUB } from "../l1/contracts";
import { PostedView } from "../rollup/chain";
import { RollupContext } from "../rollup/context";
import { batchHashOf, headerBytes } from "../rollup/batch";

/** Raised when what L1 shows of a batch doesn't hash to what the hub accepted: an endpoint errs, or L1 is being reorganised. */
export class BatchUnreadable extends Error {
  override readonly name = "BatchUnreadable";
}

/** Reads a batch's header and data back from L1 and checks them against the hash that the hub emitted. */
export async function readBatch(
  { l1, config }: Pick<RollupContext, "l1" | "config">,
  posted: PostedView,
): Promise<{ header: Uint8Array; data: Uint8Array }> {
  const { word } = posted;
  const block = await l1.call<{ hash: string } | null>("eth_getBlockByNumber", [
    `0x${word.l1Number.toString(16)}`,
    false,
  ]);
  if (block === null) throw new BatchUnreadable(`L1 has no block ${word.l1Number}`);
  const { index, poster, targetHash } = posted;
  const headerOf = (data: Uint8Array): Uint8Array =>
    headerBytes({ ...word, index, poster, targetHash, l1Hash: block.hash }, data);
  // Without data a contract may have posted, from whose transaction nothing can be read: the hash tells.
  const empty = new Uint8Array(0);
  if (batchHashOf(headerOf(empty), config) === posted.batchHash)
    return { header: headerOf(empty), data: empty };
  const data = word.flags & MESSAGE_ONLY ? empty : await dataOf({ l1 }, posted);
  const header = headerOf(data);
  if (batchHashOf(header, config) !== posted.batchHash) {
    throw new BatchUnreadable(`batch ${index} doesn't hash to ${posted.batchHash}`);
  }
  return { header, data };
}

/** The hub takes data only from an account without code that calls it directly: so it is the transaction's own. */
async function dataOf({ l1 }: Pick<RollupContext, "l1">, posted: PostedView): Promise<Uint8Array> {
  const transaction = await l1.call<{ input: string } | null>("eth_getTransactionByHash", [
    posted.transaction,
  ]);
  if (transaction === null) throw new BatchUnreadable(`L1 has no transaction ${posted.transaction}`);
  return dataOfPost(HUB, transaction.input);
}

/**
 * A batch's data in the calldata of its `post`, wherever the hub would find it: at any offset, with or without padding after it. A decoder that asks
 * for more than the hub does can't read every batch, and who can't read a batch can't challenge it.
 */
export function dataOfPost(hub: Interface, input: string): Uint8Array {
  const fragment = hub.getFunction("post");
  const place = fragment?.inputs.findIndex(({ name }) => name === "data") ?? -1;
  if (fragment === null || place < 0) throw new Error("the hub's interface has no post with data");
  const bytes = fromHex(input);
  const wordAt = (at: number): number => {
    const word = BigInt(toHex(bytes.subarray(at, at + 32)));
    if (at + 32 > bytes.length || word > BigInt(bytes.length))
      throw new BatchUnreadable("the transaction isn't a call of post");
    return Number(word);
  };
  if (toHex(bytes.subarray(0, 4)) !== fragment.selector)
    throw new BatchUnreadable("the transaction isn't a call of post");
  const start = 4 + wordAt(4 + 32 * place);
  const length = wordAt(start);
  if (start + 32 + length > bytes.length) throw new BatchUnreadable("the transaction's data ends too early");
  return bytes.slice(start + 32, start + 32 + length);
}
