import { createInterface } from "node:readline/promises";
import { formatUnits } from "ethers";

/** Where a task's words go: results to stdout, progress to stderr. */
export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  readonly in: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

export type Rows = readonly (readonly [string, string | number | bigint | boolean])[];

/** Amounts as decimal strings, so that no reader of the JSON rounds them. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner),
    2,
  );
}

export const grouped = (value: bigint | number): string => value.toLocaleString("en-US");

/** Returns an amount with its unit, without zeros that say nothing. */
export function units(amount: bigint, symbol: string, decimals = 18): string {
  return `${formatUnits(amount, decimals).replace(/\.0$/, "")} ${symbol}`;
}

export class Terminal {
  constructor(
    readonly json: boolean,
    private readonly streams: Streams = { out: process.stdout, err: process.stderr, in: process.stdin },
  ) {}

  /** One line of progress. */
  say(line: string): void {
    this.streams.err.write(`${line}\n`);
  }

  result(text: string): void {
    this.streams.out.write(`${text}\n`);
  }

  table(rows: Rows): void {
    const width = Math.max(0, ...rows.map(([label]) => label.length));
    for (const [label, value] of rows) this.result(`  ${label.padEnd(width)}  ${String(value)}`);
  }

  /** Columns under a header; text to the left, figures to the right. */
  columns(header: readonly string[], rows: readonly (readonly (string | number | bigint)[])[]): void {
    const cells = rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : grouped(cell))));
    const widths = header.map((title, at) =>
      Math.max(title.length, ...cells.map((row) => (row[at] ?? "").length)),
    );
    const line = (row: readonly string[], right: (at: number) => boolean): string =>
      `  ${row.map((cell, at) => (right(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join("  ")}`.trimEnd();
    const figures = (at: number): boolean =>
      rows.length > 0 && rows.every((row) => typeof row[at] !== "string");
    this.result(line(header, figures));
    this.result(`  ${widths.map((width) => "─".repeat(width)).join("  ")}`);
    for (const row of cells) this.result(line(row, figures));
  }

  /** Whether somebody is there to answer a question. */
  get interactive(): boolean {
    return this.streams.in.isTTY === true && !this.json;
  }

  async confirm(question: string): Promise<boolean> {
    const reader = createInterface({ input: this.streams.in, output: this.streams.err });
    try {
      return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
    } finally {
      reader.close();
    }
  }
}
