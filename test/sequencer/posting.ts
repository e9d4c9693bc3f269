import { claimKey, type Entry, NORMAL } from "../../sdk/src/protocol";
import { Rollup, Settlement } from "./fixture";

/** The entry of a rollup's first batch, whose claim came with it. */
export async function ringEntryOf({ hub }: Settlement, rollup: Rollup): Promise<Entry> {
  const posted = (await hub.queryFilter(hub.filters.Posted(rollup.id)))[0]!;
  const created = await (await hub.queryFilter(hub.filters.Created(rollup.id)))[0]!.getBlock();
  const block = await posted.getBlock();
  const { batchHash, parent, commitment, nonce, poster } = posted.args;
  const { window } = (await hub.queryFilter(hub.filters.Created(rollup.id)))[0]!.args.security;
  return {
    batchHash,
    claimKey: claimKey({ rollup: rollup.id, index: 1n, batchHash, parent, mode: NORMAL, commitment }),
    asserter: poster,
    ...{ nonce, window, policyMask: 1, policyThreshold: 1, flags: 0 },
    backedTime: BigInt(block.timestamp),
    backedBlock: BigInt(block.number),
    postTime: BigInt(block.timestamp),
    gap: BigInt(block.timestamp - created.timestamp),
  };
}
