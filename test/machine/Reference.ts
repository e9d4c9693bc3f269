import { concat, dataSlice, getBytes, hexlify, keccak256, toBeHex } from "ethers";
import { DEPTH, MemoryTree, TEXT_DEPTH } from "./MemoryTree";
import { execute, integerOf, isAllowed } from "./Precompiles";

/**
 * The machine as plainly as it can be said: RV64IM over unsigned 64-bit bigints. It is the readable reference that the emulator and the Solidity
 * step are tested against; docs/encodings/machine.md is the text it follows.
 */

export const EXIT = 2n ** 64n - 1n;
export const ERROR = 2n ** 64n - 2n;
const TEXT_END = 2n ** 21n;
const MEMORY_END = 2n ** 32n;
const FAILED_CALL = 2n ** 64n - 1n;

/** Where READ finds what it asks for. */
export interface Preimages {
  /** The preimage of a keccak256 hash, for kind 0 and for the calls of kind 2. */
  preimage(hash: string): Uint8Array | undefined;
  /** A word of a blob with its opening: y ‖ commitment ‖ proof. */
  blob?(versionedHash: string, index: number): string;
}

/** x0 … x31, unsigned 64-bit; x0 is always 0. */
export class Registers {
  private readonly values: bigint[] = Array<bigint>(32).fill(0n);

  get(index: number): bigint {
    return this.values[index] ?? 0n;
  }

  set(index: number, value: bigint): void {
    if (index !== 0) this.values[index] = BigInt.asUintN(64, value);
  }

  all(): readonly bigint[] {
    return this.values;
  }
}

export interface State {
  memory: MemoryTree;
  pc: bigint;
  x: Registers;
}

const unsigned = (value: bigint) => BigInt.asUintN(64, value);
const signed = (value: bigint) => BigInt.asIntN(64, value);
/** The low 32 bits, sign-extended to 64. */
const word = (value: bigint) => unsigned(BigInt.asIntN(32, value));
const bits = (value: number, high: number, low: number) =>
  Math.floor(value / 2 ** low) % 2 ** (high - low + 1);

export function boot(memory: MemoryTree, entry: bigint, input: string): State {
  const x = new Registers();
  for (let i = 0; i < 4; i++) x.set(10 + i, littleEndian(dataSlice(input, 8 * i, 8 * i + 8)));
  return { memory, pc: entry, x };
}

/** The 32 bytes in four registers from `first`. */
export function registersToBytes(x: Registers, first: number): string {
  return concat([0, 1, 2, 3].map((i) => reverse(toBeHex(x.get(first + i), 8))));
}

export function encodeState(state: State): string {
  return concat([
    state.memory.root(),
    toBeHex(state.pc, 8),
    ...state.x
      .all()
      .slice(1)
      .map((value) => toBeHex(value, 8)),
  ]);
}

export const stateHash = (state: State) => keccak256(encodeState(state));
export const programHash = (memory: MemoryTree, entry: bigint) =>
  keccak256(concat([memory.codeRoot(), memory.root(), toBeHex(entry, 32)]));
export const isHalted = (state: State) => state.pc === EXIT || state.pc === ERROR;

/** Executes one instruction in place and returns the witness that the Solidity step needs for it. */
export function step(state: State, preimages: Preimages): string {
  const head = encodeState(state);
  if (isHalted(state)) return head;
  if (state.pc >= TEXT_END || state.pc % 4n !== 0n) {
    halt(state);
    return head;
  }
  const code = state.memory.proof(Number(state.pc / 32n), TEXT_DEPTH);
  const effect = execution(state, Number(state.memory.load(state.pc, 4)), preimages);
  const memory =
    effect.access === undefined
      ? []
      : [...state.memory.proof(Number(effect.access.address / 32n), DEPTH), effect.access.extra ?? "0x"];
  effect.apply();
  return concat([head, ...code, ...memory]);
}

/** What an instruction does, and the leaf it touches. */
interface Effect {
  apply: () => void;
  access?: { address: bigint; extra?: string };
}

function halt(state: State): void {
  state.pc = ERROR;
  for (let i = 10; i < 14; i++) state.x.set(i, 0n);
}

