import { getBytes, keccak256 } from "ethers";
import { Log } from "../log";
import { L1Client, PinnedL1 } from "./client";
import { L1Answer } from "./faults";

export interface L1Block {
  readonly number: number;
  readonly hash: string;
  /** [s] */
  readonly timestamp: number;
}

export interface L1Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  readonly block: L1Block;
}

/** A stretch of L1 that was read, up to its last block. */
export interface Stretch {
  readonly logs: readonly L1Log[];
  /** blocks known to be part of it, the last one among them, in order */
  readonly blocks: readonly L1Block[];
  readonly last: L1Block;
}

interface RawBlock {
  number: string;
  hash: string;
  parentHash: string;
  timestamp: string;
  logsBloom?: string;
}

interface RawLog {
  address: string;
  topics: string[];
  data: string;
  transactionHash: string;
  logIndex: string;
  blockNumber: string;
  blockHash: string;
}

/** The longest span of one `eth_getLogs`: most endpoints refuse longer ones, and some take only far shorter ones. */
const MAX_SPAN = 2_000;
/** After an answer the span grows by this part of it: an endpoint with a limit of its own refuses few requests. */
const GROWTH_SHARE = 8;
/** Questions asked at the same time. */
const AT_ONCE = 8;
const BLOOM_BYTES = 256;
/** An endpoint that doesn't answer when another one's answer is to be compared isn't asked again for so long [ms]. */
const SILENCE_MS = 60_000;

/**
 * Reads logs so that none is missing. Endpoints are often several machines behind one name: one that doesn't have a block yet
 * answers a question about a range of blocks as if there were nothing in it. So the last blocks are asked for one by one, by
 * their hash, which such a machine doesn't know, and nothing is believed to be empty against the block's own filter.
 */
export class L1Reader {
  private span = MAX_SPAN;
  /** when another endpoint may be asked for what one answered */
  private comparableFrom = -Infinity;

  constructor(
    private readonly options: {
      addresses: readonly string[];
      /** Hardhat makes up the blocks that it is told to skip: each has a hash, but their parents' hashes lead nowhere */
      isMadeUp?: boolean;
    },
    private readonly deps: { client: L1Client; log: Log },
  ) {}

  async block(l1: PinnedL1, tag: number | "latest"): Promise<L1Block | null> {
    const raw = await this.rawBlock(l1, tag);
    return raw === null ? null : toBlock(raw);
  }

  /**
   * The logs from `from` on by their range, for blocks that every machine has: as far as the endpoint lets us look at once, and
   * at most up to `limit`. Undefined where L1 was reorganised meanwhile.
   */
  async range(l1: PinnedL1, from: number, limit: number): Promise<Stretch | undefined> {
    for (;;) {
      const to = Math.min(limit, from + this.span - 1);
      const last = await this.block(l1, to);
      if (last === null) return undefined;
      const [own, others] = await Promise.all([this.rangeLogs(l1, from, to), this.othersLogs(l1, from, to)]);
      if (own === undefined) continue;
      const raw = [...own, ...(await this.leftOut(l1, own, others))];
      const numbers = [...new Set(raw.map(({ blockNumber }) => Number(blockNumber)))].sort((a, b) => a - b);
      const blocks = await inGroups(numbers, (number) => this.block(l1, number));
      const byHash = new Map(blocks.map((block) => [block?.hash, block]));
      const logs: L1Log[] = [];
      for (const log of raw) {
        const block = byHash.get(log.blockHash);
        if (block === undefined || block === null) return undefined;
        logs.push(toLog(log, block));
      }
      if ((await this.block(l1, to))?.hash !== last.hash) return undefined;
      const known = blocks.filter((block): block is L1Block => block !== null && block.number !== to);
      return { logs: inOrder(logs), blocks: [...known, last], last };
    }
  }

  /**
   * The logs of these blocks, each by its block's hash. The first one must follow the block with the hash `parent`, if that is
   * known. Undefined where L1 was reorganised meanwhile, or the endpoint doesn't have them all.
   */
  async each(
    l1: PinnedL1,
    from: number,
    to: number,
    parent: string | undefined,
  ): Promise<Stretch | undefined> {
    const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const raw = await inGroups(numbers, (number) => this.rawBlock(l1, number));
    const found: RawBlock[] = [];
    let before = parent;
    for (const block of raw) {
      if (block === null || !this.follows(block, before)) return undefined;
      found.push(block);
      before = block.hash;
    }
    const logs = await inGroups(found, async (block) => {
      const own = await this.blockLogs(l1, block);
      return own?.map((log) => toLog(log, toBlock(block)));
    });
    if (logs.includes(undefined)) return undefined;
    const blocks = found.map(toBlock);
    return { logs: inOrder(logs.flatMap((own) => own!)), blocks, last: blocks.at(-1)! };
  }

  private follows({ parentHash }: RawBlock, before: string | undefined): boolean {
    return before === undefined || this.options.isMadeUp === true || parentHash === before;
  }

