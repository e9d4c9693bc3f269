import { Database } from "lmdb";
import { concat, Transaction, Wallet } from "ethers";
import { describe, Log } from "../log";
import { SigningGuard } from "../signer/guard";
import { L1Answer, L1Client } from "./client";

/** A transaction somebody wants on L1. Submitting the same `id` again while it is under way joins it. */
export interface L1Request {
  /** names the duty, e.g. `post/7/12`; one transaction per id is under way at a time */
  readonly id: string;
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  /** after this it is of no use [s since 1970, by L1]: its fee rises in time for it */
  readonly deadline?: number;
}

export interface L1Outcome {
  readonly hash: string;
  readonly succeeded: boolean;
  readonly block: number;
  readonly gasUsed: bigint;
}

/** Raised when the simulation says that the transaction would revert: nothing was signed. `data` is the revert data. */
export class WouldRevert extends Error {
  override readonly name = "WouldRevert";

  constructor(
    readonly id: string,
    readonly data: string,
    message: string,
  ) {
    super(`${id} would revert: ${message}`);
  }
}

/** Raised when the key can't pay for a transaction: nothing was signed, for an unpaid nonce would block all after it. */
export class FundsTooLow extends Error {
  override readonly name = "FundsTooLow";

  constructor(id: string, address: string, balance: bigint, needed: bigint) {
    super(`${id} needs up to ${needed} wei, ${address} has ${balance}: send it some`);
  }
}

interface Entry {
  readonly id: string;
  readonly nonce: number;
  readonly to: string;
  readonly data: string;
  readonly value: string;
  readonly gas: string;
  maxFee: string;
  tip: string;
  /** every signed form, newest last: any of them may be the one that lands */
  signed: { hash: string; raw: string }[];
  sentAt: number;
  /** L1's time when it was signed first, and after which it is of no use [s since 1970] */
  readonly since?: number;
  readonly deadline?: number;
  block?: number;
  succeeded?: boolean;
}

interface Receipt {
  transactionHash: string;
  blockNumber: string;
  status: string;
  gasUsed: string;
}

interface Waiter {
  resolve(outcome: L1Outcome): void;
  reject(error: unknown): void;
}

const GAS_MARGIN_PERCENT = 120n;
const BUMP_PERCENT = 126n;
const KEEP_BLOCKS = 256;
const BUMP_AFTER_MS = 30_000;
/** Of the time that is left, so much is waited for an answer before the fee rises. */
const DEADLINE_SHARE = 16;
const LEAST_WAIT_MS = 1_000;

/** The L1 block up to which the node has read. */
export interface L1Moment {
  readonly number: number;
  /** [s since 1970] */
  readonly timestamp: number;
}

/**
 * The one serial queue of a key. Nonces are given in order, each bound to its payload on disk before a signature leaves;
 * what isn't mined in time is sent again with a higher fee, what a reorg threw out is sent again as it was. A deadline hurries
 * everything before it in the queue too, and may cost more.
 */
export class L1Queue {
  readonly address: string;
  private readonly wallet: Wallet;
  private readonly entries: Database<Entry, number>;
  private readonly waiters = new Map<string, { promise: Promise<L1Outcome>; waiter: Waiter }>();
  private turn: Promise<unknown> = Promise.resolve();
  private readonly pending = new Map<number, Entry>();
  private moment: L1Moment = { number: 0, timestamp: 0 };

  constructor(
    private readonly options: {
      key: string;
      chainId: bigint;
      /** [wei per gas]; `urgentMaxFee` once half of the time before a deadline is over */
      maxFee: bigint;
      urgentMaxFee?: bigint;
      bumpAfterMs?: number;
    },
    private readonly deps: {
      client: L1Client;
      entries: (address: string) => Database<Entry, number>;
      guard: SigningGuard;
      log: Log;
    },
  ) {
    this.wallet = new Wallet(options.key);
    this.address = this.wallet.address;
    this.entries = deps.entries(this.address);
    for (const { key, value } of this.entries.getRange({})) this.pending.set(key, value);
  }

  /** Whether a transaction with this id was signed and isn't mined yet. */
  isUnderWay(id: string): boolean {
    return [...this.pending.values()].some((entry) => entry.id === id && entry.block === undefined);
  }

  /** Sends a transaction and waits until it is mined. Rejects with WouldRevert when the simulation reverts. */
  submit(request: L1Request): Promise<L1Outcome> {
    const known = this.waiters.get(request.id);
    if (known !== undefined) return known.promise;
    let waiter: Waiter | undefined;
    const promise = new Promise<L1Outcome>((resolve, reject) => (waiter = { resolve, reject }));
    this.waiters.set(request.id, { promise, waiter: waiter! });
    if (!this.isUnderWay(request.id)) {
      this.turn = this.turn.then(() =>
        this.send(request).catch((error: unknown) => {
          this.waiters.delete(request.id);
          waiter!.reject(error);
        }),
      );
    }
    return promise;
  }

