import { buildElf } from "./elf";
import { encode, INSTRUCTIONS, REGISTERS } from "./instructions";

/** Where the assembler puts `.data`: the first writable address. */
export const DATA_BASE = 0x200000;

export interface Assembly {
  /** the text, from address 0 */
  readonly text: Uint8Array;
  /** the data, from DATA_BASE */
  readonly data: Uint8Array;
  /** the address of `_start`, or 0 */
  readonly entry: number;
  readonly symbols: ReadonlyMap<string, number>;
  /** the same program as an ELF file: a text segment at 0, and a writable one at DATA_BASE if there is data */
  readonly elf: Uint8Array;
}

/** Raised when a line isn't understood; names the line. */
export class AssemblyError extends Error {
  constructor(line: number, source: string, problem: string) {
    super(`line ${line}: ${problem}: ${source}`);
  }
}

interface Statement {
  readonly line: number;
  readonly source: string;
  readonly section: "text" | "data";
  readonly address: number;
  readonly size: number;
  readonly emit: (symbol: (name: string) => number) => Uint8Array;
}

/** Splits a 64-bit constant into the instructions that load it: the usual lui, addi(w), slli chain. */
export function loadImmediate(rd: number, value: bigint): number[] {
  const signed = BigInt.asIntN(64, value);
  if (signed >= -2048n && signed < 2048n) return [encode("addi", { rd, immediate: Number(signed) })];
  const low = Number(BigInt.asIntN(12, signed));
  const rest = signed - BigInt(low);
  if (signed >= -(1n << 31n) && signed < 1n << 31n) {
    const upper = encode("lui", { rd, immediate: Number(BigInt.asUintN(20, rest >> 12n)) });
    return low === 0 ? [upper] : [upper, encode("addiw", { rd, rs1: rd, immediate: low })];
  }
  let shift = 12;
  let head = BigInt.asIntN(52, rest >> 12n);
  while ((head & 1n) === 0n) {
    head >>= 1n;
    shift++;
  }
  const words = [...loadImmediate(rd, head), encode("slli", { rd, rs1: rd, immediate: shift })];
  return low === 0 ? words : [...words, encode("addi", { rd, rs1: rd, immediate: low })];
}

function wordsToBytes(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setUint32(index * 4, word, true));
  return bytes;
}

function register(name: string | undefined): number {
  const number = REGISTERS.get(name ?? "");
  if (number === undefined) throw new Error(`no register ${name ?? "given"}`);
  return number;
}

const isNumber = (text: string): boolean => /^-?(0x[0-9a-f]+|\d+)$/i.test(text);

function constant(text: string | undefined): bigint {
  if (text === undefined || !isNumber(text)) throw new Error(`no number ${text ?? "given"}`);
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}

/** Resolves the jump offset: a number is an offset, a name an address. */
function target(text: string | undefined, pc: number, symbol: (name: string) => number): number {
  if (text === undefined) throw new Error("no target given");
  return isNumber(text) ? Number(constant(text)) : symbol(text) - pc;
}

const BRANCH_ZERO: Record<string, [string, "left" | "right"]> = {
  beqz: ["beq", "left"],
  bnez: ["bne", "left"],
  bltz: ["blt", "left"],
  bgez: ["bge", "left"],
  blez: ["bge", "right"],
  bgtz: ["blt", "right"],
};

const ALIASES: Record<string, (operands: string[]) => string[]> = {
  nop: () => ["addi", "x0", "x0", "0"],
  mv: ([rd = "", rs = ""]) => ["addi", rd, rs, "0"],
  not: ([rd = "", rs = ""]) => ["xori", rd, rs, "-1"],
  neg: ([rd = "", rs = ""]) => ["sub", rd, "x0", rs],
  "sext.w": ([rd = "", rs = ""]) => ["addiw", rd, rs, "0"],
  seqz: ([rd = "", rs = ""]) => ["sltiu", rd, rs, "1"],
  snez: ([rd = "", rs = ""]) => ["sltu", rd, "x0", rs],
  j: ([to = ""]) => ["jal", "x0", to],
  call: ([to = ""]) => ["jal", "ra", to],
  jr: ([rs = ""]) => ["jalr", "x0", `0(${rs})`],
  ret: () => ["jalr", "x0", "0(ra)"],
};

function instructionWord(
  mnemonic: string,
  operands: string[],
  pc: number,
  symbol: (name: string) => number,
): number {
  const [a, b, c] = operands;
  const format = INSTRUCTIONS.get(mnemonic)?.format;
  switch (format) {
    case undefined:
      throw new Error(`unknown instruction ${mnemonic}`);
    case "word":
      return encode(mnemonic);
    case "R":
      return encode(mnemonic, { rd: register(a), rs1: register(b), rs2: register(c) });
    case "I":
    case "shift6":
    case "shift5":
      return encode(mnemonic, { rd: register(a), rs1: register(b), immediate: Number(constant(c)) });
    case "load":
    case "S": {
      const place = /^(-?\w*)\((\w+)\)$/.exec(b ?? "");
      if (place === null) throw new Error(`no address ${b ?? "given"}`);
      const immediate = place[1] === "" ? 0 : Number(constant(place[1]));
      const base = register(place[2]);
      return format === "load"
        ? encode(mnemonic, { rd: register(a), rs1: base, immediate })
        : encode(mnemonic, { rs2: register(a), rs1: base, immediate });
    }
    case "B":
      return encode(mnemonic, { rs1: register(a), rs2: register(b), immediate: target(c, pc, symbol) });
    case "U":
      return encode(mnemonic, { rd: register(a), immediate: Number(constant(b)) });
    case "J":
      return encode(mnemonic, { rd: register(a), immediate: target(b, pc, symbol) });
  }
}

