import { readFileSync } from "node:fs";
import {
  type BenchFigures,
  BENCH_FILE,
  benchRows,
  LONGEST_FILE,
  type LongestFigures,
  segmentRow,
} from "../bench/figures";

/** What is promised of the emulator: instructions a second of one core, and the eight segment states of a run in so many times the plain run. */
const LEAST_MIPS = 350;
const MOST_TIMES = 2;

/** Throws where the figures that are kept don't hold what is promised. */
function requirePromised({ machine: { loads, segments } }: BenchFigures): void {
  const broken = [
    ...loads
      .filter(({ mips }) => mips < LEAST_MIPS)
      .map(({ load, mips }) => `${load}: ${mips.toFixed(0)} Mips, at least ${LEAST_MIPS} were promised`),
    ...segments
      .filter(({ plainSeconds, hashedSeconds }) => hashedSeconds > MOST_TIMES * plainSeconds)
      .map(({ load }) => `segment states of ${load}: more than ${MOST_TIMES} times the plain run`),
  ];
  if (broken.length > 0) throw new Error(`${BENCH_FILE} breaks a promise: ${broken.join("; ")}.`);
}

/** Writes `docs/speed.md` from the last runs of `npm run bench -- --save` and `npm run bench:longest -- --save`. */
export function speedDocuments(): Record<string, string> {
  const figures = JSON.parse(readFileSync(BENCH_FILE, "utf8")) as BenchFigures;
  const longest = JSON.parse(readFileSync(LONGEST_FILE, "utf8")) as LongestFigures;
  requirePromised(figures);
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
