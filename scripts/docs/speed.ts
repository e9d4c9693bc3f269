import { readFileSync } from "node:fs";
import { type BenchFigures, BENCH_FILE, benchRows } from "../bench/figures";

/** Writes `docs/speed.md` from the last run of `npm run bench -- --save`. */
export function speedDocuments(): Record<string, string> {
  const figures = JSON.parse(readFileSync(BENCH_FILE, "utf8")) as BenchFigures;
  const { on } = figures;
  const lines = [
    "# Speed",
    "",
    `Measured by \`npm run bench -- --save\` in one run on ${on.processor}, ${on.cores} cores, Node ${on.node}; this page is written from it by \`npm run docs\`.`,
    "Compare figures of one run only. The emulator's are processor time of one core, all others wall time, with the load's generator on the same machine.",
    "anvil holds its transactions in memory; the node acknowledges one only after it is on disk. `@ethereumjs/vm` recovers and executes in one go.",
    "A run of 2^36 steps, the longest that a match of the ledger decides: `npm run bench:longest`.",
    "",
    "| who | work | figure |",
    "|---|---|---:|",
    ...benchRows(figures).map((row) => `| ${row.join(" | ")} |`),
  ];
  return { "docs/speed.md": `${lines.join("\n")}\n` };
}
