import { concat, dataSlice, getBytes, hexlify, toBeHex } from "ethers";

/** The pc of a state that has exited. */
const EXIT = (1n << 64n) - 1n;

/** Four registers hold 32 bytes, each its eight little-endian. */
const registers = (bytes: string) =>
  concat([0, 8, 16, 24].map((at) => hexlify(getBytes(dataSlice(bytes, at, at + 8)).reverse())));

/** Returns the 288 bytes of a program's first state. */
export function bootState(memoryRoot0: string, entry: bigint, input: string): string {
  return concat([memoryRoot0, toBeHex(entry, 8), new Uint8Array(72), registers(input), new Uint8Array(144)]);
}

/** Returns what a final state says: the output, or undefined if the run hasn't exited. */
export function outputOf(finalState: string): string | undefined {
  if (BigInt(dataSlice(finalState, 32, 40)) !== EXIT) return undefined;
  return registers(dataSlice(finalState, 112, 144));
}

/** Returns true if a final state confirms a claim (docs/encodings.md, "Program input"): mode 0 NORMAL, 1 SKIP. */
export function confirms(finalState: string, mode: number, commitment: string): boolean {
  const output = outputOf(finalState);
  const isResult = output !== undefined && BigInt(output) !== 0n;
  return mode === 0 ? isResult && output === commitment.toLowerCase() : !isResult;
}
