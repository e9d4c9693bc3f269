import { getBytes, hexlify } from "ethers";
import { Emulator, type Oracle, PreimageTable } from "../../sequencer/src/machine";
import type { Assembly } from "./assembler";
import { DATA_BASE } from "./assembler";
import { MemoryTree } from "./MemoryTree";
import { boot, type Preimages, type State } from "./Reference";

export const ZERO_INPUT = hexlify(new Uint8Array(32));

/** The same program in the reference, before its first step. */
export function bootReference(program: Assembly, input = ZERO_INPUT): State {
  const memory = new MemoryTree();
  memory.write(0, program.text);
  memory.write(DATA_BASE, program.data);
  return boot(memory, BigInt(program.entry), input);
}

/** The same program in the emulator, before its first step. */
export function bootEmulator(
  program: Assembly,
  input = ZERO_INPUT,
  oracle: Oracle = new PreimageTable(),
): Emulator {
  const emulator = Emulator.load(program.elf, oracle);
  emulator.boot(input);
  return emulator;
}

/** The reference's view of a table of preimages. */
export function preimagesOf(oracle: Oracle): Preimages {
  return {
    preimage: (hash) => oracle.preimage(0, getBytes(hash)),
    blob: (versionedHash, index) => hexlify(oracle.blobWord?.(getBytes(versionedHash), index) ?? "0x"),
  };
}
