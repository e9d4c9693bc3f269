/** How the story is told: chapters, lines, promises that are checked, progress bars, and the table at its end. */

export interface Row {
  readonly step: string;
  readonly gas?: bigint;
  readonly peer?: number | null;
  readonly who?: string;
  readonly figure?: string;
  readonly seconds?: number;
}

export interface Promised {
  readonly chapter: string;
  readonly promise: string;
  readonly kept: boolean;
  readonly detail?: string;
}

/** Raised when the story can't go on because something it builds on was not as promised. */
export class PromiseBroken extends Error {}

const grouped = (value: bigint | number): string => value.toLocaleString("en-US");

export class Stage {
  readonly rows: Row[] = [];
  readonly promises: Promised[] = [];
  readonly facts: Record<string, unknown> = {};
  private chapterName = "";
  private readonly began = performance.now();
  /** What stands on L1 by now, noted after each chapter. */
  noted: (() => Promise<unknown>) | undefined;

  constructor(
    private readonly options: {
      readonly json: boolean;
      readonly bars: boolean;
      readonly bounds: Readonly<Record<string, { readonly peer: number | null; readonly who: string }>>;
    },
  ) {}

  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private print(text: string): void {
    (this.options.json ? process.stderr : process.stdout).write(`${text}\n`);
  }

  title(text: string): void {
    this.print(`\n${text}\n${"═".repeat(text.length)}`);
  }

  /** Runs one chapter and prints how long it took. */
  async chapter<T>(name: string, body: () => Promise<T>): Promise<T> {
    this.chapterName = name;
    const began = performance.now();
    this.print(`\n▌ ${name}`);
    const result = await body();
    if (this.noted !== undefined) this.fact(`L1 after "${name}"`, await this.noted());
    this.print(`  ${" ".repeat(58)}${((performance.now() - began) / 1000).toFixed(1)} s`);
    return result;
  }

  say(text: string): void {
    for (const line of text.split("\n")) this.print(`  ${line}`);
  }

  /** Checks a promise; a broken one is told at once and makes the whole run fail. */
  promise(promise: string, kept: boolean, detail?: string): void {
    this.promises.push({ chapter: this.chapterName, promise, kept, detail });
    this.print(`  ${kept ? "✓" : "✗"} ${promise}${detail === undefined ? "" : ` (${detail})`}`);
  }

  /** As `promise`, but what follows needs it. */
  require(promise: string, kept: boolean, detail?: string): asserts kept {
    this.promise(promise, kept, detail);
    if (!kept) throw new PromiseBroken(`${promise}${detail === undefined ? "" : `: ${detail}`}`);
  }

  row(row: Row): void {
    this.rows.push(row);
  }

  /** A row of gas, beside the best peer's figure for the same job. */
  gas(step: string, gas: bigint, seconds?: number, key = step): void {
    const bound = this.options.bounds[key];
    this.row({ step, gas, peer: bound?.peer, who: bound?.who, seconds });
  }

  fact(name: string, value: unknown): void {
    this.facts[name] = value;
  }

  /** A bar on stderr for what takes time; silent where stderr is not a terminal. */
  bar(label: string, total: number): { advance(by?: number): void; end(): void } {
    let done = 0;
    let drawn = -1;
    const draw = (): void => {
      const filled = Math.min(30, Math.floor((30 * done) / Math.max(1, total)));
      if (!this.options.bars || filled === drawn) return;
      drawn = filled;
      process.stderr.write(
        `\r  ${label} ${"█".repeat(filled)}${"░".repeat(30 - filled)} ${grouped(done)}/${grouped(total)}`,
      );
    };
    draw();
    return {
      advance: (by = 1) => {
        done += by;
        draw();
      },
      end: () => {
        if (this.options.bars) process.stderr.write(`\r${" ".repeat(label.length + 60)}\r`);
      },
    };
  }

  get broken(): readonly Promised[] {
    return this.promises.filter(({ kept }) => !kept);
  }

  /** The table at the end, or the whole story as JSON on stdout. */
  close(error?: Error): void {
    if (this.options.json) {
      const replacer = (_: string, value: unknown): unknown =>
        typeof value === "bigint" ? Number(value) : value;
      process.stdout.write(
        JSON.stringify(
          {
            ok: this.broken.length === 0 && error === undefined,
            error: error?.message,
            seconds: this.seconds,
            rows: this.rows,
            promises: this.promises,
            facts: this.facts,
          },
          replacer,
          2,
        ) + "\n",
      );
      return;
    }
    const cells = this.rows.map((row) => [
      row.step,
      row.figure ?? (row.gas === undefined ? "" : grouped(row.gas)),
      row.peer ? `${grouped(row.peer)}` : "",
      row.peer && row.gas ? `${(row.peer / Number(row.gas)).toFixed(1)}×` : "",
      row.seconds === undefined ? "" : row.seconds.toFixed(2),
    ]);
    const header = ["step", "gas", "best peer", "", "seconds"];
    const widths = header.map((text, column) =>
      Math.max(text.length, ...cells.map((row) => (row[column] ?? "").length)),
    );
    const line = (row: string[]): string =>
      row
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
        )
        .join("  ");
    this.title("What it took");
    this.print(line(header));
    this.print(widths.map((width) => "─".repeat(width)).join("  "));
    for (const row of cells) this.print(line(row));
    const kept = this.promises.length - this.broken.length;
    this.print(`\n${kept} of ${this.promises.length} promises kept, ${this.seconds.toFixed(1)} s.`);
    for (const { chapter, promise, detail } of this.broken)
      this.print(`✗ ${chapter}: ${promise} ${detail ?? ""}`);
    if (error !== undefined) this.print(`✗ The story stopped: ${error.message}`);
  }
}
