import { Database } from "lmdb";
import { parseEther, Wallet } from "ethers";
import { describe, Log } from "../log";
import { SigningGuard } from "../signer/guard";
import { L1Client } from "./client";
import { isRevert, L1Answer, revertData } from "./faults";
import {
  allowance,
  Allowance,
  BUMP_AFTER_MS,
  Fees,
  FeeTerms,
  firstFees,
  lateFee,
  least,
  Market,
  most,
  raised,
  replacementFees,
} from "./fees";
import { Entry, Pending } from "./pending";
import { L1Moment, Turns } from "./turns";

export type { L1Moment } from "./turns";
export type L1QueueEntry = Entry;

/** A transaction somebody wants on L1. Submitting the same `id` again while it is under way joins it. */
export interface L1Request {
  /** names the duty, e.g. `post/7/12`; one transaction per id is under way at a time */
  readonly id: string;
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  /** after this it is of no use [s since 1970, by L1]: its fee rises in time for it, and it is signed before others that wait */
  readonly deadline?: number;
  /** so much gas, at this transaction's fee, must be left to pay for what has to follow; else it is refused with FundsTooLow */
  readonly keepGas?: bigint;
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

  constructor(id: string, address: string, balance: bigint, needed: bigint, kept = 0n) {
    const keeping = kept === 0n ? "" : `, of which ${kept} must be left for what is under way`;
    super(`${id} needs up to ${needed} wei${keeping}; ${address} has ${balance}: send it some`);
  }
}

/**
 * Raised while a clock runs against the key, for a transaction without a deadline that needs so much gas that its fee couldn't rise far:
 * nothing was signed, for the move would have to wait behind it.
 */
export class FeeRoomTooLow extends Error {
  override readonly name = "FeeRoomTooLow";

  constructor(id: string, gas: bigint, needed: bigint, limit: bigint) {
    super(
      `${id} may need ${needed} wei for its ${gas} gas while a match's clock runs, and L1's endpoints take ${limit}: it waits, or raise their limit, e.g. geth's --rpc.txfeecap`,
    );
  }
}

/** Raised when the nonce of a transaction was used by one this node doesn't know: the duty is looked at afresh. */
export class NonceTaken extends Error {
  override readonly name = "NonceTaken";

  constructor(id: string, nonce: number) {
    super(`${id}: nonce ${nonce} was used elsewhere`);
  }
}

/** How the key and what it has sent are, as numbers. */
export interface QueueVitals {
  /** [wei]; undefined before the first look */
  readonly balance: bigint | undefined;
  readonly unmined: number;
  /** of the oldest that isn't mined [s by L1] */
  readonly age: number;
  /** unmined ones whose fee would have to rise beyond what the configuration, the endpoints or the balance allow */
  readonly capped: number;
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
/** L1 doesn't lose a block any more that has so many above it. */
const KEEP_BLOCKS = 256;
/** Endpoints may lag, or be several that don't agree: what doesn't fit is believed after so many looks in a row. */
const PATIENT_LOOKS = 8;
const BALANCE_MS = 30_000;
const POOR = /insufficient (funds|balance)/i;
const KNOWN = /already known|already imported|nonce too low|nonce has already|replacement/i;
/** geth's own limit to what a transaction may cost, unless its operator set another [wei]. */
const USUAL_FEE_LIMIT = parseEther("1");
/** An endpoint that names less lies: it could make every transaction stand still. */
const LEAST_FEE_LIMIT = parseEther("0.1");
/** So long a limit is believed: an endpoint may get another. */
const FEE_LIMIT_MS = 600_000;
const FEE_LIMIT = /exceeds the configured cap(?: \((\d+(?:\.\d+)?) ether\))?/i;

/**
 * The one serial queue of a key. Nonces are given in order, each bound to its payload on disk before a signature leaves;
 * what isn't mined in time is sent again with a higher fee, what a reorg threw out is sent again as it was. A deadline hurries
 * everything before it in the queue too, and may cost more.
 */
export class L1Queue {
  readonly address: string;
  private readonly pending: Pending;
  private readonly waiters = new Map<string, { promise: Promise<L1Outcome>; waiter: Waiter }>();
  private readonly turns: Turns;
  /** by nonce: looks in a row that didn't show what was to be expected, and since when [ms] */
  private readonly misses = new Map<number, { looks: number; since: number }>();
  private readonly capped = new Set<number>();
  /** what a transaction's gas may cost at most, by what every endpoint has refused, and when [wei, ms] */
  private feeLimit: { readonly value: bigint; readonly at: number } | undefined;
  private balance: { readonly value: bigint; readonly at: number } | undefined;

