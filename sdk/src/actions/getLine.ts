import type { Provider } from "ethers";
import { slowTicksBetween } from "../protocol";
import { IRollupHub__factory } from "../typechain";

export interface LineState {
  /** What it deposited [wei]; 0: there is no line. */
  readonly deposit: bigint;
  /** While a claim's nonce is this, the line backs it. */
  readonly nonce: bigint;
  /** Last second in which it can claim [s since 1970]; 0 while it closes. */
  readonly validUntil: bigint;
  /** With stake; else a bond line. */
  readonly isAlt: boolean;
  readonly isClosing: boolean;
  /** Of a closing line: how long it stays liable, at one block time a block at most [ticks]; 0: it can be withdrawn. */
  readonly releasedIn: bigint | undefined;
}

/** What a closing line waits for beside a claim's life [ticks]. */
const SPARE = 86_400n;

/** Returns the line of a key in a rollup. */
export async function getLine(
  provider: Provider,
  { hub, rollup, key }: { readonly hub: string; readonly rollup: bigint; readonly key: string },
): Promise<LineState> {
  const contract = IRollupHub__factory.connect(hub, provider);
  const [line, { claimLife }, blockTime, latest] = await Promise.all([
    contract.lineOf(rollup, key),
    contract.record(rollup),
    contract.blockTime(),
    provider.getBlock("latest"),
  ]);
  const { deposit, nonce, validUntil, isAlt, closingTime: time, closingBlock: block } = line;
  const isClosing = time !== 0n;
  const now = { time: BigInt(latest?.timestamp ?? 0), block: BigInt(latest?.number ?? 0) };
  const left = claimLife + SPARE - slowTicksBetween({ time, block }, now, blockTime);
  const releasedIn = isClosing ? (left > 0n ? left : 0n) : undefined;
  return { deposit, nonce, validUntil, isAlt, isClosing, releasedIn };
}
