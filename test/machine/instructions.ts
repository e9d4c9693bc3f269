/** The encodings of RV64IM as tables: what the assembler and the tests of single instructions read. */

export type Format = "R" | "I" | "load" | "shift6" | "shift5" | "S" | "B" | "U" | "J" | "word";

export interface Instruction {
  readonly format: Format;
  /** opcode and all fixed fields in place; the whole word for the format "word" */
  readonly bits: number;
}

const word = (opcode: number, funct3 = 0, funct7 = 0): number =>
  (opcode | (funct3 << 12) | (funct7 << 25)) >>> 0;

const table = (format: Format, rows: Record<string, number>): [string, Instruction][] =>
  Object.entries(rows).map(([name, bits]) => [name, { format, bits }]);

/** Every instruction of RV64IM by its mnemonic. */
export const INSTRUCTIONS: ReadonlyMap<string, Instruction> = new Map([
  ...table("U", { lui: word(0x37), auipc: word(0x17) }),
  ...table("J", { jal: word(0x6f) }),
  ...table("B", {
    beq: word(0x63, 0),
    bne: word(0x63, 1),
    blt: word(0x63, 4),
    bge: word(0x63, 5),
    bltu: word(0x63, 6),
    bgeu: word(0x63, 7),
  }),
  ...table("load", {
    jalr: word(0x67),
    lb: word(0x03, 0),
    lh: word(0x03, 1),
    lw: word(0x03, 2),
    ld: word(0x03, 3),
    lbu: word(0x03, 4),
    lhu: word(0x03, 5),
    lwu: word(0x03, 6),
  }),
  ...table("S", { sb: word(0x23, 0), sh: word(0x23, 1), sw: word(0x23, 2), sd: word(0x23, 3) }),
  ...table("I", {
    addi: word(0x13, 0),
    slti: word(0x13, 2),
    sltiu: word(0x13, 3),
    xori: word(0x13, 4),
    ori: word(0x13, 6),
    andi: word(0x13, 7),
    addiw: word(0x1b, 0),
  }),
  ...table("shift6", { slli: word(0x13, 1), srli: word(0x13, 5), srai: word(0x13, 5, 0x20) }),
  ...table("shift5", { slliw: word(0x1b, 1), srliw: word(0x1b, 5), sraiw: word(0x1b, 5, 0x20) }),
  ...table("R", {
    add: word(0x33, 0),
    sub: word(0x33, 0, 0x20),
    sll: word(0x33, 1),
    slt: word(0x33, 2),
    sltu: word(0x33, 3),
    xor: word(0x33, 4),
    srl: word(0x33, 5),
    sra: word(0x33, 5, 0x20),
    or: word(0x33, 6),
    and: word(0x33, 7),
    addw: word(0x3b, 0),
    subw: word(0x3b, 0, 0x20),
    sllw: word(0x3b, 1),
    srlw: word(0x3b, 5),
    sraw: word(0x3b, 5, 0x20),
    mul: word(0x33, 0, 1),
    mulh: word(0x33, 1, 1),
    mulhsu: word(0x33, 2, 1),
    mulhu: word(0x33, 3, 1),
    div: word(0x33, 4, 1),
    divu: word(0x33, 5, 1),
    rem: word(0x33, 6, 1),
    remu: word(0x33, 7, 1),
    mulw: word(0x3b, 0, 1),
    divw: word(0x3b, 4, 1),
    divuw: word(0x3b, 5, 1),
    remw: word(0x3b, 6, 1),
    remuw: word(0x3b, 7, 1),
  }),
  ...table("word", {
    fence: 0x0ff0000f,
    "fence.i": 0x0000100f,
    "fence.tso": 0x8330000f,
    pause: 0x0100000f,
    ecall: 0x00000073,
    ebreak: 0x00100073,
    unimp: 0xc0001073,
  }),
]);

const ABI_NAMES =
  "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6";

/** Register numbers by name: x0 … x31, the ABI names, and fp. */
export const REGISTERS: ReadonlyMap<string, number> = new Map<string, number>([
  ...ABI_NAMES.split(" ").map((name, index): [string, number] => [name, index]),
  ...Array.from({ length: 32 }, (_, index): [string, number] => [`x${index}`, index]),
  ["fp", 8],
]);

export interface Fields {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  /** signed; for U the upper 20 bits as they stand in assembly (0 … 2^20−1 or negative) */
  readonly immediate?: number;
}

/** Raised when an immediate doesn't fit its field. */
export class ImmediateOutOfRange extends Error {
  constructor(mnemonic: string, immediate: number) {
    super(`${mnemonic}: the immediate ${immediate} doesn't fit`);
  }
}

/** Returns the instruction word (unsigned 32 bits). */
export function encode(mnemonic: string, fields: Fields = {}): number {
  const instruction = INSTRUCTIONS.get(mnemonic);
  if (instruction === undefined) throw new Error(`unknown instruction ${mnemonic}`);
  const { format, bits } = instruction;
  const { rd = 0, rs1 = 0, rs2 = 0, immediate = 0 } = fields;
  const fit = (low: number, high: number, multiple = 1): void => {
    if (immediate < low || immediate > high || immediate % multiple !== 0)
      throw new ImmediateOutOfRange(mnemonic, immediate);
  };
  const registers = (rd << 7) | (rs1 << 15) | (rs2 << 20);
  switch (format) {
    case "word":
      return bits;
    case "R":
      return (bits | registers) >>> 0;
    case "I":
    case "load":
      fit(-2048, 2047);
      return (bits | (rd << 7) | (rs1 << 15) | (immediate << 20)) >>> 0;
    case "shift6":
    case "shift5":
      fit(0, format === "shift6" ? 63 : 31);
      return (bits | (rd << 7) | (rs1 << 15) | (immediate << 20)) >>> 0;
    case "S":
      fit(-2048, 2047);
      return (
        (bits | (rs1 << 15) | (rs2 << 20) | ((immediate & 0x1f) << 7) | (((immediate >> 5) & 0x7f) << 25)) >>>
        0
      );
    case "B":
      fit(-4096, 4094, 2);
      return (
        (bits |
          (rs1 << 15) |
          (rs2 << 20) |
          (((immediate >> 11) & 1) << 7) |
          (((immediate >> 1) & 0xf) << 8) |
          (((immediate >> 5) & 0x3f) << 25) |
          (((immediate >> 12) & 1) << 31)) >>>
        0
      );
    case "U":
      fit(-0x80000, 0xfffff);
      return (bits | (rd << 7) | (immediate << 12)) >>> 0;
    case "J":
      fit(-0x100000, 0xffffe, 2);
      return (
        (bits |
          (rd << 7) |
          (((immediate >> 12) & 0xff) << 12) |
          (((immediate >> 11) & 1) << 20) |
          (((immediate >> 1) & 0x3ff) << 21) |
          (((immediate >> 20) & 1) << 31)) >>>
        0
      );
  }
}
