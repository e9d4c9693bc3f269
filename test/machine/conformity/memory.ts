import { APART, type Case, nops, type Program, rows, twice } from "./Program";

/** What the suite has of a load: four values at `tdat`, as they lie there and as they are loaded. */
interface Load {
  readonly directive: ".byte" | ".half" | ".word" | ".dword";
  readonly stored: string;
  readonly loaded: readonly [string, string, string, string];
}

const SIZES = { ".byte": 1, ".half": 2, ".word": 4, ".dword": 8 } as const;
/** Where the suite puts a base that isn't aligned, by the size of the access: the address is aligned again. */
const CROOKED = { 1: -6, 2: -5, 4: -3, 8: -3 } as const;

const BYTES = "0xff, 0x00, 0xf0, 0x0f";
const HALVES = "0x00ff, 0xff00, 0x0ff0, 0xf00f";
const WORDS = "0x00ff00ff, 0xff00ff00, 0x0ff00ff0, 0xf00ff00f";
const LOADS: Record<string, Load> = {
  lb: { directive: ".byte", stored: BYTES, loaded: ["-1", "0", "0xfffffffffffffff0", "0xf"] },
  lbu: { directive: ".byte", stored: BYTES, loaded: ["0xff", "0", "0xf0", "0xf"] },
  lh: {
    directive: ".half",
    stored: HALVES,
    loaded: ["0xff", "0xffffffffffffff00", "0xff0", "0xfffffffffffff00f"],
  },
  lhu: { directive: ".half", stored: HALVES, loaded: ["0xff", "0xff00", "0xff0", "0xf00f"] },
  lw: {
    directive: ".word",
    stored: WORDS,
    loaded: ["0xff00ff", "0xffffffffff00ff00", "0xff00ff0", "0xfffffffff00ff00f"],
  },
  lwu: { directive: ".word", stored: WORDS, loaded: ["0xff00ff", "0xff00ff00", "0xff00ff0", "0xf00ff00f"] },
  ld: {
    directive: ".dword",
    stored: "0x00ff00ff00ff00ff, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0xf00ff00ff00ff00f",
    loaded: ["0x00ff00ff00ff00ff", "0xff00ff00ff00ff00", "0x0ff00ff00ff00ff0", "0xf00ff00ff00ff00f"],
  },
};

function loadCases(mnemonic: string, { directive, loaded }: Load): Case[] {
  const size = SIZES[directive];
  const [, second, third, fourth] = loaded;
  /** the address of value `index`, counted from 0 */
  const at = (register: string, index: number): string =>
    `la ${register}, tdat; addi ${register}, ${register}, ${index * size}`;
  const loadFrom = (base: number, index: number): Case => ({
    code: `${at("x2", base)}; ${mnemonic} x14, ${(index - base) * size}(x2)`,
    register: "x14",
    result: loaded[index] ?? "",
  });
  const next = [
    [1, third],
    [2, fourth],
    [0, second],
  ] as const;
  return [
    ...[0, 1, 2, 3].map((index) => loadFrom(0, index)),
    ...[0, 1, 2, 3].map((index) => loadFrom(3, index)),
    { code: `la x1, tdat; addi x1, x1, -32; ${mnemonic} x5, 32(x1)`, register: "x5", result: loaded[0] },
    {
      code: `la x1, tdat; addi x1, x1, ${CROOKED[size]}; ${mnemonic} x5, ${size - CROOKED[size]}(x1)`,
      register: "x5",
      result: second,
    },
    ...next.map(([base, result], between) => ({
      code: twice(`${at("x13", base)}; ${mnemonic} x14, ${size}(x13); ${nops(between)}addi x6, x14, 0`),
      register: "x6",
      result,
    })),
    ...next.map(([base, result], between) => ({
      code: twice(`${at("x13", base)}; ${nops(between)}${mnemonic} x14, ${size}(x13)`),
      register: "x14",
      result,
    })),
    ...[0, 1].map((between) => ({
      code: `la x13, tdat; ${mnemonic} x2, 0(x13); ${nops(between)}li x2, 2`,
      register: "x2",
      result: "2",
    })),
  ];
}

/** What the suite has of a store into ten equal values at `tdat`. */
interface Store {
  readonly directive: Load["directive"];
  readonly filler: string;
  /** "load result index": stored at the value of that index, from the first one's address and then (all but the first of `wide`) from the eighth's */
  readonly first: string;
  readonly eighth: string;
  /** what is stored below a base 32 bytes down, and what is loaded again */
  readonly low: readonly [string, string];
  /** what is stored from a base that isn't aligned, and what is loaded again */
  readonly crooked: readonly [string, string];
  /** results at the values 0 … 5, with address and value in either order */
  readonly bypassed: string;
}

