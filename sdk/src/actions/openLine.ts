import { type Call, eventOf } from "../call";
import { IRollupHub__factory } from "../typechain";

export interface OpenLine {
  readonly hub: string;
  readonly rollup: bigint;
  /** D of the rollup's record, to the wei [wei]. */
  readonly deposit: bigint;
  /** A bond line: coins alone, no stake. */
  readonly isBond?: boolean;
}

export interface OpenedLine {
  /** While a claim's nonce is this, the line backs it. */
  readonly nonce: bigint;
  /** Last second in which it can claim [s since 1970]. */
  readonly validUntil: bigint;
}

const hubInterface = IRollupHub__factory.createInterface();

/** Opens the caller's line in a rollup: from then on it can claim. */
export function openLine({ hub, rollup, deposit, isBond = false }: OpenLine): Call<OpenedLine> {
  return {
    to: hub,
    data: isBond
      ? hubInterface.encodeFunctionData("openBondLine", [rollup])
      : hubInterface.encodeFunctionData("openLine", [rollup]),
    value: deposit,
    resultOf: (receipt) => {
      const { nonce, validUntil } = eventOf(receipt, hub, hubInterface, "LineOpened");
      return { nonce: nonce as bigint, validUntil: validUntil as bigint };
    },
  };
}
