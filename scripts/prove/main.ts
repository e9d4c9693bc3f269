import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

/**
 * `npm run prove [-- --contract NAME] [-- --function PREFIX]`: proves the functions `check_…` of test/symbolic for all their inputs. The prover
 * is a Python package; it is asked for once, with the command that installs it. Exit code 1 if a proof fails, 2 if there is no prover.
 */

const root = join(__dirname, "..", "..");
const folder = join("cache_forge", "prover");

function findProver(): string | undefined {
  const own = join(root, folder, "bin", "halmos");
  if (existsSync(own)) return own;
  return spawnSync("halmos", ["--version"]).status === 0 ? "halmos" : undefined;
}

async function main(): Promise<number> {
  const prover = findProver();
  if (prover === undefined) {
    process.stderr.write(
      "There is no halmos. Install it once (Python 3.11 or later):\n" +
        `  python3 -m venv ${folder} && ${folder}/bin/pip install -r scripts/prove/requirements.txt\n`,
    );
    return 2;
  }
  const path = [join(root, folder, "bin"), join(root, "node_modules", ".bin"), process.env.PATH ?? ""];
  const options = ["--solver", "z3", "--solver-timeout-assertion", "120s", "--no-status"];
  const child = spawn(prover, ["--forge-build-out", "out/prove", ...options, ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, FOUNDRY_PROFILE: "prove", PATH: path.join(delimiter), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const counts: Record<string, number> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const plain = line.replace(/\x1b\[[0-9;]*m/g, "");
    const outcome = /^\[(PASS|FAIL|TIMEOUT|ERROR)\] (\w+)/.exec(plain)?.[1];
    if (outcome !== undefined) counts[outcome] = (counts[outcome] ?? 0) + 1;
    // The compiler's remarks aren't the proofs' results.
    if (/^(\[|Running|Symbolic|Counterexample| {4}p_|WARN|ERROR|Error)/.test(plain))
      process.stdout.write(`${plain}\n`);
  }
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  const { PASS: proven = 0, ...others } = counts;
  const open = Object.values(others).reduce((sum, count) => sum + count, 0);
  process.stdout.write(`${proven} proven, ${open} not\n`);
  return code === 0 && open === 0 && proven > 0 ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
