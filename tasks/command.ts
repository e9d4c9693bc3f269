import { types } from "hardhat/config";
import type { ActionType, ConfigurableScopeDefinition, HardhatRuntimeEnvironment } from "hardhat/types";
import { type Failure, TaskFailed, failureOf } from "./failure";
import { type Rows, Terminal, toJson } from "./terminal";

/** What a task has to say at its end. */
export interface Report {
  /** The facts, for machines; also what `hre.run` returns. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The same for people: a table, or something of the task's own. */
  readonly rows?: Rows;
  readonly print?: (terminal: Terminal) => void;
  readonly files?: readonly string[];
  /** What goes on after the report; the task ends with it. */
  readonly running?: Promise<void>;
  /** The next command. */
  readonly next?: string;
}

/** The switches that every task has, and those of the ones that write. */
export interface Switches {
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly from?: string;
  /** Run by another task, which says the result in its own words: nothing goes to stdout. */
  readonly quiet?: boolean;
}

export type Arguments = Readonly<Record<string, unknown>>;

export type Action = (
  args: Arguments & Switches,
  hre: HardhatRuntimeEnvironment,
  terminal: Terminal,
) => Promise<Report>;

interface Definition {
  readonly description: string;
  /** Sends transactions: has --dry-run, --yes and --from. */
  readonly writes: boolean;
  /** Each is optional for Hardhat: the action's schema says what is required, and reports all problems at once. */
  readonly options?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  /** Loaded when the task runs: actions import generated types, which don't exist before the first compilation. */
  readonly load: () => Promise<{ readonly default: Action }>;
}

/** Adds a task in the project's style to a scope. */
export function command(group: ConfigurableScopeDefinition, name: string, definition: Definition): void {
  const task = group.task(name, definition.description);
  for (const [option, about] of Object.entries(definition.options ?? {})) {
    task.addOptionalParam(option, about, undefined, types.string);
  }
  for (const [flag, about] of Object.entries(definition.flags ?? {})) task.addFlag(flag, about);
  task.addFlag("json", "Print the result as JSON on stdout");
  if (definition.writes) {
    task.addOptionalParam(
      "from",
      "The sending account, when the network has several",
      undefined,
      types.string,
    );
    task.addFlag("dryRun", "Check, simulate and show the cost, but send and write nothing");
    task.addFlag("yes", "Don't ask before sending");
  }
  task.setAction(actionOf(definition.load));
}

/** Returns what Hardhat runs for an action: it prints the report, or the failure, in the project's style. */
export function actionOf(load: Definition["load"]): ActionType<Arguments> {
  return async (given, hre) => {
    const args = { json: false, dryRun: false, yes: false, ...given } as Arguments & Switches;
    const terminal = new Terminal(args.json);
    try {
      const { default: action } = await load();
      const report = await action(args, hre, terminal);
      const result = conclude(report, args.quiet === true ? undefined : terminal);
      await report.running;
      return result;
    } catch (thrown) {
      const failure: Failure = failureOf(thrown);
      if (args.json) terminal.result(toJson({ ok: false, ...failure }));
      throw new TaskFailed(failure, thrown instanceof Error ? thrown : undefined);
    }
  };
}

function conclude(report: Report, terminal: Terminal | undefined): Readonly<Record<string, unknown>> {
  const { facts, rows, print, files = [], next } = report;
  const result = { ok: true, ...facts, files, next };
  if (terminal === undefined) return result;
  if (terminal.json) {
    terminal.result(toJson(result));
    return result;
  }
  if (rows) terminal.table(rows);
  print?.(terminal);
  if (files.length > 0) terminal.result(`Written: ${files.join(", ")}`);
  if (next) terminal.result(`Next: ${next}`);
  return result;
}
