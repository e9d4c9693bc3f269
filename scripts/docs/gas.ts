import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Parts } from "../../test/gas/GasSnapshot";
import { floorSection } from "./floor";

/**
 * Writes `snapshots/gas/headline.json` (the rows that are compared with peers, collected from the areas' snapshots)
 * and `docs/gas.md` (those rows beside the project's bounds and the peers' figures). `--check` compares instead.
 */

interface Bound {
  readonly most: number;
  readonly peer: number | null;
  readonly who: string;
  /** Slot by slot, why a row exceeds its bound; it may by a twentieth. */
  readonly why?: string;
}
type Rows = Record<string, number>;

const root = join(__dirname, "..", "..");
const folder = join(root, "snapshots", "gas");
const bounds = (
  JSON.parse(readFileSync(join(root, "config/peers/bounds.json"), "utf8")) as { rows: Record<string, Bound> }
).rows;

interface Area {
  readonly area: string;
  readonly rows: Rows;
  readonly headline: Rows;
  /** what some of the rows are made of */
  readonly parts: Record<string, Parts>;
}

function areas(): Area[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json") && file !== "headline.json")
    .sort()
    .map((file) => {
      const kept = JSON.parse(readFileSync(join(folder, file), "utf8")) as Rows & Partial<Area>;
      const { headline = {}, parts = {}, ...rows } = kept;
      return { area: file.replace(/\.json$/, ""), rows, headline, parts };
    });
}

function boundOf(row: string): Bound | undefined {
  return bounds[row] ?? bounds[row.replace(/, first$/, "")];
}

/** A first write has the bound of the steady state beside it only if the table gives it one of its own. */
function mostOf(row: string): number | undefined {
  return bounds[row]?.most;
}

/** The rows that miss their bounds, each with its reason; a row without one, or that misses by more than a twentieth, is an error. */
function misses(headline: Rows): string[] {
  const over = Object.entries(headline).filter(([row, gas]) => gas > (mostOf(row) ?? Infinity));
  if (over.length === 0) return ["Every row that has a bound is within it."];
  const lines = ["Over their bounds:", ""];
  for (const [row, gas] of over) {
    const { most, why } = bounds[row]!;
    if (why === undefined || gas > most * 1.05)
      throw new Error(
        `${row}: ${gas} gas, bound ${most}. Up to 5 % more needs a "why" in config/peers/bounds.json; beyond it is a defect.`,
      );
    lines.push(`- ${row}, ${number(gas - most)} gas (${(((gas - most) / most) * 100).toFixed(1)} %): ${why}`);
  }
  return lines;
}

/** Rows that end so are no gas. */
const SIZE = ", code [bytes]";
/** EIP-170 [bytes]. */
const MOST_CODE = 24_576;

const number = (value: number): string => value.toLocaleString("en-US");

function page(headline: Rows): string {
  const lines = [
    "# Gas",
    "",
    "Whole transactions (21,000 + calldata + execution, EIP-7623 floor included), prague, solc 0.8.28 via IR, 200 runs.",
    "Generated from `snapshots/gas` by `npm run docs`; the snapshots are written and checked by the tests in `test/gas`.",
    "Peers' figures were measured outside this repository, once, by whole transactions to their contracts on prague chains; no test here repeats them.",
    "`config/peers/measured.json` has every single one, with version, compiler and what was mocked; a few are copied from a project's own snapshots or",
    "publications and say so there.",
    "",
    "| row | gas | bound | best peer | |",
    "|---|---:|---:|---:|---|",
  ];
  for (const [row, gas] of Object.entries(headline)) {
    const bound = boundOf(row);
    const bounded = mostOf(row);
    const most = bounded === undefined ? "" : number(bounded);
    const over = bounded !== undefined && gas > bounded ? " (over)" : "";
    const peer = bound?.peer ? `${number(bound.peer)} (${(bound.peer / gas).toFixed(1)}×)` : "none does it";
    lines.push(`| ${row} | ${number(gas)}${over} | ${most} | ${peer} | ${bound?.who ?? ""} |`);
  }
  lines.push("", ...misses(headline));
  lines.push(
    "",
    "Rows that end in “first” write slots that were never written before; without a bound they stand beside their steady state for comparison.",
  );
  lines.push(
    "",
    ...floorSection(Object.assign({}, ...areas().map(({ parts }) => parts)) as Record<string, Parts>),
  );
  for (const { area, rows } of areas()) {
    lines.push("", `## ${area}`, "", "| row | gas |", "|---|---:|");
    for (const [row, gas] of Object.entries(rows))
      if (!row.endsWith(SIZE)) lines.push(`| ${row} | ${number(gas)} |`);
  }
  lines.push(
    "",
    "## Size of code",
    "",
    `| contract | bytes, of ${number(MOST_CODE)} at most |`,
    "|---|---:|",
  );
  for (const { rows } of areas())
    for (const [row, bytes] of Object.entries(rows))
      if (row.endsWith(SIZE)) lines.push(`| ${row.slice(0, -SIZE.length)} | ${number(bytes)} |`);
  return lines.join("\n") + "\n";
}

export function gasDocuments(): Record<string, string> {
  const found: Rows = Object.assign({}, ...areas().map(({ headline }) => headline)) as Rows;
  const headline: Rows = {};
  for (const row of Object.keys(bounds)) {
    for (const key of [row, `${row}, first`]) if (found[key] !== undefined) headline[key] = found[key];
  }
  const unknown = Object.keys(found).filter((row) => !boundOf(row));
  if (unknown.length > 0) {
    throw new Error(`Headline rows without a bound in config/peers/bounds.json: ${unknown.join("; ")}`);
  }
  return {
    "snapshots/gas/headline.json": JSON.stringify(headline, null, 2) + "\n",
    "docs/gas.md": page(headline),
  };
}

export function write(documents: Record<string, string>): void {
  for (const [path, text] of Object.entries(documents)) writeFileSync(join(root, path), text);
}
