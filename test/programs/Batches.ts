import { ZeroHash, concat, dataSlice, getBytes, hexlify, keccak256, toBeHex, zeroPadValue } from "ethers";
import { Emulator } from "../../sequencer/src/machine";
import * as ledger from "../../sdk/src/ledger";
import hashes from "../../programs/artifacts/hashes.json";
import { Host } from "./Host";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const elf = readFileSync(join(__dirname, "../../programs/artifacts/ledger.elf"));

export const CHAIN_ID = 2n ** 51n + 7n;
/** The flag of a batch that sends everybody home. */
const SWEEP = 2;

/** Returns the body of a deposit of coins. */
export function coinDeposit(to: string, amount: bigint): string {
  const body = [ZeroHash, ZeroHash, toBeHex(amount, 32), to, to];
  return concat(["0x0101", to, ...body]);
}

export interface Limits {
  batchGas: number;
  messageBound: number;
  /** as catalogued unless given */
  log2Steps?: number;
}

/** What one batch came to. */
export interface Measured {
  /** Steps of the machine from boot to exit. */
  steps: number;
  /** Steps of a run that reads as much data, finds nothing in it, and consumes no message: what the meter leaves to the reserve. */
  baseline: number;
  /** What the program's meter said of them. */
  metered: number;
  statuses: ledger.Status[];
  messageStatuses: ledger.Status[];
  phase: number;
}

/** Posts batches of the ledger to nobody: builds them in WebAssembly, replays them on the emulator, and counts. */
export class Batches {
  private readonly host = new Host();
  private parent: string;
  private target = 0;
  private targetHash = ZeroHash;
  /** Target and head of the batch before. */
  private consumed: [number, string] = [0, ZeroHash];
  private index = 0;
  /** The last batch's commitment and its preimage. */
  closed = "0x";
  /** The machine's last replay, for running it again. */
  replay?: { emulator: Emulator; inputHash: string };

  constructor() {
    this.parent = this.host.call((program) => program.genesis());
  }

  /** Every exit so far, in the order of the tree. */
  get exits(): readonly ledger.ExitLeaf[] {
    return this.host.exits.map((entry) => ledger.decodeExit(dataSlice(entry, 8))); // after its index
  }

  message(bytes: string): void {
    const link = concat([this.targetHash, this.keep(bytes)]);
    this.targetHash = this.keep(link);
    this.target++;
  }

  /** Builds and replays a batch; throws unless both give one commitment. */
  post(blocks: readonly ledger.Block[], limits: Limits, flags = 0): Measured {
    const { batchGas, messageBound } = limits;
    const config = concat([
      ZeroHash,
      concat([toBeHex(CHAIN_ID, 8), toBeHex(batchGas, 8), toBeHex(5_000, 4), toBeHex(messageBound, 2), toBeHex(limits.log2Steps ?? hashes.ledger.log2Steps, 1)]),
      new Uint8Array(9 + 64),
      concat(["0x" + "fe".repeat(20), toBeHex(1, 12), ZeroHash]),
    ]);
    const data = ledger.encodeBatch(blocks);
    const bytes = getBytes(data).length;
    const timestamp = 1_000 + this.index;
    const input = (data: string, flags: number, [target, head]: [number, string]): string => {
      const header = concat([
        concat([zeroPadValue("0x", 21), toBeHex(flags, 1), "0x0001", toBeHex(this.index, 8)]),
        concat([new Uint8Array(24), toBeHex(target, 8), this.store(data), head]),
        concat([ZeroHash, new Uint8Array(24), toBeHex(timestamp, 8)]),
      ]);
      const words = [toBeHex(1, 32), toBeHex(2, 32), toBeHex(3, 32), toBeHex(this.index, 32), this.parent];
      return this.keep(concat([...words, this.keep(header), this.keep(config)]));
    };
    const inputHash = input(data, flags, [this.target, this.targetHash]);
    const idle = input("0x" + "00".repeat(bytes), flags & ~SWEEP, this.consumed);
    this.consumed = [this.target, this.targetHash];
    this.index++;

    const { program } = this.host;
    const argument = [this.parent, config, toBeHex(this.target, 8), this.targetHash, toBeHex(flags, 1)];
    const opened = this.host.call(() => program.open(...this.host.argument(concat(argument))));
    const messageStatuses = statusesOf(getBytes(opened).subarray(49));
    const statuses: ledger.Status[] = [];
    for (const block of blocks) {
      const left = getBytes(
        this.host.call(() => program.block(...this.host.argument(ledger.encodeBlock(block)))),
      ).subarray(32);
      statuses.push(...statusesOf(left.subarray(8)));
      if (BigInt(hexlify(left.subarray(0, 8))) === 0n) break;
    }
    const metered = Number(program.work());
    const closed = this.host.call(() => program.close(BigInt(timestamp)));
    this.closed = closed;
    this.parent = closed.slice(0, 66);

    const oracle = { preimage: (_kind: number, key: Uint8Array) => this.host.preimages.get(hexlify(key)) };
    const emulator = new Emulator({ elf }, { oracle });
    const baseline = emulator.run(idle);
    if (baseline.outcome !== "exit") throw new Error(`the machine ended in ${baseline.outcome} with nothing to do`);
    const { outcome, output, steps } = emulator.run(inputHash);
    this.replay = { emulator, inputHash };
    if (outcome !== "exit" || output !== this.parent)
      throw new Error(`the machine ended in ${outcome} with ${output}, WebAssembly in ${this.parent}`);
    const phase = Number("0x" + closed.slice(-2));
    return { steps: Number(steps), baseline: Number(baseline.steps), metered, statuses, messageStatuses, phase };
  }

  private keep(bytes: string): string {
    this.host.keep(getBytes(bytes));
    return keccak256(bytes);
  }

  /** Stores data as the calldata layer does. */
  private store(data: string): string {
    const bytes = getBytes(data);
    const hashes: string[] = [];
    for (let at = 0; at < bytes.length; at += 4_096) hashes.push(this.keep(hexlify(bytes.subarray(at, at + 4_096))));
    return this.keep(concat(hashes));
  }
}

function statusesOf(receipts: Uint8Array): ledger.Status[] {
  const count = ((receipts[0] ?? 0) << 8) | (receipts[1] ?? 0);
  return Array.from({ length: count }, (_, i) => {
    const at = 2 + ledger.RECEIPT_LENGTH * i;
    return ledger.decodeReceipt(receipts.subarray(at, at + ledger.RECEIPT_LENGTH)).status;
  });
}
