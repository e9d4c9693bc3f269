import { assemble, type Assembly } from "../assembler";

/**
 * One case of a self-checking program: code, and what must stand in a register after it. Statements end in `;`, `@` in a label becomes the
 * case's number. A case without a result jumps to `fail` itself.
 */
export interface Case {
  readonly code: string;
  readonly register?: string;
  /** as it stands in assembly: a literal of the suite */
  readonly result?: string;
}

/** The cases of a program, numbered from 2 in their order, and the data that they use at `tdat`. */
export interface Program {
  readonly name: string;
  readonly cases: readonly Case[];
  readonly data?: string;
}

const FIRST = 2;

/** Returns the code a0 that a program exits with when this case of it fails. */
export const failureCode = (index: number): bigint => BigInt(((index + FIRST) << 1) | 1);

/** Parses rows that are separated by commas or lines, their values by spaces. */
export const rows = (text: string): string[][] =>
  text
    .split(/[\n,]/)
    .map((row) => row.trim())
    .filter((row) => row !== "")
    .map((row) => row.split(/\s+/));

export const nops = (count: number): string => "nop; ".repeat(count);

/** How many instructions stand between two operands, and between the second and the operation. */
export const APART = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [2, 0],
] as const;

/** Lets code run twice, so that what it computes is also what it finds. */
export const twice = (code: string): string =>
  `li x4, 0; again@: ${code}; addi x4, x4, 1; li x5, 2; bne x4, x5, again@`;

function assembly(item: Case, number: number): string {
  const check =
    item.register === undefined
      ? ""
      : `; li x7, ${item.result}; beq ${item.register}, x7, right@; j fail; right@:`;
  return `li gp, ${number}; ${item.code}${check}`.replaceAll("@", String(number)).replaceAll(";", "\n");
}

/** Assembles a program in the suite's environment: gp holds the case's number; a7 = 93, a0 = 0 when all passed, 2·gp + 1 when one failed. */
export function build({ cases, data }: Program): Assembly {
  return assemble(`
    _start:
    ${cases.map((item, index) => assembly(item, index + FIRST)).join("\n")}
    li a0, 0
    li a7, 93
    ecall
    fail: slli a0, gp, 1
    ori a0, a0, 1
    li a7, 93
    ecall
    .data
    .zero 64
    tdat: ${data ?? ".dword 0"}`);
}
