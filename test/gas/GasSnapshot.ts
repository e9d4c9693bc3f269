import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type { ContractTransactionResponse, TransactionResponse } from "ethers";
import { reset, time } from "@nomicfoundation/hardhat-network-helpers";
import hre from "hardhat";

/** 2070-01-01: the start of an hour, later than any clock that runs the suite. */
const GAS_EPOCH = 3_155_760_000;

interface Snapshot {
  [sentence: string]: number | Record<string, number>;
}

/**
 * The gas rows of one area: `snapshots/gas/<area>.json`. Rows compared with peers also stand under "headline", by the key of config/peers.
 * With UPDATE_SNAPSHOTS=1 the file is written, else it must hold exactly what was measured.
 */
export class GasSnapshot {
  private readonly rows: Record<string, number> = {};
  private readonly headlines: Record<string, number> = {};
  private readonly file: string;

  constructor(area: string) {
    this.file = join(__dirname, "..", "..", "snapshots", "gas", `${area}.json`);
  }

  /** Gas figures mean nothing under coverage: instrumented code is dearer. */
  static get isMeasurable(): boolean {
    return !(hre as { __SOLIDITY_COVERAGE_RUNNING?: boolean }).__SOLIDITY_COVERAGE_RUNNING;
  }

  /**
   * Figures hang on the addresses and hours in calldata and slots: every area starts at the first block of a new chain, at the same time,
   * whatever ran before.
   */
  static async freshChain(): Promise<void> {
    await reset();
    await time.increaseTo(GAS_EPOCH);
  }

  row(sentence: string, figure: bigint | number): number {
    return (this.rows[sentence] = Number(figure));
  }

  /** A row that is compared with peers. Returns the figure. */
  headline(key: string, figure: bigint | number): number {
    return (this.headlines[key] = Number(figure));
  }

  /** The gas of a whole transaction. */
  static async of(sent: Promise<TransactionResponse | ContractTransactionResponse>): Promise<bigint> {
    const receipt = await (await sent).wait();
    if (receipt === null) throw new Error("the transaction wasn't mined");
    return receipt.gasUsed;
  }

  /** Call it after the last test of the file. */
  finish(): void {
    const measured: Snapshot = { ...this.rows, headline: this.headlines };
    if (process.env.UPDATE_SNAPSHOTS === "1") {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFileSync(this.file, JSON.stringify(measured, null, 2) + "\n");
      return;
    }
    const kept = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as Snapshot) : {};
    expect(measured, "gas differs from the snapshot: UPDATE_SNAPSHOTS=1 writes it anew").to.deep.equal(kept);
  }
}
