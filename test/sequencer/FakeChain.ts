import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { id, parseEther, parseUnits, Transaction, Wallet } from "ethers";
import { createLog } from "../../sequencer/src";
import { Eip1193, L1Client } from "../../sequencer/src/l1/client";
import { L1Queue } from "../../sequencer/src/l1/queue";
import { SigningGuard } from "../../sequencer/src/signer/guard";
import { HostStore } from "../../sequencer/src/store/host";

const log = createLog("silent");
export const GWEI = 10n ** 9n;
export const KEY = id("a key of a test");
export const ME = new Wallet(KEY).address;

interface Mined {
  readonly transaction: Transaction;
  readonly block: number;
}

/**
 * An L1 in memory with one account: it has a pool with geth's rules, mines when it is told, loses blocks when it is told, and
 * notes every question.
 */
export class FakeChain implements Eip1193 {
  readonly calls: string[] = [];
  /** by nonce */
  readonly pool = new Map<number, Transaction>();
  readonly sent: Transaction[] = [];
  mined: Mined[] = [];
  height = 1;
  base = GWEI;
  tip = GWEI;
  balance = parseEther("100");
  gas = 21_000n;
  /** most that a transaction's gas may cost [wei] */
  feeLimit: bigint | undefined;
  /** raw transactions are taken and forgotten, or refused */
  sends: "take" | "swallow" | "refuse" = "take";
  /** receipts aren't known here yet */
  hidesReceipts = false;
  latency = 0;
  /** questions that it answers with an error of its own, as a machine does that has lost a part of its state */
  readonly fails = new Set<string>();

  async request({ method, params = [] }: { method: string; params?: unknown[] }): Promise<unknown> {
    this.calls.push(method);
    await new Promise((resolve) => setTimeout(resolve, this.latency));
    if (this.fails.has(method)) throw Object.assign(new Error("missing trie node"), { code: -32_000 });
    switch (method) {
      case "eth_estimateGas":
        if (BigInt((params[0] as { value: string }).value) > this.balance)
          throw new Error("insufficient funds for transfer");
        return quantity(this.gas);
      case "eth_getBalance":
        return quantity(this.balance);
      case "eth_maxPriorityFeePerGas":
        return quantity(this.tip);
      case "eth_getTransactionCount":
        return quantity(this.nonce);
      case "eth_getBlockByNumber":
        return {
          number: quantity(this.height),
          baseFeePerGas: quantity(this.base),
          hash: "0x",
          timestamp: "0x0",
        };
      case "eth_getTransactionReceipt":
        return this.receipt(params[0] as string);
      case "eth_sendRawTransaction":
        return this.take(Transaction.from(params[0] as string));
      default:
        throw new Error(`${method} isn't known here`);
    }
  }

  get nonce(): number {
    return this.mined.length;
  }

  /** Mines all that can be. */
  mine(): void {
    this.height++;
    for (let next = this.pool.get(this.nonce); next !== undefined; next = this.pool.get(this.nonce)) {
      this.pool.delete(next.nonce);
      this.mined.push({ transaction: next, block: this.height });
    }
  }

  /** Uses the next nonce for something of another program with the same key. */
  use(): void {
    this.height++;
    this.mined.push({
      transaction: Transaction.from({ nonce: this.nonce, chainId: 1n }),
      block: this.height,
    });
  }

  /** Loses the last block and what it held: nobody's pool has it. */
  lose(): void {
    this.mined = this.mined.filter(({ block }) => block < this.height);
    this.height--;
  }

  private take(transaction: Transaction): string {
    if (this.sends === "refuse") throw new Error("this endpoint takes no transactions");
    const { nonce, gasLimit, maxFeePerGas } = transaction;
    const cost = gasLimit * maxFeePerGas!;
    if (this.feeLimit !== undefined && cost > this.feeLimit)
      throw new Error(
        `tx fee (9.99 ether) exceeds the configured cap (${Number(this.feeLimit) / 1e18} ether)`,
      );
    this.sent.push(transaction);
    if (nonce < this.nonce) throw new Error("nonce too low");
    const old = this.pool.get(nonce);
    if (old?.hash === transaction.hash) throw new Error("already known");
    if (old !== undefined && !replaces(transaction, old))
      throw new Error("replacement transaction underpriced");
    if (this.sends === "take") this.pool.set(nonce, transaction);
    return transaction.hash!;
  }

  private receipt(hash: string): object | null {
    const found = this.mined.find(({ transaction }) => transaction.isSigned() && transaction.hash === hash);
    if (found === undefined || this.hidesReceipts) return null;
    return { transactionHash: hash, blockNumber: quantity(found.block), status: "0x1", gasUsed: "0x5208" };
  }
}

/** geth's rule: more of both, and 10 % at least. */
function replaces(next: Transaction, old: Transaction): boolean {
  return (["maxFeePerGas", "maxPriorityFeePerGas"] as const).every(
    (part) => next[part]! > old[part]! && next[part]! >= (old[part]! * 110n) / 100n,
  );
}

/** A directory for a queue, that outlives it: opening another one is what a restart does. */
export class QueueBench {
  private readonly folder = mkdtempSync(join(tmpdir(), "rollworks-queue-"));
  store = new HostStore(this.folder);

  open(
    endpoints: readonly Eip1193[],
    options: Partial<ConstructorParameters<typeof L1Queue>[0]> = {},
    guard = new SigningGuard(this.store.slots),
    isPressed = () => false,
  ): L1Queue {
    return new L1Queue(
      { key: KEY, chainId: 1n, maxFee: parseUnits("500", "gwei"), bumpAfterMs: 3_600_000, ...options },
      {
        client: new L1Client({ endpoints }, { log }),
        entries: (address) => this.store.entries(address),
        guard,
        log,
        isPressed,
      },
    );
  }

  /** Closes the store without a word to the queue, and opens it again. */
  async crash(): Promise<void> {
    await this.store.close();
    this.store = new HostStore(this.folder);
  }

  async remove(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A duty; its data tells it from others. */
export function duty(name: string, changes: object = {}) {
  return { id: name, to: ME, data: id(name), ...changes };
}

export async function ticks(
  queue: L1Queue,
  count: number,
  moment = { number: 1, timestamp: 1_000 },
): Promise<void> {
  for (let tick = 0; tick < count; tick++) await queue.tick(moment);
}

function quantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
