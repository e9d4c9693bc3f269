import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { currentSteps, disputedSegment, dissectionSteps, Match } from "@rollworks/sdk/src/dispute";
import { Channel } from "../host/channel";
import { Emulator, PreimageMissing, PreimageTable } from "../machine";
import { Examination, Move, Question, RunReport } from "./analyst";

/** The thread behind Analyst: a few emulators, each with one batch's run, the least recently used goes first. */

const ARTIFACTS = join(__dirname, "../../../programs/artifacts");
const MOST_RUNS = 3;
const CHECKPOINTS = 64;

interface Run {
  readonly emulator: Emulator;
  readonly report: RunReport;
  readonly opening: readonly string[];
}

/** What a run needs, or the key of a preimage that it read and wasn't given. */
export type Answer = Examination | { readonly missing: string };

const runs = new Map<string, Run>();
const channel = new Channel(parentPort!);

channel.handle("run", (program: string, preimages: readonly Uint8Array[], question: Question): Answer => {
  const elf = readFileSync(join(ARTIFACTS, `${program}.elf`));
  const emulator = new Emulator({ elf, checkpoints: CHECKPOINTS }, { oracle: new PreimageTable(preimages) });
  try {
    emulator.boot(question.input);
    const opening = emulator.stateHashes(question.opening);
    const { outcome, output } = emulator.seek(question.opening.at(-1)!);
    const { steps, identity } = emulator;
    const report = { outcome, steps, output, finalState: emulator.state(), ...identity };
    return answer({ emulator, report, opening }, question);
  } catch (error) {
    if (error instanceof PreimageMissing && error.kind !== 1) return { missing: error.key };
    throw error;
  }
});
channel.handle("recall", (question: Question): Examination | undefined => {
  const run = runs.get(question.input);
  return run && answer(run, question);
});

function answer(run: Run, { input, match }: Question): Examination {
  const { emulator, report, opening } = run;
  runs.delete(input);
  runs.set(input, run);
  for (const oldest of runs.keys()) {
    if (runs.size <= MOST_RUNS) break;
    runs.delete(oldest);
  }
  return { report, opening, move: match && moveIn(match, emulator) };
}

function moveIn(match: Match, emulator: Emulator): Move | undefined {
  const segment = disputedSegment(match, emulator.stateHashes(currentSteps(match)));
  if (segment === undefined) return undefined;
  if (match.position.log2len > 0)
    return { segment, states: emulator.stateHashes(dissectionSteps(match, segment)) };
  return { segment, witness: emulator.witness(match.from + BigInt(segment)) };
}
