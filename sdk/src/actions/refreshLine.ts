import { type Call, eventOf } from "../call";
import { IRollupHub__factory } from "../typechain";

export interface RefreshLine {
  readonly hub: string;
  readonly rollup: bigint;
}

export interface RefreshedLine {
  /** Last second in which it can claim [s since 1970]. */
  readonly validUntil: bigint;
}

const hubInterface = IRollupHub__factory.createInterface();

/** Makes the caller's line valid for as long as the vault's unbonding allows, from now. */
export function refreshLine({ hub, rollup }: RefreshLine): Call<RefreshedLine> {
  return {
    to: hub,
    data: hubInterface.encodeFunctionData("refreshLine", [rollup]),
    value: 0n,
    resultOf: (receipt) => ({
      validUntil: eventOf(receipt, hub, hubInterface, "LineRefreshed").validUntil as bigint,
    }),
  };
}
