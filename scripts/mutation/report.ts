import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./mutants";
import { root } from "./targets";

export type Fate = "killed" | "survived" | "same code" | "doesn't compile";

/** A change that no test noticed. */
export type Survivor = Omit<Mutant, "source">;

/** What became of the mutants of one target. */
export interface Report {
  readonly name: string;
  /** of the order in which they were tried */
  readonly seed: number;
  readonly tried: number;
  /** how many there are */
  readonly of: number;
  readonly counts: Readonly<Record<Fate, number>>;
  readonly survivors: readonly Survivor[];
}

/** Returns the report in a file, or undefined without one. */
export function readReport(file: string): Report | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
}

export function writeReport(file: string, report: Report): void {
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** Returns where the report of a target is kept. */
export const placeOf = (name: string): string => join(root, "snapshots", "mutation", `${name}.json`);

/** Returns the report with one more fate in it. */
export function withFate(report: Report, fate: Fate, mutant: Survivor): Report {
  const { file, line, column, before, after } = mutant;
  const survivor: Survivor = { file, line, column, before, after };
  return {
    ...report,
    tried: report.tried + 1,
    counts: { ...report.counts, [fate]: report.counts[fate] + 1 },
    survivors: fate === "survived" ? [...report.survivors, survivor] : report.survivors,
  };
}

/** Returns the report without some of its survivors, as if they hadn't been tried. */
export function withoutSurvivors(report: Report, gone: readonly Survivor[]): Report {
  const { tried, counts, survivors } = report;
  return {
    ...report,
    tried: tried - gone.length,
    counts: { ...counts, survived: counts.survived - gone.length },
    survivors: survivors.filter((survivor) => !gone.includes(survivor)),
  };
}
