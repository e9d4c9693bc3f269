import { extendProvider } from "hardhat/config";
import { ProviderWrapper } from "hardhat/plugins";
import type { EIP1193Provider, RequestArguments } from "hardhat/types";

/** Where the embedded chain's time begins, and how far apart two blocks are that transactions make [s]. */
export const BEGINNING = "2030-01-01T00:00:00Z";
const BLOCK_SECONDS = 1;

/** Methods that make a block. */
const MINING: ReadonlySet<string> = new Set([
  "eth_sendTransaction",
  "eth_sendRawTransaction",
  "evm_mine",
  "hardhat_mine",
]);

/**
 * The embedded chain with a clock of its own: each block comes a second after the one before, however long it took. With the
 * same transactions in the same order, two runs have the same blocks to the last hash.
 */
class SteadyClock extends ProviderWrapper {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly inner: EIP1193Provider) {
    super(inner);
  }

  request(args: RequestArguments): Promise<unknown> {
    if (!MINING.has(args.method)) return this.inner.request(args);
    const answer = this.turn.then(() => this.mine(args));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  /** The next block's time is set ahead of it too: calls are simulated at that time. */
  private async mine(args: RequestArguments): Promise<unknown> {
    await this.setNext();
    try {
      return await this.inner.request(args);
    } finally {
      await this.setNext();
    }
  }

  private async setNext(): Promise<void> {
    const latest = (await this.inner.request({
      method: "eth_getBlockByNumber",
      params: ["latest", false],
    })) as {
      timestamp: string;
    };
    const next = Number(latest.timestamp) + BLOCK_SECONDS;
    await this.inner.request({ method: "evm_setNextBlockTimestamp", params: [next] });
  }
}

/** Gives the embedded chain a steady clock. Before its first use. */
export function steadyClock(network: { initialDate?: string }): void {
  network.initialDate = BEGINNING;
  extendProvider(async (provider) => new SteadyClock(provider));
}
