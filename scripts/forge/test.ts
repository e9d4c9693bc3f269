import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";

/** `npm run test:forge [-- options of forge test]`: names the seed of the fuzzing before it starts; `SEED=N` repeats a run. */
const given = process.env["SEED"];
if (given !== undefined && !/^\d{1,15}$/.test(given)) {
  console.error(`SEED: got "${given}", a whole number of at most 15 digits was expected.`);
  process.exit(1);
}
const seed = given ?? String(randomBytes(6).readUIntBE(0, 6));
console.log(`fuzz seed ${seed} (SEED=${seed} repeats this run)`);
const { status, error } = spawnSync(
  "forge",
  ["test", "--fuzz-seed", `0x${BigInt(seed).toString(16)}`, ...process.argv.slice(2)],
  { stdio: "inherit" },
);
if (error !== undefined) console.error(`forge couldn't be started (${error.message}): npm ci installs it.`);
process.exitCode = status ?? 1;
