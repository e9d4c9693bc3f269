import { toHex } from "../hashing";
import { RpcError } from "../rpc/errors";

/** A transaction that passed the door: decoded, its signer recovered. */
export interface Admitted {
  readonly raw: Uint8Array;
  readonly hash: Uint8Array;
  /** hexadecimal, lower case */
  readonly sender: string;
  readonly nonce: number;
  /** what it takes from its sender: fee, and coins that it moves [wei] */
  readonly cost: bigint;
  /** place of its promise in the store, and so its age */
  readonly sequence: number;
  /** the exact ecrecover input, by which its signer is remembered */
  readonly recoveryKey: string;
}

export interface MempoolLimits {
  /** how far a nonce may lie ahead of the sender's next free one */
  readonly ahead: number;
  readonly perSender: number;
  readonly transactions: number;
  readonly bytes: number;
}

export const DEFAULT_LIMITS: MempoolLimits = {
  ahead: 16,
  perSender: 16_384,
  transactions: 200_000,
  bytes: 64 * 1024 * 1024,
};

interface Queue {
  /** the nonce of the next transaction that becomes ready */
  next: number;
  /** the nonce after the unbroken run that waits */
  end: number;
  /** what those that wait take from their sender [wei] */
  cost: bigint;
  /** waiting transactions by nonce, those that are ready included */
  readonly waiting: Map<number, Admitted>;
}

/**
 * Acknowledged transactions that wait for a block: first come, first served, except that a sender's transactions keep
 * the order of their nonces. Nothing here is lost by a crash: each is written as a promise before it is released.
 */
export class Mempool {
  private readonly senders = new Map<string, Queue>();
  private readonly known = new Map<string, Admitted>();
  /** taken for a block that isn't on disk yet */
  private readonly taken = new Map<string, Admitted>();
  private readonly released = new Set<Admitted>();
  /** transactions whose nonce is due, in the order in which they became so */
  private ready: Admitted[] = [];
  private readyFrom = 0;
  private bytes = 0;
  /** went out because an older transaction has their nonce; `resync` hands them out */
  private displaced: Admitted[] = [];

  constructor(
    private readonly limits: MempoolLimits,
    /** the nonce of a sender's next transaction according to the state after the last block */
    private readonly stateNonce: (sender: string) => number,
  ) {}

  get size(): number {
    return this.known.size;
  }

  /** How many transactions could enter a block now. */
  get readyCount(): number {
    return this.ready.length - this.readyFrom;
  }

  /** Finds what waits or stands in a block that isn't on disk yet: until its receipt is there, it is known here. */
  find(hash: Uint8Array): Admitted | undefined {
    const key = toHex(hash);
    return this.known.get(key) ?? this.taken.get(key);
  }

  /** The nonce after those that wait, counting only an unbroken run. */
  nextNonce(sender: string): number {
    return this.senders.get(sender)?.end ?? this.stateNonce(sender);
  }

  /** What the sender's waiting transactions take from him [wei]. */
  committed(sender: string): bigint {
    return this.senders.get(sender)?.cost ?? 0n;
  }

  /** Raises the error a caller sees when the pool has no room. Needs no signature, so it comes before recovering one. */
  checkRoom(bytes: number): void {
    if (this.known.size >= this.limits.transactions)
      throw new RpcError("MempoolFull", { limit: this.limits.transactions });
    if (this.bytes + bytes > this.limits.bytes)
      throw new RpcError("MempoolFull", { limitBytes: this.limits.bytes });
  }

  /** Raises the error a caller sees when the nonce doesn't fit. */
  checkNonce(sender: string, nonce: number): void {
    const queue = this.senders.get(sender);
    const next = queue?.next ?? this.stateNonce(sender);
    if (nonce < next) throw new RpcError("NonceTooLow", { got: nonce, next: this.nextNonce(sender) });
    const limit = this.nextNonce(sender) + this.limits.ahead;
    if (nonce > limit) throw new RpcError("NonceTooHigh", { got: nonce, limit });
    if (queue === undefined) return;
    if (queue.waiting.has(nonce))
      throw new RpcError("NonceTaken", { got: nonce, next: this.nextNonce(sender) });
    if (queue.waiting.size >= this.limits.perSender)
      throw new RpcError("SenderQueueFull", { limit: this.limits.perSender });
  }

  /**
   * Takes a checked transaction in. It enters no block before it is released. Of two with one nonce, which meet when a block was given up, the
   * older stays.
   */
  add(transaction: Admitted): void {
    const queue = this.queueOf(transaction.sender);
    const rival = queue.waiting.get(transaction.nonce);
    if (rival !== undefined && rival !== transaction) {
      const loses = rival.sequence < transaction.sequence ? transaction : rival;
      this.displaced.push(loses);
      if (loses === transaction) return;
      this.forget(rival);
    }
    queue.waiting.set(transaction.nonce, transaction);
    queue.cost += transaction.cost;
    while (queue.waiting.has(queue.end)) queue.end++;
    this.known.set(toHex(transaction.hash), transaction);
    this.bytes += transaction.raw.length;
  }

