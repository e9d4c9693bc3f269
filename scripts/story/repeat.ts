import { spawn } from "node:child_process";
import { join } from "node:path";

/** Tells the story twice with the same options and fails unless both runs left the same on L1: npm run story:repeat -- --seed 7 */

interface Told {
  readonly ok: boolean;
  readonly seconds: number;
  readonly rows: readonly { readonly step: string; readonly gas?: number }[];
  readonly promises: readonly { readonly promise: string; readonly kept: boolean }[];
  readonly facts: Readonly<Record<string, unknown>>;
}

function tell(args: readonly string[]): Promise<Told> {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "main.ts"), "--json", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(JSON.parse(text) as Told);
      else reject(new Error(`the story ended with code ${code}`));
    });
  });
}

/** What must be the same: everything but how long it took. */
function essence({ rows, promises, facts }: Told): Map<string, string> {
  const lines = new Map<string, string>();
  rows.forEach(({ step, gas }) => gas === undefined || lines.set(`gas: ${step}`, String(gas)));
  promises.forEach(({ promise, kept }, at) => lines.set(`promise ${at + 1}: ${promise}`, String(kept)));
  for (const [name, fact] of Object.entries(facts)) {
    if (name.endsWith("[s]")) continue;
    if (!Array.isArray(fact)) lines.set(name, JSON.stringify(fact));
    else fact.forEach((one, at) => lines.set(`${name} ${at + 1}`, JSON.stringify(one)));
  }
  return lines;
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const first = await tell(args);
  const second = await tell(args);
  const [one, other] = [essence(first), essence(second)];
  let differences = 0;
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    if (one.get(name) === other.get(name)) continue;
    differences++;
    process.stdout.write(`${name}\n  first   ${one.get(name)}\n  second  ${other.get(name)}\n`);
  }
  const took = `${first.seconds.toFixed(0)} s and ${second.seconds.toFixed(0)} s`;
  process.stdout.write(
    differences === 0
      ? `Two runs (${took}) left the same: ${one.size} figures, L1's head included.\n`
      : `${differences} of ${one.size} figures differ.\n`,
  );
  return differences === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
