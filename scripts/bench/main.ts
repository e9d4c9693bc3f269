import { writeFileSync } from "node:fs";
import { BENCH_FILE, type BenchFigures, benchRows, measuredOn } from "./figures";
import { measureMachine } from "./machine";
import { measureNode } from "./node";
import { anvil, ethereumjs } from "./peers";

const TRANSFERS = 5_000;

/** `npm run bench [-- --json] [-- --save]`: prints the figures; `--save` keeps them for the documents (snapshots/bench.json, then `npm run docs`). */
async function main(): Promise<void> {
  const tell = (what: string): void => void process.stderr.write(`${what} …\n`);
  tell("emulator");
  const machine = await measureMachine();
  tell("node, against anvil as its settlement chain");
  const node = await measureNode(TRANSFERS);
  tell("anvil and @ethereumjs/vm with as many transfers");
  const peers = [await anvil(TRANSFERS), await ethereumjs(TRANSFERS)];
  const on = measuredOn();
  const figures: BenchFigures = { machine, node, peers, on };
  if (process.argv.includes("--save"))
    writeFileSync(BENCH_FILE, `${JSON.stringify(figures, undefined, 2)}\n`);
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify(figures));
    return;
  }
  console.log(`\n${on.processor}, ${on.cores} cores, Node ${on.node}\n`);
  const rows = benchRows(figures);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [who = "", what = "", figure = ""] of rows)
    console.log(`${who.padEnd(widths[0] ?? 0)}  ${what.padEnd(widths[1] ?? 0)}  ${figure}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
