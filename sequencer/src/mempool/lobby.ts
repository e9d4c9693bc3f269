import { toHex } from "../hashing";
import { RpcError } from "../rpc/errors";

/** A transaction whose nonce isn't due yet. */
export interface Visitor {
  readonly hash: Uint8Array;
  /** hexadecimal, lower case */
  readonly sender: string;
  readonly nonce: number;
  /** what it pays [wei] */
  readonly fee: bigint;
}

export interface LobbyLimits {
  /** longest stay [ms] */
  readonly stayMs: number;
  readonly perSender: number;
  readonly transactions: number;
}

export const DEFAULT_STAY: LobbyLimits = { stayMs: 2_000, perSender: 16, transactions: 256 };

interface Stay extends Visitor {
  readonly over: Promise<void>;
  readonly enter: () => void;
  readonly leave: (error: RpcError) => void;
}

/**
 * Where transactions stay while those before them are on their way: for seconds, in memory, promised nothing. What comes out of order gets in
 * order here; what leaves a gap open is refused, so that nobody fills the pool with what can't be executed and so pays nothing.
 */
export class Lobby {
  private readonly senders = new Map<string, Map<number, Stay>>();
  private count = 0;

  constructor(private readonly limits: LobbyLimits) {}

  get size(): number {
    return this.count;
  }

  /** Resolves when the nonce is due; rejects with what a caller sees when that takes too long or another one pays more for the place. */
  wait(visitor: Visitor, next: number): Promise<void> {
    const { sender, nonce, hash } = visitor;
    const known = this.senders.get(sender)?.get(nonce);
    if (known !== undefined) {
      if (toHex(known.hash) === toHex(hash)) return known.over;
      throw new RpcError("NonceTaken", { got: nonce, next });
    }
    if ((this.senders.get(sender)?.size ?? 0) >= this.limits.perSender)
      throw new RpcError("SenderQueueFull", { limit: this.limits.perSender });
    if (this.count >= this.limits.transactions) this.makeRoom(visitor);
    let enter!: () => void;
    let leave!: (error: RpcError) => void;
    const over = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.remove(stay);
        reject(new RpcError("NonceTooHigh", { got: nonce, next }));
      }, this.limits.stayMs).unref();
      enter = () => {
        clearTimeout(timer);
        resolve();
      };
      leave = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
    const stay: Stay = { ...visitor, over, enter, leave };
    const own = this.senders.get(sender) ?? new Map<number, Stay>();
    this.senders.set(sender, own.set(nonce, stay));
    this.count++;
    return over;
  }

  /** The sender's nonces up to `next` are taken: lets in who waits for that. */
  call(sender: string, next: number): void {
    for (const stay of this.senders.get(sender)?.values() ?? [])
      if (stay.nonce <= next) {
        this.remove(stay);
        stay.enter();
      }
  }

  /** Sends away who pays least, if that is less than the newcomer pays. */
  private makeRoom({ fee }: Visitor): void {
    let least: Stay | undefined;
    for (const own of this.senders.values())
      for (const stay of own.values()) if (least === undefined || stay.fee < least.fee) least = stay;
    const full = new RpcError("MempoolFull", { limit: this.limits.transactions });
    if (least === undefined || least.fee >= fee) throw full;
    this.remove(least);
    least.leave(full);
  }

  private remove({ sender, nonce }: Stay): void {
    const own = this.senders.get(sender);
    if (own?.delete(nonce) !== true) return;
    this.count--;
    if (own.size === 0) this.senders.delete(sender);
  }
}
