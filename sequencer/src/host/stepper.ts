import { L1Outcome, L1Request } from "../l1/queue";
import { PooledWorker } from "./pool";

interface Held {
  readonly request: L1Request;
  readonly send: () => Promise<L1Outcome>;
  readonly resolve: (outcome: L1Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes a node act in steps, for development chains: in a step every rollup does what is due once, and what that sends to L1 is
 * sent one after the other, in the order of the duties' names. So two runs of the same driver send the same transactions in
 * the same order, however fast anything is.
 */
export class Stepper {
  private held: Held[] = [];
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly deps: {
      /** Reads L1 up to its head. */
      look: () => Promise<void>;
      workers: () => readonly PooledWorker[];
    },
  ) {}

  /** Takes a transaction until the step's turn comes to it. */
  hold(request: L1Request, send: () => Promise<L1Outcome>): Promise<L1Outcome> {
    return new Promise((resolve, reject) => this.held.push({ request, send, resolve, reject }));
  }

  /** Does what is due; resolves with the number of transactions that were sent. */
  step(): Promise<number> {
    const step = this.turn.then(() => this.run());
    this.turn = step.catch(() => undefined);
    return step;
  }

  private async run(): Promise<number> {
    await this.deps.look();
    await this.everywhere("step");
    let sent = 0;
    while (this.held.length > 0) {
      this.held.sort((a, b) => (a.request.id < b.request.id ? -1 : 1));
      const { send, resolve, reject } = this.held.shift()!;
      try {
        resolve(await send());
        sent++;
      } catch (error) {
        reject(error);
      }
      await this.everywhere("quiet");
    }
    return sent;
  }

  private async everywhere(method: "step" | "quiet"): Promise<void> {
    for (const { channel } of this.deps.workers()) await channel.call(method);
  }
}
