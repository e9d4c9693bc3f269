import type { Call } from "../call";
import { IRollupHub__factory } from "../typechain";

export interface CloseLine {
  readonly hub: string;
  readonly rollup: bigint;
}

const hubInterface = IRollupHub__factory.createInterface();

/** Ends claiming with the caller's line. It stays liable for claimLife + 1 day [ticks]; then `withdrawLine` frees it. */
export function closeLine({ hub, rollup }: CloseLine): Call {
  return {
    to: hub,
    data: hubInterface.encodeFunctionData("closeLine", [rollup]),
    value: 0n,
    resultOf: () => undefined,
  };
}
