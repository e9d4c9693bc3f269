import { cpus } from "node:os";
import { join } from "node:path";
import type { MachineFigures, SegmentFigures } from "./machine";
import type { NodeFigures } from "./node";
import type { Transfers } from "./peers";

/** What `npm run bench` measures, all of it in one run on one machine: only figures of the same run are compared. */
export interface BenchFigures {
  readonly machine: MachineFigures;
  readonly node: NodeFigures;
  readonly peers: readonly Transfers[];
  readonly on: { readonly processor: string; readonly cores: number; readonly node: string };
}

/** What `npm run bench:longest` measures: a run of its own, on whatever machine had the minutes. */
export interface LongestFigures {
  readonly segments: readonly SegmentFigures[];
  readonly on: BenchFigures["on"];
}

const SNAPSHOTS = join(__dirname, "..", "..", "snapshots");
export const BENCH_FILE = join(SNAPSHOTS, "bench.json");
export const LONGEST_FILE = join(SNAPSHOTS, "longest.json");

/** The machine that measures. */
export const measuredOn = (): BenchFigures["on"] => ({
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
});

const rate = (figure: number | undefined): string =>
  figure === undefined ? "" : Math.round(figure).toLocaleString("en-US");

export function segmentRow(figures: SegmentFigures): string[] {
  const { load, log2Steps, plainSeconds, hashedSeconds, residentBytes } = figures;
  return [
    "emulator",
    `2^${log2Steps} steps of ${load}; with the hashes of eight segments' states`,
    `${plainSeconds.toFixed(1)} s alone, ${hashedSeconds.toFixed(1)} s with them (${(hashedSeconds / plainSeconds).toFixed(2)}×), ${Math.round(residentBytes / 2 ** 20)} MiB of memory`,
  ];
}

/** The figures as the rows of a table: work, figure, unit. */
export function benchRows({ machine, node, peers }: BenchFigures): string[][] {
  const own = "Rollworks node";
  return [
    ...machine.loads.map(({ load, mips }) => ["emulator", load, `${rate(mips)} Mips`]),
    ...machine.segments.map(segmentRow),
    [own, "transfers accepted and durable, one per request", `${rate(node.acceptedSinglePerSecond)}/s`],
    [own, "transfers accepted and durable, 100 per request", `${rate(node.acceptedBatchedPerSecond)}/s`],
    [own, "transfers executed, a state root per block of 1,000", `${rate(node.executedPerSecond)}/s`],
    [own, "transfers posted on L1, from the first request on", `${rate(node.postedPerSecond)}/s`],
    ...peers.flatMap(({ engine, acceptedPerSecond, executedPerSecond }) => [
      ...(acceptedPerSecond === undefined
        ? []
        : [[engine, "transfers accepted, 100 per request", `${rate(acceptedPerSecond)}/s`]]),
      [engine, "transfers executed", `${rate(executedPerSecond)}/s`],
    ]),
  ];
}
