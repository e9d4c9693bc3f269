import { encodeClaim, encodeFinalize, NORMAL, SWEPT_PHASE } from "@rollworks/sdk/src/protocol";
import { validLine } from "../batcher/batcher";
import { toHex } from "../hashing";
import { HUB } from "../l1/contracts";
import { describe } from "../log";
import { ClaimView } from "../rollup/chain";
import { readCommitment } from "../rollup/commitment";
import { RollupContext } from "../rollup/context";
import { claimEntry, ringEntry, ticksOf } from "../rollup/entries";

/** After a batch's post, before a line of coins alone may claim it [s] (`IRollupHub.claim`). */
const BOND_LINE_DELAY = 86_400;

/**
 * Sees to it that true results become final: claims them where the node's line can, finalises what has outlived its window,
 * closes a rollup that is swept. Each duty is simulated first and looked at again at the next L1 block.
 */
export class Claimer {
  /** L1 block before which a duty isn't tried again, by its id */
  private readonly notBefore = new Map<string, number>();
  private readonly underWay = new Set<string>();

  constructor(
    private readonly context: RollupContext,
    private readonly options: { claims: boolean },
  ) {}

  async look(): Promise<void> {
    const { view } = this.context;
    if (view.created === undefined || view.ended !== undefined) return;
    if (this.options.claims) await this.claimPending();
    this.finalizeNext();
    this.retireSwept();
  }

  /** Claims every pending batch whose result is known here and that the node's key hasn't claimed with its present nonce. */
  private async claimPending(): Promise<void> {
    const { view, results, l1, place, store } = this.context;
    const mine = l1.address!;
    for (let index = view.finalIndex + 1; index <= results.tip.index; index++) {
      const record = store.batches.get(index);
      const posted = view.posted.get(index);
      if (record === undefined || posted === undefined) return;
      const known = view.claims.get(index) ?? [];
      if (known.some((claim) => claim.asserter === mine && view.isBacked(claim) && results.isTrue(claim)))
        continue;
      const id = `claim/${place.id}/${index}`;
      if (!this.isDue(id)) continue;
      const line = await validLine(this.context, mine);
      if (line === undefined) return;
      const earliest = posted.block.timestamp + (line.isAlt ? 0 : BOND_LINE_DELAY);
      if (this.context.head.timestamp < earliest) return;
      const [parent, commitment] = [toHex(record.parent), toHex(record.commitment)];
      const claim = { rollup: BigInt(place.id), index: BigInt(index), mode: NORMAL, parent, commitment };
      this.submit(id, encodeClaim(claim, ringEntry(place.id, view.created!, posted)));
    }
  }

  /** Finalises the next batch by whichever true claim has outlived its window. */
  private finalizeNext(): void {
    const { view, place, results } = this.context;
    const index = view.finalIndex + 1;
    const posted = view.posted.get(index);
    const id = `finalize/${place.id}/${index}`;
    if (posted === undefined || !this.isDue(id)) return;
    const claim = (view.claims.get(index) ?? []).find(
      (one) => results.isTrue(one) && view.isBacked(one) && this.hasOutlived(one),
    );
    if (claim === undefined) return;
    const { mode, commitment, place: where } = claim;
    const terms = { rollup: BigInt(place.id), index: BigInt(index), mode, commitment, place: where };
    this.submit(id, encodeFinalize(terms, claimEntry(place.id, view.created!, posted, claim)));
  }

  private retireSwept(): void {
    const { view, place, store } = this.context;
    const record = view.finalIndex > 0 ? store.batches.get(view.finalIndex) : undefined;
    if (record === undefined || toHex(record.commitment) !== view.finalCommitment) return;
    const { phase, messagesConsumed, stateRoot, exitRoot, packed } = readCommitment(record.parts);
    const id = `retire/${place.id}`;
    if (phase !== SWEPT_PHASE || messagesConsumed !== view.count || !this.isDue(id)) return;
    this.submit(id, HUB.encodeFunctionData("retire", [place.id, stateRoot, exitRoot, packed]));
  }

  private hasOutlived({ block }: ClaimView): boolean {
    const { head, timing, view } = this.context;
    return ticksOf(block, head, timing.blockTime) >= view.created!.window;
  }

  private isDue(id: string): boolean {
    return !this.underWay.has(id) && this.context.head.number >= (this.notBefore.get(id) ?? 0);
  }

  private submit(id: string, data: string): void {
    const { l1, place, log, head } = this.context;
    this.underWay.add(id);
    void l1
      .submit({ id, to: place.hub, data })
      .then((outcome) => {
        log.info(
          { duty: id, gas: Number(outcome.gasUsed), succeeded: outcome.succeeded },
          "did a duty on L1",
        );
        l1.look();
      })
      .catch((error: unknown) => {
        if ((error as Error).name === "WouldRevert") log.debug(describe(error), "a duty isn't due yet");
        else log.warn({ duty: id, ...describe(error) }, "a duty failed, trying again");
      })
      .finally(() => {
        this.notBefore.set(id, head.number + 1);
        this.underWay.delete(id);
      });
  }
}
