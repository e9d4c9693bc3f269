import { readFileSync } from "node:fs";
import { Emulator, type RunResult } from "../../sequencer/src/machine";
import { disassemble, registerName } from "./disassemble";
import { failureLine, failureOf } from "./failure";
import { Disagreement, replay } from "./onchain";
import { oracleOf } from "./preimages";
import { parseArguments, type RunOptions, USAGE, UsageError } from "./options";

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Nothing beyond is executed. */
const TEXT_END = 1n << 21n;
const NOT_RUN = 3;
const DISAGREEMENT = 4;

/** Runs to `limit`, printing each instruction with the register it changed. */
function trace(emulator: Emulator, limit: bigint): RunResult {
  const registers = () => Array.from({ length: 32 }, (_, index) => emulator.register(index));
  let before = registers();
  for (;;) {
    const [step, pc] = [emulator.steps, emulator.pc];
    if (emulator.isHalted || step >= limit) return emulator.runTo(limit);
    const isInText = pc < TEXT_END && pc % 4n === 0n;
    const text = isInText
      ? disassemble(Buffer.from(emulator.read(pc, 4)).readUInt32LE(), pc)
      : "no instruction";
    emulator.runTo(step + 1n);
    const after = registers();
    const changes = after.flatMap((value, index) =>
      value === before[index] ? [] : [`${registerName(index)} = ${hex(value)}`],
    );
    process.stderr.write(`${step}\t${hex(pc)}\t${text.padEnd(32)}\t${changes.join(", ")}\n`);
    before = after;
  }
}

function exitCode(result: RunResult, options: RunOptions, a0: bigint): number {
  if (result.outcome === "error") return 2;
  if (result.outcome === "limit") return options.steps === undefined ? NOT_RUN : 0;
  return a0 === 0n ? 0 : 1;
}

function elfOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function run(options: RunOptions): Promise<number> {
  const emulator = new Emulator({ elf: elfOf(options.program) }, { oracle: oracleOf(options.preimages) });
  emulator.boot(options.input);
  const limit = options.steps ?? options.maxSteps;
  const result = options.trace ? trace(emulator, limit) : emulator.runTo(limit);
  const words = [10, 11, 12, 13].map((index) => emulator.register(index));
  const code = exitCode(result, options, words[0] ?? 0n);
  const report = {
    outcome: result.outcome,
    ...Object.fromEntries(words.map((value, index) => [`a${index}`, hex(value)])),
    steps: Number(result.steps),
    pc: hex(result.pc),
    stateHash: emulator.stateHash(),
    programHash: emulator.identity.programHash,
  };
  const failure = result.outcome === "error" ? failureOf(emulator) : undefined;
  let replayed: number | undefined;
  if (options.onchain !== undefined) {
    const every = options.onchain;
    replayed = await replay(emulator, result.steps, every, (step) => {
      if ((step / every) % 1000n === 999n)
        process.stderr.write(`replayed up to step ${step} of ${result.steps}\n`);
    });
  }
  const shown = replayed === undefined ? report : { ...report, replayed };
  if (options.json) console.log(JSON.stringify({ ...shown, failure }));
  else {
    const lines = failure === undefined ? shown : { ...shown, failure: failureLine(failure) };
    for (const [name, value] of Object.entries(lines)) console.log(`${name.padEnd(12)}${String(value)}`);
  }
  if (code === NOT_RUN) console.error(`the program hasn't halted after ${limit} steps: raise --max-steps`);
  return code;
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  try {
    return await run(parseArguments(args));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    if (error instanceof UsageError) console.error(`\n${USAGE}`);
    return error instanceof Disagreement ? DISAGREEMENT : NOT_RUN;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
