import {
  claimKey,
  Entry,
  ON_ITS_OWN,
  slowTicksBetween,
  ticksBetween,
  unclaimed,
} from "@rollworks/sdk/src/protocol";
import { L1Block } from "../l1/watcher";
import { ClaimView, PostedView } from "./chain";
import { CreatedFact } from "./facts";

const NONE = `0x${"00".repeat(32)}`;

/** The key under which several operators' claims of the same are one. */
export function claimKeyOf(
  rollup: number,
  posted: PostedView,
  claim: Pick<ClaimView, "parent" | "mode" | "commitment">,
): string {
  const { parent, mode, commitment } = claim;
  return claimKey({
    rollup: BigInt(rollup),
    index: BigInt(posted.index),
    batchHash: posted.batchHash,
    parent,
    mode,
    commitment,
  });
}

/** The entry that the hub's ring holds for a batch: it follows from its event, its block and the batch before. */
export function ringEntry(rollup: number, created: CreatedFact, posted: PostedView): Entry {
  const entry: Entry = {
    batchHash: posted.batchHash,
    claimKey: claimKeyOf(rollup, posted, { ...posted, mode: posted.word.mode }),
    asserter: posted.poster,
    nonce: BigInt(posted.nonce),
    window: BigInt(created.window),
    policyMask: created.policy >> 8,
    policyThreshold: created.policy & 0xff,
    flags: posted.word.flags,
    backedTime: BigInt(posted.block.timestamp),
    backedBlock: BigInt(posted.block.number),
    postTime: BigInt(posted.block.timestamp),
    gap: BigInt(posted.gap),
  };
  return posted.commitment === NONE ? unclaimed(entry) : entry;
}

/** The entry of a claim, wherever it stands. */
export function claimEntry(
  rollup: number,
  created: CreatedFact,
  posted: PostedView,
  claim: ClaimView,
): Entry {
  const ring = ringEntry(rollup, created, posted);
  if (claim.place !== ON_ITS_OWN) return ring;
  return {
    ...ring,
    claimKey: claimKeyOf(rollup, posted, claim),
    asserter: claim.asserter,
    nonce: BigInt(claim.nonce),
    backedTime: BigInt(claim.block.timestamp),
    backedBlock: BigInt(claim.block.number),
  };
}

/** Ticks from one L1 block to another. */
export function ticksOf(from: L1Block, to: L1Block, blockTime: number): number {
  return Number(ticksBetween(momentOf(from), momentOf(to), BigInt(blockTime)));
}

/** Ticks from one L1 block to another, of what must outlast a match. */
export function slowTicksOf(from: L1Block, to: L1Block, blockTime: number): number {
  return Number(slowTicksBetween(momentOf(from), momentOf(to), BigInt(blockTime)));
}

function momentOf({ timestamp, number }: L1Block): { time: bigint; block: bigint } {
  return { time: BigInt(timestamp), block: BigInt(number) };
}
