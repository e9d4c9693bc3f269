/** One small change of a Solidity source: what a slip of its author would look like. */
export interface Mutant {
  readonly file: string;
  /** from 1 */
  readonly line: number;
  /** from 1 */
  readonly column: number;
  readonly before: string;
  readonly after: string;
  /** the whole source with the change in it */
  readonly source: string;
}

type Edit = readonly [offset: number, length: number, replacement: string];

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "==": ["!="],
  "!=": ["=="],
  "<": ["<=", ">"],
  ">": [">=", "<"],
  "<=": ["<"],
  ">=": [">"],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["+"],
  "/": ["*"],
  "%": ["/"],
  "&": ["|"],
  "|": ["&"],
  "^": ["|"],
  "<<": [">>"],
  ">>": ["<<"],
};
/** The same slips in assembly. */
const INSTRUCTIONS: Readonly<Record<string, string>> = {
  add: "sub",
  sub: "add",
  mul: "add",
  and: "or",
  or: "and",
  xor: "or",
  shl: "shr",
  shr: "shl",
  lt: "gt",
  gt: "lt",
  slt: "lt",
  sgt: "gt",
  sar: "shr",
  div: "mul",
  sdiv: "div",
  smod: "mod",
  iszero: "not",
};
const SYMBOLS = /(<<=|>>=|=>|->|\+\+|--|==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%&|^<>!])/y;
const NUMBER = /(0x[0-9a-fA-F]+|\d[\d_]*)\b/y;
const WORD = /[A-Za-z_$][\w$]*/y;

/** Blanks out comments, strings and what declares rather than does; lengths and lines stay. */
function codeOf(source: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, " ");
  return source
    .replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, blank)
    .replace(/^\s*(?:pragma|import|using|error|event|type)\b[^;]*;/gm, blank)
    .replace(/\b(?:struct|enum)\s+\w+\s*\{[^}]*\}/g, blank)
    .replace(/\b(?:function|modifier|constructor)\b[^{;]*/g, blank)
    .replace(/\bu?int\d+\b|\bbytes\d+\b/g, blank)
    .replace(/\bmload\(0x40\)/g, blank); // a pointer farther up costs gas and changes nothing
}

/** Returns the change of every operator, number, condition and statement of a source, in the order of their places. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const code = codeOf(source);
  const edits: Edit[] = [...tokenEdits(code), ...requirementEdits(code), ...statementEdits(code)];
  return edits
    .sort((a, b) => a[0] - b[0])
    .map(([offset, length, replacement]) => ({
      file,
      line: source.slice(0, offset).split("\n").length,
      column: offset - source.lastIndexOf("\n", offset - 1),
      before: source.slice(offset, offset + length).replace(/\s+/g, " "),
      after: replacement,
      source: source.slice(0, offset) + replacement + source.slice(offset + length),
    }));
}

function* tokenEdits(code: string): Generator<Edit> {
  for (let at = 0; at < code.length;) {
    const found = match(WORD, code, at) ?? match(NUMBER, code, at) ?? match(SYMBOLS, code, at);
    if (found === undefined) {
      at += 1;
      continue;
    }
    const next = code[at + found.length];
    const instruction = INSTRUCTIONS[found];
    if (instruction !== undefined && next === "(" && code[at - 1] !== ".")
      yield [at, found.length, instruction];
    else if (/^\d/.test(found)) yield [at, found.length, successor(found)];
    else if (found === "!" && next !== "=") yield [at, 1, ""];
    // A sign in front of an operand isn't an operator between two.
    else if (!(found === "-" && /[(,=&|*<>]\s*$/.test(code.slice(0, at))))
      for (const replacement of OPERATORS[found] ?? []) yield [at, found.length, replacement];
    at += found.length;
  }
}

/** A requirement that is never checked. */
function* requirementEdits(code: string): Generator<Edit> {
  for (const { index } of code.matchAll(/\brequire\(/g)) {
    const start = index + "require(".length;
    const end = endOfArgument(code, start);
    yield [start, end - start, "true"];
  }
  for (const { index } of code.matchAll(/\bif \(/g)) {
    const start = index + "if (".length;
    yield [start, endOfArgument(code, start) - start, "false"];
  }
}

/** An assignment or a call that is forgotten. */
function* statementEdits(code: string): Generator<Edit> {
  for (const found of code.matchAll(
    /(?<=[;{}]\s*)(?:[a-z_][\w.[\]]*(?:\([^;{}]*\))?\s*(?:[-+|&^]?=[^=;][^;{}]*)?|emit [^;]*|delete [^;]*);/g,
  ))
    if (!/^(?:return|revert|require|continue|break|assembly|unchecked|let)\b/.test(found[0]))
      yield [found.index, found[0].length, ";"];
}

/** A literal one greater, which is a literal in assembly too. */
function successor(literal: string): string {
  const next = BigInt(literal.replace(/_/g, "")) + 1n;
  if (!/^0x/.test(literal)) return String(next);
  return `0x${next.toString(16).padStart(literal.length - 2, "0")}`;
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Returns where an argument ends: at the comma or the bracket that isn't its own. */
function endOfArgument(code: string, start: number): number {
  for (let at = start, depth = 0; at < code.length; at++) {
    const letter = code[at] ?? "";
    if ("([{".includes(letter)) depth++;
    else if (depth === 0 && ",)".includes(letter)) return at;
    else if (")]}".includes(letter)) depth--;
  }
  return code.length;
}
