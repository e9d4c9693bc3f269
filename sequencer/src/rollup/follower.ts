import { Builder } from "../builder/builder";
import { Judge } from "../challenger/judge";
import { Derivation } from "../derivation/derivation";
import { PreimageMissing, ProgramTrapped } from "../executor/instance";
import { describe } from "../log";
import { Admitted } from "../mempool/mempool";
import { PostedView } from "./chain";
import { RollupContext } from "./context";
import { Door } from "./door";
import { finalElsewhere } from "./finality";

/** A batch that couldn't be derived so often is an operator's business. */
const PATIENCE = 3;

/**
 * Follows L1's batches, one at a time, and knows what to make of one that can't be derived: a trap is for the emulator to judge; all else is a
 * fault of this node or of its endpoint, to be tried again and shown to the operator, and never a reason to call a batch skipped.
 */
export class Follower {
  private readonly derivation: Derivation;
  private failures = 0;
  private stuck: string | undefined;
  private reported: string | undefined;

  constructor(
    private readonly context: RollupContext,
    private readonly deps: { builder: Builder; door: Door; judge: Judge },
  ) {
    this.derivation = new Derivation(context, {
      discard: () => deps.builder.discard(),
      moved: () => this.dropIncluded(),
      isSkipped: (posted) => deps.judge.isSkipped(posted),
    });
  }

  /** What keeps the next batch from being derived, or from ever being final, where that is an operator's business. */
  get obstacle(): string | undefined {
    return finalElsewhere(this.context) ?? this.stuck ?? this.deps.judge.trouble;
  }

  /** Derives the next batch, if there is one. Returns whether it did. */
  async follow(): Promise<boolean> {
    const { view, results } = this.context;
    this.reportFinal();
    const next = view.posted.get(results.tip.index + 1);
    if (next === undefined || this.deps.judge.isWaiting(next)) return false;
    try {
      const isDone = await this.derive(next);
      this.failures = 0;
      this.stuck = undefined;
      if (isDone) this.deps.judge.trouble = undefined;
      return isDone;
    } catch (error) {
      this.failures++;
      if (error instanceof PreimageMissing || this.failures >= PATIENCE) this.report(next, error as Error);
      throw error;
    }
  }

  /** A second time on an instance without a past, since memory that many batches used may be what ended the first; then the emulator decides. */
  private async derive(next: PostedView): Promise<boolean> {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        return await this.derivation.step();
      } catch (error) {
        if (!(error instanceof ProgramTrapped)) throw error;
      }
    }
    this.deps.judge.ask(next);
    return false;
  }

  private reportFinal(): void {
    const found = finalElsewhere(this.context);
    if (found !== undefined && found !== this.reported)
      this.context.log.fatal(
        { reason: found },
        "L1 MADE ANOTHER RESULT FINAL THAN THIS NODE'S. Look at once.",
      );
    this.reported = found;
  }

  private report({ index }: PostedView, error: Error): void {
    const { log } = this.context;
    if (this.stuck === undefined)
      log.fatal({ batch: index, ...describe(error) }, "A BATCH CAN'T BE DERIVED. Look at once.");
    this.stuck = `batch ${index} can't be derived: ${error.message}`;
  }

  /** A batch from elsewhere may hold what waits here: that is done, and what it made impossible is refused. */
  private async dropIncluded(): Promise<void> {
    const { results, mempool, store } = this.context;
    const record = store.batches.get(results.tip.index)!;
    const done: Admitted[] = [];
    for (let height = record.firstBlock; height < record.endBlock; height++) {
      for (const hash of store.blocks.get(height)!.hashes) {
        const transaction = mempool.find(hash);
        if (transaction === undefined || !store.receipts.get(hash)?.receipt.applied) continue;
        mempool.remove(transaction);
        done.push(transaction);
      }
    }
    if (done.length > 0)
      await store.atomically(() => done.forEach(({ sequence }) => void store.promises.remove(sequence)));
    this.deps.door.forget(done);
    await this.deps.builder.dropStale();
  }
}
