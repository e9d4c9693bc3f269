import { encodeClaim, encodeFinalize, SWEPT_PHASE } from "@rollworks/sdk/src/protocol";
import { toHex } from "../hashing";
import { HUB } from "../l1/contracts";
import { Attempts } from "../rollup/attempts";
import { ClaimView } from "../rollup/chain";
import { readCommitment } from "../rollup/commitment";
import { RollupContext } from "../rollup/context";
import { finalElsewhere } from "../rollup/finality";
import { modeOf } from "../rollup/results";
import { Line, readLine } from "./line";
import { claimEntry, ringEntry, slowTicksOf, ticksOf } from "../rollup/entries";

/**
 * Sees to it that true results become final: claims them where the node's line can, finalises what has outlived its window,
 * closes a rollup that is swept. Each duty is simulated first and looked at again at the next L1 block.
 */
export class Claimer {
  constructor(
    private readonly context: RollupContext,
    private readonly deps: { attempts: Attempts },
    private readonly options: { claims: boolean },
  ) {}

  async look(): Promise<void> {
    const { view } = this.context;
    if (view.created === undefined || view.ended !== undefined) return;
    if (this.options.claims) {
      if (finalElsewhere(this.context) === undefined) await this.claimPending();
      this.refreshLine();
    }
    this.finalizeNext();
    this.retireSwept();
  }

  /** Claims every pending batch whose result is known here and that the node's key hasn't claimed with its present nonce. */
  private async claimPending(): Promise<void> {
    const { view, results, l1, place, store, head } = this.context;
    const mine = l1.address!;
    let line: Line | undefined;
    for (let index = view.finalIndex + 1; index <= results.tip.index; index++) {
      const record = store.batches.get(index);
      const posted = view.posted.get(index);
      if (record === undefined || posted === undefined) return;
      const known = view.claims.get(index) ?? [];
      if (known.some((claim) => claim.asserter === mine && view.isBacked(claim) && results.isTrue(claim)))
        continue;
      const id = `claim/${place.id}/${index}`;
      if (!this.deps.attempts.isDue(id)) continue;
      line ??= await readLine(this.context);
      if (!line.canClaim(head.timestamp, posted.block.timestamp)) return;
      const [parent, commitment] = [toHex(record.parent), toHex(record.commitment)];
      const claim = {
        rollup: BigInt(place.id),
        index: BigInt(index),
        mode: modeOf(record),
        parent,
        commitment,
      };
      this.submit(id, encodeClaim(claim, ringEntry(place.id, view.created!, posted)));
    }
  }

  /** Keeps the node's line able to claim: refreshes it when half of its time is over, or all of it. */
  private refreshLine(): void {
    const { head, place, view, l1 } = this.context;
    const line = view.lines.get(l1.address!);
    if (line === undefined || !line.isAlt) return;
    if (head.timestamp < line.since + (line.validUntil - line.since) / 2) return;
    this.submit(`refresh/${place.id}`, HUB.encodeFunctionData("refreshLine", [place.id]));
  }

  /** Finalises the next batch by whichever true claim the hub takes now. */
  private finalizeNext(): void {
    const { view, place, results, l1 } = this.context;
    const index = view.finalIndex + 1;
    const posted = view.posted.get(index);
    if (posted === undefined) return;
    const claim = this.finalizable(
      (view.claims.get(index) ?? []).filter(
        (one) => results.isTrue(one) && view.isBacked(one) && this.hasOutlived(one),
      ),
    );
    if (claim === undefined) return;
    const { mode, commitment, asserter, nonce, place: where } = claim;
    const id = `finalize/${place.id}/${index}/${asserter}/${nonce}`;
    const terms = { rollup: BigInt(place.id), index: BigInt(index), mode, commitment, place: where };
    const call = encodeFinalize(terms, claimEntry(place.id, view.created!, posted, claim));
    this.submit(id, call, asserter !== l1.address);
  }

  /**
   * The claim to finalise, of true ones whose window is over: an open match holds up whatever its asserter claims, until every match of the
   * claim's window must have ended. So a sham against one operator holds up no other's claim. Where guardians alone may finalise, the
   * hub is asked all the same.
   */
  private finalizable(claims: readonly ClaimView[]): ClaimView | undefined {
    const { head, timing, view, claimLife } = this.context;
    return (
      claims.find((claim) => !this.isDisputed(claim)) ??
      claims.find(({ block }) => slowTicksOf(block, head, timing.blockTime) >= claimLife) ??
      (canDoWithoutWindow(view.created!.policy) ? claims[0] : undefined)
    );
  }

  /** Whether a match is open against the line behind a claim. */
  private isDisputed({ asserter, nonce }: ClaimView): boolean {
    return [...this.context.view.matches.values()].some(
      ({ match, over }) =>
        over === undefined && match.asserter === asserter && Number(match.terms.nonce) === nonce,
    );
  }

  private retireSwept(): void {
    const { view, place, store } = this.context;
    const record = view.finalIndex > 0 ? store.batches.get(view.finalIndex) : undefined;
    if (record === undefined || toHex(record.commitment) !== view.finalCommitment) return;
    const { phase, messagesConsumed, stateRoot, exitRoot, packed } = readCommitment(record.parts);
    const id = `retire/${place.id}`;
    if (phase !== SWEPT_PHASE || messagesConsumed !== view.count) return;
    this.submit(id, HUB.encodeFunctionData("retire", [place.id, stateRoot, exitRoot, packed]), true);
  }

  private submit(id: string, data: string, isShared = false): void {
    this.deps.attempts.start(id, async () => ({ data }), { isShared });
  }

  private hasOutlived({ block }: ClaimView): boolean {
    const { head, timing, view } = this.context;
    return ticksOf(block, head, timing.blockTime) >= view.created!.window;
  }
}

/** Whether guardians' bits can meet a policy (mask u8 ‖ threshold u8) without bit 0, which stands for the window. */
function canDoWithoutWindow(policy: number): boolean {
  const guardians = (policy >> 8) & 0xfe;
  return guardians.toString(2).replaceAll("0", "").length >= (policy & 0xff);
}
