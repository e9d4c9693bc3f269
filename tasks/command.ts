import { types } from "hardhat/config";
import type { HardhatRuntimeEnvironment, ScopeDefinition } from "hardhat/types";
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
  /** The next command. */
  readonly next?: string;
}

/** The switches that every task has, and those of the ones that write. */
export interface Switches {
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly from?: string;
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
export function command(group: ScopeDefinition, name: string, definition: Definition): void {
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
  task.setAction(async (given: Arguments, hre) => {
    const args = { dryRun: false, yes: false, ...given } as Arguments & Switches;
    const terminal = new Terminal(args.json);
    try {
      const { default: action } = await definition.load();
      const report = await action(args, hre, terminal);
      return conclude(report, terminal);
    } catch (thrown) {
      const failure: Failure = failureOf(thrown);
      if (args.json) terminal.result(toJson({ ok: false, ...failure }));
      throw new TaskFailed(failure, thrown instanceof Error ? thrown : undefined);
    }
  });
}

function conclude(report: Report, terminal: Terminal): Readonly<Record<string, unknown>> {
  const { facts, rows, print, files = [], next } = report;
  const result = { ok: true, ...facts, files, next };
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
