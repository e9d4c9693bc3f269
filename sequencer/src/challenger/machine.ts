import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { Channel } from "../host/channel";
import { Emulator, PreimageTable } from "../machine";
import { RunReport } from "./analyst";
import { RunMaterial } from "./material";

/** The thread behind Analyst: a few emulators, each with one batch's run, the least recently used goes first. */

const ARTIFACTS = join(__dirname, "../../../programs/artifacts");
const MOST_RUNS = 3;
const CHECKPOINTS = 64;

const runs = new Map<string, Emulator>();
const channel = new Channel(parentPort!);

channel.handle(
  "run",
  (program: string, material: RunMaterial, steps: bigint[]): { report: RunReport; hashes: string[] } => {
    const elf = readFileSync(join(ARTIFACTS, `${program}.elf`));
    const emulator = new Emulator(
      { elf, checkpoints: CHECKPOINTS },
      { oracle: new PreimageTable(material.preimages) },
    );
    emulator.boot(material.input);
    const hashes = emulator.stateHashes(steps);
    const { outcome, output } = emulator.seek(steps.at(-1)!);
    const report = {
      outcome,
      steps: emulator.steps,
      output,
      finalState: emulator.state(),
      ...emulator.identity,
    };
    remember(material.input, emulator);
    return { report, hashes };
  },
);
channel.handle("hashes", (input: string, steps: bigint[]) => recall(input)?.stateHashes(steps));
channel.handle("witness", (input: string, step: bigint) => recall(input)?.witness(step));

function recall(input: string): Emulator | undefined {
  const emulator = runs.get(input);
  if (emulator !== undefined) remember(input, emulator);
  return emulator;
}

function remember(input: string, emulator: Emulator): void {
  runs.delete(input);
  runs.set(input, emulator);
  for (const oldest of runs.keys()) {
    if (runs.size <= MOST_RUNS) break;
    runs.delete(oldest);
  }
}
