import { type Case, nops, type Program, rows, twice } from "./Program";

/** What the suite has of an instruction on a register and an immediate. Rows are "result register immediate". */
interface Values {
  readonly operations: string;
  /** the destination is the operand */
  readonly destination: string;
  /** with no, one and two instructions before the result's use */
  readonly used: string;
  /** with no, one and two instructions behind the operand */
  readonly loaded: string;
  /** "result immediate" of x0, "register immediate" into x0 */
  readonly zeros: string;
  /** more operations at the end */
  readonly last?: string;
  /** the mnemonic for `destination`, where the suite has another there */
  readonly other?: string;
}

/** Immediates stand as the 12 bits that they are encoded in. */
function immediate(text: string | undefined): string {
  const value = Number(text);
  return String(value >= 0x800 ? value - 0x1000 : value);
}

function casesOf(mnemonic: string, values: Values): Case[] {
  const operation = ([result = "", a = "", n]: string[], register = "x14", name = mnemonic): Case => ({
    code: `li x13, ${a}; ${name} ${register}, x13, ${immediate(n)}`,
    register,
    result,
  });
  const [zero = [], nowhere = []] = rows(values.zeros);
  return [
    ...rows(values.operations).map((row) => operation(row)),
    ...rows(values.destination).map((row) => operation(row, "x13", values.other)),
    ...rows(values.used).map(([result = "", a, n], between) => ({
      code: twice(`li x1, ${a}; ${mnemonic} x14, x1, ${immediate(n)}; ${nops(between)}addi x6, x14, 0`),
      register: "x6",
      result,
    })),
    ...rows(values.loaded).map(([result = "", a, n], between) => ({
      code: twice(`li x1, ${a}; ${nops(between)}${mnemonic} x14, x1, ${immediate(n)}`),
      register: "x14",
      result,
    })),
    { code: `${mnemonic} x1, x0, ${immediate(zero[1])}`, register: "x1", result: zero[0] ?? "" },
    {
      code: `li x1, ${nowhere[0]}; ${mnemonic} x0, x1, ${immediate(nowhere[1])}`,
      register: "x0",
      result: "0",
    },
    ...rows(values.last ?? "").map((row) => operation(row)),
  ];
}

const SUMS = {
  destination: "24 13 11",
  used: "24 13 11, 23 13 10, 22 13 9",
  loaded: "24 13 11, 23 13 10, 22 13 9",
  zeros: "32 32, 33 50",
};
const COMPARED = {
  destination: "1 11 13",
  used: "0 15 10, 1 10 16, 0 16 9",
  loaded: "1 11 15, 0 17 8, 1 12 14",
};
const RIGHT_ARITHMETIC = {
  destination: "0xffffffffff000000 0xffffffff80000000 7",
  used: `
    0xffffffffff000000 0xffffffff80000000 7
    0xfffffffffffe0000 0xffffffff80000000 14
    0xffffffffffffffff 0xffffffff80000001 31`,
  loaded: `
    0xffffffffff000000 0xffffffff80000000 7
    0xfffffffffffe0000 0xffffffff80000000 14
    0xffffffffffffffff 0xffffffff80000001 31`,
};

