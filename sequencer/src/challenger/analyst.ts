import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Match } from "@rollworks/sdk/src/dispute";
import { Channel } from "../host/channel";
import { spawnWorker } from "../host/pool";
import type { Answer } from "./machine";
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
  /** a match in which a move is asked for */
  readonly match?: Match;
  /** by when the answer is needed [s since 1970]: what is needed first is answered first */
  readonly deadline?: number;
}

/** What to answer in a match: the first segment on which the other side is wrong, and what lies in it. */
export type Move =
  | { readonly segment: number; readonly states: readonly string[] }
  | { readonly segment: number; readonly witness: string };

export interface Examination {
  readonly report: RunReport;
  /** hashes of the states of an opening */
  readonly opening: readonly string[];
  /** the move, if one was asked for; undefined where the other side is right */
  readonly move: Move | undefined;
}

/** What the challenger asks about runs; a test may answer otherwise than the emulator. */
export interface Examiner {
  examine(program: string, material: () => RunMaterial, question: Question): Promise<Examination>;
}

/** Raised when a run reads what this node doesn't have: a fault of the node, never of the batch. */
export class RunIncomplete extends Error {
  override readonly name = "RunIncomplete";

  constructor(
    readonly batch: number,
    readonly key: string,
  ) {
    super(`a run of batch ${batch} reads ${key}, which this node doesn't have`);
  }
}

interface Waiting {
  readonly deadline: number;
  begin(): void;
}

/**
 * Runs batches on the emulator, in a thread of its own: a run takes seconds, and nothing else may wait for it. A question is one call, so
 * that many matches over many batches never make it forget a run between two halves of an answer; and one is asked at a time, so that the
 * one whose deadline comes first never stands behind the others.
 */
export class Analyst implements Examiner {
  private worker: { worker: Worker; channel: Channel } | undefined;
  private isBusy = false;
  private stopped = false;
  private readonly waiting: Waiting[] = [];

  async examine(program: string, material: () => RunMaterial, question: Question): Promise<Examination> {
    await this.turn(question.deadline ?? Infinity);
    try {
      return await this.ask(program, material, question);
    } finally {
      this.isBusy = false;
      this.next();
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.worker?.worker.terminate();
    this.worker?.channel.close();
  }

  private async ask(program: string, material: () => RunMaterial, question: Question): Promise<Examination> {
    const known = await this.channel().call<Examination | undefined>("recall", question);
    if (known !== undefined) return known;
    const given = material();
    const preimages = [...given.preimages];
    for (;;) {
      const answer = await this.channel().call<Answer>("run", program, preimages, question);
      if (!("missing" in answer)) return answer;
      const found = given.find(answer.missing);
      if (found === undefined) throw new RunIncomplete(given.batch, answer.missing);
      preimages.push(found);
    }
  }

  /** Resolves when no other question is being answered, and none of those that wait is needed before. */
  private turn(deadline: number): Promise<void> {
    return new Promise((begin) => {
      this.waiting.push({ deadline, begin });
      this.next();
    });
  }

  private next(): void {
    if (this.isBusy || this.waiting.length === 0) return;
    const first = this.waiting.reduce((best, one) => (one.deadline < best.deadline ? one : best));
    this.waiting.splice(this.waiting.indexOf(first), 1);
    this.isBusy = true;
    first.begin();
  }

  private channel(): Channel {
    if (this.stopped) throw new Error("the emulator's thread is stopped");
    if (this.worker === undefined) {
      const spawned = spawnWorker(join(__dirname, "machine.ts"), {});
      let fault: Error | undefined;
      spawned.worker.on("error", (error) => {
        fault = error instanceof Error ? error : new Error(String(error));
      });
      spawned.worker.on("exit", () => {
        spawned.channel.close(fault);
        if (this.worker === spawned) this.worker = undefined;
      });
      this.worker = spawned;
    }
    return this.worker.channel;
  }
}