  constructor(
    private readonly options: FeeTerms & { key: string; chainId: bigint },
    private readonly deps: {
      client: L1Client;
      entries: (address: string) => Database<Entry, number>;
      guard: SigningGuard;
      log: Log;
      /** Whether a clock runs against the key: a transaction with a deadline is to come soon. */
      isPressed?: () => boolean;
    },
  ) {
    const wallet = new Wallet(options.key);
    this.address = wallet.address;
    this.pending = new Pending(options, { wallet, disk: deps.entries(wallet.address), guard: deps.guard });
    this.turns = new Turns({ reconcile: () => this.reconcile(), log: deps.log });
  }

  /** Whether a transaction with this id was signed and isn't mined yet. */
  isUnderWay(id: string): boolean {
    return this.pending.unmined().some((entry) => entry.id === id);
  }

  /** Sends a transaction and waits until it is mined. Rejects with WouldRevert when the simulation reverts. */
  submit(request: L1Request): Promise<L1Outcome> {
    const known = this.waiters.get(request.id);
    if (known !== undefined) return known.promise;
    let waiter: Waiter | undefined;
    const promise = new Promise<L1Outcome>((resolve, reject) => (waiter = { resolve, reject }));
    this.waiters.set(request.id, { promise, waiter: waiter! });
    if (!this.isUnderWay(request.id)) {
      this.turns.send(request.deadline, () =>
        this.send(request).catch((error: unknown) => {
          this.waiters.delete(request.id);
          waiter!.reject(error);
        }),
      );
    }
    return promise;
  }

  /**
   * Looks for receipts, raises fees, sends again. Call it whenever L1 has a new block, and now and then: however often it is
   * called, one look waits at most.
   */
  tick(head: L1Moment): Promise<void> {
    return this.turns.tick(head);
  }

  /** Looks for receipts again, at the moment of the last tick. */
  look(): Promise<void> {
    return this.turns.look();
  }

  /** Resolves when nothing is being signed or written. */
  idle(): Promise<void> {
    return this.turns.idle();
  }

  /** L1 was reorganised above `block`: what was mined there is under way again. */
  rewind(block: number): Promise<void> {
    return this.turns.first(async () => {
      for (const entry of this.pending.inOrder())
        if (entry.block !== undefined && entry.block > block) await this.pending.unsettle(entry);
    });
  }

  vitals(): QueueVitals {
    const unmined = this.pending.unmined();
    const now = this.turns.moment.timestamp;
    const ages = unmined.map(({ since = 0 }) => (since === 0 ? 0 : Math.max(0, now - since)));
    const capped = unmined.filter(({ nonce }) => this.capped.has(nonce)).length;
    return { balance: this.balance?.value, unmined: unmined.length, age: Math.max(0, ...ages), capped };
  }

  private async send(request: L1Request): Promise<void> {
    const { id, to, data, value = 0n, deadline, keepGas = 0n } = request;
    const [estimate, used, market, balance] = await Promise.all([
      this.simulate(request, value),
      this.used(),
      this.market(),
      this.readBalance(),
    ]);
    const gas = (estimate * GAS_MARGIN_PERCENT) / 100n;
    if (deadline === undefined && this.deps.isPressed?.() === true) this.requireRoom(id, gas, market);
    const fees = firstFees(market, this.limited(this.options.maxFee, gas));
    const kept = keepGas * fees.maxFee;
    const needed = this.pending.cost() + value + gas * fees.maxFee + kept;
    if (balance < needed) throw new FundsTooLow(id, this.address, balance, needed, kept);
    const entry: Entry = {
      id,
      nonce: Math.max(used, this.pending.nextNonce()),
      to,
      data,
      value: value.toString(),
      gas: gas.toString(),
      maxFee: "0",
      tip: "0",
      signed: [],
      sentAt: 0,
      since: this.turns.moment.timestamp,
      ...(deadline === undefined ? {} : { deadline }),
    };
    await this.pending.sign(entry, fees);
    // From here on it is under way: whatever fails is tried again at the next look.
    try {
      await this.broadcast(entry);
      const receipt = await this.receipt(entry.signed.at(-1)!.hash);
      if (receipt) await this.settle(entry, receipt);
    } catch (error) {
      this.deps.log.warn({ id, ...describe(error) }, "an L1 transaction is signed, and sent later");
    }
  }

  private async simulate({ id, to, data }: L1Request, value: bigint): Promise<bigint> {
    const call = { from: this.address, to, data, value: `0x${value.toString(16)}` };
    try {
      const isMeant = (answer: L1Answer) => isRevert(answer) || isPoor(answer);
      return BigInt(await this.deps.client.call<string>("eth_estimateGas", [call], isMeant));
    } catch (error) {
      if (!(error instanceof L1Answer)) throw error;
      if (isRevert(error)) throw new WouldRevert(id, revertData(error.data), error.message);
      if (!isPoor(error)) throw error;
      throw new FundsTooLow(id, this.address, await this.readBalance(), this.pending.cost() + value);
    }
  }

