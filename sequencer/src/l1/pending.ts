import { Database } from "lmdb";
import { concat, Transaction, Wallet } from "ethers";
import { SigningGuard } from "../signer/guard";
import { Fees } from "./fees";

/** A transaction of the key, from its signature until L1 can't lose it any more. */
export interface Entry {
  readonly id: string;
  readonly nonce: number;
  readonly to: string;
  readonly data: string;
  readonly value: string;
  readonly gas: string;
  maxFee: string;
  tip: string;
  /** every signed form, the one to send last: any of them may be the one that lands */
  signed: { hash: string; raw: string }[];
  /** by the process's clock [ms]; 0: it has to be sent again as it is */
  sentAt: number;
  /** L1's time when it was signed first, 0 where no look had told it yet, and after which it is of no use [s since 1970] */
  since?: number;
  readonly deadline?: number;
  /** in which it was mined, or at which its nonce was seen to be used by another */
  block?: number;
  succeeded?: boolean;
  isLost?: boolean;
}

/** What a key has signed and L1 may still lose: in memory and on disk alike. */
export class Pending {
  private readonly entries = new Map<number, Entry>();

  constructor(
    private readonly options: { chainId: bigint },
    private readonly deps: { wallet: Wallet; disk: Database<Entry, number>; guard: SigningGuard },
  ) {
    // What the process before this one sent may have been lost with an endpoint's memory: it is sent again.
    for (const { key, value } of deps.disk.getRange({}))
      this.entries.set(key, value.block === undefined ? { ...value, sentAt: 0 } : value);
  }

  inOrder(): Entry[] {
    return [...this.entries.values()].sort((a, b) => a.nonce - b.nonce);
  }

  unmined(): Entry[] {
    return this.inOrder().filter(({ block }) => block === undefined);
  }

  has({ nonce }: Entry): boolean {
    return this.entries.has(nonce);
  }

  /** One past the highest nonce that was given. */
  nextNonce(): number {
    return Math.max(0, ...[...this.entries.keys()].map((nonce) => nonce + 1));
  }

  /** The most that what waits may cost [wei], one transaction left out. */
  cost(except?: Entry): bigint {
    return this.unmined()
      .filter((entry) => entry !== except)
      .reduce((sum, { value, gas, maxFee }) => sum + BigInt(value) + BigInt(gas) * BigInt(maxFee), 0n);
  }

  /** Signs a transaction at these fees. When this resolves, its slot and the transaction are on disk, both in one write. */
  async sign(entry: Entry, { maxFee, tip }: Fees): Promise<void> {
    const { wallet, disk, guard } = this.deps;
    const { chainId } = this.options;
    const raw = await wallet.signTransaction({
      type: 2,
      chainId,
      nonce: entry.nonce,
      to: entry.to,
      data: entry.data,
      value: BigInt(entry.value),
      gasLimit: BigInt(entry.gas),
      maxFeePerGas: maxFee,
      maxPriorityFeePerGas: tip,
    });
    const form = { hash: Transaction.from(raw).hash!, raw };
    const signed = [...entry.signed, form];
    const payload = concat([entry.to, `0x${BigInt(entry.value).toString(16).padStart(64, "0")}`, entry.data]);
    const next = { ...entry, maxFee: maxFee.toString(), tip: tip.toString(), signed };
    await guard.claim(`l1/${chainId}/${wallet.address}`, String(entry.nonce), payload, () => {
      void disk.put(entry.nonce, next);
    });
    this.entries.set(entry.nonce, Object.assign(entry, next));
  }

  /** No endpoint took the form that was to be sent: the one before it is, if there is one. */
  async setBack(entry: Entry): Promise<Fees | undefined> {
    if (entry.signed.length < 2) return undefined;
    entry.signed = [entry.signed.at(-1)!, ...entry.signed.slice(0, -1)];
    const { maxFeePerGas, maxPriorityFeePerGas } = Transaction.from(entry.signed.at(-1)!.raw);
    const fees = { maxFee: maxFeePerGas!, tip: maxPriorityFeePerGas! };
    entry.maxFee = fees.maxFee.toString();
    entry.tip = fees.tip.toString();
    await this.deps.disk.put(entry.nonce, entry);
    return fees;
  }

  async settle(
    entry: Entry,
    block: number,
    outcome: { succeeded: boolean } | { isLost: true },
  ): Promise<void> {
    Object.assign(entry, outcome, { block });
    await this.deps.disk.put(entry.nonce, entry);
  }

  /** L1 lost it: it is under way again, and sent as it was. */
  async unsettle(entry: Entry): Promise<void> {
    delete entry.block;
    delete entry.succeeded;
    delete entry.isLost;
    entry.sentAt = 0;
    await this.deps.disk.put(entry.nonce, entry);
  }

  async forget(entry: Entry): Promise<void> {
    this.entries.delete(entry.nonce);
    await this.deps.disk.remove(entry.nonce);
  }
}
