import type { Provider } from "ethers";
import type { Problem } from "../problems";

/** How many of the latest blocks are looked at, and how many at a time. */
const BLOCKS = 200;
const AT_ONCE = 20;

/**
 * Returns what is wrong with a block time [s] on a chain: that some block among the latest came sooner after its parent.
 * What outlasts a match is measured at one block time a block, which is sound only where none does (docs/deploying.md).
 */
export async function paceProblems(
  provider: Pick<Provider, "getBlockNumber" | "getBlock">,
  blockTime: number,
): Promise<Problem[]> {
  const head = await provider.getBlockNumber();
  const first = Math.max(0, head - BLOCKS);
  const times: number[] = [];
  for (let from = first; from <= head; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, head - from + 1) }, (_, i) => from + i);
    const blocks = await Promise.all(numbers.map((number) => provider.getBlock(number)));
    times.push(...blocks.flatMap((block) => block?.timestamp ?? []));
  }
  const intervals = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const shortest = Math.min(...intervals);
  if (intervals.length === 0 || shortest >= blockTime) return [];
  const rule =
    shortest >= 1
      ? `among the latest ${times.length} blocks one came ${shortest} s after its parent: ${shortest}s at most`
      : `among the latest ${times.length} blocks two have the same second: the protocol isn't sound on such a chain (docs/deploying.md)`;
  return [{ path: "blockTime", got: `${blockTime} s`, rule }];
}
