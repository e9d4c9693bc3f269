import { getBytes, hexlify, toBeHex } from "ethers";
import { MemoryExhausted, PreimageMissing, PreimageTooLong, PreimageWrong, ProgramRejected } from "./errors";
import { emulatorModule, type EmulatorModule, type Exports, instantiate, isTrap } from "./module";
import type { Oracle } from "./oracle";
import { precompile as nativePrecompile, type Precompile, remembering } from "./precompiles";

/** What a program is known by on chain. */
export interface Identity {
  readonly codeRoot: string;
  readonly memoryRoot0: string;
  readonly entry: bigint;
  readonly programHash: string;
}

export interface EmulatorOptions {
  /** the program, a static RV64IM ELF file */
  readonly elf: Uint8Array;
  /** how many states to keep for going back [states]; 64 if not given */
  readonly checkpoints?: number;
  /** memory beyond which kept states are given up, the present one's included [pages of 4 KiB]; 2 GiB if not given */
  readonly pages?: number;
}

export interface EmulatorDependencies {
  readonly oracle: Oracle;
  readonly precompile?: Precompile;
  /** the compiled emulator, when another thread has it already */
  readonly module?: EmulatorModule;
}

/** How a run ended: the program exited, halted on an error, or reached the given number of steps. */
export type Outcome = "exit" | "error" | "limit";

export interface RunResult {
  readonly outcome: Outcome;
  /** steps made; a halted machine makes none */
  readonly steps: bigint;
  readonly pc: bigint;
  /** a0..a3 as 32 bytes: the program's result if it exited, zero after an error */
  readonly output: string;
}

const MORE_STEPS_THAN_ANY_RUN = (1n << 63n) - 1n;
const OUTCOMES: readonly (Outcome | undefined)[] = ["limit", "exit", "error"];
/** Half of the emulator's memory, so that a run may touch as much again before states are kept the next time [pages of 4 KiB]. */
const MOST_PAGES_KEPT = 1 << 19;
/** The memory at which a trap is for the lack of more [bytes]: 4 GiB less what one growth may ask for. */
const EXHAUSTED = 2 ** 32 - 2 ** 26;
const MISSING = 3;
const TOO_LONG = 4;
const A0 = 10;

/**
 * Runs one program on the emulator in programs/emulator. States are numbered by the steps since boot; the state before the first
 * step is number 0, and every number past the end stands for the halted state. Going back is cheap near a state that was hashed.
 */
export class Emulator {
  readonly identity: Identity;
  private readonly exports: Exports;
  private readonly kept = new Map<bigint, number>();
  private readonly mostKept: number;
  private readonly mostPages: number;
  private found: Uint8Array = new Uint8Array(0);
  private exhausted: MemoryExhausted | undefined;

  constructor(options: EmulatorOptions, dependencies: EmulatorDependencies) {
    const { oracle, precompile = remembering(nativePrecompile), module = emulatorModule() } = dependencies;
    const find = (bytes: Uint8Array | undefined): number => {
      if (bytes === undefined) return -1;
      this.found = bytes;
      return bytes.length;
    };
    const copy = (at: number, length: number) => this.bytes(at, length).slice();
    this.mostKept = options.checkpoints ?? 64;
    this.mostPages = options.pages ?? MOST_PAGES_KEPT;
    this.exports = instantiate(module, {
      host: {
        preimage: (kind, key) => find(oracle.preimage(kind === 2 ? 2 : 0, copy(key, 32))),
        precompile: (address, gas, input, length) =>
          find(precompile(address, gas >>> 0, copy(input, length))),
        blobWord: (versionedHash, index) => find(oracle.blobWord?.(copy(versionedHash, 32), index)),
        take: (destination) => {
          this.bytes(destination, this.found.length).set(this.found);
        },
      },
    });
    this.give(options.elf);
    const complaint = this.exports.load(options.elf.length);
    if (complaint !== 0) throw new ProgramRejected(Buffer.from(this.taken(complaint)).toString());
    const identity = hexlify(this.taken(this.exports.identity()));
    const word = (index: number) => `0x${identity.slice(2 + 64 * index, 66 + 64 * index)}`;
    this.identity = {
      codeRoot: word(0),
      memoryRoot0: word(1),
      entry: BigInt(word(2)),
      programHash: word(3),
    };
  }

  static load(elf: Uint8Array, oracle: Oracle): Emulator {
    return new Emulator({ elf }, { oracle });
  }

  /** Puts the program's first state back, with this input. */
  boot(inputHash: string): void {
    for (const number of this.kept.values()) this.exports.forget(number);
    this.kept.clear();
    this.give(getBytes(inputHash));
    this.exports.boot();
    this.keep();
  }

  /** Runs the program on an input from the start. Throws PreimageMissing when the oracle doesn't know something. */
  run(inputHash: string, limits: { readonly maxSteps?: bigint } = {}): RunResult {
    this.boot(inputHash);
    return this.runTo(limits.maxSteps ?? MORE_STEPS_THAN_ANY_RUN);
  }

