import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

const USAGE = `npm run test:long [-- --hours N]: random tests with larger figures, for N hours (default 8), until one fails.

forge with the profile "long" comes first, then round after round of the random tests of Hardhat, each round with a seed of its own.
What is under way when the time is over is broken off and counts for nothing. Exit code 1 if a test failed.`;

/** The random tests that obey a seed. */
const FILES = [
  "test/dispute/Ledger.test.ts",
  "test/dispute/Model.contracts.test.ts",
  "test/dispute/Model.histories.test.ts",
  "test/hub/Hub.model.test.ts",
  "test/machine/Emulator.differential.test.ts",
  "test/machine/ledger.differential.test.ts",
  "test/machine/qemu.test.ts",
];
/** What one round does: some times what a run of the suite does, within each test's own limit of time. */
const ROUND = {
  HISTORIES: "400000",
  GAMES: "40",
  ACTS: "120",
  STEPS: "1500",
  RUNS: "80",
  ENDS: "2000",
  RANDOM_STEPS: "100",
};
const HOUR = 3_600_000; // [ms]

type Outcome = "passed" | "failed" | "cut off";

/** Runs a command until it ends or the time is over. */
function run(
  words: readonly string[],
  more: Readonly<Record<string, string>>,
  end: number,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const [command = "", ...args] = words;
    // A group of its own, so that what it starts ends with it.
    const child = spawn(command, args, {
      stdio: "inherit",
      detached: true,
      env: { ...process.env, ...more },
    });
    let isOver = false;
    const stop = (): void => {
      isOver = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    };
    const timer = setTimeout(stop, Math.max(0, end - Date.now()));
    process.once("SIGINT", stop);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      process.removeListener("SIGINT", stop);
      resolve(isOver ? "cut off" : code === 0 ? "passed" : "failed");
    });
  });
}

const seed = (): string => `${randomInt(1, 2 ** 31)}`;

const assignments = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

function readHours(): number | undefined {
  const { values } = parseArgs({ options: { hours: { type: "string" }, help: { type: "boolean" } } });
  if (values.help === true) return undefined;
  const hours = Number(values.hours ?? 8);
  if (!(hours > 0 && hours <= 168))
    throw new Error(`--hours: got ${values.hours}, a number up to 168 was expected.`);
  return hours;
}

async function main(): Promise<number> {
  const hours = readHours();
  if (hours === undefined) {
    console.log(USAGE);
    return 0;
  }
  const end = Date.now() + hours * HOUR;
  const forge = { FOUNDRY_PROFILE: "long", SEED: seed() };
  const fuzzed = await run(["npm", "run", "--silent", "test:forge"], forge, end);
  console.log(`forge, profile long: ${fuzzed}`);
  if (fuzzed === "failed") {
    console.error(`A test failed. To repeat it: ${assignments(forge)} npm run test:forge`);
    return 1;
  }
  const command = ["npx", "hardhat", "test", "--no-compile", ...FILES];
  let rounds = 0;
  for (; Date.now() < end; rounds++) {
    const settings = { ...ROUND, SEED: seed() };
    const line = `${assignments(settings)} ${command.join(" ")}`;
    console.log(`round ${rounds + 1}: ${line}`);
    const outcome = await run(command, settings, end);
    if (outcome === "failed") {
      console.error(`A test failed. To repeat it: ${line}`);
      return 1;
    }
    if (outcome === "cut off") break;
  }
  console.log(`${rounds} rounds passed within ${hours} h.`);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.error(`\n${USAGE}`);
    process.exitCode = 1;
  },
);