const VALUES: Record<string, Values> = {
  addi: {
    operations: `
      0 0 0, 2 1 1, 0xa 3 7
      0xfffffffffffff800 0 0x800
      0xffffffff80000000 0xffffffff80000000 0
      0xffffffff7ffff800 0xffffffff80000000 0x800
      0x7ff 0 0x7ff, 0x7fffffff 0x7fffffff 0, 0x800007fe 0x7fffffff 0x7ff
      0xffffffff800007ff 0xffffffff80000000 0x7ff
      0x7ffff7ff 0x7fffffff 0x800
      0xffffffffffffffff 0 0xfff
      0 0xffffffffffffffff 1
      0xfffffffffffffffe 0xffffffffffffffff 0xfff
      0x80000000 0x7fffffff 1`,
    ...SUMS,
  },
  addiw: {
    operations: `
      0 0 0, 2 1 1, 0xa 3 7
      0xfffffffffffff800 0 0x800
      0xffffffff80000000 0xffffffff80000000 0
      0x7ffff800 0xffffffff80000000 0x800
      0x7ff 0 0x7ff, 0x7fffffff 0x7fffffff 0, 0xffffffff800007fe 0x7fffffff 0x7ff
      0xffffffff800007ff 0xffffffff80000000 0x7ff
      0x7ffff7ff 0x7fffffff 0x800
      0xffffffffffffffff 0 0xfff
      0 0xffffffffffffffff 1
      0xfffffffffffffffe 0xffffffffffffffff 0xfff
      0xffffffff80000000 0x7fffffff 1`,
    ...SUMS,
  },
  andi: {
    operations: `
      0xff00ff00 0xff00ff00 0xf0f
      0xf0 0x0ff00ff0 0x0f0
      0xf 0x00ff00ff 0x70f
      0 0xf00ff00f 0x0f0`,
    destination: "0 0xff00ff00 0x0f0",
    used: "0x700 0x0ff00ff0 0x70f, 0xf0 0x00ff00ff 0x0f0, 0xf00ff00f 0xf00ff00f 0xf0f",
    loaded: "0x700 0x0ff00ff0 0x70f, 0xf0 0x00ff00ff 0x0f0, 0xf 0xf00ff00f 0x70f",
    zeros: "0 0x0f0, 0x00ff00ff 0x70f",
  },
  ori: {
    operations: `
      0xffffffffffffff0f 0xffffffffff00ff00 0xf0f
      0x0ff00ff0 0x0ff00ff0 0x0f0
      0x00ff07ff 0x00ff00ff 0x70f
      0xfffffffff00ff0ff 0xfffffffff00ff00f 0x0f0`,
    destination: "0xff00fff0 0xff00ff00 0x0f0",
    used: "0x0ff00ff0 0x0ff00ff0 0x0f0, 0x00ff07ff 0x00ff00ff 0x70f, 0xfffffffff00ff0ff 0xfffffffff00ff00f 0x0f0",
    loaded: `
      0x0ff00ff0 0x0ff00ff0 0x0f0
      0xffffffffffffffff 0x00ff00ff 0xf0f
      0xfffffffff00ff0ff 0xfffffffff00ff00f 0x0f0`,
    zeros: "0x0f0 0x0f0, 0x00ff00ff 0x70f",
  },
  xori: {
    operations: `
      0xffffffffff00f00f 0x00ff0f00 0xf0f
      0x0ff00f00 0x0ff00ff0 0x0f0
      0x00ff0ff0 0x00ff08ff 0x70f
      0xfffffffff00ff0ff 0xfffffffff00ff00f 0x0f0`,
    destination: "0xffffffffff00f00f 0xffffffffff00f700 0x70f",
    used: "0x0ff00f00 0x0ff00ff0 0x0f0, 0x00ff0ff0 0x00ff08ff 0x70f, 0xfffffffff00ff0ff 0xfffffffff00ff00f 0x0f0",
    loaded:
      "0x0ff00f00 0x0ff00ff0 0x0f0, 0x00ff0ff0 0x00ff0fff 0x00f, 0xfffffffff00ff0ff 0xfffffffff00ff00f 0x0f0",
    zeros: "0x0f0 0x0f0, 0x00ff00ff 0x70f",
  },
  slti: {
    operations: `
      0 0 0, 0 1 1, 1 3 7, 0 7 3
      0 0 0x800
      1 0xffffffff80000000 0
      1 0xffffffff80000000 0x800
      1 0 0x7ff, 0 0x7fffffff 0, 0 0x7fffffff 0x7ff
      1 0xffffffff80000000 0x7ff
      0 0x7fffffff 0x800
      0 0 0xfff
      1 0xffffffffffffffff 1
      0 0xffffffffffffffff 0xfff`,
    ...COMPARED,
    zeros: "0 0xfff, 0x00ff00ff 0xfff",
    other: "sltiu",
  },
  sltiu: {
    operations: `
      0 0 0, 0 1 1, 1 3 7, 0 7 3
      1 0 0x800
      0 0xffffffff80000000 0
      1 0xffffffff80000000 0x800
      1 0 0x7ff, 0 0x7fffffff 0, 0 0x7fffffff 0x7ff
      0 0xffffffff80000000 0x7ff
      1 0x7fffffff 0x800
      1 0 0xfff
      0 0xffffffffffffffff 1
      0 0xffffffffffffffff 0xfff`,
    ...COMPARED,
    zeros: "1 0xfff, 0x00ff00ff 0xfff",
  },
  slli: {
    operations: `
      1 1 0, 2 1 1, 0x80 1 7, 0x4000 1 14, 0x80000000 1 31
      0xffffffffffffffff 0xffffffffffffffff 0
      0xfffffffffffffffe 0xffffffffffffffff 1
      0xffffffffffffff80 0xffffffffffffffff 7
      0xffffffffffffc000 0xffffffffffffffff 14
      0xffffffff80000000 0xffffffffffffffff 31
      0x21212121 0x21212121 0
      0x42424242 0x21212121 1
      0x1090909080 0x21212121 7
      0x84848484000 0x21212121 14
      0x1090909080000000 0x21212121 31`,
    destination: "0x80 1 7",
    used: "0x80 1 7, 0x4000 1 14, 0x80000000 1 31",
    loaded: "0x80 1 7, 0x4000 1 14, 0x80000000 1 31",
    zeros: "0 32, 33 50",
  },
  slliw: {
    operations: `
      1 1 0, 2 1 1, 0x80 1 7, 0x4000 1 14, 0xffffffff80000000 1 31
      0xffffffffffffffff 0xffffffffffffffff 0
      0xfffffffffffffffe 0xffffffffffffffff 1
      0xffffffffffffff80 0xffffffffffffffff 7
      0xffffffffffffc000 0xffffffffffffffff 14
      0xffffffff80000000 0xffffffffffffffff 31
      0x21212121 0x21212121 0
      0x42424242 0x21212121 1
      0xffffffff90909080 0x21212121 7
      0x48484000 0x21212121 14
      0xffffffff80000000 0x21212121 31`,
    destination: "0x80 1 7",
    used: "0x80 1 7, 0x4000 1 14, 0xffffffff80000000 1 31",
    loaded: "0x80 1 7, 0x4000 1 14, 0xffffffff80000000 1 31",
    zeros: "0 31, 31 28",
  },
  srli: {
    operations: `
      0xffffffff80000000 0xffffffff80000000 0
      0x7fffffffc0000000 0xffffffff80000000 1
      0x01ffffffff000000 0xffffffff80000000 7
      0x0003fffffffe0000 0xffffffff80000000 14
      0x1ffffffff 0xffffffff80000001 31
      0xffffffffffffffff 0xffffffffffffffff 0
      0x7fffffffffffffff 0xffffffffffffffff 1
      0x01ffffffffffffff 0xffffffffffffffff 7
      0x0003ffffffffffff 0xffffffffffffffff 14
      0x1ffffffff 0xffffffffffffffff 31
      0x21212121 0x21212121 0
      0x10909090 0x21212121 1
      0x424242 0x21212121 7
      0x8484 0x21212121 14
      0 0x21212121 31`,
    destination: "0x01ffffffff000000 0xffffffff80000000 7",
    used: `
      0x01ffffffff000000 0xffffffff80000000 7
      0x0003fffffffe0000 0xffffffff80000000 14
      0x1ffffffff 0xffffffff80000001 31`,
    loaded: `
      0x01ffffffff000000 0xffffffff80000000 7
      0x0003fffffffe0000 0xffffffff80000000 14
      0x1ffffffff 0xffffffff80000001 31`,
    zeros: "0 32, 33 50",
  },
  srliw: {
    operations: `
      0xffffffff80000000 0xffffffff80000000 0
      0x40000000 0xffffffff80000000 1
      0x1000000 0xffffffff80000000 7
      0x20000 0xffffffff80000000 14
      1 0xffffffff80000001 31
      0xffffffffffffffff 0xffffffffffffffff 0
      0x7fffffff 0xffffffffffffffff 1
      0x1ffffff 0xffffffffffffffff 7
      0x3ffff 0xffffffffffffffff 14
      1 0xffffffffffffffff 31
      0x21212121 0x21212121 0
      0x10909090 0x21212121 1
      0x424242 0x21212121 7
      0x8484 0x21212121 14
      0 0x21212121 31`,
    destination: "0x1000000 0xffffffff80000000 7",
    used: "0x1000000 0xffffffff80000000 7, 0x20000 0xffffffff80000000 14, 1 0xffffffff80000001 31",
    loaded: "0x1000000 0xffffffff80000000 7, 0x20000 0xffffffff80000000 14, 1 0xffffffff80000001 31",
    zeros: "0 31, 31 28",
  },
  srai: {
    operations: `
      0xffffff8000000000 0xffffff8000000000 0
      0xffffffffc0000000 0xffffffff80000000 1
      0xffffffffff000000 0xffffffff80000000 7
      0xfffffffffffe0000 0xffffffff80000000 14
      0xffffffffffffffff 0xffffffff80000001 31
      0x7fffffff 0x7fffffff 0
      0x3fffffff 0x7fffffff 1
      0xffffff 0x7fffffff 7
      0x1ffff 0x7fffffff 14
      0 0x7fffffff 31
      0xffffffff81818181 0xffffffff81818181 0
      0xffffffffc0c0c0c0 0xffffffff81818181 1
      0xffffffffff030303 0xffffffff81818181 7
      0xfffffffffffe0606 0xffffffff81818181 14
      0xffffffffffffffff 0xffffffff81818181 31`,
    ...RIGHT_ARITHMETIC,
    zeros: "0 32, 33 50",
  },
  sraiw: {
    operations: `
      0xffffffff80000000 0xffffffff80000000 0
      0xffffffffc0000000 0xffffffff80000000 1
      0xffffffffff000000 0xffffffff80000000 7
      0xfffffffffffe0000 0xffffffff80000000 14
      0xffffffffffffffff 0xffffffff80000001 31
      0x7fffffff 0x7fffffff 0
      0x3fffffff 0x7fffffff 1
      0xffffff 0x7fffffff 7
      0x1ffff 0x7fffffff 14
      0 0x7fffffff 31
      0xffffffff81818181 0xffffffff81818181 0
      0xffffffffc0c0c0c0 0xffffffff81818181 1
      0xffffffffff030303 0xffffffff81818181 7
      0xfffffffffffe0606 0xffffffff81818181 14
      0xffffffffffffffff 0xffffffff81818181 31`,
    ...RIGHT_ARITHMETIC,
    zeros: "0 31, 31 28",
    last: "0 0x00e0000000000000 28, 0xffffffffff000000 0xf0000000 4",
  },
};

/** rv64ui: operations of a register and an immediate. */
export const IMMEDIATE_PROGRAMS: readonly Program[] = Object.entries(VALUES).map(([name, values]) => ({
  name,
  cases: casesOf(name, values),
}));
