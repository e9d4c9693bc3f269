import { describe } from "../log";
import { RollupContext } from "./context";

/** A duty that L1 didn't take is looked at again at its next block, or after this [ms]. */
const RETRY_MS = 2_000;

/** What a duty sends to L1. */
export interface Duty {
  readonly data: string;
  readonly value?: bigint;
}

/**
 * Duties on L1 of one rollup: one at a time per id, simulated first. What isn't possible now is tried again later; what became
 * of it is read from L1's events.
 */
export class Attempts {
  private readonly underWay = new Set<string>();
  private readonly notBefore = new Map<string, { block: number; time: number }>();

  constructor(
    private readonly context: RollupContext,
    private readonly deps: { wakeIn: (ms: number) => void },
  ) {}

  isDue(id: string): boolean {
    if (this.underWay.has(id)) return false;
    const bound = this.notBefore.get(id);
    return bound === undefined || this.context.head.number >= bound.block || Date.now() >= bound.time;
  }

  /** Starts a duty unless it is under way or was refused just now. `failed` may take an error for itself by returning true. */
  start(id: string, prepare: () => Promise<Duty>, failed: (error: unknown) => boolean = () => false): void {
    if (!this.isDue(id)) return;
    const { l1, place, log } = this.context;
    this.underWay.add(id);
    const work = async () => {
      const outcome = await l1.submit({ id, to: place.hub, ...(await prepare()) });
      log.info({ duty: id, gas: Number(outcome.gasUsed), succeeded: outcome.succeeded }, "did a duty on L1");
      l1.look();
    };
    void work()
      .catch((error: unknown) => {
        if (failed(error)) return;
        if ((error as Error).name === "WouldRevert")
          log.debug({ duty: id, ...describe(error) }, "a duty isn't possible now");
        else log.warn({ duty: id, ...describe(error) }, "a duty failed, trying again");
        this.deps.wakeIn(RETRY_MS);
      })
      .finally(() => {
        this.notBefore.set(id, { block: this.context.head.number + 1, time: Date.now() + RETRY_MS });
        this.underWay.delete(id);
      });
  }
}
