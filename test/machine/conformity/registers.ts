import { APART, type Case, nops, type Program, rows, twice } from "./Program";

/** What the suite has of an instruction on two registers. Rows are "result first second". */
export interface Values {
  readonly operations: string;
  /** the destination is the first operand, the second, both ("result operand") */
  readonly destinations?: string;
  /** taken in turn, with no, one or two instructions between the operands, the operation and the result's use */
  readonly bypassed?: string;
  /** "result second" with x0 first, "result first" with x0 second, "result" of x0 and x0, "first second" into x0 */
  readonly zeros?: string;
}

export function casesOf(mnemonic: string, values: Values): Case[] {
  const operation = (register: string, result: string, first: string, second: string): Case => ({
    code: `li x11, ${first}; li x12, ${second}; ${mnemonic} ${register}, x11, x12`,
    register,
    result,
  });
  const cases = rows(values.operations).map(([result = "", a = "", b = ""]) =>
    operation("x14", result, a, b),
  );
  const [one = [], two = [], both = []] = rows(values.destinations ?? "");
  if (values.destinations !== undefined)
    cases.push(
      operation("x11", one[0] ?? "", one[1] ?? "", one[2] ?? ""),
      operation("x12", two[0] ?? "", two[1] ?? "", two[2] ?? ""),
      { code: `li x11, ${both[1]}; ${mnemonic} x11, x11, x11`, register: "x11", result: both[0] ?? "" },
    );
  if (values.bypassed !== undefined) {
    const triples = rows(values.bypassed);
    let at = 0;
    const next = (): string[] => triples[at++ % triples.length] ?? [];
    for (const between of [0, 1, 2]) {
      const [result = "", a = "", b = ""] = next();
      cases.push({
        code: twice(`li x1, ${a}; li x2, ${b}; ${mnemonic} x14, x1, x2; ${nops(between)}addi x6, x14, 0`),
        register: "x6",
        result,
      });
    }
    for (const order of [
      [1, 2],
      [2, 1],
    ])
      for (const [between, after] of APART) {
        const [result = "", ...operands] = next();
        const load = (index: number | undefined): string => `li x${index}, ${operands[(index ?? 1) - 1]}; `;
        cases.push({
          code: twice(
            `${load(order[0])}${nops(between)}${load(order[1])}${nops(after)}${mnemonic} x14, x1, x2`,
          ),
          register: "x14",
          result,
        });
      }
  }
  const [first = [], second = [], none = [], nowhere = []] = rows(values.zeros ?? "");
  if (values.zeros !== undefined)
    cases.push(
      { code: `li x1, ${first[1]}; ${mnemonic} x2, x0, x1`, register: "x2", result: first[0] ?? "" },
      { code: `li x1, ${second[1]}; ${mnemonic} x2, x1, x0`, register: "x2", result: second[0] ?? "" },
      { code: `${mnemonic} x1, x0, x0`, register: "x1", result: none[0] ?? "" },
      {
        code: `li x1, ${nowhere[0]}; li x2, ${nowhere[1]}; ${mnemonic} x0, x1, x2`,
        register: "x0",
        result: "0",
      },
    );
  return cases;
}

