import { concat, getBytes, hexlify, id, keccak256 } from "ethers";
import { Eip1193 } from "../../sequencer/src/l1/client";

export const WATCHED = `0x${"11".repeat(20)}`;

interface LogFilter {
  fromBlock?: string;
  toBlock?: string;
  blockHash?: string;
}

/** An L1 whose end and whose past a test may change, with one log of the watched contract in some blocks. */
export class FakeL1 implements Eip1193 {
  fork = "aa";
  forkedAt = 0;
  isGone = false;
  /** the hashes of blocks' parents lead nowhere */
  isUnlinked = false;
  /** blocks with a log */
  readonly events = new Set<number>();
  /** blocks whose filter says that there may be a log though there is none */
  readonly doubtful = new Set<number>();
  /** so many questions about logs are answered as a machine answers that doesn't have the blocks */
  blind = 0;
  /** blocks whose logs it leaves out where it is asked for many blocks at once */
  readonly forgotten = new Set<number>();
  /** blocks that this machine doesn't have, though it says that they exist */
  lacks = new Set<number>();
  /** most blocks in one question about logs */
  maxSpan = Infinity;
  readonly spans: number[] = [];
  readonly calls: string[] = [];

  constructor(
    public height: number,
    readonly chainId = "0x7a69",
  ) {}

  async request({ method, params = [] }: { method: string; params?: unknown[] }): Promise<unknown> {
    this.calls.push(method);
    if (this.isGone) throw new Error("gone");
    if (method === "eth_chainId") return this.chainId;
    if (method === "eth_blockNumber") return quantity(this.height);
    if (method === "eth_getLogs") return this.logs(params[0] as LogFilter);
    const [tag] = params as [string];
    const number = tag === "latest" ? this.height : Number(tag);
    if (number > this.height || this.lacks.has(number)) return null;
    return {
      number: quantity(number),
      hash: this.hash(number),
      parentHash: this.isUnlinked ? id(`parent of ${number}`) : this.hash(number - 1),
      timestamp: quantity(12 * number),
      logsBloom:
        this.events.has(number) || this.doubtful.has(number) ? bloomOf(WATCHED) : `0x${"00".repeat(256)}`,
    };
  }

  hash(number: number): string {
    const fork = number >= this.forkedAt ? this.fork : "aa";
    return `0x${fork}${Math.max(0, number).toString(16).padStart(62, "0")}`;
  }

  private logs({ fromBlock, toBlock, blockHash }: LogFilter): object[] {
    const all = Array.from({ length: this.height + 1 }, (_, number) => number);
    const asked =
      blockHash === undefined
        ? all.filter((number) => number >= Number(fromBlock) && number <= Number(toBlock))
        : all.filter((number) => this.hash(number) === blockHash);
    if (blockHash !== undefined && asked.length === 0) throw new Error("unknown block");
    if (blockHash === undefined) {
      const span = Number(toBlock) - Number(fromBlock) + 1;
      this.spans.push(span);
      if (span > this.maxSpan) throw new Error("block range is too wide");
    }
    if (this.blind > 0) {
      this.blind--;
      return [];
    }
    return asked
      .filter((number) => this.events.has(number))
      .filter((number) => blockHash !== undefined || !this.forgotten.has(number))
      .map((number) => ({
        address: WATCHED,
        topics: [id("Event()")],
        data: "0x",
        transactionHash: id(String(number)),
        logIndex: "0x0",
        blockNumber: quantity(number),
        blockHash: this.hash(number),
      }));
  }
}

/** The filter of a block with logs of one address, and nothing else. */
export function bloomOf(address: string): string {
  const bytes = new Uint8Array(256);
  const hash = getBytes(keccak256(address));
  for (const place of [0, 2, 4]) {
    const bit = (256 * hash[place]! + hash[place + 1]!) % 2_048;
    bytes[255 - Math.floor(bit / 8)]! |= 1 << (bit % 8);
  }
  return hexlify(concat([bytes]));
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}
