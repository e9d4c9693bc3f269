import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { type ContractTransactionResponse, getBytes, type TransactionResponse } from "ethers";
import { reset, time } from "@nomicfoundation/hardhat-network-helpers";
import hre from "hardhat";

/** 2070-01-01: the start of an hour, later than any clock that runs the suite. */
const GAS_EPOCH = 3_155_760_000;

/** What a transaction's gas is made of. */
export interface Parts {
  readonly whole: number;
  /** of calldata */
  readonly bytes: number;
  readonly zeros: number;
  readonly execution: number;
  /** of the execution: SLOAD and SSTORE */
  readonly storage: number;
  readonly events: number;
  readonly hashing: number;
}

interface Snapshot {
  [sentence: string]: number | Record<string, number> | Record<string, Parts>;
}

/**
 * The gas rows of one area: `snapshots/gas/<area>.json`. Rows compared with peers also stand under "headline", by the key of config/peers.
 * With UPDATE_SNAPSHOTS=1 the file is written, else it must hold exactly what was measured.
 */
export class GasSnapshot {
  private readonly rows: Record<string, number> = {};
  private readonly headlines: Record<string, number> = {};
  private readonly parts: Record<string, Parts> = {};
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

  /** Keeps what a transaction is made of, for "Where the floor is" in docs/gas.md. */
  part(sentence: string, parts: Parts): void {
    this.parts[sentence] = parts;
  }

  /** Takes a transaction to pieces. */
  static async partsOf(transaction: TransactionResponse): Promise<Parts> {
    const { structLogs } = (await hre.ethers.provider.send("debug_traceTransaction", [
      transaction.hash,
      { disableStorage: true, disableMemory: true, disableStack: true },
    ])) as { structLogs: { op: string; gas: number; gasCost: number }[] };
    const of = (pattern: RegExp): number =>
      structLogs.reduce((sum, { op, gasCost }) => sum + (pattern.test(op) ? gasCost : 0), 0);
    const data = getBytes(transaction.data);
    return {
      whole: Number(await GasSnapshot.of(Promise.resolve(transaction))),
      bytes: data.length,
      zeros: data.filter((byte) => byte === 0).length,
      execution: (structLogs[0]?.gas ?? 0) - (structLogs.at(-1)?.gas ?? 0),
      storage: of(/^(SLOAD|SSTORE)$/),
      events: of(/^LOG/),
      hashing: of(/^KECCAK256$/),
    };
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
    if (Object.keys(this.parts).length > 0) measured["parts"] = this.parts;
    if (process.env.UPDATE_SNAPSHOTS === "1") {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFileSync(this.file, JSON.stringify(measured, null, 2) + "\n");
      return;
    }
    const kept = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as Snapshot) : {};
    expect(measured, "gas differs from the snapshot: UPDATE_SNAPSHOTS=1 writes it anew").to.deep.equal(kept);
  }
}