const VALUES: Record<string, Values> = {
  add: {
    operations: `
      0 0 0, 2 1 1, 0xa 3 7
      0xffffffffffff8000 0 0xffffffffffff8000
      0xffffffff80000000 0xffffffff80000000 0
      0xffffffff7fff8000 0xffffffff80000000 0xffffffffffff8000
      0x7fff 0 0x7fff, 0x7fffffff 0x7fffffff 0, 0x80007ffe 0x7fffffff 0x7fff
      0xffffffff80007fff 0xffffffff80000000 0x7fff
      0x7fff7fff 0x7fffffff 0xffffffffffff8000
      0xffffffffffffffff 0 0xffffffffffffffff
      0 0xffffffffffffffff 1
      0xfffffffffffffffe 0xffffffffffffffff 0xffffffffffffffff
      0x80000000 1 0x7fffffff`,
    destinations: "24 13 11, 25 14 11, 26 13",
    bypassed: "24 13 11, 25 14 11, 26 15 11",
    zeros: "15 15, 32 32, 0, 16 30",
  },
  addw: {
    operations: `
      0 0 0, 2 1 1, 0xa 3 7
      0xffffffffffff8000 0 0xffffffffffff8000
      0xffffffff80000000 0xffffffff80000000 0
      0x7fff8000 0xffffffff80000000 0xffffffffffff8000
      0x7fff 0 0x7fff, 0x7fffffff 0x7fffffff 0, 0xffffffff80007ffe 0x7fffffff 0x7fff
      0xffffffff80007fff 0xffffffff80000000 0x7fff
      0x7fff7fff 0x7fffffff 0xffffffffffff8000
      0xffffffffffffffff 0 0xffffffffffffffff
      0 0xffffffffffffffff 1
      0xfffffffffffffffe 0xffffffffffffffff 0xffffffffffffffff
      0xffffffff80000000 1 0x7fffffff`,
    destinations: "24 13 11, 25 14 11, 26 13",
    bypassed: "24 13 11, 25 14 11, 26 15 11",
    zeros: "15 15, 32 32, 0, 16 30",
  },
  sub: {
    operations: `
      0 0 0, 0 1 1, 0xfffffffffffffffc 3 7
      0x8000 0 0xffffffffffff8000
      0xffffffff80000000 0xffffffff80000000 0
      0xffffffff80008000 0xffffffff80000000 0xffffffffffff8000
      0xffffffffffff8001 0 0x7fff, 0x7fffffff 0x7fffffff 0, 0x7fff8000 0x7fffffff 0x7fff
      0xffffffff7fff8001 0xffffffff80000000 0x7fff
      0x80007fff 0x7fffffff 0xffffffffffff8000
      1 0 0xffffffffffffffff
      0xfffffffffffffffe 0xffffffffffffffff 1
      0 0xffffffffffffffff 0xffffffffffffffff`,
    destinations: "2 13 11, 3 14 11, 0 13",
    bypassed: "2 13 11, 3 14 11, 4 15 11",
    zeros: "15 -15, 32 32, 0, 16 30",
  },
  subw: {
    operations: `
      0 0 0, 0 1 1, 0xfffffffffffffffc 3 7
      0x8000 0 0xffffffffffff8000
      0xffffffff80000000 0xffffffff80000000 0
      0xffffffff80008000 0xffffffff80000000 0xffffffffffff8000
      0xffffffffffff8001 0 0x7fff, 0x7fffffff 0x7fffffff 0, 0x7fff8000 0x7fffffff 0x7fff
      0x7fff8001 0xffffffff80000000 0x7fff
      0xffffffff80007fff 0x7fffffff 0xffffffffffff8000
      1 0 0xffffffffffffffff
      0xfffffffffffffffe 0xffffffffffffffff 1
      0 0xffffffffffffffff 0xffffffffffffffff`,
    destinations: "2 13 11, 3 14 11, 0 13",
    bypassed: "2 13 11, 3 14 11, 4 15 11",
    zeros: "15 -15, 32 32, 0, 16 30",
  },
  and: {
    operations: `
      0x0f000f00 0xff00ff00 0x0f0f0f0f
      0x00f000f0 0x0ff00ff0 0xf0f0f0f0
      0x000f000f 0x00ff00ff 0x0f0f0f0f
      0xf000f000 0xf00ff00f 0xf0f0f0f0`,
    destinations: `
      0x0f000f00 0xff00ff00 0x0f0f0f0f
      0x00f000f0 0x0ff00ff0 0xf0f0f0f0
      0xff00ff00 0xff00ff00`,
    bypassed: `
      0x0f000f00 0xff00ff00 0x0f0f0f0f
      0x00f000f0 0x0ff00ff0 0xf0f0f0f0
      0x000f000f 0x00ff00ff 0x0f0f0f0f`,
    zeros: "0 0xff00ff00, 0 0x00ff00ff, 0, 0x11111111 0x22222222",
  },
  or: {
    operations: `
      0xff0fff0f 0xff00ff00 0x0f0f0f0f
      0xfff0fff0 0x0ff00ff0 0xf0f0f0f0
      0x0fff0fff 0x00ff00ff 0x0f0f0f0f
      0xf0fff0ff 0xf00ff00f 0xf0f0f0f0`,
    destinations: `
      0xff0fff0f 0xff00ff00 0x0f0f0f0f
      0xff0fff0f 0xff00ff00 0x0f0f0f0f
      0xff00ff00 0xff00ff00`,
    bypassed: `
      0xff0fff0f 0xff00ff00 0x0f0f0f0f
      0xfff0fff0 0x0ff00ff0 0xf0f0f0f0
      0x0fff0fff 0x00ff00ff 0x0f0f0f0f`,
    zeros: "0xff00ff00 0xff00ff00, 0x00ff00ff 0x00ff00ff, 0, 0x11111111 0x22222222",
  },
  xor: {
    operations: `
      0xf00ff00f 0xff00ff00 0x0f0f0f0f
      0xff00ff00 0x0ff00ff0 0xf0f0f0f0
      0x0ff00ff0 0x00ff00ff 0x0f0f0f0f
      0x00ff00ff 0xf00ff00f 0xf0f0f0f0`,
    destinations: `
      0xf00ff00f 0xff00ff00 0x0f0f0f0f
      0xf00ff00f 0xff00ff00 0x0f0f0f0f
      0 0xff00ff00`,
    bypassed: `
      0xf00ff00f 0xff00ff00 0x0f0f0f0f
      0xff00ff00 0x0ff00ff0 0xf0f0f0f0
      0x0ff00ff0 0x00ff00ff 0x0f0f0f0f`,
    zeros: "0xff00ff00 0xff00ff00, 0x00ff00ff 0x00ff00ff, 0, 0x11111111 0x22222222",
  },
  slt: {
    operations: `
      0 0 0, 0 1 1, 1 3 7, 0 7 3
      0 0 0xffffffffffff8000
      1 0xffffffff80000000 0
      1 0xffffffff80000000 0xffffffffffff8000
      1 0 0x7fff, 0 0x7fffffff 0, 0 0x7fffffff 0x7fff
      1 0xffffffff80000000 0x7fff
      0 0x7fffffff 0xffffffffffff8000
      0 0 0xffffffffffffffff
      1 0xffffffffffffffff 1
      0 0xffffffffffffffff 0xffffffffffffffff`,
    destinations: "0 14 13, 1 11 13, 0 13",
    bypassed: `
      1 11 13, 0 14 13, 1 12 13
      0 14 13, 1 11 13, 0 15 13, 1 10 13, 0 16 13, 1 9 13
      0 17 13, 1 8 13, 0 18 13, 1 7 13, 0 19 13, 1 6 13`,
    zeros: "0 -1, 1 -1, 0, 16 30",
  },
  sltu: {
    operations: `
      0 0 0, 0 1 1, 1 3 7, 0 7 3
      1 0 0xffff8000, 0 0x80000000 0, 1 0x80000000 0xffff8000
      1 0 0x7fff, 0 0x7fffffff 0, 0 0x7fffffff 0x7fff
      0 0x80000000 0x7fff, 1 0x7fffffff 0xffff8000
      1 0 0xffffffff, 0 0xffffffff 1, 0 0xffffffff 0xffffffff`,
    destinations: "0 14 13, 1 11 13, 0 13",
    bypassed: `
      1 11 13, 0 14 13, 1 12 13
      0 14 13, 1 11 13, 0 15 13, 1 10 13, 0 16 13, 1 9 13
      0 17 13, 1 8 13, 0 18 13, 1 7 13, 0 19 13, 1 6 13`,
    zeros: "1 -1, 0 -1, 0, 16 30",
  },
  sll: {
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
      0x1090909080000000 0x21212121 31
      0x21212121 0x21212121 0xffffffffffffffc0
      0x42424242 0x21212121 0xffffffffffffffc1
      0x1090909080 0x21212121 0xffffffffffffffc7
      0x84848484000 0x21212121 0xffffffffffffffce
      0x8000000000000000 0x21212121 0xffffffffffffffff`,
    destinations: "0x80 1 7, 0x4000 1 14, 24 3",
    bypassed: "0x80 1 7, 0x4000 1 14, 0x80000000 1 31",
    zeros: "0 15, 32 32, 0, 1024 2048",
  },
  sllw: {
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
      0xffffffff80000000 0x21212121 31
      0x21212121 0x21212121 0xffffffffffffffe0
      0x42424242 0x21212121 0xffffffffffffffe1
      0xffffffff90909080 0x21212121 0xffffffffffffffe7
      0x48484000 0x21212121 0xffffffffffffffee
      0xffffffff80000000 0x21212121 0xffffffffffffffff`,
    destinations: "0x80 1 7, 0x4000 1 14, 24 3",
    bypassed: "0x80 1 7, 0x4000 1 14, 0xffffffff80000000 1 31",
    zeros: "0 15, 32 32, 0, 1024 2048",
  },
  srl: {
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
      0 0x21212121 31
      0x21212121 0x21212121 0xffffffffffffffc0
      0x10909090 0x21212121 0xffffffffffffffc1
      0x424242 0x21212121 0xffffffffffffffc7
      0x8484 0x21212121 0xffffffffffffffce
      0 0x21212121 0xffffffffffffffff`,
    destinations: "0x01ffffffff000000 0xffffffff80000000 7, 0x0003fffffffe0000 0xffffffff80000000 14, 0 7",
    bypassed: `
      0x01ffffffff000000 0xffffffff80000000 7
      0x0003fffffffe0000 0xffffffff80000000 14
      0x1ffffffff 0xffffffff80000000 31`,
    zeros: "0 15, 32 32, 0, 1024 2048",
  },
  srlw: {
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
      0 0x21212121 31
      0x21212121 0x21212121 0xffffffffffffffe0
      0x10909090 0x21212121 0xffffffffffffffe1
      0x424242 0x21212121 0xffffffffffffffe7
      0x8484 0x21212121 0xffffffffffffffee
      0 0x21212121 0xffffffffffffffff`,
    destinations: "0x1000000 0xffffffff80000000 7, 0x20000 0xffffffff80000000 14, 0 7",
    bypassed: `
      0x1000000 0xffffffff80000000 7
      0x20000 0xffffffff80000000 14
      1 0xffffffff80000000 31`,
    zeros: "0 15, 32 32, 0, 1024 2048",
  },
  sra: {
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
      0xffffffffffffffff 0xffffffff81818181 31
      0xffffffff81818181 0xffffffff81818181 0xffffffffffffffc0
      0xffffffffc0c0c0c0 0xffffffff81818181 0xffffffffffffffc1
      0xffffffffff030303 0xffffffff81818181 0xffffffffffffffc7
      0xfffffffffffe0606 0xffffffff81818181 0xffffffffffffffce
      0xffffffffffffffff 0xffffffff81818181 0xffffffffffffffff`,
    destinations: "0xffffffffff000000 0xffffffff80000000 7, 0xfffffffffffe0000 0xffffffff80000000 14, 0 7",
    bypassed: `
      0xffffffffff000000 0xffffffff80000000 7
      0xfffffffffffe0000 0xffffffff80000000 14
      0xffffffffffffffff 0xffffffff80000000 31`,
    zeros: "0 15, 32 32, 0, 1024 2048",
  },
  sraw: {
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
      0xffffffffffffffff 0xffffffff81818181 31
      0xffffffff81818181 0xffffffff81818181 0xffffffffffffffe0
      0xffffffffc0c0c0c0 0xffffffff81818181 0xffffffffffffffe1
      0xffffffffff030303 0xffffffff81818181 0xffffffffffffffe7
      0xfffffffffffe0606 0xffffffff81818181 0xffffffffffffffee
      0xffffffffffffffff 0xffffffff81818181 0xffffffffffffffff`,
    destinations: "0xffffffffff000000 0xffffffff80000000 7, 0xfffffffffffe0000 0xffffffff80000000 14, 0 7",
    bypassed: `
      0xffffffffff000000 0xffffffff80000000 7
      0xfffffffffffe0000 0xffffffff80000000 14
      0xffffffffffffffff 0xffffffff80000000 31`,
    zeros: "0 15, 32 32, 0, 1024 2048",
  },
};

/** rv64ui: arithmetic, comparisons and shifts of registers. */
export const REGISTER_PROGRAMS: readonly Program[] = Object.entries(VALUES).map(([name, values]) => ({
  name,
  cases: casesOf(name, values),
}));
