import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ARTIFACTS, type ArtifactHashes, compile, hash, programs, recorded } from "./artifacts";
import { SETUP, missing } from "./toolchain";

/**
 * `npm run programs:verify`: the committed artifacts have the recorded hashes, and a rebuild gives the same bytes.
 * `--hashes-only` leaves the rebuild out. Without the toolchain the rebuild is left out, with a message; `--require`
 * makes that an error.
 */
function main(): void {
  const expected = recorded();
  const wrong: string[] = [];
  const compare = (name: string, what: string, found: ArtifactHashes): void => {
    if (isDeepStrictEqual(JSON.parse(JSON.stringify(found)), expected[name])) return;
    wrong.push(`${name}: ${what} differ from programs/artifacts/hashes.json: ${JSON.stringify(found)}`);
  };
  for (const program of programs()) compare(program.name, "committed files", hash(program, ARTIFACTS));
  if (wrong.length === 0 && !process.argv.includes("--hashes-only")) {
    const problems = missing();
    if (problems.length > 0) {
      const message = `not rebuilt: ${problems.join("; ")}. Set up with: ${SETUP}`;
      if (process.argv.includes("--require")) wrong.push(message);
      else console.error(message);
    } else rebuild(compare);
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  console.error(`${programs().length} programs: hashes as recorded`);
}

function rebuild(compare: (name: string, what: string, found: ArtifactHashes) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "rollworks-programs-"));
  try {
    for (const program of programs()) {
      const { wasm, elf } = compile(program, join(folder, "target"));
      if (wasm) copyFileSync(wasm, join(folder, `${program.name}.wasm`));
      if (elf) copyFileSync(elf, join(folder, `${program.name}.elf`));
      compare(program.name, "rebuilt files", hash(program, folder));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
