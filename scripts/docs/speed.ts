import { readFileSync } from "node:fs";
import {
  type BenchFigures,
  BENCH_FILE,
  benchRows,
  LONGEST_FILE,
  type LongestFigures,
  segmentRow,
} from "../bench/figures";

/** Writes `docs/speed.md` from the last runs of `npm run bench -- --save` and `npm run bench:longest -- --save`. */
export function speedDocuments(): Record<string, string> {
  const figures = JSON.parse(readFileSync(BENCH_FILE, "utf8")) as BenchFigures;
  const longest = JSON.parse(readFileSync(LONGEST_FILE, "utf8")) as LongestFigures;
  const { on } = figures;
  const lines = [
    "# Speed",
    "",
    `Measured by \`npm run bench -- --save\` in one run on ${on.processor}, ${on.cores} cores, Node ${on.node}; this page is written from it by \`npm run docs\`.`,
    "Compare figures of one run only. The emulator's are processor time of one core, all others wall time, with the load's generator on the same machine.",
    "anvil holds its transactions in memory; the node acknowledges one only after it is on disk. `@ethereumjs/vm` recovers and executes in one go.",
    "",
    "| who | work | figure |",
    "|---|---|---:|",
    ...benchRows(figures).map((row) => `| ${row.join(" | ")} |`),
    "",
    "The longest run that a match of the ledger decides is a benchmark of its own, `npm run bench:longest -- --save`:",
    `on ${longest.on.processor}, ${longest.on.cores} cores, Node ${longest.on.node}. Both figures are of whole runs, one after the other: a quotient below 1 is noise.`,
    "",
    "| who | work | figure |",
    "|---|---|---:|",
    ...longest.segments.map((segment) => `| ${segmentRow(segment).join(" | ")} |`),
  ];
  return { "docs/speed.md": `${lines.join("\n")}\n` };
}