const DATA_SIZES: Record<string, number> = { ".byte": 1, ".half": 2, ".word": 4, ".dword": 8 };

/** Encodes one line of known size. */
function statement(
  mnemonic: string,
  operands: string[],
  pc: number,
): { size: number; emit: Statement["emit"] } {
  const width = DATA_SIZES[mnemonic];
  if (width !== undefined)
    return {
      size: width * operands.length,
      emit: (symbol) => {
        const bytes = new Uint8Array(width * operands.length);
        operands.forEach((operand, index) => {
          let value = BigInt.asUintN(64, isNumber(operand) ? constant(operand) : BigInt(symbol(operand)));
          for (let i = 0; i < width; i++, value >>= 8n) bytes[index * width + i] = Number(value & 0xffn);
        });
        return bytes;
      },
    };
  if (mnemonic === ".zero" || mnemonic === ".align" || mnemonic === ".org") {
    const number = Number(constant(operands[0]));
    const size = { ".zero": number, ".align": (number - (pc % number)) % number, ".org": number - pc }[
      mnemonic
    ];
    if (size < 0) throw new Error("the address is behind");
    return { size, emit: () => new Uint8Array(size) };
  }
  if (mnemonic === "li") {
    const bytes = wordsToBytes(loadImmediate(register(operands[0]), constant(operands[1])));
    return { size: bytes.length, emit: () => bytes };
  }
  if (mnemonic === "la")
    return {
      size: 8,
      emit: (symbol) => {
        const rd = register(operands[0]);
        const address = symbol(operands[1] ?? "");
        const low = (address << 20) >> 20;
        return wordsToBytes([
          encode("lui", { rd, immediate: ((address - low) >>> 12) & 0xfffff }),
          encode("addi", { rd, rs1: rd, immediate: low }),
        ]);
      },
    };
  const zero = BRANCH_ZERO[mnemonic];
  if (zero !== undefined) {
    const [name, side] = zero;
    const [rs = "", to = ""] = operands;
    operands = side === "left" ? [rs, "x0", to] : ["x0", rs, to];
    mnemonic = name;
  }
  const alias = ALIASES[mnemonic];
  if (alias !== undefined) [mnemonic = "", ...operands] = alias(operands);
  return { size: 4, emit: (symbol) => wordsToBytes([instructionWord(mnemonic, operands, pc, symbol)]) };
}

/**
 * Assembles RV64IM source: one instruction, label (`name:`) or directive a line, `#` starts a comment.
 * Directives: .text .data .byte .half .word .dword .zero N .align BYTES .org ADDRESS. Besides the instructions:
 * li la nop mv not neg sext.w seqz snez j jr call ret beqz bnez bltz bgez blez bgtz.
 * A number as a jump's target is an offset from the jump, a name is an address.
 */
export function assemble(source: string): Assembly {
  const symbols = new Map<string, number>();
  const statements: Statement[] = [];
  const ends = { text: 0, data: DATA_BASE };
  let section: "text" | "data" = "text";
  const guarded = <T>(line: number, text: string, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new AssemblyError(line, text, error instanceof Error ? error.message : String(error));
    }
  };
  source.split("\n").forEach((raw, index) => {
    const line = index + 1;
    let text = raw.replace(/#.*/, "").trim();
    for (let label = /^([\w.]+):/.exec(text); label !== null; label = /^([\w.]+):/.exec(text)) {
      symbols.set(label[1] ?? "", ends[section]);
      text = text.slice(label[0].length).trim();
    }
    if (text === "") return;
    const [mnemonic = "", ...rest] = text.split(/\s+/);
    if (mnemonic === ".text" || mnemonic === ".data") {
      section = mnemonic === ".text" ? "text" : "data";
      return;
    }
    const operands = rest
      .join("")
      .split(",")
      .filter((operand) => operand !== "");
    const address = ends[section];
    const { size, emit } = guarded(line, text, () => statement(mnemonic, operands, address));
    statements.push({ line, source: text, section, address, size, emit });
    ends[section] += size;
  });
  const symbol = (name: string): number => {
    const address = symbols.get(name);
    if (address === undefined) throw new Error(`no label ${name}`);
    return address;
  };
  const text = new Uint8Array(ends.text);
  const data = new Uint8Array(ends.data - DATA_BASE);
  for (const { line, source: text_, section: where, address, emit } of statements) {
    const bytes = guarded(line, text_, () => emit(symbol));
    if (where === "text") text.set(bytes, address);
    else data.set(bytes, address - DATA_BASE);
  }
  const entry = symbols.get("_start") ?? 0;
  const segments = [{ address: 0, bytes: text, flags: "rx" as const }];
  const elf = buildElf(
    entry,
    data.length === 0 ? segments : [...segments, { address: DATA_BASE, bytes: data, flags: "rw" as const }],
  );
  return { text, data, entry, symbols, elf };
}
