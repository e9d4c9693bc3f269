import type { Program } from "./Program";
import { casesOf, type Values } from "./registers";

const PRODUCTS = {
  destinations: "143 13 11, 154 14 11, 169 13",
  bypassed: "143 13 11, 154 14 11, 165 15 11",
  zeros: "0 31, 0 32, 0, 33 34",
};
/** The same operands, shifted left by 32 bits: the upper half of the product is what the lower one was. */
const UPPER_PRODUCTS = {
  destinations: "143 0xd00000000 0xb00000000, 154 0xe00000000 0xb00000000, 169 0xd00000000",
  bypassed: "143 0xd00000000 0xb00000000, 154 0xe00000000 0xb00000000, 165 0xf00000000 0xb00000000",
  zeros: "0 0x1f00000000, 0 0x2000000000, 0, 0x2100000000 0x2200000000",
};

/** mul and mulhu count two more operations at their end. */
const MULTIPLY: Record<string, Values & { readonly last?: string }> = {
  mul: {
    operations: `
      0 0 0, 1 1 1, 0x15 3 7
      0 0 0xffffffffffff8000
      0 0xffffffff80000000 0
      0x400000000000 0xffffffff80000000 0xffffffffffff8000`,
    ...PRODUCTS,
    last: "0xff7f 0xaaaaaaaaaaaaaaab 0x2fe7d, 0xff7f 0x2fe7d 0xaaaaaaaaaaaaaaab",
  },
  mulh: {
    operations: `
      0 0 0, 0 1 1, 0 3 7
      0 0 0xffffffffffff8000
      0 0xffffffff80000000 0
      0 0xffffffff80000000 0xffffffffffff8000`,
    ...UPPER_PRODUCTS,
  },
  mulhsu: {
    operations: `
      0 0 0, 0 1 1, 0 3 7
      0 0 0xffffffffffff8000
      0 0xffffffff80000000 0
      0xffffffff80000000 0xffffffff80000000 0xffffffffffff8000`,
    ...UPPER_PRODUCTS,
  },
  mulhu: {
    operations: `
      0 0 0, 0 1 1, 0 3 7
      0 0 0xffffffffffff8000
      0 0xffffffff80000000 0
      0xffffffff7fff8000 0xffffffff80000000 0xffffffffffff8000`,
    ...UPPER_PRODUCTS,
    last: "0x1fefe 0xaaaaaaaaaaaaaaab 0x2fe7d, 0x1fefe 0x2fe7d 0xaaaaaaaaaaaaaaab",
  },
  mulw: {
    operations: `
      0 0 0, 1 1 1, 0x15 3 7
      0 0 0xffffffffffff8000
      0 0xffffffff80000000 0
      0 0xffffffff80000000 0xffffffffffff8000`,
    ...PRODUCTS,
  },
};

const LONGEST = "-0x8000000000000000";
const WORD = "-0x80000000";
const DIVIDE: Record<string, string> = {
  div: `3 20 6, -3 -20 6, -3 20 -6, 3 -20 -6
    ${LONGEST} ${LONGEST} 1, ${LONGEST} ${LONGEST} -1, -1 ${LONGEST} 0, -1 1 0, -1 0 0`,
  divu: `3 20 6, 3074457345618258599 -20 6, 0 20 -6, 0 -20 -6
    ${LONGEST} ${LONGEST} 1, 0 ${LONGEST} -1, -1 ${LONGEST} 0, -1 1 0, -1 0 0`,
  rem: `2 20 6, -2 -20 6, 2 20 -6, -2 -20 -6
    0 ${LONGEST} 1, 0 ${LONGEST} -1, ${LONGEST} ${LONGEST} 0, 1 1 0, 0 0 0`,
  remu: `2 20 6, 2 -20 6, 20 20 -6, -20 -20 -6
    0 ${LONGEST} 1, ${LONGEST} ${LONGEST} -1, ${LONGEST} ${LONGEST} 0, 1 1 0, 0 0 0`,
  divw: `3 20 6, -3 -20 6, -3 20 -6, 3 -20 -6
    ${WORD} ${WORD} 1, ${WORD} ${WORD} -1, -1 ${WORD} 0, -1 1 0, -1 0 0`,
  divuw: `3 20 6, 715827879 0xffffffec 6, 0 20 -6, 0 -20 -6
    ${WORD} ${WORD} 1, 0 ${WORD} -1, -1 ${WORD} 0, -1 1 0, -1 0 0`,
  remw: `2 20 6, -2 -20 6, 2 20 -6, -2 -20 -6
    0 ${WORD} 1, 0 ${WORD} -1, ${WORD} ${WORD} 0, 1 1 0, 0 0 0`,
  remuw: `2 20 6, 2 -20 6, 20 20 -6, -20 -20 -6
    0 ${WORD} 1, ${WORD} ${WORD} -1, ${WORD} ${WORD} 0, 1 1 0, 0 0 0`,
};

/** rv64um. */
export const MULTIPLY_PROGRAMS: readonly Program[] = [
  ...Object.entries(MULTIPLY).map(([name, { last = "", ...values }]) => ({
    name,
    cases: [...casesOf(name, values), ...casesOf(name, { operations: last })],
  })),
  ...Object.entries(DIVIDE).map(([name, operations]) => ({ name, cases: casesOf(name, { operations }) })),
];
