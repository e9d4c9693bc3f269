import { concat, dataSlice, id, keccak256, toBeHex } from "ethers";
import { bootState, outputOf } from "../../sdk/src/dispute";
import { type Config, type Header, inputHash, type RunInput } from "../../sdk/src/protocol";
import { type Assembly, DATA_BASE, assemble } from "../machine/assembler";
import { MemoryTree, TEXT_DEPTH } from "../machine/MemoryTree";
import { type Preimages, boot, encodeState, isHalted, stateHash, step } from "../machine/Reference";
import { NOTHING } from "../machine/stepping";

/** Adds and multiplies in registers and in memory for a while, then exits with what its input has become. */
export const MIXER = `
_start:
  li t0, 4
  li t1, ${DATA_BASE}
loop:
  mul a0, a0, t0
  add a1, a1, a0
  sd a1, 8(t1)
  lw t2, 8(t1)
  xor a2, a2, t2
  addi t0, t0, -1
  bnez t0, loop
  li a7, 93
  ecall`;

/** Fails at once. */
export const FAILING = `
_start:
  unimp`;

/** Never ends, so it runs over any number of steps. */
export const ENDLESS = `
_start:
  j _start`;

/** Exits with zero, which is no result. */
export const ZERO = `
_start:
  li a0, 0
  li a1, 0
  li a2, 0
  li a3, 0
  li a7, 93
  ecall`;

/** A batch as a program reads it. */
export interface RunMaterial {
  input: RunInput;
  header: Header;
  config: Config;
  data: string;
}

/** What governance lists of a program, and how it is run. */
export interface Program {
  entry: {
    codeRoot: string;
    memoryRoot0: string;
    entry: bigint;
    genesis: string;
    batchGas: bigint;
    logSteps: bigint;
    residual: boolean;
    stateReader: string;
  };
  siblings: string[];
  programHash: string;
  run(material: RunMaterial): Truth;
}

/** A program of a few instructions, on the reference machine; it knows its input's hash, and the preimages. */
export function programOf(source: string, logSteps = 30n, preimages: Preimages = NOTHING): Program {
  const assembly: Assembly = assemble(source);
  const memory = new MemoryTree();
  memory.write(0, assembly.text);
  memory.write(DATA_BASE, assembly.data);
  const siblings = Array.from({ length: 11 }, (_, i) => memory.node(TEXT_DEPTH + i, 1));
  const entry = {
    codeRoot: memory.codeRoot(),
    memoryRoot0: memory.root(),
    entry: BigInt(assembly.entry),
    genesis: id("genesis"),
    batchGas: 30_000_000n,
    logSteps,
    residual: false,
    stateReader: toBeHex(0, 20),
  };
  const programHash = keccak256(concat([entry.codeRoot, entry.memoryRoot0, toBeHex(entry.entry, 32)]));
  const run = ({ input }: RunMaterial) =>
    new TrueRun(memory.copy(), entry.entry, inputHash(input), preimages);
  return { entry, siblings, programHash, run };
}

/** A run of a program on an input, true or not, as a player of a match needs it. */
export interface Run {
  /** the hash of the state before a step */
  stateBefore(step: bigint): string;
  /** the witness of a step */
  witness(step: bigint): string;
  /** the 288 bytes of the state after 2^L steps */
  readonly finalState: string;
  /** what it claims: the output, undefined if there is none */
  readonly output: string | undefined;
}

/** A run as it is. */
export interface Truth extends Run {
  /** steps until the end */
  readonly length: bigint;
}

/** The run as it is, by the reference machine. */
export class TrueRun implements Truth {
  private readonly hashes: string[] = [];
  private readonly witnesses: string[] = [];
  readonly finalState: string;

  /** @param most steps to follow; a program that doesn't halt by then must have come to a fixed point */
  constructor(memory: MemoryTree, entry: bigint, input: string, preimages: Preimages = NOTHING, most = 4096) {
    const state = boot(memory, entry, input);
    for (let i = 0; i < most && !isHalted(state); i++) {
      const before = stateHash(state);
      if (before === this.hashes.at(-1)) break;
      this.hashes.push(before);
      this.witnesses.push(step(state, preimages));
    }
    this.finalState = encodeState(state);
    if (keccak256(this.finalState) !== this.hashes.at(-1)) {
      this.hashes.push(keccak256(this.finalState));
      this.witnesses.push(step(state, preimages));
    }
    if (keccak256(encodeState(state)) !== this.hashes.at(-1))
      throw new Error("the run hasn't come to an end");
  }

  get length(): bigint {
    return BigInt(this.hashes.length - 1);
  }

  get output(): string | undefined {
    return outputOf(this.finalState);
  }

  stateBefore(at: bigint): string {
    return this.hashes[Number(at < this.length ? at : this.length)] ?? "";
  }

  witness(at: bigint): string {
    return this.witnesses[Number(at < this.length ? at : this.length)] ?? "";
  }
}

/** A run that is true up to a step and invented from there on, with an end of the liar's choice. */
export class FalseRun implements Run {
  readonly finalState: string;

  constructor(
    private readonly truth: Truth,
    /** the first step that ends wrong */
    readonly from: bigint,
    readonly logSteps: bigint,
    output: string | undefined,
    private readonly tale = "lie",
  ) {
    // Any state that exits with the output will do: nobody looks at the rest.
    const boot = bootState(toBeHex(1, 32), 2n ** 64n - 1n, output ?? toBeHex(0, 32));
    this.finalState =
      output === undefined
        ? concat([dataSlice(boot, 0, 32), toBeHex(2n ** 64n - 2n, 8), dataSlice(boot, 40)])
        : boot;
  }

  get output(): string | undefined {
    return outputOf(this.finalState);
  }

  stateBefore(at: bigint): string {
    if (at === 1n << this.logSteps) return keccak256(this.finalState);
    return at <= this.from ? this.truth.stateBefore(at) : id(`${this.tale} ${at}`);
  }

  witness(at: bigint): string {
    return this.truth.witness(at);
  }
}
