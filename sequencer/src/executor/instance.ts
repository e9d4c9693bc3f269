import { runPrecompile } from "./precompiles";

/** Where a program's preimages come from. */
export interface Oracle {
  preimage(hash: Uint8Array): Uint8Array | undefined;
  /** ecrecover's output for exactly this input, if the signer was recovered already */
  recovered(input: Uint8Array): Uint8Array | undefined;
  /** Hears of each precompile call before it is answered: of what a run asked, also when it trapped afterwards. */
  asked?(address: number, gas: number, input: Uint8Array): void;
}

/** Raised when the database lacks a preimage the program asked for: a fault of this node, never of the batch. */
export class PreimageMissing extends Error {
  override readonly name = "PreimageMissing";

  constructor(readonly hash: string) {
    super(`no preimage of 0x${hash}`);
  }
}

/** Raised when the program trapped. Whether that is the batch's doing, the emulator decides. */
export class ProgramTrapped extends Error {
  override readonly name = "ProgramTrapped";
}

export interface LogEntry {
  /** 0 preimage, 1 exit, 2 preimage of a precompile key */
  readonly kind: number;
  readonly bytes: Uint8Array;
}

export interface CallResult {
  readonly result: Uint8Array;
  readonly log: readonly LogEntry[];
}

interface Exports {
  memory: WebAssembly.Memory;
  buffer(length: number): number;
  genesis(): void;
  open(ptr: number, length: number): void;
  block(ptr: number, length: number): void;
  close(timestamp: bigint): void;
  run(ptr: number): void;
  mark(): number;
  rewind(id: number): void;
  result_ptr(): number;
  result_len(): number;
  log_ptr(): number;
  log_len(): number;
}

const FAILURE = -1;

/**
 * One instance of a program's WebAssembly, whose door docs/encodings/ledger.md describes. It holds one session at a time
 * and keeps state nodes it has seen, so an instance that stays with a rollup is faster than a fresh one.
 */
export class ProgramInstance {
  private readonly exports: Exports;
  private oracle: Oracle | undefined;
  private fault: Error | undefined;

  constructor(module: WebAssembly.Module) {
    const instance = new WebAssembly.Instance(module, {
      oracle: {
        preimage: (hash: number, out: number, capacity: number) =>
          this.guarded((oracle) => this.preimage(oracle, hash, out, capacity)),
        precompile: (
          address: number,
          gas: number,
          input: number,
          length: number,
          out: number,
          capacity: number,
        ) =>
          this.guarded((oracle) =>
            this.precompile(oracle, address, gas, this.view(input, length), this.view(out, capacity)),
          ),
      },
    });
    this.exports = instance.exports as unknown as Exports;
  }

  genesis(): CallResult {
    return this.call(undefined, () => this.exports.genesis());
  }

  open(oracle: Oracle, argument: Uint8Array): CallResult {
    const ptr = this.place(argument);
    return this.call(oracle, () => this.exports.open(ptr, argument.length));
  }

  block(oracle: Oracle, block: Uint8Array): CallResult {
    const ptr = this.place(block);
    return this.call(oracle, () => this.exports.block(ptr, block.length));
  }

  close(oracle: Oracle, timestamp: bigint): CallResult {
    return this.call(oracle, () => this.exports.close(timestamp));
  }

  /** The whole function as a dispute knows it: input hash in, commitment out. */
  run(oracle: Oracle, inputHash: Uint8Array): CallResult {
    const ptr = this.place(inputHash);
    return this.call(oracle, () => this.exports.run(ptr));
  }

  mark(): number {
    return this.exports.mark();
  }

  rewind(mark: number): void {
    this.exports.rewind(mark);
  }

  private call(oracle: Oracle | undefined, body: () => void): CallResult {
    this.oracle = oracle;
    this.fault = undefined;
    try {
      body();
    } catch (error) {
      throw this.fault ?? new ProgramTrapped(String(error), { cause: error });
    } finally {
      this.oracle = undefined;
    }
    const result = this.read(this.exports.result_ptr(), this.exports.result_len());
    return { result, log: parseLog(this.read(this.exports.log_ptr(), this.exports.log_len())) };
  }

  /** An exception of the host passes through WebAssembly; it is kept, so that it isn't taken for a trap. */
  private guarded(body: (oracle: Oracle) => number): number {
    try {
      if (this.oracle === undefined) throw new Error("the program read something outside a session");
      return body(this.oracle);
    } catch (error) {
      this.fault = error as Error;
      throw error;
    }
  }

  private preimage(oracle: Oracle, hash: number, out: number, capacity: number): number {
    const key = this.view(hash, 32).slice();
    const bytes = oracle.preimage(key);
    if (bytes === undefined) throw new PreimageMissing(Buffer.from(key).toString("hex"));
    this.view(out, capacity).set(bytes.length > capacity ? bytes.subarray(0, capacity) : bytes);
    return bytes.length;
  }

  private precompile(
    oracle: Oracle,
    address: number,
    gas: number,
    input: Uint8Array,
    out: Uint8Array,
  ): number {
    oracle.asked?.(address, gas, input);
    const output = runPrecompile(address, gas, input, (exact) => oracle.recovered(exact));
    if (output === undefined) return FAILURE;
    out.set(output.length > out.length ? output.subarray(0, out.length) : output);
    return output.length;
  }

  private place(bytes: Uint8Array): number {
    const ptr = this.exports.buffer(bytes.length);
    this.view(ptr, bytes.length).set(bytes);
    return ptr;
  }

  private view(ptr: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, ptr >>> 0, length);
  }

  private read(ptr: number, length: number): Uint8Array {
    return this.view(ptr, length).slice();
  }
}

function parseLog(bytes: Uint8Array): LogEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: LogEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at + 1);
    entries.push({ kind: bytes[at]!, bytes: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return entries;
}
