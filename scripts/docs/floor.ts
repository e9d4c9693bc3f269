import type { Parts } from "../../test/gas/GasSnapshot";

const BASE = 21_000;
/** EIP-7623: gas a byte of calldata costs at least, and beside its execution. */
const FLOOR = { byte: 40, zero: 10 };
const USUAL = { byte: 16, zero: 4 };
const priced = ({ bytes, zeros }: Parts, price: typeof FLOOR): number =>
  (bytes - zeros) * price.byte + zeros * price.zero;

const number = (value: number): string => value.toLocaleString("en-US");

/** What a row still spends, and why it isn't spared. */
const LEFT: Readonly<Record<string, string>> = {
  "step, register instruction":
    "Bytes alone: the state with all its registers, and the proof of the instruction's word. Shorter hashes would prove less, a shallower tree would bound programs below 2 MiB of text, and registers sent only where they aren't zero would spare nothing in the worst case.",
  "step, memory instruction":
    "As above, and the proof of the word that is read or written, which is nearly three quarters of all hashing. A bit for each sibling that is the root of empty memory would make small programs cheaper, and the dearest step dearer.",
  "open match":
    "Three slots: the claim's entry is read, the asserter's line counts a match more, and the match's own is written for the first time. That one is three quarters of the storage, and the whole match.",
  move: "Bytes alone: eight states, three siblings and the segment's two ends; what the hub knows isn't sent ([decision 030](decisions/030-match-calldata.md)). Storage, hashing and an event with every state are free: they fit below the floor.",
  "settle with slash, memory instruction":
    "The step, and with it the consequences: the claim loses its backing, the vault slashes, burns and pays, the match's slot becomes a payout. Most of it is the vault's storage, which the end of a bond line doesn't touch. (This row is an operator's first slash, which writes slots that were never written before; the whole dispute above has a later one.)",
  collect:
    "The slot becomes 1, and a call pays. Paying inside of `settle` would be cheaper by this transaction, but its receiver could then make the verdict revert.",
};

/** Rounds of a dissection into `arity` segments down to single steps. */
const rounds = (logSteps: number, arity: number): number => Math.ceil(logSteps / Math.log2(arity));

/** Bytes of a move: states, siblings in the tree of pairs, the segment's two ends, id, position, the other side, selector. */
const moveBytes = (arity: number): number => 32 * (arity + Math.log2(arity) + 2 + 3) + 4;

/** The section of docs/gas.md that says what decides the rows of a dispute, and what is left. */
export function floorSection(parts: Readonly<Record<string, Parts>>): string[] {
  const rows = Object.keys(LEFT).flatMap((row) =>
    parts[row] === undefined ? [] : [[row, parts[row]] as const],
  );
  const move = parts["move"];
  const lines = [
    "## Where the floor is",
    "",
    `A transaction costs the greater of two sums: ${number(BASE)} + ${USUAL.byte} for a byte of calldata (${USUAL.zero} for a zero byte) + execution − refunds; or ${number(BASE)} + ${FLOOR.byte} for a byte`,
    `(${FLOOR.zero} for a zero byte), the floor of EIP-7623. Where the floor is the greater one, only bytes count, and whatever is computed below it is free.`,
    "Both sums and the execution's parts, by the gas tests:",
    "",
    "| row | gas | bytes, of these zero | floor | calldata | execution | storage | events | hashing | the rest | decided by |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ...rows.map(([row, found]) => {
      const { whole, bytes, zeros, execution, storage, events, hashing } = found;
      const floor = BASE + priced(found, FLOOR);
      const rest = execution - storage - events - hashing;
      const cells = [storage, events, hashing, rest].map(number).join(" | ");
      const decided = whole === floor ? "the floor" : "execution";
      return `| ${row} | ${number(whole)} | ${number(bytes)}, ${number(zeros)} | ${number(floor)} | ${number(priced(found, USUAL))} | ${number(execution)} | ${cells} | ${decided} |`;
    }),
    "",
    "What is left in each:",
    "",
    ...rows.map(([row]) => `- ${row}: ${LEFT[row] ?? ""}`),
  ];
  if (move !== undefined) {
    if (moveBytes(8) !== move.bytes)
      throw new Error(
        `A move has ${move.bytes} bytes, not the ${moveBytes(8)} that its layout comes to: mend moveBytes.`,
      );
    // Ids, positions and hashes hold few zeros: a move's own share of them is taken for all.
    const perByte = priced(move, FLOOR) / move.bytes;
    const cost = (arity: number): number => BASE + moveBytes(arity) * perByte;
    lines.push(
      "",
      "Why eight segments a move? Of moves of other widths, by the same floor (the opening brings the first round's states along):",
      "",
      "| segments a move | bytes | a move | moves over 2^30 steps | all of them | over 2^36 | over 2^45 |",
      "|---:|---:|---:|---:|---:|---:|---:|",
      ...[2, 4, 8, 16, 32].map((arity) => {
        const all = (logSteps: number): string =>
          number(Math.round((rounds(logSteps, arity) - 1) * cost(arity)));
        return `| ${arity} | ${moveBytes(arity)} | ${number(Math.round(cost(arity)))} | ${rounds(30, arity) - 1} | ${all(30)} | ${all(36)} | ${all(45)} |`;
      }),
      "",
      "Fewer segments cost more; sixteen would save a twelfth at best and next to nothing else, and the opening, which is all execution, would be dearer by",
      "eight states more in calldata and event.",
    );
  }
  return lines;
}
