import { describe, Log } from "../log";
import { StoreFailed } from "../store/rollup";

const RETRY_MS = 1_000;
const MOST_RETRY_MS = 15_000;

/**
 * The parts of a rollup's work, each on its own: one that fails is left alone for a while, longer each time, and the others go on.
 * Only a store that failed concerns all of them.
 */
export class Parts {
  private readonly failing = new Map<string, { failures: number; until: number }>();

  constructor(
    private readonly options: { isStepped: boolean },
    private readonly deps: { log: Log; wakeIn: (ms: number) => void },
  ) {}

  /** Does a part's work, unless it failed just now. Returns whether it went well. */
  async attempt(part: string, work: () => void | Promise<void>): Promise<boolean> {
    const known = this.failing.get(part);
    if (known !== undefined && Date.now() < known.until) return false;
    try {
      await work();
      this.failing.delete(part);
      return true;
    } catch (error) {
      if (error instanceof StoreFailed) throw error;
      const failures = (known?.failures ?? 0) + 1;
      const ms = this.options.isStepped ? 0 : Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** (failures - 1));
      this.failing.set(part, { failures, until: Date.now() + ms });
      this.deps.log.warn({ part, failures, ...describe(error) }, "a part of the work failed, trying again");
      this.deps.wakeIn(ms);
      return false;
    }
  }

  /** How often a part has failed in a row. */
  failures(part: string): number {
    return this.failing.get(part)?.failures ?? 0;
  }
}
