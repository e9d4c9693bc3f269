import type { Rules } from "./rules";

/** A moment of the settlement chain: a block and its second. */
export interface Moment {
  readonly block: number;
  readonly time: number;
}

/** The settlement chain's clock. A halt is a long second between two blocks. */
export class Chain {
  now: Moment = { block: 0, time: 0 };

  constructor(
    private readonly rules: Rules,
    /** τ [s] */
    readonly blockTime: number,
  ) {}

  /** Ticks since a moment: seconds, but at most four block times per block. */
  since(moment: Moment): number {
    const seconds = this.now.time - moment.time;
    if (!this.rules.holds("time: counts blocks too")) return seconds;
    return Math.min(seconds, 4 * this.blockTime * (this.now.block - moment.block));
  }

  /** The same at one block time per block: never more ticks than the parts of the time have, added. */
  sinceSlowly(moment: Moment): number {
    if (!this.rules.holds("time: what outlasts matches takes one block time a block"))
      return this.since(moment);
    return Math.min(this.now.time - moment.time, this.blockTime * (this.now.block - moment.block));
  }

  pass(blocks: number, halted = 0): void {
    const { block, time } = this.now;
    this.now = { block: block + blocks, time: time + blocks * this.blockTime + halted };
  }

  set(now: Moment): void {
    this.now = now;
  }
}
