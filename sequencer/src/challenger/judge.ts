import { openingSteps } from "@rollworks/sdk/src/dispute";
import { toHex } from "../hashing";
import { readBatch } from "../derivation/read";
import { describe } from "../log";
import { PostedView } from "../rollup/chain";
import { parseConfig } from "../rollup/config";
import { RollupContext } from "../rollup/context";
import { Alarms } from "./alarms";
import { Examiner, RunReport } from "./analyst";
import { ExecutionsDisagree, gatherMaterial, inputOf } from "./material";

type Verdict = "asked" | "skip" | "disagree";

/** After the emulator couldn't run a batch it is asked again in so long [ms]. */
const RETRY_MS = 15_000;
const ZERO = `0x${"00".repeat(32)}`;

/** Whether a run, by the chain's own rule, has a result: it has exited, with something else than zero. */
export function resultOf({ outcome, output }: RunReport): string | undefined {
  return outcome === "exit" && output !== ZERO ? output : undefined;
}

/** How a run without a result ended, in words. */
export function endOf({ outcome, steps }: RunReport): string {
  return `no result (${outcome} after ${steps} steps)`;
}

/**
 * Says of a batch on which the program trapped in WebAssembly whether it is skipped. A trap alone proves nothing: the emulator runs
 * the batch as the chain would. Without a result there as well the batch is skipped; with one, this node's executions disagree,
 * and it neither claims nor goes on.
 */
export class Judge {
  private readonly verdicts = new Map<string, Verdict>();
  private retryAt = 0;
  /** why the emulator couldn't run a batch, if it couldn't */
  trouble: string | undefined;

  constructor(
    private readonly context: RollupContext,
    private readonly deps: { analyst: Examiner; alarms: Alarms; wakeIn: (ms: number) => void },
  ) {}

  /** Whether a batch on the tip is known to have no result. */
  isSkipped(posted: PostedView): boolean {
    return this.verdicts.get(this.keyOf(posted)) === "skip";
  }

  /** Whether there is nothing to do about a batch on the tip but to wait, for the emulator or for an engineer. */
  isWaiting(posted: PostedView): boolean {
    const verdict = this.verdicts.get(this.keyOf(posted));
    return verdict === "asked" || verdict === "disagree" || Date.now() < this.retryAt;
  }

  /** Begins to find out; nothing here waits for it. */
  ask(posted: PostedView): void {
    const key = this.keyOf(posted);
    if (this.verdicts.has(key)) return;
    this.verdicts.set(key, "asked");
    const { log, activity } = this.context;
    const batch = posted.index;
    const task = this.decide(posted)
      .then((verdict) => {
        this.verdicts.set(key, verdict);
        this.trouble = undefined;
        this.deps.wakeIn(0);
      })
      .catch((error: unknown) => {
        this.verdicts.delete(key);
        this.trouble = `batch ${batch} traps, and the emulator couldn't run it: ${(error as Error).message}`;
        const ms = this.context.timing.isStepped ? 0 : RETRY_MS;
        this.retryAt = Date.now() + ms;
        this.deps.wakeIn(ms);
        log.error({ batch, ...describe(error) }, "a batch traps, and the emulator couldn't run it");
      });
    void activity.track(task);
  }

  private async decide(posted: PostedView): Promise<Verdict> {
    const { context } = this;
    const { program, config, log, view } = context;
    const parent = context.results.tip.commitment;
    const { header, data } = await readBatch(context, posted);
    const subject = { index: posted.index, header, parent, data };
    const material = gatherMaterial(context, subject);
    const { report } = await this.deps.analyst.examine(program.name, () => material, {
      input: inputOf(context, subject),
      opening: openingSteps(Number(parseConfig(config).logSteps)),
      deadline: posted.block.timestamp + view.created!.window,
    });
    const facts = { batch: posted.index, outcome: report.outcome, steps: report.steps.toString() };
    if (
      report.programHash === program.hash &&
      resultOf(report) === undefined &&
      material.commitment === undefined
    ) {
      log.error(facts, "the program has no result for a batch: it is skipped");
      return "skip";
    }
    const says =
      report.programHash === program.hash ? (resultOf(report) ?? endOf(report)) : report.programHash;
    const error = new ExecutionsDisagree(posted.index, material.commitment ?? "that the program traps", says);
    log.fatal(
      { ...facts, ...describe(error) },
      "THIS NODE'S TWO EXECUTIONS DISAGREE: it stops before this batch. Look at once.",
    );
    await this.deps.alarms.raise(posted.index, posted.batchHash, error.message);
    return "disagree";
  }

  private keyOf({ batchHash }: PostedView): string {
    return `${batchHash}/${toHex(this.context.results.tip.commitment)}`;
  }
}
