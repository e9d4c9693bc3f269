import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { concat, dataSlice, getBytes, hexlify, keccak256, recoverAddress, toBeHex, zeroPadValue } from "ethers";
import vectors from "../../programs/vectors/ledger.runs.json";
import hashes from "../../programs/artifacts/hashes.json";

interface Program {
  memory: { readonly buffer: ArrayBuffer };
  buffer: (length: number) => number;
  genesis: () => void;
  open: (start: number, length: number) => void;
  block: (start: number, length: number) => void;
  close: (timestamp: bigint) => void;
  run: (input: number) => void;
  mark: () => number;
  rewind: (mark: number) => void;
  result_ptr: () => number;
  result_len: () => number;
  log_ptr: () => number;
  log_len: () => number;
}

interface Engine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
const ledgerModule = new Module(readFileSync(join(__dirname, "../../programs/artifacts/ledger.wasm")));

/** The committed module with a map behind its oracle. */
class Host {
  readonly preimages = new Map<string, Uint8Array>();
  readonly exits: string[] = [];
  readonly program: Program;

  constructor() {
    const memory = () => new Uint8Array(this.program.memory.buffer);
    this.program = new Instance(ledgerModule, {
      oracle: {
        preimage: (hash: number, out: number) => {
          const found = this.preimages.get(hexlify(memory().slice(hash, hash + 32)));
          if (found === undefined) throw new Error("missing preimage");
          memory().set(found, out);
          return found.length;
        },
        precompile: (address: number, gas: number, input: number, length: number, out: number) => {
          expect([address, gas, length]).to.deep.equal([1, 3_000, 128]);
          const output = recover(hexlify(memory().slice(input, input + length)));
          memory().set(output, out);
          return output.length;
        },
      },
    }).exports as Program;
  }

  /** Makes a call and returns its result; keeps what it published. */
  call(make: (program: Program) => void): string {
    make(this.program);
    const { memory, result_ptr, result_len, log_ptr, log_len } = this.program;
    const log = Buffer.from(memory.buffer.slice(log_ptr(), log_ptr() + log_len()));
    for (let at = 0; at < log.length; ) {
      const length = log.readUInt32BE(at + 1);
      const entry = log.subarray(at + 5, at + 5 + length);
      if (log[at] === 0) this.keep(entry);
      if (log[at] === 1) this.exits.push(hexlify(entry));
      at += 5 + length;
    }
    return hexlify(new Uint8Array(memory.buffer.slice(result_ptr(), result_ptr() + result_len())));
  }

  argument(bytes: string): [number, number] {
    const source = getBytes(bytes);
    const start = this.program.buffer(source.length);
    new Uint8Array(this.program.memory.buffer).set(source, start);
    return [start, source.length];
  }

  keep(bytes: Uint8Array): void {
    this.preimages.set(keccak256(bytes), bytes);
  }
}

function recover(input: string): Uint8Array {
  try {
    const [digest, v, r, s] = [0, 1, 2, 3].map((i) => dataSlice(input, 32 * i, 32 * i + 32));
    const address = recoverAddress(digest ?? "", { r: r ?? "", s: s ?? "", v: Number(v) });
    return getBytes(zeroPadValue(address, 32));
  } catch {
    return new Uint8Array();
  }
}

type Run = (typeof vectors.runs)[number];

function openArgument(run: Run): string {
  return concat([run.parent, run.config, toBeHex(run.target, 8), run.targetHash, toBeHex(run.flags, 1)]);
}

/** Runs a vector block by block and compares every result. */
function assertIncremental(host: Host, run: Run): void {
  const opened = host.call((program) => program.open(...host.argument(openArgument(run))));
  expect(dataSlice(opened, 51)).to.equal(concat(run.messageReceipts));
  run.blockReceipts.forEach((receipts, i) => {
    const result = host.call((program) => program.block(...host.argument(run.blocks[i] ?? "0x")));
    expect(dataSlice(result, 42)).to.equal(concat(receipts));
  });
  const closed = host.call((program) => program.close(BigInt(run.timestamp)));
  expect(closed).to.equal(concat([run.commitment, run.commitmentPreimage]));
}

describe("ledger in WebAssembly", () => {
  it("begins at the recorded genesis", () => {
    const host = new Host();
    const genesis = host.call((program) => program.genesis());
    expect(genesis).to.equal(hashes.ledger.genesis);
    expect(genesis).to.equal(vectors.runs[0]?.parent);
  });

  for (const run of vectors.runs) {
    it(`run gives the native commitment: ${run.name}`, () => {
      const host = new Host();
      for (const bytes of run.preimages) host.keep(getBytes(bytes));
      const commitment = host.call((program) => program.run(host.argument(run.inputHash)[0]));
      expect(commitment).to.equal(run.commitment);
    });

    it(`open, block, close give the native receipts and commitment: ${run.name}`, () => {
      const host = new Host();
      for (const bytes of run.preimages) host.keep(getBytes(bytes));
      assertIncremental(host, run);
    });
  }

  it("goes from batch to batch on what it published, and from any mark again", () => {
    const host = new Host();
    host.call((program) => program.genesis());
    // messages, the only preimages that no batch publishes
    for (const run of vectors.runs) for (const bytes of run.preimages) host.keep(getBytes(bytes));
    const [deposits, transfers] = vectors.runs;
    if (deposits === undefined || transfers === undefined) throw new Error("two runs at least");
    assertIncremental(host, deposits);
    host.call((program) => program.open(...host.argument(openArgument(transfers))));
    const mark = host.program.mark();
    const play = (): string[] =>
      transfers.blocks.map((block) => host.call((program) => program.block(...host.argument(block))));
    const first = play();
    host.program.rewind(mark);
    expect(play()).to.deep.equal(first);
    const closed = host.call((program) => program.close(BigInt(transfers.timestamp)));
    expect(dataSlice(closed, 0, 32)).to.equal(transfers.commitment);
    for (const run of vectors.runs.slice(2)) assertIncremental(host, run);
    expect(host.exits.length).to.be.greaterThan(6);
  });

  it("throws on a missing preimage", () => {
    const run = vectors.runs[1];
    const host = new Host();
    for (const bytes of run?.preimages ?? []) host.keep(getBytes(bytes));
    host.preimages.delete(run?.parent ?? "");
    expect(() => host.program.open(...host.argument(openArgument(run as Run)))).to.throw("missing preimage");
  });

  it("traps on bytes that aren't one block", () => {
    const run = vectors.runs[0];
    const host = new Host();
    for (const bytes of run?.preimages ?? []) host.keep(getBytes(bytes));
    host.call((program) => program.open(...host.argument(openArgument(run as Run))));
    expect(() => host.program.block(...host.argument("0x00"))).to.throw("unreachable");
  });
});
