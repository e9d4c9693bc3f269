import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Channel } from "../host/channel";
import { spawnWorker } from "../host/pool";
import { RunMaterial } from "./material";

/** How a run ended on the emulator. */
export interface RunReport {
  readonly outcome: "exit" | "error" | "limit";
  readonly steps: bigint;
  /** a0..a3 of the last state, as 32 bytes */
  readonly output: string;
  /** 288 bytes */
  readonly finalState: string;
  readonly codeRoot: string;
  readonly memoryRoot0: string;
  readonly entry: bigint;
  readonly programHash: string;
}

/** What somebody wants to know of a run. */
export interface Question {
  /** the program's whole input: names the run */
  readonly input: string;
  /** the steps before which the states of an opening stand; the last is the end of the run */
  readonly opening: readonly bigint[];
  /** the steps before which state hashes are asked for */
  readonly steps: readonly bigint[];
  /** the step whose witness is asked for */
  readonly witnessOf?: bigint;
}

export interface Examination {
  readonly report: RunReport;
  readonly hashes: string[];
  readonly witness: string | undefined;
}

/** What the challenger asks about runs; a test may answer otherwise than the emulator. */
export interface Examiner {
  examine(program: string, material: () => RunMaterial, question: Question): Promise<Examination>;
}

/**
 * Runs batches on the emulator, in a thread of its own: a run takes seconds, and nothing else may wait for it. A question is one call, so
 * that many matches over many batches never make it forget a run between two halves of an answer.
 */
export class Analyst implements Examiner {
  private worker: { worker: Worker; channel: Channel } | undefined;

  async examine(program: string, material: () => RunMaterial, question: Question): Promise<Examination> {
    const known = await this.channel().call<Examination | undefined>("recall", question);
    return known ?? this.channel().call<Examination>("run", program, material(), question);
  }

  async stop(): Promise<void> {
    await this.worker?.worker.terminate();
    this.worker?.channel.close();
  }

  private channel(): Channel {
    if (this.worker === undefined) {
      const spawned = spawnWorker(join(__dirname, "machine.ts"), {});
      spawned.worker.on("error", () => undefined);
      spawned.worker.on("exit", () => {
        spawned.channel.close();
        if (this.worker === spawned) this.worker = undefined;
      });
      this.worker = spawned;
    }
    return this.worker.channel;
  }
}
