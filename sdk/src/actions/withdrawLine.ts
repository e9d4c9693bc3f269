import { type Call, eventOf } from "../call";
import { IRollupHub__factory } from "../typechain";

export interface WithdrawLine {
  readonly hub: string;
  readonly rollup: bigint;
  /** Who gets the coins. */
  readonly to: string;
}

export interface WithdrawnLine {
  /** What was paid [wei]. */
  readonly deposit: bigint;
}

const hubInterface = IRollupHub__factory.createInterface();

/** Pays out the caller's released line; the stake that it reserved is free again. */
export function withdrawLine({ hub, rollup, to }: WithdrawLine): Call<WithdrawnLine> {
  return {
    to: hub,
    data: hubInterface.encodeFunctionData("withdrawLine", [rollup, to]),
    value: 0n,
    resultOf: (receipt) => ({
      deposit: eventOf(receipt, hub, hubInterface, "LineWithdrawn").deposit as bigint,
    }),
  };
}
