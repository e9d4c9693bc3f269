import { type Call, eventOf } from "../call";
import { IRollupHub__factory } from "../typechain";

export interface ForceTransaction {
  readonly hub: string;
  readonly rollup: bigint;
  /** A transaction signed for the rollup, as its nodes take it; anyone may send anyone's. */
  readonly transaction: string;
}

export interface ForcedTransaction {
  /** Its place among the rollup's messages: once that many are consumed, it was judged. */
  readonly messageIndex: bigint;
}

const hubInterface = IRollupHub__factory.createInterface();

/** Sends a transaction to a rollup through L1, where no sequencer can leave it out. */
export function forceTransaction({ hub, rollup, transaction }: ForceTransaction): Call<ForcedTransaction> {
  return {
    to: hub,
    data: hubInterface.encodeFunctionData("force", [rollup, transaction]),
    value: 0n,
    resultOf: (receipt) => ({
      messageIndex: eventOf(receipt, hub, hubInterface, "MessageEnqueued").index as bigint,
    }),
  };
}