  /** Nonces below this are used on L1, by the endpoint's last block. */
  private async used(): Promise<number> {
    return Number(await this.ask<string>("eth_getTransactionCount", [this.address, "latest"]));
  }

  private async readBalance(): Promise<bigint> {
    const value = BigInt(await this.ask<string>("eth_getBalance", [this.address, "latest"]));
    this.balance = { value, at: Date.now() };
    return value;
  }

  private async broadcast(entry: Entry): Promise<void> {
    entry.sentAt = Date.now();
    try {
      await this.deps.client.tell("eth_sendRawTransaction", [entry.signed.at(-1)!.raw]);
    } catch (error) {
      if (!(error instanceof L1Answer)) {
        entry.sentAt = 0;
        throw error;
      }
      const found = FEE_LIMIT.exec(error.message);
      if (found !== null) return this.lower(entry, parseEther(found[1] ?? "0") || USUAL_FEE_LIMIT);
      if (KNOWN.test(error.message)) return;
      const { id, nonce } = entry;
      this.deps.log.warn({ id, nonce, reason: error.message }, "L1's endpoints refused a transaction");
    }
  }

  /** Every endpoint finds it too dear. What is too dear for all never gets to L1, and holds up all that follows: less is offered. */
  private async lower(entry: Entry, limit: bigint): Promise<void> {
    const { id, nonce } = entry;
    this.feeLimit = { value: most(limit, LEAST_FEE_LIMIT), at: Date.now() };
    this.capped.add(nonce);
    this.deps.log.error(
      { id, nonce, maxFee: entry.maxFee, limit: limit.toString() },
      "every L1 endpoint refuses what this transaction may cost: offering less; raise their limit, e.g. geth's --rpc.txfeecap",
    );
    const market = await this.market();
    const last = await this.pending.setBack(entry);
    const cap = this.limited(BigInt(entry.maxFee), BigInt(entry.gas));
    if (last === undefined || raised(last.maxFee) <= cap)
      await this.pending.sign(entry, firstFees(market, cap));
    try {
      await this.deps.client.tell("eth_sendRawTransaction", [entry.signed.at(-1)!.raw]);
    } catch (error) {
      if (!(error instanceof L1Answer && KNOWN.test(error.message)))
        this.deps.log.error(
          { id, nonce, ...describe(error) },
          "an L1 transaction was refused at a lower fee too",
        );
    }
  }

  /** What stands before a move must be able to rise as far as the move: what is signed can't be made smaller. */
  private requireRoom(id: string, gas: bigint, market: Market): void {
    const limit = this.knownLimit() ?? USUAL_FEE_LIMIT;
    const needed = gas * lateFee(market, this.options);
    if (needed > limit) throw new FeeRoomTooLow(id, gas, needed, limit);
  }

  /** [wei] */
  private knownLimit(): bigint | undefined {
    if (this.feeLimit === undefined || Date.now() - this.feeLimit.at > FEE_LIMIT_MS) return undefined;
    return this.feeLimit.value;
  }

  /** [wei per gas] */
  private limited(cap: bigint, gas: bigint): bigint {
    const limit = this.knownLimit();
    return limit === undefined ? cap : least(cap, (limit * 99n) / (100n * gas));
  }

  private async reconcile(): Promise<void> {
    const used = await this.used();
    for (const entry of this.pending.inOrder()) {
      await this.turns.serve();
      if (this.pending.has(entry)) await this.reconcileEntry(entry, used);
    }
    if (this.balance === undefined || Date.now() - this.balance.at > BALANCE_MS) await this.readBalance();
  }

  private async reconcileEntry(entry: Entry, used: number): Promise<void> {
    if (entry.nonce < used) {
      if (entry.block === undefined) return this.find(entry);
      this.misses.delete(entry.nonce);
      if (entry.block + KEEP_BLOCKS < this.turns.moment.number) await this.pending.forget(entry);
      return;
    }
    if (entry.block !== undefined) {
      // L1 lost it, or an endpoint is behind: then sending it again would do no harm either.
      if (this.miss(entry).looks < PATIENT_LOOKS) return;
      const { id, nonce } = entry;
      this.deps.log.warn({ id, nonce }, "L1 lost a transaction that was mined: sending it again");
      await this.pending.unsettle(entry);
    }
    this.misses.delete(entry.nonce);
    // Signed before the first look: its time begins now, else all of it would seem to be over.
    if (entry.since === 0) entry.since = this.turns.moment.timestamp;
    const allowed = this.allowance(entry);
    const age = Date.now() - entry.sentAt;
    if (age >= 0 && age < allowed.patience) return;
    if (entry.sentAt !== 0) await this.bump(entry, allowed);
    await this.broadcast(entry);
  }

