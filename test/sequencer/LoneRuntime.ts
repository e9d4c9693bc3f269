import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import pino from "pino";
import { Analyst, type Examiner } from "../../sequencer/src/challenger/analyst";
import type { L1Outcome, L1Request } from "../../sequencer/src/l1/queue";
import type { L1Block, L1Log } from "../../sequencer/src/l1/watcher";
import { subjectOf } from "../../sequencer/src/l1/contracts";
import type { Program } from "../../sequencer/src/programs/program";
import { Activity } from "../../sequencer/src/rollup/activity";
import { RollupRuntime } from "../../sequencer/src/rollup/runtime";
import { BLOCK_TIME, Rollup, Settlement } from "./fixture";

export interface LoneOptions {
  readonly wallet: Wallet;
  readonly sequences?: boolean;
  readonly claims?: boolean;
  readonly challenges?: boolean;
  readonly programs?: (hash: string) => Program | undefined;
  /** in place of the emulator's thread */
  readonly examiner?: Examiner;
  /** in place of L1's answers */
  readonly call?: (method: string, params: unknown[]) => Promise<unknown>;
  readonly directory?: string;
  /** logs that L1 doesn't tell, for now */
  readonly leavesOut?: (log: L1Log) => boolean;
}

/** One rollup's runtime without a host: reads L1 and acts whenever it is told to, or round and round. */
export class LoneRuntime {
  readonly sent: L1Request[] = [];
  /** blocks after or before which it found a gap */
  readonly missing: number[] = [];
  readonly runtime: RollupRuntime;
  readonly directory: string;
  private readonly activity = new Activity();
  private readonly analyst = new Analyst();
  private readonly matches = new Set<string>();
  private isRunning = false;
  private rounds: Promise<void> = Promise.resolve();
  private sending: Promise<unknown> = Promise.resolve();
  private read = -1;

  constructor(
    private readonly settlement: Settlement,
    private readonly rollup: Rollup,
    private readonly hub: string,
    private readonly options: LoneOptions,
  ) {
    const { sequences = false, claims = false, challenges = false, programs } = options;
    this.directory = options.directory ?? mkdtempSync(join(tmpdir(), "rollworks-lone-"));
    const { provider } = settlement.anvil;
    this.runtime = new RollupRuntime(
      {
        place: { id: Number(rollup.id), l2ChainId: rollup.chainId, l1ChainId: 31_337n, hub },
        timing: {
          ...{ blockMs: 0, batchMs: 0, batchBytes: 100_000, l1Depth: 0 },
          ...{ blockTime: BLOCK_TIME, isStepped: true },
        },
        directory: this.directory,
        minFree: 0,
        ...{ sequences, claims, challenges },
      },
      {
        l1: {
          address: options.wallet.address.toLowerCase(),
          call: (options.call ?? ((method, params) => provider.send(method, params))) as <T>(
            method: string,
            params: unknown[],
          ) => Promise<T>,
          submit: (request) => {
            const outcome = this.sending.then(() => this.submit(request)); // one after the other, as the queue of a key
            this.sending = outcome.catch(() => undefined);
            return outcome;
          },
          look: () => undefined,
          missing: (_rollup, block) => void this.missing.push(block),
        },
        log: pino({ level: process.env["NODE_LOG"] ?? "silent" }),
        analyst: options.examiner ?? this.analyst,
        activity: this.activity,
        ...(programs === undefined ? {} : { programs }),
      },
    );
  }

  static async start(settlement: Settlement, rollup: Rollup, options: LoneOptions): Promise<LoneRuntime> {
    const hub = (await settlement.hubAddress()).toLowerCase();
    const lone = new LoneRuntime(settlement, rollup, hub, options);
    const { logs, head } = await lone.news();
    await lone.runtime.start(logs.slice(0, 1), head);
    await lone.runtime.advance(logs, head);
    return lone;
  }

  /** Reads L1 and does what is due, once. */
  async step(): Promise<void> {
    const { logs, head } = await this.news();
    await this.runtime.advance(logs, head);
    this.runtime.tick(head);
    await this.runtime.step();
    await this.activity.quiet();
  }

  /** Reads L1 again from after a block, as a host does for a rollup that lacks something. */
  async readAgain(block: number): Promise<void> {
    await this.runtime.resume(block);
    this.read = block - 1;
  }

  /** Does so round and round, until it is stopped. */
  run(): void {
    this.isRunning = true;
    this.rounds = (async () => {
      while (this.isRunning) {
        await this.step();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    this.rounds.catch(() => undefined);
  }

  async status<T>(): Promise<T> {
    return (await this.runtime.answer("rollup_status", [])) as T;
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await this.rounds;
    await this.analyst.stop();
    await this.runtime.stop();
    if (this.options.directory === undefined) rmSync(this.directory, { recursive: true, force: true });
  }

  /** What L1 has said about the rollup since the last time. */
  private async news(): Promise<{ logs: L1Log[]; head: L1Block }> {
    const { provider } = this.settlement.anvil;
    const latest = (await provider.getBlock("latest"))!;
    const head = { number: latest.number, hash: latest.hash!, timestamp: latest.timestamp };
    if (head.number === this.read) return { logs: [], head };
    const raw = await provider.getLogs({ address: this.hub, fromBlock: this.read + 1, toBlock: head.number });
    this.read = head.number;
    const logs: L1Log[] = [];
    for (const { address, topics, data, transactionHash, index, blockNumber } of raw) {
      const subject = subjectOf({ topics });
      if (subject === undefined) continue;
      if ("rollup" in subject ? subject.rollup !== Number(this.rollup.id) : !this.matches.has(subject.match))
        continue;
      if ("opens" in subject && subject.opens !== undefined) this.matches.add(subject.opens);
      const { hash, timestamp } = (await provider.getBlock(blockNumber))!;
      const block = { number: blockNumber, hash: hash!, timestamp };
      logs.push({ address: address.toLowerCase(), topics, data, transactionHash, logIndex: index, block });
    }
    const { leavesOut = () => false } = this.options;
    return { logs: logs.filter((log) => !leavesOut(log)), head };
  }

  private async submit({ id, to, data, value = 0n, ...rest }: L1Request): Promise<L1Outcome> {
    this.sent.push({ id, to, data, value, ...rest });
    const { wallet } = this.options;
    try {
      const sent = await wallet.sendTransaction({ to, data, value });
      const receipt = (await sent.wait())!;
      const { hash, blockNumber: block, gasUsed } = receipt;
      return { hash, succeeded: receipt.status === 1, block, gasUsed };
    } catch (error) {
      const { data: reason } = error as { data?: unknown };
      throw Object.assign(new Error((error as Error).message), { name: "WouldRevert", data: reason ?? "0x" });
    }
  }
}