  /** Runs on to state number `step`, or to the end if that comes first. */
  runTo(step: bigint): RunResult {
    const code = this.within(() => this.exports.run(step));
    const outcome = OUTCOMES[code];
    if (outcome === undefined) throw this.readingFailed(code);
    const output = [0, 1, 2, 3].map((index) => toBeHex(this.register(A0 + index), 8));
    return {
      outcome,
      steps: this.steps,
      pc: this.pc,
      output: hexlify(Buffer.concat(output.map((word) => getBytes(word).reverse()))),
    };
  }

  /** Makes state number `step` the present one, from the nearest state that is known. */
  seek(step: bigint): RunResult {
    let best = -1n;
    for (const at of this.kept.keys()) if (at <= step && at > best) best = at;
    const present = this.steps;
    if (present > step || best > present) {
      const number = this.kept.get(best);
      if (number === undefined) throw new Error("boot comes before the first step");
      this.within(() => this.exports.restore(number));
    }
    return this.runTo(step);
  }

  get steps(): bigint {
    return BigInt.asUintN(64, this.exports.steps());
  }

  get pc(): bigint {
    return BigInt.asUintN(64, this.exports.pc());
  }

  get isHalted(): boolean {
    return this.pc >= (1n << 64n) - 2n;
  }

  register(index: number): bigint {
    return BigInt.asUintN(64, this.exports.register(index));
  }

  /** Returns the 288 bytes of the present state: memoryRoot ‖ pc ‖ x1 … x31. */
  state(): string {
    return hexlify(this.taken(this.within(() => this.exports.state())));
  }

  stateHash(): string {
    return hexlify(this.taken(this.within(() => this.exports.stateHash())));
  }

  /** Returns the hashes of the states of these numbers (any order) in one pass, and keeps the latest of them for going back. */
  stateHashes(steps: readonly bigint[]): string[] {
    const hashes = new Map<bigint, string>();
    for (const step of [...new Set(steps)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
      this.seek(step);
      hashes.set(step, this.stateHash());
      this.keep();
    }
    return steps.map((step) => hashes.get(step) ?? "");
  }

  /** Returns the witness of the step from state number `step` to the next. */
  witness(step: bigint): string {
    this.seek(step);
    const code = this.within(() => this.exports.witness());
    if (code !== 0) throw this.readingFailed(code);
    return hexlify(this.taken(this.exports.exchangeLength()));
  }

  /** Returns bytes of memory; none if the range isn't below 4 GiB. */
  read(address: bigint, size: number): Uint8Array {
    return this.taken(this.exports.peek(address, size));
  }

  /** Returns how many pages of 4 KiB are in use, those of kept states included. */
  get pages(): number {
    return this.exports.pages();
  }

  /** Sets pc and x1 … x31 of the present state: for tests of single steps. */
  setRegisters(pc: bigint, registers: readonly bigint[]): void {
    this.give(getBytes(`0x${[pc, ...registers].map((value) => toBeHex(value, 8).slice(2)).join("")}`));
    this.exports.setRegisters();
  }

  /** Keeps the present state; the oldest go when there are too many or they take too much, except the first. */
  private keep(): void {
    const step = this.steps;
    if (this.kept.has(step)) return;
    this.kept.set(
      step,
      this.within(() => this.exports.checkpoint()),
    );
    for (const [oldest, number] of this.kept) {
      if (this.kept.size <= Math.max(this.mostKept, 1) && this.pages <= this.mostPages) return;
      if (oldest === 0n) continue;
      this.exports.forget(number);
      this.kept.delete(oldest);
    }
  }

  /** Makes a call that may need memory. Throws MemoryExhausted if there is no more: the instance is in the middle of something then. */
  private within<Result>(call: () => Result): Result {
    if (this.exhausted !== undefined) throw this.exhausted;
    try {
      return call();
    } catch (error) {
      if (!isTrap(error) || this.exports.memory.buffer.byteLength < EXHAUSTED) throw error;
      throw (this.exhausted = new MemoryExhausted(this.steps, this.pages));
    }
  }

  private readingFailed(code: number): Error {
    const bytes = Buffer.from(this.taken(this.exports.wanted()));
    const Problem = code === MISSING ? PreimageMissing : code === TOO_LONG ? PreimageTooLong : PreimageWrong;
    const problem = {
      [MISSING]: "the oracle doesn't know it",
      [TOO_LONG]: "it is longer than 24,576 bytes",
    }[code];
    return new Problem(
      Number(bytes.readBigUInt64BE(0)),
      bytes.subarray(8, 40),
      Number(bytes.readBigUInt64BE(40)),
      this.steps,
      problem ?? "the oracle's bytes don't hash to it",
    );
  }

  /** A view of the emulator's memory. Addresses come as signed numbers: above 2 GiB they are negative. */
  private bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, at >>> 0, length);
  }

  private give(bytes: Uint8Array): void {
    const at = this.exports.exchange(bytes.length);
    this.bytes(at, bytes.length).set(bytes);
  }

  private taken(length: number): Uint8Array {
    return this.bytes(this.exports.exchange(0), length).slice();
  }
}
