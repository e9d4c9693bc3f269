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

/** Runs batches on the emulator, in a thread of its own: a run takes seconds, and nothing else may wait for it. */
export class Analyst {
  private worker: { worker: Worker; channel: Channel } | undefined;

  /** Runs a batch to its end, hashing the states before the given steps, of which the last is the end of the run. */
  run(
    program: string,
    material: RunMaterial,
    steps: readonly bigint[],
  ): Promise<{ report: RunReport; hashes: string[] }> {
    return this.channel().call("run", program, material, steps);
  }

  /** The hashes of the states before these steps; `run` came first, unless the emulator forgot: then it is undefined. */
  hashes(input: string, steps: readonly bigint[]): Promise<string[] | undefined> {
    return this.channel().call("hashes", input, steps);
  }

  witness(input: string, step: bigint): Promise<string | undefined> {
    return this.channel().call("witness", input, step);
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
