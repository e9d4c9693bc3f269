import { recoverSigner } from "../executor/precompiles";
import { toHex } from "../hashing";
import { Lobby } from "../mempool/lobby";
import { Admitted, Mempool } from "../mempool/mempool";
import { DecodedTransaction, Program, ProgramState } from "../programs/program";
import { RpcError } from "../rpc/errors";
import { RollupStore } from "../store/rollup";

/**
 * Where transactions come in. Cheap checks stand before the recovery of the signer, the promise on disk before the
 * acknowledgement. The signer is recovered once: the program is answered from here when it asks.
 */
export class Door {
  private readonly decode: (raw: Uint8Array) => DecodedTransaction;
  private readonly signers = new Map<string, Uint8Array>();
  private readonly writing = new Map<string, Promise<unknown>>();
  private first = 0;
  private next = 0;

  constructor(
    private readonly options: { chainId: bigint; gasPrice: bigint },
    private readonly deps: {
      program: Program;
      mempool: Mempool;
      lobby: Lobby;
      store: RollupStore;
      state: () => ProgramState;
    },
  ) {
    this.decode = deps.program.door(options);
  }

  /**
   * Admits a transaction; resolves with its hash once its promise is on disk. Sending it again is harmless. One whose nonce isn't due stays in the
   * lobby until it is, and is promised nothing before.
   */
  async admit(raw: Uint8Array): Promise<string> {
    const { mempool, store, lobby } = this.deps;
    if (!store.space.allows("promises")) throw new RpcError("DiskLow");
    mempool.checkRoom(raw.length);
    const decoded = this.decode(raw);
    const { nonce, fee } = decoded;
    const hash = toHex(decoded.hash);
    let signer: Uint8Array | undefined;
    let sender: string;
    while (true) {
      const known = mempool.find(decoded.hash);
      if (known !== undefined) {
        await this.writing.get(hash);
        return hash;
      }
      if (store.receipts.get(decoded.hash)?.receipt.applied) return hash;
      signer ??= this.recover(decoded);
      if (signer === undefined) throw new RpcError("SignatureInvalid");
      sender = toHex(signer);
      mempool.checkNonce(sender, nonce);
      decoded.requireFunds(signer, this.deps.state(), mempool.committed(sender));
      const next = mempool.nextNonce(sender);
      if (nonce <= next) break;
      await lobby.wait({ hash: decoded.hash, sender, nonce, fee }, next);
      mempool.checkRoom(raw.length);
    }
    const admitted = this.admitted(decoded, signer, this.next++);
    mempool.add(admitted);
    lobby.call(sender, mempool.nextNonce(sender));
    const written = store.promises.put(admitted.sequence, raw);
    this.writing.set(hash, written);
    try {
      await written;
    } catch (error) {
      mempool.remove(admitted);
      throw error;
    } finally {
      this.writing.delete(hash);
    }
    mempool.release(admitted);
    return hash;
  }

  /** Takes the promises on disk into the pool, as after a restart. Returns how many there were. */
  readmit(): number {
    let count = 0;
    for (const { key, value } of this.deps.store.promises.getRange({})) {
      this.first = Math.min(this.first, key);
      this.next = Math.max(this.next, key + 1);
      this.take(value, key);
      count++;
    }
    return count;
  }

  /** Makes promises again of transactions whose blocks were dropped, ahead of all that wait. Call within `atomically`, then `retake`. */
  renew(transactions: readonly Uint8Array[]): readonly (readonly [number, Uint8Array])[] {
    this.first -= transactions.length;
    return transactions.map((raw, position) => {
      void this.deps.store.promises.put(this.first + position, raw);
      return [this.first + position, raw] as const;
    });
  }

  retake(renewed: readonly (readonly [number, Uint8Array])[]): void {
    for (const [sequence, raw] of renewed) this.take(raw, sequence);
  }

  /** ecrecover's output for exactly this input, where the signer was recovered here. */
  recovered(input: Uint8Array): Uint8Array | undefined {
    return this.signers.get(latin(input));
  }

  /** These transactions left the pool for good: nobody will ask for their signers soon. */
  forget(transactions: readonly Admitted[]): void {
    for (const { recoveryKey } of transactions) this.signers.delete(recoveryKey);
  }

  private take(raw: Uint8Array, sequence: number): void {
    let decoded: DecodedTransaction;
    try {
      decoded = this.decode(raw);
    } catch {
      return; // an outsider's batch may carry what this door refuses; such bytes were never promised anything
    }
    const signer = this.recover(decoded);
    if (signer === undefined || this.deps.mempool.find(decoded.hash) !== undefined) return;
    const admitted = this.admitted(decoded, signer, sequence);
    this.deps.mempool.add(admitted);
    this.deps.mempool.release(admitted);
  }

  private recover({ recovery }: DecodedTransaction): Uint8Array | undefined {
    return recoverSigner(recovery.subarray(0, 32), recovery[63]! - 27, recovery.subarray(64, 128));
  }

  private admitted(
    { raw, hash, nonce, cost, recovery }: DecodedTransaction,
    signer: Uint8Array,
    sequence: number,
  ): Admitted {
    const output = new Uint8Array(32);
    output.set(signer, 12);
    const recoveryKey = latin(recovery);
    this.signers.set(recoveryKey, output);
    return { raw, hash, sender: toHex(signer), nonce, cost, sequence, recoveryKey };
  }
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
