import { type Log, type Provider, isError } from "ethers";

/** Most endpoints take so long a span of `eth_getLogs`; where one refuses, it is halved [blocks]. */
const SPAN = 2_000;

/** Whose logs, by their topics. */
export interface LogFilter {
  readonly address: string;
  readonly topics: (string | string[] | null)[];
}

/** Yields the logs of a filter in their order. Raises the endpoint's refusal when it refuses a single block, too. */
export async function* logsOf(
  provider: Provider,
  filter: LogFilter,
  fromBlock: number,
  lastBlock: number,
): AsyncGenerator<Log> {
  let span = SPAN;
  for (let from = fromBlock; from <= lastBlock;) {
    const toBlock = Math.min(lastBlock, from + span - 1);
    let logs: Log[];
    try {
      logs = await provider.getLogs({ ...filter, fromBlock: from, toBlock });
    } catch (error) {
      if (from === toBlock || isError(error, "NETWORK_ERROR")) throw error;
      span = Math.ceil((toBlock - from + 1) / 2);
      continue;
    }
    yield* logs;
    from = toBlock + 1;
  }
}
