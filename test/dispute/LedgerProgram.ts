import { readFileSync } from "node:fs";
import { join } from "node:path";
import { concat, getBytes, keccak256, ZeroAddress } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import { calldataChunks, encodeConfig, encodeHeader, encodeInput, inputHash } from "../../sdk/src/protocol";
import { Emulator, PreimageTable } from "../../sequencer/src/machine";
import { Host } from "../programs/Host";
import type { Program, RunMaterial, Truth } from "./runs";

const ELF = readFileSync(join(__dirname, "../../programs/artifacts/ledger.elf"));
const ECALL = 0x73;
const READ = 1n;
const TEXT_SIZE = 2 << 20;
const [A0, A7] = [10, 17];

/** The committed ledger program, with everything it was ever told. */
export class LedgerProgram implements Program {
  readonly entry = {
    codeRoot: hashes.ledger.codeRoot,
    memoryRoot0: hashes.ledger.memoryRoot0,
    entry: BigInt(hashes.ledger.entry),
    genesis: hashes.ledger.genesis,
    batchGas: BigInt(hashes.ledger.batchGas),
    logSteps: BigInt(hashes.ledger.log2Steps),
    residual: false,
    stateReader: ZeroAddress,
  };
  readonly siblings = hashes.ledger.siblings;
  readonly programHash = hashes.ledger.programHash;
  private readonly host = new Host();

  constructor() {
    this.host.call((program) => program.genesis());
  }

  /** What left the rollup so far, once for each time that a batch was run. */
  get exits(): readonly string[] {
    return this.host.exits;
  }

  /** Tells it a message, and the head of the chain of messages before it. */
  tell(head: string, message: string): void {
    this.keep(message);
    this.keep(concat([head, keccak256(message)]));
  }

  /** Runs a batch in WebAssembly, which knows what is read, then on the emulator. */
  run({ input, header, config, data }: RunMaterial): EmulatedRun {
    this.keep(encodeInput(input));
    this.keep(encodeHeader(header));
    this.keep(encodeConfig(config));
    const chunks = calldataChunks(data);
    for (const chunk of chunks) this.keep(chunk);
    this.keep(concat(chunks.map((chunk) => keccak256(chunk))));
    const hash = inputHash(input);
    this.host.call((program) => {
      program.run(this.host.argument(hash)[0]);
    });
    return new EmulatedRun(Emulator.load(ELF, new PreimageTable(this.host.preimages.values())), hash);
  }

  private keep(bytes: string | Uint8Array): void {
    this.host.keep(getBytes(bytes));
  }
}

/** The run as it is, by the emulator; `most` is where one ends that never comes to an end by itself. */
export class EmulatedRun implements Truth {
  readonly length: bigint;
  readonly finalState: string;
  readonly output: string | undefined;
  private readonly hashes = new Map<bigint, string>();

  constructor(
    private readonly emulator: Emulator,
    input: string,
    most?: bigint,
  ) {
    const { steps, outcome, output } = emulator.run(input, { maxSteps: most });
    if (outcome === "limit" && most === undefined) throw new Error("the run hasn't come to an end");
    this.length = steps;
    this.finalState = emulator.state();
    this.output = outcome === "exit" ? output : undefined;
  }

  stateBefore(at: bigint): string {
    const step = at < this.length ? at : this.length;
    let hash = this.hashes.get(step);
    if (hash === undefined) {
      hash = this.emulator.stateHashes([step])[0] ?? "";
      this.hashes.set(step, hash);
    }
    return hash;
  }

  witness(at: bigint): string {
    return this.emulator.witness(at < this.length ? at : this.length);
  }

  /** Every step that asks the world for something, with the kind of what it asks for. */
  reads(): { step: bigint; kind: bigint }[] {
    const { emulator } = this;
    emulator.seek(0n);
    const text = Buffer.from(emulator.read(0n, TEXT_SIZE));
    const reads: { step: bigint; kind: bigint }[] = [];
    for (let step = 0n; step < this.length; step++) {
      emulator.runTo(step);
      const { pc } = emulator;
      if (text.readUInt32LE(Number(pc)) === ECALL && emulator.register(A7) === READ)
        reads.push({ step, kind: emulator.register(A0) });
    }
    return reads;
  }
}
