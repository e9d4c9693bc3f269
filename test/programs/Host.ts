import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dataSlice, getBytes, hexlify, keccak256, recoverAddress, zeroPadValue } from "ethers";

/** What the ledger's module exports (docs/encodings/ledger.md, "WebAssembly"). */
interface Program {
  memory: { readonly buffer: ArrayBuffer };
  buffer: (length: number) => number;
  genesis: () => void;
  open: (start: number, length: number) => void;
  block: (start: number, length: number) => void;
  close: (timestamp: bigint) => void;
  run: (input: number) => void;
  work: () => bigint;
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
const artifact = (file: string): Uint8Array => readFileSync(join(__dirname, "../../programs/artifacts", file));
const modules = new Map(["ledger", "template", "benchmark"].map((name) => [name, new Module(artifact(`${name}.wasm`))]));

/** A committed module with a map behind its oracle. */
export class Host {
  readonly preimages = new Map<string, Uint8Array>();
  readonly exits: string[] = [];
  readonly program: Program;

  constructor(name = "ledger") {
    const memory = () => new Uint8Array(this.program.memory.buffer);
    this.program = new Instance(modules.get(name) ?? {}, {
      oracle: {
        preimage: (hash: number, out: number) => {
          const found = this.preimages.get(hexlify(memory().slice(hash, hash + 32)));
          if (found === undefined) throw new Error("missing preimage");
          memory().set(found, out);
          return found.length;
        },
        precompile: (address: number, gas: number, input: number, length: number, out: number) => {
          if (address !== 1 || gas !== 100_000 || length !== 128) throw new Error("not a recovery");
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
      if (log[at] !== 1) this.keep(entry);
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
