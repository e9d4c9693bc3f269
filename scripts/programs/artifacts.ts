import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ProgramIdentity, identify } from "./image";
import { PROGRAMS, type ModuleKind, buildMachine, buildWebAssembly } from "./toolchain";

/** Which packages become artifacts (programs/programs.json), and what is recorded of each (programs/artifacts/hashes.json). */

export const ARTIFACTS = join(PROGRAMS, "artifacts");
export const HASHES = join(ARTIFACTS, "hashes.json");

interface Program {
  name: string;
  package: string;
  /** Whether it is a program of the machine. */
  machine: boolean;
  /** Absent for a program that no node runs. */
  webassembly?: ModuleKind;
  /** Length of its runs, part of the catalogue entry. */
  log2Steps?: number;
  /** Gas of one batch [L2 gas], part of the catalogue entry; programs without it aren't deployed. */
  batchGas?: number;
}

interface FileHash {
  sha256: string;
  /** [bytes] */
  size: number;
}

export interface ArtifactHashes extends Partial<ProgramIdentity> {
  elf?: FileHash;
  wasm?: FileHash;
  log2Steps?: number;
  batchGas?: number;
  /** Commitment every rollup of the program starts from. */
  genesis?: string;
}

export function programs(): Program[] {
  return JSON.parse(readFileSync(join(PROGRAMS, "programs.json"), "utf8")) as Program[];
}

export function recorded(): Record<string, ArtifactHashes> {
  if (!existsSync(HASHES)) return {};
  return JSON.parse(readFileSync(HASHES, "utf8")) as Record<string, ArtifactHashes>;
}

/** Compiles a program and returns the paths of what came out. */
export function compile(program: Program, folder: string): { wasm?: string; elf?: string } {
  const { name, machine, webassembly } = program;
  return {
    ...(webassembly && { wasm: buildWebAssembly(program.package, name, webassembly, folder) }),
    ...(machine && { elf: buildMachine(program.package, name, folder) }),
  };
}

/** Returns the hashes of the artifacts in a folder. */
export function hash(program: Program, folder: string): ArtifactHashes {
  const wasm = program.webassembly && readFileSync(join(folder, `${program.name}.wasm`));
  if (!program.machine) return { ...(wasm && { wasm: fileHash(wasm) }) };
  const elf = readFileSync(join(folder, `${program.name}.elf`));
  return {
    elf: fileHash(elf),
    ...(wasm && { wasm: fileHash(wasm) }),
    ...identify(elf),
    log2Steps: program.log2Steps,
    batchGas: program.batchGas,
    ...(wasm && { genesis: genesis(wasm) }),
  };
}

/** The part of WebAssembly used here; Node's type package doesn't declare it. */
interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

/** Asks the module itself for its genesis commitment. */
function genesis(wasm: Uint8Array): string {
  const refuse = (): never => {
    throw new Error("genesis reads nothing");
  };
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  const { exports } = new Instance(new Module(wasm), { oracle: { preimage: refuse, precompile: refuse } });
  const program = exports as {
    memory: { readonly buffer: ArrayBuffer };
    genesis: () => void;
    result_ptr: () => number;
  };
  program.genesis();
  return "0x" + Buffer.from(program.memory.buffer, program.result_ptr(), 32).toString("hex");
}

function fileHash(bytes: Uint8Array): FileHash {
  return { sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}
