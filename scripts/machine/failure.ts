import type { Emulator } from "../../sequencer/src/machine";
import { disassemble } from "./disassemble";

/** The step at which a program halted on an error of its own. */
export interface Failure {
  readonly step: number;
  readonly pc: string;
  /** what stood there; not if the pc is no instruction address */
  readonly word?: string;
  /** the same in assembly */
  readonly instruction?: string;
  readonly reason: string;
}

const TEXT_END = 0x200000n;
const MEMORY_END = 1n << 32n;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** What RV64IM lacks, by the seven low bits of the word. */
const FOREIGN: ReadonlyMap<number, string> = new Map([
  ...[0x07, 0x27, 0x43, 0x47, 0x4b, 0x4f, 0x53].map((opcode): [number, string] => [opcode, "floating-point"]),
  [0x2f, "atomic"],
  [0x57, "vector"],
]);

function reasonOfAccess(address: bigint, size: bigint, isStore: boolean): string {
  const what = isStore ? "store to" : "load from";
  if (address >= MEMORY_END) return `${what} ${hex(address)}, outside the memory`;
  if (address % size !== 0n) return `${what} ${hex(address)}, no multiple of ${size}`;
  return `${what} ${hex(address)}, in the text`;
}

/** Says why `word` fails in a state with these registers. */
function reasonOf(word: number, register: (index: number) => bigint): string {
  const opcode = word & 0x7f;
  if (word === 0) return "no instruction: zero";
  if ((word & 3) !== 3) return "a compressed instruction (C): compile without";
  const foreign = FOREIGN.get(opcode);
  if (foreign !== undefined)
    return `${/^[aeiou]/.test(foreign) ? "an" : "a"} ${foreign} instruction: the machine is RV64IM`;
  if (disassemble(word, 0n).startsWith(".word"))
    return opcode === 0x73 ? "a system instruction that isn't ecall" : "no instruction of RV64IM";
  const size = 1n << BigInt((word >>> 12) & 3);
  const base = register((word >>> 15) & 31);
  switch (opcode) {
    case 0x03:
      return reasonOfAccess(BigInt.asUintN(64, base + BigInt(word >> 20)), size, false);
    case 0x23: {
      const offset = BigInt(((word >> 25) << 5) | ((word >>> 7) & 31));
      return reasonOfAccess(BigInt.asUintN(64, base + offset), size, true);
    }
    case 0x73: {
      const number = register(17);
      return number === 1n
        ? "a READ whose registers, or whose call of a precompile, the machine refuses"
        : `an unknown system call (a7 = ${number})`;
    }
    default:
      return "a jump to an address that is no multiple of 4";
  }
}

/** Returns what failed in the last step of a program that halted on an error. The emulator is at its end again afterwards. */
export function failureOf(emulator: Emulator): Failure {
  const end = emulator.steps;
  emulator.seek(end - 1n);
  const { pc } = emulator;
  const place = { step: Number(end - 1n), pc: hex(pc) };
  const isPlace = pc < TEXT_END && pc % 4n === 0n;
  const word = isPlace ? Buffer.from(emulator.read(pc, 4)).readUInt32LE() : 0;
  const failure = isPlace
    ? {
        ...place,
        word: `0x${word.toString(16).padStart(8, "0")}`,
        instruction: disassemble(word, pc),
        reason: reasonOf(word, (index) => emulator.register(index)),
      }
    : { ...place, reason: "no instruction address" };
  emulator.seek(end);
  return failure;
}

/** Returns a failure as one line. */
export function failureLine({ step, pc, word, instruction, reason }: Failure): string {
  const found =
    word === undefined ? "" : `${word}${instruction?.startsWith(".") ? "" : ` (${instruction})`}, `;
  return `step ${step} at pc ${pc}: ${found}${reason}`;
}
