import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { StepRow } from "../../scripts/docs/steps";

const FILE = join(__dirname, "..", "..", "snapshots", "steps.json");

/**
 * The steps that the ledger takes on the machine: `snapshots/steps.json`, which docs/steps.md is made of. With UPDATE_SNAPSHOTS=1 the file is
 * written, else it must hold exactly what was counted; the program and what it is given are the same in every run, so the steps are.
 */
export class StepSnapshot {
  private readonly rows: Record<string, StepRow> = {};

  row(name: string, row: StepRow): void {
    this.rows[name] = row;
  }

  /** Call it after the last test of the file. */
  finish(): void {
    if (process.env.UPDATE_SNAPSHOTS === "1") {
      writeFileSync(FILE, JSON.stringify(this.rows, null, 2) + "\n");
      return;
    }
    const kept = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as unknown) : {};
    expect(this.rows, "steps differ from the snapshot: UPDATE_SNAPSHOTS=1 writes it anew").to.deep.equal(kept);
  }
}