  /** Looks for receipts, raises fees, sends again. Call it whenever L1 has a new block, and now and then. */
  tick(head: L1Moment): Promise<void> {
    const done = this.turn.then(() => {
      this.moment = head;
      return this.reconcile(head.number);
    });
    this.turn = done.catch((error: unknown) =>
      this.deps.log.warn(describe(error), "L1 queue: reconciling failed, trying again"),
    );
    return done;
  }

  /** Looks for receipts again, at the moment of the last tick. */
  look(): Promise<void> {
    return this.tick(this.moment);
  }

  /** Resolves when nothing is being signed or written. */
  async idle(): Promise<void> {
    await this.turn;
  }

  /** L1 was reorganised above `block`: what was mined there is under way again. */
  async rewind(block: number): Promise<void> {
    for (const entry of this.pending.values()) {
      if (entry.block === undefined || entry.block <= block) continue;
      delete entry.block;
      delete entry.succeeded;
      entry.sentAt = 0;
      await this.entries.put(entry.nonce, entry);
    }
  }

  private async send(request: L1Request): Promise<void> {
    const value = request.value ?? 0n;
    const call = { from: this.address, to: request.to, data: request.data, value: hex(value) };
    let estimate: bigint;
    try {
      estimate = BigInt(await this.deps.client.call<string>("eth_estimateGas", [call]));
    } catch (error) {
      if (!(error instanceof L1Answer) || !isRevert(error)) throw error;
      throw new WouldRevert(request.id, revertData(error.data), error.message);
    }
    const nonce = await this.nextNonce();
    const fees = await this.fees(this.options.maxFee);
    const gas = (estimate * GAS_MARGIN_PERCENT) / 100n;
    await this.requireFunds(request.id, value + gas * fees.maxFee);
    const entry: Entry = {
      id: request.id,
      nonce,
      to: request.to,
      data: request.data,
      value: value.toString(),
      gas: gas.toString(),
      maxFee: fees.maxFee.toString(),
      tip: fees.tip.toString(),
      signed: [],
      sentAt: 0,
      since: this.moment.timestamp,
      ...(request.deadline === undefined ? {} : { deadline: request.deadline }),
    };
    await this.sign(entry);
    await this.broadcast(entry);
    await this.reconcileEntry(entry);
  }

  private async nextNonce(): Promise<number> {
    const mined = Number(
      await this.deps.client.call<string>("eth_getTransactionCount", [this.address, "latest"]),
    );
    return Math.max(mined, ...[...this.pending.keys()].map((nonce) => nonce + 1));
  }

  /** What is under way already is paid first. */
  private async requireFunds(id: string, needed: bigint): Promise<void> {
    const balance = BigInt(await this.deps.client.call<string>("eth_getBalance", [this.address, "latest"]));
    let reserved = 0n;
    for (const { block, value, gas, maxFee } of this.pending.values())
      if (block === undefined) reserved += BigInt(value) + BigInt(gas) * BigInt(maxFee);
    if (balance < reserved + needed) throw new FundsTooLow(id, this.address, balance, reserved + needed);
  }

  private async sign(entry: Entry): Promise<void> {
    const payload = concat([entry.to, `0x${BigInt(entry.value).toString(16).padStart(64, "0")}`, entry.data]);
    const domain = `l1/${this.options.chainId}/${this.address}`;
    await this.deps.guard.claim(domain, String(entry.nonce), payload);
    const raw = await this.wallet.signTransaction({
      type: 2,
      chainId: this.options.chainId,
      nonce: entry.nonce,
      to: entry.to,
      data: entry.data,
      value: BigInt(entry.value),
      gasLimit: BigInt(entry.gas),
      maxFeePerGas: BigInt(entry.maxFee),
      maxPriorityFeePerGas: BigInt(entry.tip),
    });
    entry.signed.push({ hash: Transaction.from(raw).hash!, raw });
    this.pending.set(entry.nonce, entry);
    await this.entries.put(entry.nonce, entry);
  }

  private async broadcast(entry: Entry): Promise<void> {
    entry.sentAt = Date.now();
    try {
      await this.deps.client.call("eth_sendRawTransaction", [entry.signed.at(-1)!.raw]);
    } catch (error) {
      if (!(error instanceof L1Answer)) throw error;
      if (
        !/already known|already imported|nonce too low|nonce has already|replacement/i.test(error.message)
      ) {
        this.deps.log.warn(
          { id: entry.id, nonce: entry.nonce, reason: error.message },
          "L1 endpoint refused a transaction",
        );
      }
    }
  }

  private async reconcile(head: number): Promise<void> {
    for (const entry of [...this.pending.values()].sort((a, b) => a.nonce - b.nonce)) {
      if (entry.block === undefined) await this.reconcileEntry(entry);
      else if (entry.block + KEEP_BLOCKS < head) {
        this.pending.delete(entry.nonce);
        await this.entries.remove(entry.nonce);
      }
    }
  }

