import { decodeHeader, encodePost, NORMAL } from "@rollworks/sdk/src/protocol";
import { toHex } from "../hashing";
import { readLine } from "../claimer/line";
import { batchHashOf } from "../rollup/batch";
import { RollupContext } from "../rollup/context";
import { BatchRecord } from "../store/rollup";

/** The call of `post` for a batch, with the claim about it or without. A program that posts by itself can use it too. */
export function postCall(
  rollup: number,
  batch: Pick<BatchRecord, "header" | "parent" | "commitment"> & { readonly data: Uint8Array },
  config: Uint8Array,
  withClaim: boolean,
): string {
  const header = decodeHeader(batch.header);
  const claim = { parent: toHex(batch.parent), commitment: toHex(batch.commitment) };
  return encodePost(
    { ...header, rollup: BigInt(rollup), mode: NORMAL },
    batchHashOf(batch.header, config),
    batch.data,
    withClaim ? claim : undefined,
  );
}

interface L1Header {
  number: string;
  hash: string;
  timestamp: string;
}

/** The L1 block a new batch refers to: `depth` below the head, but never below the last batch's. */
export async function l1Context(
  context: RollupContext,
  depth: number,
): Promise<{ l1Number: number; l1Hash: string; timestamp: number }> {
  const { view, head, l1 } = context;
  const least = view.posted.get(view.postedIndex)?.word.l1Number ?? 0;
  const number = Math.max(least, head.number - depth, 0);
  const block = await l1.call<L1Header | null>("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]);
  if (block === null) throw new Error(`L1 has no block ${number}`);
  const lastTimestamp = view.posted.get(view.postedIndex)?.word.timestamp ?? 0;
  return {
    l1Number: number,
    l1Hash: block.hash,
    timestamp: Math.max(head.timestamp, lastTimestamp),
  };
}

/**
 * Sends the sealed batch to L1, with the claim about it if the node's line can claim. What becomes of it is read from
 * L1's events alone, so that a crash, a reorg or somebody else's batch need no care here.
 */
export class Batcher {
  private sending: number | undefined;
  /** the last batch that was mined, and the L1 block in which */
  private mined: { index: number; block: number } | undefined;

  constructor(
    private readonly context: RollupContext,
    private readonly deps: { rejected(batch: BatchRecord, error: unknown): void; done(): void },
  ) {}

  get isSending(): boolean {
    return this.sending !== undefined;
  }

  /** Sends the batch unless it is on its way, or was mined in a block that hasn't been read yet. */
  send(batch: BatchRecord): void {
    if (this.sending !== undefined) return;
    if (this.mined?.index === batch.index && this.context.head.number < this.mined.block) return;
    this.sending = batch.index;
    const task = this.post(batch)
      .catch((error: unknown) => this.deps.rejected(batch, error))
      .finally(() => {
        this.sending = undefined;
        this.deps.done();
      });
    void this.context.activity.track(task);
  }

  private async post(batch: BatchRecord): Promise<void> {
    const { place, l1, config, log, head, results } = this.context;
    const withClaim = (await readLine(this.context)).canClaim(head.timestamp);
    const outcome = await l1.submit({
      id: `post/${place.id}/${batch.index}`,
      to: place.hub,
      data: postCall(place.id, { ...batch, data: results.dataOf(batch.index) }, config, withClaim),
    });
    const facts = {
      batch: batch.index,
      bytes: batch.bytes,
      withClaim,
      gas: Number(outcome.gasUsed),
      commitment: toHex(batch.commitment),
    };
    if (!outcome.succeeded) throw new Error(`the post of batch ${batch.index} reverted in ${outcome.hash}`);
    this.mined = { index: batch.index, block: outcome.block };
    log.info(facts, "posted a batch");
    l1.look();
  }
}
