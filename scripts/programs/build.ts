import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ARTIFACTS, HASHES, compile, hash, programs, recorded } from "./artifacts";
import { PROGRAMS, SETUP, missing } from "./toolchain";

/** `npm run programs:build [-- name …]`: compiles the programs (all, or those named) into programs/artifacts. */
function main(): void {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !programs().some((program) => program.name === name));
  if (unknown.length > 0) throw new Error(`not in programs/programs.json: ${unknown.join(", ")}`);
  const problems = missing();
  if (problems.length > 0) throw new Error(`${problems.join("; ")}. Set up with: ${SETUP}`);
  const hashes = recorded();
  mkdirSync(ARTIFACTS, { recursive: true });
  for (const program of programs().filter(({ name }) => names.length === 0 || names.includes(name))) {
    const { wasm, elf } = compile(program, join(PROGRAMS, "target"));
    if (wasm) copyFileSync(wasm, join(ARTIFACTS, `${program.name}.wasm`));
    if (elf) copyFileSync(elf, join(ARTIFACTS, `${program.name}.elf`));
    hashes[program.name] = hash(program, ARTIFACTS);
  }
  const sorted = Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(HASHES, JSON.stringify(sorted, null, 2) + "\n");
  console.log(JSON.stringify(sorted, null, 2));
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
