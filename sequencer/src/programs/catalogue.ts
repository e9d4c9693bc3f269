import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LedgerProgram } from "./ledger/ledger";
import { Program } from "./program";

const ARTIFACTS = join(__dirname, "../../../programs/artifacts");

/** Raised when a committed artifact isn't what its hash says: nothing may be executed with it. */
export class ArtifactMismatch extends Error {
  override readonly name = "ArtifactMismatch";
}

type Hashes = Record<string, { wasm: { sha256: string }; programHash: string; codeRoot: string }>;
type Factory = (identity: { hash: string; codeRoot: string }, module: WebAssembly.Module) => Program;

/** The programs this node knows how to run; each has a folder beside this file. */
const FACTORIES: Readonly<Record<string, Factory>> = {
  ledger: (identity, module) => new LedgerProgram(identity, module),
};

const loaded = new Map<string, Program>();

/** The program with this hash, compiled once per thread, or undefined if this node doesn't know it. */
export function findProgram(hash: string): Program | undefined {
  const known = loaded.get(hash);
  if (known !== undefined) return known;
  const hashes = JSON.parse(readFileSync(join(ARTIFACTS, "hashes.json"), "utf8")) as Hashes;
  for (const [name, factory] of Object.entries(FACTORIES)) {
    const entry = hashes[name];
    if (entry?.programHash !== hash) continue;
    const bytes = readFileSync(join(ARTIFACTS, `${name}.wasm`));
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (digest !== entry.wasm.sha256) throw new ArtifactMismatch(`${name}.wasm: ${digest}, expected ${entry.wasm.sha256}`);
    const program = factory({ hash, codeRoot: entry.codeRoot }, new WebAssembly.Module(bytes));
    loaded.set(hash, program);
    return program;
  }
  return undefined;
}