const STORES: Record<string, Store & { readonly load: string }> = {
  sb: {
    load: "lb",
    directive: ".byte",
    filler: "0xef",
    first: "lb 0xffffffffffffffaa 0, lb 0 1, lh 0xffffffffffffefa0 2, lb 0xa 3",
    eighth: "lb 0xffffffffffffffaa 4, lb 0 5, lb 0xffffffffffffffa0 6, lb 0xa 7",
    low: ["0x12345678", "0x78"],
    crooked: ["0x3098", "0xffffffffffffff98"],
    bypassed: `
      0xffffffffffffffdd, 0xffffffffffffffcd, 0xffffffffffffffcc, 0xffffffffffffffbc, 0xffffffffffffffbb, 0xffffffffffffffab
      0x33, 0x23, 0x22, 0x12, 0x11, 0x01`,
  },
  sh: {
    load: "lh",
    directive: ".half",
    filler: "0xbeef",
    first: "lh 0xaa 0, lh 0xffffffffffffaa00 1, lw 0xffffffffbeef0aa0 2, lh 0xffffffffffffa00a 3",
    eighth: "lh 0xaa 4, lh 0xffffffffffffaa00 5, lh 0xaa0 6, lh 0xffffffffffffa00a 7",
    low: ["0x12345678", "0x5678"],
    crooked: ["0x3098", "0x3098"],
    bypassed: `
      0xffffffffffffccdd, 0xffffffffffffbccd, 0xffffffffffffbbcc, 0xffffffffffffabbc, 0xffffffffffffaabb, 0xffffffffffffdaab
      0x2233, 0x1223, 0x1122, 0x0112, 0x0011, 0x3001`,
  },
  sw: {
    load: "lw",
    directive: ".word",
    filler: "0xdeadbeef",
    first: "lw 0xaa00aa 0, lw 0xffffffffaa00aa00 1, lw 0xaa00aa0 2, lw 0xffffffffa00aa00a 3",
    eighth: "lw 0xaa00aa 4, lw 0xffffffffaa00aa00 5, lw 0xaa00aa0 6, lw 0xffffffffa00aa00a 7",
    low: ["0x12345678", "0x12345678"],
    crooked: ["0x58213098", "0x58213098"],
    bypassed: `
      0xffffffffaabbccdd, 0xffffffffdaabbccd, 0xffffffffddaabbcc, 0xffffffffcddaabbc, 0xffffffffccddaabb, 0xffffffffbccddaab
      0x00112233, 0x30011223, 0x33001122, 0x23300112, 0x22330011, 0x12233001`,
  },
  sd: {
    load: "ld",
    directive: ".dword",
    filler: "0xdeadbeefdeadbeef",
    first: `
      ld 0x00aa00aa00aa00aa 0, ld 0xaa00aa00aa00aa00 1, ld 0x0aa00aa00aa00aa0 2, ld 0xa00aa00aa00aa00a 3`,
    eighth: `
      ld 0x00aa00aa00aa00aa 4, ld 0xaa00aa00aa00aa00 5, ld 0x0aa00aa00aa00aa0 6, ld 0xa00aa00aa00aa00a 7`,
    low: ["0x1234567812345678", "0x1234567812345678"],
    crooked: ["0x5821309858213098", "0x5821309858213098"],
    bypassed: `
      0xabbccdd, 0xaabbccd, 0xdaabbcc, 0xddaabbc, 0xcddaabb, 0xccddaab
      0x00112233, 0x30011223, 0x33001122, 0x23300112, 0x22330011, 0x12233001`,
  },
};

function storeCases(mnemonic: string, store: (typeof STORES)[string]): Case[] {
  const { load } = store;
  const size = SIZES[store.directive];
  const stored = (base: number, [back, result, index]: string[]): Case => {
    const offset = (Number(index) - base) * size;
    return {
      code: `la x2, tdat; addi x2, x2, ${base * size}; li x1, ${result}; ${mnemonic} x1, ${offset}(x2); ${back} x14, ${offset}(x2)`,
      register: "x14",
      result: result ?? "",
    };
  };
  const ninth = `la x1, tdat; addi x1, x1, ${8 * size}`;
  const bypassed = rows(store.bypassed).map(([result = ""], index) => {
    const [between, after] = APART[index % 6] ?? [0, 0];
    const pair = [`li x13, ${result}; `, "la x12, tdat; "];
    const [one, two] = index < 6 ? pair : pair.reverse();
    const place = `${(index % 6) * size}(x12)`;
    return {
      code: twice(
        `${one}${nops(between)}${two}${nops(after)}${mnemonic} x13, ${place}; ${load} x14, ${place}`,
      ),
      register: "x14",
      result,
    };
  });
  return [
    ...rows(store.first).map((row) => stored(0, row)),
    ...rows(store.eighth).map((row) => stored(7, row)),
    {
      code: `${ninth}; li x2, ${store.low[0]}; addi x4, x1, -32; ${mnemonic} x2, 32(x4); ${load} x5, 0(x1)`,
      register: "x5",
      result: store.low[1],
    },
    {
      code: `${ninth}; li x2, ${store.crooked[0]}; addi x4, x1, ${CROOKED[size]}; ${mnemonic} x2, ${size - CROOKED[size]}(x4); ${load} x5, ${size}(x1)`,
      register: "x5",
      result: store.crooked[1],
    },
    ...bypassed,
  ];
}