  /** The transaction's promise is on disk: it may enter a block when its nonce is due. */
  release(transaction: Admitted): void {
    const queue = this.senders.get(transaction.sender);
    if (queue?.waiting.get(transaction.nonce) !== transaction) return;
    this.released.add(transaction);
    this.offer(queue);
  }

  /** Takes what enters the next block, at most `count` transactions whose sizes, each with `overhead`, fit into `bytes`. */
  take(count: number, bytes: number, overhead: number): Admitted[] {
    const taken: Admitted[] = [];
    let size = 0;
    while (taken.length < count && this.readyFrom < this.ready.length) {
      const transaction = this.ready[this.readyFrom]!;
      size += transaction.raw.length + overhead;
      if (size > bytes) break;
      this.readyFrom++;
      taken.push(transaction);
      this.forget(transaction);
      this.taken.set(toHex(transaction.hash), transaction);
    }
    if (this.readyFrom > 4_096 && this.readyFrom * 2 > this.ready.length) {
      this.ready = this.ready.slice(this.readyFrom);
      this.readyFrom = 0;
    }
    return taken;
  }

  /** Puts taken transactions back: the batch had no room for them. */
  putBack(transactions: readonly Admitted[]): void {
    for (const transaction of transactions) {
      this.taken.delete(toHex(transaction.hash));
      this.add(transaction);
      this.released.add(transaction);
    }
    this.displaced.push(...this.rebuild());
  }

  /**
   * Starts again from the state as it is now, after transactions were rejected or the chain took another course. Returns
   * those whose nonce was used meanwhile, or is another's; they are out of the pool.
   */
  resync(): Admitted[] {
    const stale = this.rebuild();
    const displaced = this.displaced.splice(0);
    return [...displaced, ...stale];
  }

  /**
   * Takes out, and returns, what waits behind a gap in the nonces of these senders: those before were rejected, so the program would reject these
   * too.
   */
  orphans(senders: ReadonlySet<string>): Admitted[] {
    const orphans: Admitted[] = [];
    for (const sender of senders) {
      const queue = this.senders.get(sender);
      for (const transaction of [...(queue?.waiting.values() ?? [])])
        if (transaction.nonce >= queue!.end) {
          this.forget(transaction);
          orphans.push(transaction);
        }
    }
    return orphans;
  }

  private rebuild(): Admitted[] {
    const all = [...this.known.values()].sort((a, b) => a.sequence - b.sequence);
    const released = new Set(this.released);
    this.clear();
    const stale: Admitted[] = [];
    for (const transaction of all) {
      const { sender, nonce } = transaction;
      if (nonce < this.stateNonce(sender)) stale.push(transaction);
      else {
        this.add(transaction);
        if (released.has(transaction)) this.release(transaction);
      }
    }
    return stale;
  }

  /** Takes one transaction out, wherever it waits. Call `resync` after the last of them. */
  remove(transaction: Admitted): void {
    const queue = this.senders.get(transaction.sender);
    if (queue?.waiting.get(transaction.nonce) !== transaction) return;
    this.forget(transaction);
    queue.end = Math.min(queue.end, transaction.nonce);
  }

  /** Takes everything out, oldest first. */
  drain(): Admitted[] {
    const all = [...this.displaced.splice(0), ...this.known.values()].sort((a, b) => a.sequence - b.sequence);
    this.clear();
    return all;
  }

  /** The receipts of taken transactions are on disk: forgets them, and senders of whom nothing waits. */
  settle(transactions: readonly Admitted[]): void {
    for (const { sender, hash } of transactions) {
      this.taken.delete(toHex(hash));
      const queue = this.senders.get(sender);
      if (queue !== undefined && queue.waiting.size === 0 && queue.next === this.stateNonce(sender))
        this.senders.delete(sender);
    }
  }

  private clear(): void {
    this.senders.clear();
    this.known.clear();
    this.released.clear();
    this.ready = [];
    this.readyFrom = 0;
    this.bytes = 0;
  }

  private queueOf(sender: string): Queue {
    let queue = this.senders.get(sender);
    if (queue === undefined) {
      const next = this.stateNonce(sender);
      queue = { next, end: next, cost: 0n, waiting: new Map() };
      this.senders.set(sender, queue);
    }
    return queue;
  }

  private offer(queue: Queue): void {
    while (true) {
      const due = queue.waiting.get(queue.next);
      if (due === undefined || !this.released.has(due)) return;
      this.ready.push(due);
      queue.next++;
    }
  }

  private forget(transaction: Admitted): void {
    this.known.delete(toHex(transaction.hash));
    this.released.delete(transaction);
    this.bytes -= transaction.raw.length;
    const queue = this.senders.get(transaction.sender);
    if (queue?.waiting.delete(transaction.nonce)) queue.cost -= transaction.cost;
  }
}
