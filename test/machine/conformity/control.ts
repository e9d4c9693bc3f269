import { APART, type Case, nops, type Program, rows, twice } from "./Program";

/** What the suite has of a branch, rows "first second": taken, not taken, and not taken with instructions between. */
interface Branch {
  readonly taken: string;
  readonly passed: string;
  readonly bypassed: string;
  /** operands for which a branch over four additions is taken */
  readonly over: string;
}

const BRANCHES: Record<string, Branch> = {
  beq: {
    taken: "0 0, 1 1, -1 -1",
    passed: "0 1, 1 0, -1 1, 1 -1",
    bypassed: "0 -1",
    over: "x0, x0",
  },
  bne: {
    taken: "0 1, 1 0, -1 1, 1 -1",
    passed: "0 0, 1 1, -1 -1",
    bypassed: "0 0",
    over: "x1, x0",
  },
  blt: {
    taken: "0 1, -1 1, -2 -1",
    passed: "1 0, 1 -1, -1 -2, 1 -2",
    bypassed: "0 -1",
    over: "x0, x1",
  },
  bge: {
    taken: "0 0, 1 1, -1 -1, 1 0, 1 -1, -1 -2",
    passed: "0 1, -1 1, -2 -1, -2 1",
    bypassed: "-1 0",
    over: "x1, x0",
  },
  bltu: {
    taken: "0 1, 0xfffffffe 0xffffffff, 0 0xffffffff",
    passed: "1 0, 0xffffffff 0xfffffffe, 0xffffffff 0, 0x80000000 0x7fffffff",
    bypassed: "0xf0000000 0xefffffff",
    over: "x0, x1",
  },
  bgeu: {
    taken: "0 0, 1 1, 0xffffffff 0xffffffff, 1 0, 0xffffffff 0xfffffffe, 0xffffffff 0",
    passed: "0 1, 0xfffffffe 0xffffffff, 0 0xffffffff, 0x7fffffff 0x80000000",
    bypassed: "0xefffffff 0xf0000000",
    over: "x1, x0",
  },
};

/** Four additions that must be jumped over, and two behind them. */
const OVER = `addi x1, x1, 1; addi x1, x1, 1; addi x1, x1, 1; addi x1, x1, 1; over@: addi x1, x1, 1; addi x1, x1, 1`;

function branchCases(mnemonic: string, { taken, passed, bypassed, over }: Branch): Case[] {
  const [[first, second] = []] = rows(bypassed);
  const loads = [`li x1, ${first}; `, `li x2, ${second}; `];
  return [
    // Forwards, then backwards, then on.
    ...rows(taken).map(([a, b]) => ({
      code: `li x1, ${a}; li x2, ${b}; ${mnemonic} x1, x2, two@; j fail; one@: j done@; two@: ${mnemonic} x1, x2, one@; j fail; done@:`,
    })),
    ...rows(passed).map(([a, b]) => ({
      code: `li x1, ${a}; li x2, ${b}; ${mnemonic} x1, x2, one@; j two@; one@: j fail; two@: ${mnemonic} x1, x2, one@`,
    })),
    ...[loads, [...loads].reverse()].flatMap(([one, two]) =>
      APART.map(([between, after]) => ({
        code: `${twice(`${one}${nops(between)}${two}${nops(after)}${mnemonic} x1, x2, wrong@`)}; j done@; wrong@: j fail; done@:`,
      })),
    ),
    { code: `li x1, 1; ${mnemonic} ${over}, over@; ${OVER}`, register: "x1", result: "3" },
  ];
}

const jal: Case[] = [
  {
    code: "li ra, 0; link@: jal ra, target@; nop; nop; j fail; target@: la x2, link@; addi x2, x2, 4; sub x2, x2, ra",
    register: "x2",
    result: "0",
  },
  { code: `li x1, 1; jal x2, over@; ${OVER}`, register: "x1", result: "3" },
];

const jalr: Case[] = [
  {
    code: "la x2, target@; link@: jalr x19, 0(x2); nop; nop; j fail; target@: la x1, link@; addi x1, x1, 4; sub x1, x1, x19",
    register: "x1",
    result: "0",
  },
  {
    code: "li x31, 0; la x6, target@; jalr x0, 0(x6); nop; j fail; target@: nop",
    register: "x31",
    result: "0",
  },
  ...[0, 1, 2].map((between) => ({
    code: twice(`la x6, target@; ${nops(between)}jalr x13, 0(x6); j fail; target@: nop`),
  })),
  { code: `li x1, 1; la x2, over@; jalr x19, -4(x2); ${OVER}`, register: "x1", result: "4" },
];

/** A distance from auipc's address, against the link of a jump eight bytes behind it. */
const auipc: Case[] = [
  { code: "auipc a0, 0x00001; jal ra, on@; on@: sub a0, ra, a0", register: "a0", result: "-4088" },
  { code: "auipc a0, 0xfffff; jal ra, on@; on@: sub a0, ra, a0", register: "a0", result: "4104" },
  // The later form of both: an address 10,000 bytes behind and before the jump's end, twelve bytes behind auipc.
  {
    code: "auipc a0, 0x00002; addi a0, a0, 1820; jal a1, on@; on@: sub a0, a0, a1",
    register: "a0",
    result: "10000",
  },
  {
    code: "auipc a0, 0xffffe; addi a0, a0, -1796; jal a1, on@; on@: sub a0, a0, a1",
    register: "a0",
    result: "-10000",
  },
];

const lui: Case[] = [
  { code: "lui x1, 0x00000", register: "x1", result: "0" },
  { code: "lui x1, 0xfffff; srai x1, x1, 1", register: "x1", result: "0xfffffffffffff800" },
  { code: "lui x1, 0x7ffff; srai x1, x1, 20", register: "x1", result: "0x7ff" },
  { code: "lui x1, 0x80000; srai x1, x1, 20", register: "x1", result: "0xfffffffffffff800" },
  { code: "lui x0, 0x80000", register: "x0", result: "0" },
];

/** rv64ui: branches, jumps, and what makes addresses. */
export const CONTROL_PROGRAMS: readonly Program[] = [
  { name: "simple", cases: [] },
  ...Object.entries(BRANCHES).map(([name, branch]) => ({ name, cases: branchCases(name, branch) })),
  { name: "jal", cases: jal },
  { name: "jalr", cases: jalr },
  { name: "auipc", cases: auipc },
  { name: "lui", cases: lui },
];