  /** Undefined where the endpoint refuses so many: then ask again. */
  private async rangeLogs(l1: PinnedL1, from: number, to: number): Promise<RawLog[] | undefined> {
    const count = to - from + 1;
    try {
      const raw = await l1.call<RawLog[]>("eth_getLogs", [this.filter(from, to)]);
      this.span = Math.min(MAX_SPAN, this.span + Math.ceil(this.span / GROWTH_SHARE));
      return raw;
    } catch (error) {
      this.span = Math.max(1, Math.floor(count / 2));
      if (!(error instanceof L1Answer)) throw error; // it is asked for less next time: it may have been too slow
      if (count > 1) return undefined;
      this.span = MAX_SPAN; // the next endpoint may be another kind
      throw error;
    }
  }

  /** What another endpoint says of these blocks, where there is one: a machine that lost logs answers as if there were none. */
  private async othersLogs({ endpoint }: PinnedL1, from: number, to: number): Promise<RawLog[]> {
    const { client, log } = this.deps;
    if (client.count < 2 || performance.now() < this.comparableFrom) return [];
    try {
      return await client.askAnother<RawLog[]>(endpoint, "eth_getLogs", [this.filter(from, to)]);
    } catch (error) {
      // It may take less at once than the one in use: nothing waits for it.
      this.comparableFrom = performance.now() + SILENCE_MS;
      log.debug({ from, to, reason: String(error) }, "no other L1 endpoint to compare logs with");
      return [];
    }
  }

  /** Of what another endpoint says, that which isn't in one's own answer and lies in blocks of one's own chain that may hold it. */
  private async leftOut(l1: PinnedL1, own: readonly RawLog[], others: readonly RawLog[]): Promise<RawLog[]> {
    const name = ({ blockHash, logIndex }: RawLog) => `${blockHash}/${Number(logIndex)}`;
    const known = new Set(own.map(name));
    const more = others.filter((log) => !known.has(name(log)));
    const numbers = [...new Set(more.map(({ blockNumber }) => Number(blockNumber)))];
    const blocks = await inGroups(numbers, (number) => this.rawBlock(l1, number));
    const byHash = new Map(blocks.map((block) => [block?.hash, block]));
    const found = more.filter(({ blockHash, address }) => {
      const block = byHash.get(blockHash);
      return block && (block.logsBloom === undefined || mayHold(block.logsBloom, address));
    });
    if (found.length > 0)
      this.deps.log.warn(
        { logs: found.length, endpoint: l1.endpoint },
        "an L1 endpoint left out logs, another gave them",
      );
    return found;
  }

  private filter(from: number, to: number): object {
    return { address: this.options.addresses, fromBlock: quantity(from), toBlock: quantity(to) };
  }

  private async blockLogs(l1: PinnedL1, block: RawBlock): Promise<RawLog[] | undefined> {
    const { addresses } = this.options;
    const question = [{ address: addresses, blockHash: block.hash }];
    let logs = await l1.call<RawLog[]>("eth_getLogs", question);
    if (logs.length === 0 && addresses.some((address) => mayHold(block.logsBloom, address))) {
      // The filter errs now and then, but a machine that lags may too: somebody else is asked, or the same once more.
      const again = () => l1.call<RawLog[]>("eth_getLogs", question);
      logs = await this.deps.client.askAnother<RawLog[]>(l1.endpoint, "eth_getLogs", question).catch(again);
      if (logs.length > 0)
        this.deps.log.warn(
          { block: Number(block.number) },
          "an L1 endpoint left out logs, another gave them",
        );
    }
    return logs.every(({ blockHash }) => blockHash === block.hash) ? logs : undefined;
  }

  private rawBlock(l1: PinnedL1, tag: number | "latest"): Promise<RawBlock | null> {
    const name = typeof tag === "number" ? quantity(tag) : tag;
    return l1.call<RawBlock | null>("eth_getBlockByNumber", [name, false]);
  }
}

/** Whether a block's filter says that there may be logs of this address in it. */
export function mayHold(bloom: string | undefined, address: string): boolean {
  if (bloom === undefined) return false;
  const bytes = getBytes(bloom);
  const hash = getBytes(keccak256(address));
  return [0, 2, 4].every((place) => {
    const bit = ((hash[place]! << 8) | hash[place + 1]!) & (8 * BLOOM_BYTES - 1);
    return ((bytes[BLOOM_BYTES - 1 - (bit >> 3)]! >> (bit & 7)) & 1) === 1;
  });
}

async function inGroups<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const found: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE)
    found.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(ask))));
  return found;
}

function inOrder(logs: L1Log[]): L1Log[] {
  return logs.sort((a, b) => a.block.number - b.block.number || a.logIndex - b.logIndex);
}

function toBlock({ number, hash, timestamp }: RawBlock): L1Block {
  return { number: Number(number), hash, timestamp: Number(timestamp) };
}

function toLog({ address, topics, data, transactionHash, logIndex }: RawLog, block: L1Block): L1Log {
  return {
    address: address.toLowerCase(),
    topics,
    data,
    transactionHash,
    logIndex: Number(logIndex),
    block,
  };
}

function quantity(value: number): string {
  return `0x${Math.max(0, value).toString(16)}`;
}