  /** Its nonce is used: by one of its forms, or by something this queue doesn't know. */
  private async find(entry: Entry): Promise<void> {
    for (const { hash } of [...entry.signed].reverse()) {
      const receipt = await this.receipt(hash);
      if (receipt === undefined) return;
      if (receipt !== null) return this.settle(entry, receipt);
    }
    const { looks, since } = this.miss(entry);
    const { bumpAfterMs = BUMP_AFTER_MS } = this.options;
    if (looks >= PATIENT_LOOKS && Date.now() - since >= bumpAfterMs) await this.lose(entry);
  }

  private miss({ nonce }: Entry): { looks: number; since: number } {
    const { looks, since } = this.misses.get(nonce) ?? { looks: 0, since: Date.now() };
    const miss = { looks: looks + 1, since };
    this.misses.set(nonce, miss);
    return miss;
  }

  /** The receipt; null where the endpoint has none, undefined where it can't say. */
  private async receipt(hash: string): Promise<Receipt | null | undefined> {
    try {
      return await this.ask<Receipt | null>("eth_getTransactionReceipt", [hash]);
    } catch (error) {
      if (error instanceof L1Answer) return undefined;
      throw error;
    }
  }

  private async settle(entry: Entry, receipt: Receipt): Promise<void> {
    const block = Number(receipt.blockNumber);
    const succeeded = receipt.status === "0x1";
    await this.pending.settle(entry, block, { succeeded });
    this.misses.delete(entry.nonce);
    this.capped.delete(entry.nonce);
    const { id } = entry;
    const hash = receipt.transactionHash;
    this.deps.log.info({ id, hash, gas: Number(receipt.gasUsed), succeeded }, "L1 transaction mined");
    this.waiters.get(id)?.waiter.resolve({ hash, succeeded, block, gasUsed: BigInt(receipt.gasUsed) });
    this.waiters.delete(id);
  }

  /**
   * The nonce was used by a transaction this queue doesn't know: the duty is looked at afresh by whoever asked. The
   * transaction is kept, for a reorg may free the nonce, and nothing else may be signed for it.
   */
  private async lose(entry: Entry): Promise<void> {
    const { id, nonce } = entry;
    this.deps.log.warn({ id, nonce }, "the key's nonce was used elsewhere; the duty is looked at afresh");
    await this.pending.settle(entry, this.turns.moment.number, { isLost: true });
    this.misses.delete(nonce);
    this.waiters.get(id)?.waiter.reject(new NonceTaken(id, nonce));
    this.waiters.delete(id);
  }

  private allowance(entry: Entry): Allowance {
    const { timestamp } = this.turns.moment;
    const allowed = allowance(entry, this.pending.unmined(), timestamp, this.options);
    return { ...allowed, cap: this.limited(allowed.cap, BigInt(entry.gas)) };
  }

  private async bump(entry: Entry, allowed: Allowance): Promise<void> {
    const { id, nonce } = entry;
    const [market, balance] = await Promise.all([this.market(), this.readBalance()]);
    const affordable = (balance - this.pending.cost(entry) - BigInt(entry.value)) / BigInt(entry.gas);
    const old: Fees = { maxFee: BigInt(entry.maxFee), tip: BigInt(entry.tip) };
    const fees = replacementFees(old, market, { ...allowed, cap: least(allowed.cap, affordable) });
    if (fees === undefined) return;
    if (fees === "capped") {
      this.capped.add(nonce);
      const [maxFee, cap] = [old.maxFee.toString(), allowed.cap.toString()];
      this.deps.log.error(
        { id, nonce, maxFee, cap, balance: balance.toString() },
        "an L1 transaction waits, and its fee may not rise: look at the fees allowed and at the key's balance",
      );
      return;
    }
    await this.pending.sign(entry, fees);
    this.capped.delete(nonce);
    this.deps.log.info({ id, nonce, maxFee: entry.maxFee }, "raised the fee of an L1 transaction");
  }

  private async market(): Promise<Market> {
    const [block, tip] = await Promise.all([
      this.ask<{ baseFeePerGas?: string }>("eth_getBlockByNumber", ["latest", false]),
      this.deps.client.call<string>("eth_maxPriorityFeePerGas", []).then(BigInt, () => 1_000_000_000n),
    ]);
    return { base: BigInt(block.baseFeePerGas ?? "0x0"), tip };
  }

  /** What every endpoint in order answers: one that gives an error instead, whatever it says, is left for the next. */
  private ask<T>(method: string, params: unknown[]): Promise<T> {
    return this.deps.client.call<T>(method, params, () => false);
  }
}

function isPoor({ message }: L1Answer): boolean {
  return POOR.test(message);
}