/** "load store value offset": what is stored and loaded, then stored and loaded once more. */
const THERE_AND_BACK = `
  lb sb 0xffffffffffffffdd 0, lb sb 0xffffffffffffffcd 1, lb sb 0xffffffffffffffcc 2
  lb sb 0xffffffffffffffbc 3, lb sb 0xffffffffffffffbb 4, lb sb 0xffffffffffffffab 5
  lb sb 0x33 0, lb sb 0x23 1, lb sb 0x22 2, lb sb 0x12 3, lb sb 0x11 4, lb sb 0x01 5
  lbu sb 0x33 0, lbu sb 0x23 1, lbu sb 0x22 2, lbu sb 0x12 3, lbu sb 0x11 4, lbu sb 0x01 5
  lw sw 0xffffffffaabbccdd 0, lw sw 0xffffffffdaabbccd 4, lw sw 0xffffffffddaabbcc 8
  lw sw 0xffffffffcddaabbc 12, lw sw 0xffffffffccddaabb 16, lw sw 0xffffffffbccddaab 20
  lw sw 0x00112233 0, lw sw 0x30011223 4, lw sw 0x33001122 8, lw sw 0x23300112 12, lw sw 0x22330011 16, lw sw 0x12233001 20
  lh sh 0xffffffffffffccdd 0, lh sh 0xffffffffffffbccd 2, lh sh 0xffffffffffffbbcc 4
  lh sh 0xffffffffffffabbc 6, lh sh 0xffffffffffffaabb 8, lh sh 0xffffffffffffdaab 10
  lh sh 0x2233 0, lh sh 0x1223 2, lh sh 0x1122 4, lh sh 0x0112 6, lh sh 0x0011 8, lh sh 0x3001 10
  lhu sh 0x2233 0, lhu sh 0x1223 2, lhu sh 0x1122 4, lhu sh 0x0112 6, lhu sh 0x0011 8, lhu sh 0x3001 10
  ld sd 0x0011223344556677 0, ld sd 0x1122334455667788 8, ld sd 0x2233445566778899 16
  ld sd 0xabbccdd 0, ld sd 0xaabbccd 8, ld sd 0xdaabbcc 16, ld sd 0xddaabbc 24, ld sd 0xcddaabb 32, ld sd 0xccddaab 40
  ld sd 0x00112233 0, ld sd 0x30011223 8, ld sd 0x33001122 16, ld sd 0x23300112 24, ld sd 0x22330011 32, ld sd 0x12233001 40
  lwu sw 0x00112233 0, lwu sw 0x33001122 8, lwu sw 0x30011223 4, lwu sw 0x23300112 12, lwu sw 0x22330011 16, lwu sw 0x12233001 20`;

const thereAndBack: Case[] = rows(THERE_AND_BACK).map(([load, store, result = "", offset]) => ({
  code: `la x2, tdat; li x1, ${result}; ${store} x1, ${offset}(x2); ${load} x14, ${offset}(x2); ${store} x14, ${offset}(x2); ${load} x2, ${offset}(x2)`,
  register: "x2",
  result,
}));

/** rv64ui: loads and stores. */
export const MEMORY_PROGRAMS: readonly Program[] = [
  ...Object.entries(LOADS).map(([name, load]) => ({
    name,
    cases: loadCases(name, load),
    data: `${load.directive} ${load.stored}`,
  })),
  ...Object.entries(STORES).map(([name, store]) => ({
    name,
    cases: storeCases(name, store),
    data: `${store.directive} ${Array<string>(10).fill(store.filler).join(", ")}`,
  })),
  { name: "ld_st", cases: thereAndBack, data: `.word ${Array<string>(20).fill("0xdeadbeef").join(", ")}` },
];