function execution(state: State, instruction: number, preimages: Preimages): Effect {
  const { memory, pc, x } = state;
  const rd = bits(instruction, 11, 7);
  const funct3 = bits(instruction, 14, 12);
  const a = x.get(bits(instruction, 19, 15));
  const b = x.get(bits(instruction, 24, 20));
  const funct7 = bits(instruction, 31, 25);
  const immediate = BigInt.asIntN(12, BigInt(bits(instruction, 31, 20)));
  const upper = BigInt(instruction | 0) & ~0xfffn;

  const error: Effect = {
    apply: () => {
      halt(state);
    },
  };
  const goTo = (target: bigint, link?: bigint): Effect => {
    if (target % 4n !== 0n) return error;
    return {
      apply: () => {
        if (link !== undefined) x.set(rd, link);
        state.pc = target;
      },
    };
  };
  const next = unsigned(pc + 4n);
  const result = (value: bigint | undefined): Effect => (value === undefined ? error : goTo(next, value));

  switch (bits(instruction, 6, 0)) {
    case 0x37: // lui
      return result(upper);
    case 0x17: // auipc
      return result(pc + upper);
    case 0x6f: // jal
      return goTo(unsigned(pc + jumpOffset(instruction)), next);
    case 0x67: // jalr
      return funct3 === 0 ? goTo(unsigned(a + immediate) & ~1n, next) : error;
    case 0x63: {
      const taken = branch(funct3, a, b);
      if (taken === undefined) return error;
      return goTo(taken ? unsigned(pc + branchOffset(instruction)) : next);
    }
    case 0x03: {
      const address = unsigned(a + immediate);
      const size = 2 ** (funct3 % 4);
      if (funct3 === 7 || address >= MEMORY_END || address % BigInt(size) !== 0n) return error;
      const value = memory.load(address, size);
      return { ...result(funct3 < 4 ? BigInt.asIntN(8 * size, value) : value), access: { address } };
    }
    case 0x23: {
      const address = unsigned(a + BigInt.asIntN(12, BigInt(funct7 * 32 + rd)));
      const size = 2 ** funct3;
      if (funct3 > 3 || address >= MEMORY_END || address % BigInt(size) !== 0n || address < TEXT_END)
        return error;
      const store = () => {
        memory.store(address, size, BigInt.asUintN(8 * size, b));
        state.pc = next;
      };
      return { apply: store, access: { address } };
    }
    case 0x13: // op-imm: shifts have a six-bit amount and a six-bit selector
      if (funct3 === 1 || funct3 === 5)
        return result(integer(funct3, Math.floor(funct7 / 2) * 2, a, BigInt(bits(instruction, 25, 20))));
      return result(integer(funct3, 0, a, unsigned(immediate)));
    case 0x1b: // op-imm-32
      if (funct3 === 1 || funct3 === 5)
        return result(integerWord(funct3, funct7, a, b, BigInt(bits(instruction, 24, 20))));
      return result(funct3 === 0 ? word(a + immediate) : undefined);
    case 0x33:
      return result(funct7 === 1 ? multiply(funct3, a, b) : integer(funct3, funct7, a, b));
    case 0x3b:
      if (funct7 === 1) return result(multiplyWord(funct3, a, b));
      return result(integerWord(funct3, funct7, a, b, b % 32n));
    case 0x0f: // fence, fence.i
      return funct3 < 2 ? goTo(next) : error;
    case 0x73:
      return instruction === 0x73 ? systemCall(state, preimages, error) : error;
    default:
      return error;
  }
}

function jumpOffset(i: number): bigint {
  return BigInt.asIntN(
    21,
    BigInt(
      bits(i, 31, 31) * 2 ** 20 + bits(i, 19, 12) * 2 ** 12 + bits(i, 20, 20) * 2 ** 11 + bits(i, 30, 21) * 2,
    ),
  );
}

function branchOffset(i: number): bigint {
  return BigInt.asIntN(
    13,
    BigInt(
      bits(i, 31, 31) * 2 ** 12 + bits(i, 7, 7) * 2 ** 11 + bits(i, 30, 25) * 2 ** 5 + bits(i, 11, 8) * 2,
    ),
  );
}

function branch(funct3: number, a: bigint, b: bigint): boolean | undefined {
  switch (funct3) {
    case 0:
      return a === b;
    case 1:
      return a !== b;
    case 4:
      return signed(a) < signed(b);
    case 5:
      return signed(a) >= signed(b);
    case 6:
      return a < b;
    case 7:
      return a >= b;
    default:
      return undefined;
  }
}

/** The integer operations of 64 bits; undefined is an illegal instruction. */
function integer(funct3: number, funct7: number, a: bigint, b: bigint): bigint | undefined {
  if (funct7 === 0x20) {
    if (funct3 === 0) return a - b;
    return funct3 === 5 ? signed(a) >> (b % 64n) : undefined;
  }
  if (funct7 !== 0) return undefined;
  switch (funct3) {
    case 0:
      return a + b;
    case 1:
      return a << (b % 64n);
    case 2:
      return signed(a) < signed(b) ? 1n : 0n;
    case 3:
      return a < b ? 1n : 0n;
    case 4:
      return a ^ b;
    case 5:
      return a >> (b % 64n);
    case 6:
      return a | b;
    default:
      return a & b;
  }
}

