const NAMES =
  "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split(
    " ",
  );

/** Returns a register's name in the calling convention. */
export const registerName = (index: number): string => NAMES[index] ?? `x${index}`;

const split = (names: string): readonly string[] => names.split(" ");
const BRANCHES = split("beq bne ? ? blt bge bltu bgeu");
const LOADS = split("lb lh lw ld lbu lhu lwu ?");
const STORES = split("sb sh sw sd ? ? ? ?");
const IMMEDIATE = split("addi slli slti sltiu xori srli ori andi");
const REGISTER = split("add sll slt sltu xor srl or and");
const MULTIPLY = split("mul mulh mulhsu mulhu div divu rem remu");
/** by funct7 and funct3 */
const SPECIAL: Record<string, string> = { "32.0": "sub", "32.5": "sra" };
const SHIFT_WORD: Record<string, string> = { "0.1": "slliw", "0.5": "srliw", "32.5": "sraiw" };
const REGISTER_WORD: Record<string, string> = {
  "0.0": "addw",
  "32.0": "subw",
  "0.1": "sllw",
  "0.5": "srlw",
  "32.5": "sraw",
};
const MULTIPLY_WORD = split("mulw ? ? ? divw divuw remw remuw");

/** Returns an instruction in assembly, for reading traces; illegal words as `.word`. */
export function disassemble(word: number, pc: bigint): string {
  const [rd, rs1, rs2] = [7, 15, 20].map((shift) => registerName((word >>> shift) & 31));
  const funct3 = (word >>> 12) & 7;
  const funct7 = word >>> 25;
  const signed = word >> 20;
  const near = (offset: number) => `0x${BigInt.asUintN(64, pc + BigInt(offset)).toString(16)}`;
  const unknown = `.word 0x${word.toString(16).padStart(8, "0")}`;
  const known = (name: string | undefined, text: string) =>
    name === undefined || name.startsWith("?") ? unknown : `${name} ${text}`;
  switch (word & 0x7f) {
    case 0x37:
      return `lui ${rd}, 0x${(word >>> 12).toString(16)}`;
    case 0x17:
      return `auipc ${rd}, 0x${(word >>> 12).toString(16)}`;
    case 0x6f: {
      const high = ((word >> 31) << 20) | (word & 0xff000);
      return `jal ${rd}, ${near(high | ((word >>> 9) & 0x800) | ((word >>> 20) & 0x7fe))}`;
    }
    case 0x67:
      return known(funct3 === 0 ? "jalr" : undefined, `${rd}, ${signed}(${rs1})`);
    case 0x63: {
      const high = ((word >> 31) << 12) | ((word << 4) & 0x800);
      return known(
        BRANCHES[funct3],
        `${rs1}, ${rs2}, ${near(high | ((word >>> 20) & 0x7e0) | ((word >>> 7) & 0x1e))}`,
      );
    }
    case 0x03:
      return known(LOADS[funct3], `${rd}, ${signed}(${rs1})`);
    case 0x23:
      return known(STORES[funct3], `${rs2}, ${((word >> 25) << 5) | ((word >>> 7) & 31)}(${rs1})`);
    case 0x13: {
      if (funct3 !== 1 && funct3 !== 5) return known(IMMEDIATE[funct3], `${rd}, ${rs1}, ${signed}`);
      const top = funct7 >>> 1;
      const name = top === 0 ? IMMEDIATE[funct3] : top === 0x10 && funct3 === 5 ? "srai" : undefined;
      return known(name, `${rd}, ${rs1}, ${signed & 63}`);
    }
    case 0x1b: {
      if (funct3 === 0) return `addiw ${rd}, ${rs1}, ${signed}`;
      return known(SHIFT_WORD[`${funct7}.${funct3}`], `${rd}, ${rs1}, ${signed & 31}`);
    }
    case 0x33: {
      const special = SPECIAL[`${funct7}.${funct3}`];
      const table = { 0: REGISTER, 1: MULTIPLY }[funct7];
      return known(special ?? table?.[funct3], `${rd}, ${rs1}, ${rs2}`);
    }
    case 0x3b: {
      const name = funct7 === 1 ? MULTIPLY_WORD[funct3] : REGISTER_WORD[`${funct7}.${funct3}`];
      return known(name, `${rd}, ${rs1}, ${rs2}`);
    }
    case 0x0f:
      return funct3 === 0 ? "fence" : funct3 === 1 ? "fence.i" : unknown;
    default:
      return word === 0x73 ? "ecall" : unknown;
  }
}
