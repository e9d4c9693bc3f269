import { readFileSync } from "node:fs";
import { join } from "node:path";

/** How often something was done in one batch, what that took on the machine, and what the program's meter counted for it [steps]. */
export interface StepRow {
  readonly times: number;
  readonly steps: number;
  /** Missing where only the run's whole length matters. */
  readonly metered?: number;
  /** Whether it counts against the budget for messages instead of the batch's. */
  readonly isMessage?: boolean;
  /** Log2 of the run's length, where only that matters. */
  readonly log2Steps?: number;
}

/** What a step's meter counts as one gas of the program [steps]. */
const STEPS_PER_GAS = 1_000;

const root = join(__dirname, "..", "..");
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const number = (value: number): string => value.toLocaleString("en-US");

/** Writes `docs/steps.md` from `snapshots/steps.json`. */
export function stepDocuments(): Record<string, string> {
  const rows = Object.entries(read("snapshots/steps.json") as Record<string, StepRow>);
  const { ledger } = read("programs/artifacts/hashes.json") as {
    ledger: { log2Steps: number; batchGas: number };
  };
  const run = 2 ** ledger.log2Steps;
  const [room, messageRoom] = [ledger.batchGas * STEPS_PER_GAS, run / 16];
  const lines = [
    "# Steps of the ledger",
    "",
    "Instructions that the ledger takes on the machine, in a state of 4,000 accounts. Generated from `snapshots/steps.json` by `npm run docs`; the",
    "snapshot is written and checked by `test/programs/ledger.steps.test.ts`.",
    "",
    `A batch's budget is ${number(ledger.batchGas)} gas of ${number(STEPS_PER_GAS)} metered steps; the meter counts more than the machine takes. The longest run is`,
    `2^${ledger.log2Steps} = ${number(run)} steps. Messages have a budget of their own,`,
    `a sixteenth of the run: ${number(messageRoom)} metered steps, and a bound of their own, messageBound.`,
    "",
    "Sweep 1 and 2 are the batches in which that state goes home: the first turns holdings into exits until its budget is used, the second the rest.",
    "",
    "| what | steps each | meter | the budget has room for |",
    "|---|---:|---:|---:|",
    ...rows.flatMap(([what, { times, steps, metered, isMessage }]) =>
      metered === undefined
        ? []
        : [
            `| ${what} | ${number(Math.round(steps / times))} | ${(metered / steps).toFixed(2)}× | ${times === 1 ? "" : number(Math.floor(((isMessage ? messageRoom : room) * times) / metered))} |`,
          ],
    ),
    "",
    "| a whole run | steps | part of its length |",
    "|---|---:|---:|",
    ...rows.flatMap(([what, { steps, log2Steps }]) =>
      log2Steps === undefined
        ? []
        : [
            `| ${what} | ${number(steps)} | ${((100 * steps) / 2 ** log2Steps).toFixed(2)} % of 2^${log2Steps} |`,
          ],
    ),
    "",
    "The last row has a run of 2^33 steps and not the ledger's own, so that a test can use up its budget for messages, a sixteenth of any run.",
  ];
  return { "docs/steps.md": `${lines.join("\n")}\n` };
}