function integerWord(
  funct3: number,
  funct7: number,
  a: bigint,
  b: bigint,
  amount: bigint,
): bigint | undefined {
  const low = BigInt.asUintN(32, a);
  switch (funct7 * 8 + funct3) {
    case 0:
      return word(a + b);
    case 0x20 * 8:
      return word(a - b);
    case 1:
      return word(low << amount);
    case 5:
      return word(low >> amount);
    case 0x20 * 8 + 5:
      return BigInt.asIntN(32, a) >> amount;
    default:
      return undefined;
  }
}

function multiply(funct3: number, a: bigint, b: bigint): bigint {
  switch (funct3) {
    case 0:
      return a * b;
    case 1:
      return (signed(a) * signed(b)) >> 64n;
    case 2:
      return (signed(a) * b) >> 64n;
    case 3:
      return (a * b) >> 64n;
    case 4: // 2^63 / −1 = 2^63 wraps to the dividend, as it must
      return b === 0n ? -1n : signed(a) / signed(b);
    case 5:
      return b === 0n ? -1n : a / b;
    case 6:
      return b === 0n ? a : signed(a) % signed(b);
    default:
      return b === 0n ? a : a % b;
  }
}

function multiplyWord(funct3: number, a: bigint, b: bigint): bigint | undefined {
  const [sa, sb] = [BigInt.asIntN(32, a), BigInt.asIntN(32, b)];
  const [ua, ub] = [BigInt.asUintN(32, a), BigInt.asUintN(32, b)];
  switch (funct3) {
    case 0:
      return word(a * b);
    case 4:
      return word(sb === 0n ? -1n : sa / sb);
    case 5:
      return word(ub === 0n ? -1n : ua / ub);
    case 6:
      return word(sb === 0n ? sa : sa % sb);
    case 7:
      return word(ub === 0n ? ua : ua % ub);
    default:
      return undefined;
  }
}

function systemCall(state: State, preimages: Preimages, error: Effect): Effect {
  const { x, memory } = state;
  if (x.get(17) === 93n)
    return {
      apply: () => {
        state.pc = EXIT;
      },
    };
  if (x.get(17) !== 1n) return error;
  const kind = x.get(10);
  const offset = x.get(15);
  const address = x.get(16);
  if (kind > 2n || offset % 32n !== 0n || address % 32n !== 0n || address < TEXT_END || address >= MEMORY_END)
    return error;

  const answer = read(Number(kind), registersToBytes(x, 11), offset, preimages);
  if (answer === undefined)
    return { ...error, access: { address, extra: witnessOfCall(registersToBytes(x, 11), preimages) } };
  const apply = () => {
    memory.setLeaf(Number(address / 32n), BigInt(reverse(answer.word)));
    x.set(10, answer.length);
    state.pc = unsigned(state.pc + 4n);
  };
  return { apply, access: { address, extra: answer.witness } };
}

interface Answer {
  word: string;
  length: bigint;
  witness: string;
}

/** What READ gives for a key; undefined is an error halt. */
function read(kind: number, key: string, offset: bigint, preimages: Preimages): Answer | undefined {
  if (kind === 1) {
    const index = offset / 32n;
    const opening = index < 4096n ? blobOpening(key, Number(index), preimages) : "0x";
    return {
      word: index < 4096n ? dataSlice(opening, 0, 32) : toBeHex(0, 32),
      length: 131072n,
      witness: opening,
    };
  }
  const preimage = find(key, preimages);
  if (kind === 0)
    return { word: wordAt(preimage, offset), length: BigInt(preimage.length), witness: hexlify(preimage) };

  if (preimage.length < 6) return undefined;
  const address = Number(integerOf(preimage.subarray(0, 2)));
  const gas = integerOf(preimage.subarray(2, 6));
  const input = preimage.subarray(6);
  if (!isAllowed(address, gas, input)) return undefined;
  const output = execute(address, gas, input);
  return {
    word: wordAt(output ?? new Uint8Array(), offset),
    length: output === undefined ? FAILED_CALL : BigInt(output.length),
    witness: hexlify(preimage),
  };
}

const witnessOfCall = (key: string, preimages: Preimages) => hexlify(find(key, preimages));

function find(key: string, preimages: Preimages): Uint8Array {
  const preimage = preimages.preimage(key);
  if (preimage === undefined) throw new Error(`no preimage of ${key}`);
  return preimage;
}

function blobOpening(key: string, index: number, preimages: Preimages): string {
  if (preimages.blob === undefined) throw new Error(`no blob ${key}`);
  return preimages.blob(key, index);
}

/** 32 bytes from `offset`, zero-padded. */
function wordAt(bytes: Uint8Array, offset: bigint): string {
  const out = new Uint8Array(32);
  if (offset < BigInt(bytes.length)) out.set(bytes.subarray(Number(offset), Number(offset) + 32));
  return hexlify(out);
}

const reverse = (hex: string) => hexlify(getBytes(hex).reverse());
const littleEndian = (hex: string) => BigInt(reverse(hex));
