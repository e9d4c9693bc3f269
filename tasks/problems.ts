import type { z } from "zod";
import { type Problem, problemsOf, shown } from "../sdk/src/problem";

export { type Problem, problemsOf, shown };

/** Raised when something that a user gave can't be used. Carries every problem, not the first. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(readonly problems: readonly Problem[]) {
    super(
      [
        problems.length === 1
          ? "One thing has to be put right:"
          : `${problems.length} things have to be put right:`,
        ...problems.map(({ path, got, rule }) => `  ${path}: got ${got}; ${rule}`),
      ].join("\n"),
    );
  }
}

/** Raises `Refused` when there are problems. */
export function refuseIfAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Refused(problems);
}

/** Returns a task's arguments as its schema reads them; raises `Refused` with every problem at once. */
export function check<Schema extends z.ZodType>(schema: Schema, args: unknown): z.output<Schema> {
  const result = schema.safeParse(args);
  if (result.success) return result.data;
  throw new Refused(
    problemsOf(result.error, args).map(({ path, ...rest }) => ({ path: optionNamed(path), ...rest })),
  );
}

/** Returns an argument's name as it stands on a command line. */
function optionNamed(argument: string): string {
  return `--${argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
