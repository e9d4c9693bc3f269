import { readdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes `snapshots/gas/headline.json` (the rows that are compared with peers, collected from the areas' snapshots)
 * and `docs/gas.md` (those rows beside the project's bounds and the peers' figures). `--check` compares instead.
 */

interface Bound {
  readonly most: number;
  readonly peer: number | null;
  readonly who: string;
}
type Rows = Record<string, number>;

const root = join(__dirname, "..", "..");
const folder = join(root, "snapshots", "gas");
const bounds = (
  JSON.parse(readFileSync(join(root, "config/peers/bounds.json"), "utf8")) as { rows: Record<string, Bound> }
).rows;

function areas(): { area: string; rows: Rows; headline: Rows }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json") && file !== "headline.json")
    .sort()
    .map((file) => {
      const { headline = {}, ...rest } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Rows & {
        headline?: Rows;
      };
      return { area: file.replace(/\.json$/, ""), rows: rest, headline };
    });
}

function boundOf(row: string): Bound | undefined {
  return bounds[row] ?? bounds[row.replace(/, first$/, "")];
}

const number = (value: number): string => value.toLocaleString("en-US");

function page(headline: Rows): string {
  const lines = [
    "# Gas",
    "",
    "Whole transactions (21,000 + calldata + execution, EIP-7623 floor included), prague, solc 0.8.28 via IR, 200 runs.",
    "Generated from `snapshots/gas` by `npm run docs`; the snapshots are written and checked by the tests in `test/gas`.",
    "Peers were measured the same way; how, and every single figure, stands in `config/peers/measured.json`.",
    "",
    "| row | gas | bound | best peer | |",
    "|---|---:|---:|---:|---|",
  ];
  for (const [row, gas] of Object.entries(headline)) {
    const bound = boundOf(row);
    const most = bound && !row.endsWith(", first") ? number(bound.most) : "";
    const over = bound && !row.endsWith(", first") && gas > bound.most ? " (over)" : "";
    const peer = bound?.peer ? `${number(bound.peer)} (${(bound.peer / gas).toFixed(1)}×)` : "none has it";
    lines.push(`| ${row} | ${number(gas)}${over} | ${most} | ${peer} | ${bound?.who ?? ""} |`);
  }
  const notes = join(root, "config/peers/notes.md");
  if (existsSync(notes)) lines.push("", readFileSync(notes, "utf8").trim());
  for (const { area, rows } of areas()) {
    lines.push("", `## ${area}`, "", "| row | gas |", "|---|---:|");
    for (const [row, gas] of Object.entries(rows)) lines.push(`| ${row} | ${number(gas)} |`);
  }
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
