import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet, keccak256, toBeHex } from "ethers";
import * as ledger from "../../sdk/src/ledger";
import { Emulator, PreimageTable } from "../../sequencer/src/machine";
import { LONGEST_FILE, measuredOn } from "./figures";
import { Batches, CHAIN_ID, coinDeposit } from "../../test/programs/Batches";

/** How fast the emulator runs programs and makes state hashes. Time is the processor's, so that a busy machine measures the same. */
export interface MachineFigures {
  readonly loads: readonly LoadFigures[];
  readonly segments: readonly SegmentFigures[];
}

export interface LoadFigures {
  readonly load: string;
  readonly steps: number;
  /** [million instructions per second of one core] */
  readonly mips: number;
}

export interface SegmentFigures {
  readonly load: string;
  readonly log2Steps: number;
  /** [s] the run alone */
  readonly plainSeconds: number;
  /** [s] the run with the hashes of the states at its eighths, each kept for going back */
  readonly hashedSeconds: number;
  /** pages of 4 KiB in use after it, kept states included */
  readonly pages: number;
  /** [bytes] what the process holds in memory after it, the engine's own share included */
  readonly residentBytes: number;
}

const ELF = readFileSync(join(__dirname, "../../programs/artifacts/benchmark.elf"));
const LOADS = { keccak: 0, "signature recovery in software": 1, "writes all over 32 MiB": 2 } as const;
type Load = keyof typeof LOADS;
const MEASURED_STEPS = 2n ** 28n;
const TRANSFERS = 1000;
/** How often a load is run at least, and for how long at least [s]. */
const ROUNDS = 5;
const LEAST_SECONDS = 3;
const ENDLESS = 2n ** 40n;

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function timed(action: () => void): number {
  const began = processorSeconds();
  action();
  return processorSeconds() - began;
}

/** The best of a few runs, of many where they are short: the first ones wait for the engine's compiler. */
function best(action: () => void): number {
  const runs: number[] = [];
  for (let sum = 0; runs.length < ROUNDS || sum < LEAST_SECONDS; sum += runs.at(-1) ?? 0)
    runs.push(timed(action));
  return Math.min(...runs);
}

const inputOf = (load: Load, rounds: bigint): string =>
  `0x${toBeHex(LOADS[load], 1).slice(2)}${toBeHex(rounds, 31).slice(2)}`;

function measureLoad(load: Load): LoadFigures {
  const emulator = Emulator.load(ELF, new PreimageTable());
  const seconds = best(() => emulator.run(inputOf(load, ENDLESS), { maxSteps: MEASURED_STEPS }));
  return { load, steps: Number(MEASURED_STEPS), mips: Number(MEASURED_STEPS) / seconds / 1e6 };
}

/** A batch of signed transfers. The recoveries are known after the first run, as they are to a node. */
async function measureLedger(): Promise<LoadFigures> {
  const limits = { batchGas: 100_000_000, messageBound: 65_535 };
  const batches = new Batches();
  const wallets = Array.from({ length: 100 }, (_, index) => new Wallet(keccak256(toBeHex(index + 1, 4))));
  for (const { address } of wallets) batches.message(coinDeposit(address, 10n ** 18n));
  batches.post([], limits);
  const transactions = await Promise.all(
    Array.from({ length: TRANSFERS }, (_, index) => {
      const [from, to] = [wallets[index % 100], wallets[(index * 7 + 1) % 100]];
      if (from === undefined || to === undefined) throw new Error("there are a hundred wallets");
      const action: ledger.Action = { type: "SendCoin", to: to.address, amount: 1n };
      const nonce = BigInt(Math.floor(index / 100));
      return ledger.signTransaction(from, CHAIN_ID, { action, maxFee: 10n ** 6n, nonce });
    }),
  );
  batches.post([{ timestamp: 5n, transactions }], limits);
  const { emulator, inputHash } = batches.replay ?? {};
  if (emulator === undefined || inputHash === undefined) throw new Error("a batch was posted");
  const steps = emulator.steps;
  const seconds = best(() => emulator.run(inputHash));
  return {
    load: `ledger, ${TRANSFERS} signed transfers`,
    steps: Number(steps),
    mips: Number(steps) / seconds / 1e6,
  };
}

function measureSegments(load: Load, log2Steps: number): SegmentFigures {
  const emulator = Emulator.load(ELF, new PreimageTable());
  const length = 2n ** BigInt(log2Steps);
  const input = inputOf(load, ENDLESS);
  emulator.run(input, { maxSteps: length / 16n });
  const plainSeconds = timed(() => emulator.run(input, { maxSteps: length }));
  const eighths = Array.from({ length: 8 }, (_, index) => (length / 8n) * BigInt(index + 1));
  const hashedSeconds = timed(() => {
    emulator.boot(input);
    emulator.stateHashes(eighths);
  });
  return {
    load,
    log2Steps,
    plainSeconds,
    hashedSeconds,
    pages: emulator.pages,
    residentBytes: process.memoryUsage().rss,
  };
}

export async function measureMachine(): Promise<MachineFigures> {
  return {
    loads: [await measureLedger(), measureLoad("keccak"), measureLoad("signature recovery in software")],
    segments: [measureSegments("keccak", 30), measureSegments("writes all over 32 MiB", 30)],
  };
}

/** The longest run that a match of the ledger decides: minutes, hence a benchmark of its own. */
export function measureLongest(log2Steps = 36): MachineFigures {
  return { loads: [], segments: [measureSegments("keccak", log2Steps)] };
}

export function printMachine({ loads, segments }: MachineFigures): void {
  for (const { load, steps, mips } of loads)
    console.log(
      `${load.padEnd(32)} ${mips.toFixed(0).padStart(5)} Mips   ${steps.toLocaleString("en")} steps`,
    );
  for (const { load, log2Steps, plainSeconds, hashedSeconds, pages, residentBytes } of segments)
    console.log(
      `2^${log2Steps} of ${load.padEnd(24)} ${plainSeconds.toFixed(2)} s, with the states of eight segments ` +
        `${hashedSeconds.toFixed(2)} s (${(hashedSeconds / plainSeconds).toFixed(2)}×), ` +
        `${pages.toLocaleString("en")} pages, ${Math.round(residentBytes / 2 ** 20)} MiB`,
    );
}

/**
 * `npm run bench:machine [-- --json]`, `npm run bench:longest [-- --json] [-- --save]`: the emulator alone; `--save` keeps the longest run for
 * the documents (snapshots/longest.json, then `npm run docs`).
 */
async function main(): Promise<void> {
  const isLongest = process.argv.includes("--longest");
  const figures = isLongest ? measureLongest() : await measureMachine();
  if (isLongest && process.argv.includes("--save"))
    writeFileSync(
      LONGEST_FILE,
      `${JSON.stringify({ segments: figures.segments, on: measuredOn() }, undefined, 2)}\n`,
    );
  if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
  else printMachine(figures);
}

if (require.main === module)
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
