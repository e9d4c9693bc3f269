import { describe, Log } from "../log";

/** The L1 block up to which the node has read. */
export interface L1Moment {
  readonly number: number;
  /** [s since 1970] */
  readonly timestamp: number;
}

interface Sending {
  readonly deadline: number;
  readonly send: () => Promise<void>;
}

interface Look {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * One thing after the other, for the one queue of a key. What is to be sent goes before looking for what became of the rest,
 * the earliest deadline first; of looks one waits at most, however often they are asked for, and between two entries of a look
 * is room for what is to be sent.
 */
export class Turns {
  private readonly urgent: (() => Promise<void>)[] = [];
  private readonly sendings: Sending[] = [];
  private wanted: Look | undefined;
  private isRunning = false;
  private running: Promise<void> = Promise.resolve();
  /** of the last look that began */
  moment: L1Moment = { number: 0, timestamp: 0 };
  private nextMoment: L1Moment = this.moment;

  constructor(private readonly deps: { reconcile: () => Promise<void>; log: Log }) {}

  /** Does this before all that waits. */
  first<T>(body: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.urgent.push(() => body().then(resolve, reject));
      this.start();
    });
  }

  /** `send` must not reject. */
  send(deadline: number | undefined, send: () => Promise<void>): void {
    this.sendings.push({ deadline: deadline ?? Infinity, send });
    this.start();
  }

  /** Resolves after a look that began after this was called. */
  tick(moment: L1Moment): Promise<void> {
    this.nextMoment = moment;
    if (this.wanted === undefined) {
      let look: Omit<Look, "promise"> | undefined;
      const promise = new Promise<void>((resolve, reject) => (look = { resolve, reject }));
      this.wanted = { promise, ...look! };
    }
    const { promise } = this.wanted;
    this.start();
    return promise;
  }

  /** A look at the moment of the last tick. */
  look(): Promise<void> {
    return this.tick(this.nextMoment);
  }

  /** Resolves when all that was asked for is done. */
  async idle(): Promise<void> {
    while (this.isRunning) await this.running;
  }

  /** Does what goes before looks: all of it that waits now. */
  async serve(): Promise<void> {
    for (let body = this.urgent.shift(); body !== undefined; body = this.urgent.shift()) await body();
    for (let left = this.sendings.length; left > 0; left--) await this.takeSending()();
  }

  private takeSending(): () => Promise<void> {
    const deadlines = this.sendings.map(({ deadline }) => deadline);
    const [{ send }] = this.sendings.splice(deadlines.indexOf(Math.min(...deadlines)), 1) as [Sending];
    return send;
  }

  private start(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.running = this.run();
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // whoever asked goes on first
    while (this.urgent.length > 0 || this.sendings.length > 0 || this.wanted !== undefined) {
      await this.serve();
      const look = this.wanted;
      if (look === undefined) continue;
      this.wanted = undefined;
      this.moment = this.nextMoment;
      try {
        await this.deps.reconcile();
        look.resolve();
      } catch (error) {
        this.deps.log.warn(describe(error), "L1 queue: reconciling failed, trying again");
        look.reject(error);
      }
    }
    this.isRunning = false;
  }
}