  private async reconcileEntry(entry: Entry): Promise<void> {
    for (const { hash } of [...entry.signed].reverse()) {
      const receipt = await this.deps.client.call<Receipt | null>("eth_getTransactionReceipt", [hash]);
      if (receipt !== null) return this.settle(entry, receipt);
    }
    if (Date.now() - entry.sentAt < this.patience(entry)) return;
    const mined = Number(
      await this.deps.client.call<string>("eth_getTransactionCount", [this.address, "latest"]),
    );
    if (mined > entry.nonce) return this.abandon(entry);
    if (entry.sentAt !== 0) await this.bump(entry);
    await this.broadcast(entry);
  }

  private async settle(entry: Entry, receipt: Receipt): Promise<void> {
    entry.block = Number(receipt.blockNumber);
    entry.succeeded = receipt.status === "0x1";
    await this.entries.put(entry.nonce, entry);
    this.deps.log.info(
      {
        id: entry.id,
        hash: receipt.transactionHash,
        gas: Number(receipt.gasUsed),
        succeeded: entry.succeeded,
      },
      "L1 transaction mined",
    );
    this.waiters.get(entry.id)?.waiter.resolve({
      hash: receipt.transactionHash,
      succeeded: entry.succeeded,
      block: entry.block,
      gasUsed: BigInt(receipt.gasUsed),
    });
    this.waiters.delete(entry.id);
  }

  /** The nonce was used by a transaction this queue doesn't know: the duty is looked at afresh by whoever asked. */
  private async abandon(entry: Entry): Promise<void> {
    this.deps.log.warn(
      { id: entry.id, nonce: entry.nonce },
      "the key's nonce was used elsewhere; the duty is looked at afresh",
    );
    this.pending.delete(entry.nonce);
    await this.entries.remove(entry.nonce);
    this.waiters
      .get(entry.id)
      ?.waiter.reject(new Error(`${entry.id}: nonce ${entry.nonce} was used elsewhere`));
    this.waiters.delete(entry.id);
  }

  /** The deadlines that wait for this transaction: its own, and those of later nonces. */
  private urgent({ nonce }: Entry): Entry[] {
    return [...this.pending.values()].filter(
      (entry) => entry.nonce >= nonce && entry.block === undefined && entry.deadline !== undefined,
    );
  }

  /** How long this transaction may be on its way before its fee rises [ms]. */
  private patience(entry: Entry): number {
    const usual = this.options.bumpAfterMs ?? BUMP_AFTER_MS;
    const left = this.urgent(entry).map(({ deadline }) => 1_000 * (deadline! - this.moment.timestamp));
    if (left.length === 0) return usual;
    return Math.min(usual, Math.max(LEAST_WAIT_MS, Math.min(...left) / DEADLINE_SHARE));
  }

  /** The most that this transaction may cost by now [wei per gas]. */
  private cap(entry: Entry): bigint {
    const { maxFee, urgentMaxFee = maxFee } = this.options;
    const now = this.moment.timestamp;
    const isLate = this.urgent(entry).some(({ since = 0, deadline }) => 2 * now >= since + deadline!);
    return isLate ? max(maxFee, urgentMaxFee) : maxFee;
  }

  private async bump(entry: Entry): Promise<void> {
    const cap = this.cap(entry);
    const fees = await this.fees(cap);
    const maxFee = max((BigInt(entry.maxFee) * BUMP_PERCENT) / 100n, fees.maxFee);
    const tip = max((BigInt(entry.tip) * BUMP_PERCENT) / 100n, fees.tip);
    if (maxFee > cap) {
      this.deps.log.error(
        { id: entry.id, maxFee: maxFee.toString() },
        "L1 gas costs more than maxFeeGwei allows: waiting",
      );
      return;
    }
    entry.maxFee = maxFee.toString();
    entry.tip = (tip > maxFee ? maxFee : tip).toString();
    await this.sign(entry);
    this.deps.log.info(
      { id: entry.id, nonce: entry.nonce, maxFee: entry.maxFee },
      "raised the fee of an L1 transaction",
    );
  }

  private async fees(cap: bigint): Promise<{ maxFee: bigint; tip: bigint }> {
    const block = await this.deps.client.call<{ baseFeePerGas?: string }>("eth_getBlockByNumber", [
      "latest",
      false,
    ]);
    const base = BigInt(block.baseFeePerGas ?? "0x0");
    const wanted = await this.deps.client
      .call<string>("eth_maxPriorityFeePerGas", [])
      .then(BigInt, () => 1_000_000_000n);
    const tip = wanted > cap ? cap : wanted;
    const maxFee = 2n * base + tip;
    return { maxFee: maxFee > cap ? cap : maxFee, tip };
  }
}

export type L1QueueEntry = Entry;

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Endpoints refuse a simulation for other reasons too (no funds, too busy); a revert has data, code 3, or says so. */
function isRevert({ code, message, data }: L1Answer): boolean {
  return code === 3 || revertData(data) !== "0x" || /revert/i.test(message);
}

/** Endpoints differ in where they put the revert data: a string, or an object with it. */
function revertData(data: unknown): string {
  if (typeof data === "string") return data;
  if (typeof data === "object" && data !== null) {
    const inner = (data as { data?: unknown }).data;
    if (inner !== undefined) return revertData(inner);
  }
  return "0x";
}
