import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What programs/emulator/src/abi.rs exports; programs/emulator/README.md says what each does. */
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  exchange(size: number): number;
  exchangeLength(): number;
  load(size: number): number;
  identity(): number;
  boot(): void;
  run(to: bigint): number;
  steps(): bigint;
  pc(): bigint;
  register(index: number): bigint;
  setRegisters(): void;
  state(): number;
  stateHash(): number;
  witness(): number;
  wanted(): number;
  checkpoint(): number;
  restore(number: number): number;
  forget(number: number): number;
  pages(): number;
  peek(address: bigint, size: number): number;
}

/** What the emulator calls. Each finder returns a length or −1; `take` then writes what was found. */
export interface Imports {
  readonly host: {
    preimage(kind: number, key: number): number;
    precompile(address: number, gas: number, input: number, length: number): number;
    blobWord(versionedHash: number, index: number): number;
    take(destination: number): void;
  };
}

/** A compiled module; it may be posted to a worker. */
export type EmulatorModule = object & { readonly __emulator?: never };

// Node's types leave WebAssembly out.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => EmulatorModule;
    Instance: new (module: EmulatorModule, imports: Imports) => { readonly exports: unknown };
    RuntimeError: new () => Error;
  };
};

const ARTIFACT = join(__dirname, "..", "..", "..", "programs", "artifacts", "emulator.wasm");

let compiled: EmulatorModule | undefined;

/** Returns the emulator's module, compiled once per thread. */
export function emulatorModule(): EmulatorModule {
  return (compiled ??= new WebAssembly.Module(readFileSync(ARTIFACT)));
}

/** Returns true for what the module itself threw: it can't go on. */
export const isTrap = (error: unknown): boolean => error instanceof WebAssembly.RuntimeError;

/** Makes an emulator of its own: nothing is shared between two instances. */
export function instantiate(module: EmulatorModule, imports: Imports): Exports {
  return new WebAssembly.Instance(module, imports).exports as Exports;
}
