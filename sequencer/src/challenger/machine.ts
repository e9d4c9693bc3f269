import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { Channel } from "../host/channel";
import { Emulator, PreimageTable } from "../machine";
import { Examination, Question, RunReport } from "./analyst";
import { RunMaterial } from "./material";

/** The thread behind Analyst: a few emulators, each with one batch's run, the least recently used goes first. */

const ARTIFACTS = join(__dirname, "../../../programs/artifacts");
const MOST_RUNS = 3;
const CHECKPOINTS = 64;

interface Run {
  readonly emulator: Emulator;
  readonly report: RunReport;
}

const runs = new Map<string, Run>();
const channel = new Channel(parentPort!);

channel.handle("run", (program: string, material: RunMaterial, question: Question): Examination => {
  const elf = readFileSync(join(ARTIFACTS, `${program}.elf`));
  const emulator = new Emulator(
    { elf, checkpoints: CHECKPOINTS },
    { oracle: new PreimageTable(material.preimages) },
  );
  emulator.boot(material.input);
  emulator.stateHashes(question.opening);
  const { outcome, output } = emulator.seek(question.opening.at(-1)!);
  const { steps, identity } = emulator;
  const report = { outcome, steps, output, finalState: emulator.state(), ...identity };
  return answer({ emulator, report }, question);
});
channel.handle("recall", (question: Question): Examination | undefined => {
  const run = runs.get(question.input);
  return run && answer(run, question);
});

function answer(run: Run, { input, steps, witnessOf }: Question): Examination {
  const { emulator, report } = run;
  runs.delete(input);
  runs.set(input, run);
  for (const oldest of runs.keys()) {
    if (runs.size <= MOST_RUNS) break;
    runs.delete(oldest);
  }
  return {
    report,
    hashes: emulator.stateHashes(steps),
    witness: witnessOf === undefined ? undefined : emulator.witness(witnessOf),
  };
}
