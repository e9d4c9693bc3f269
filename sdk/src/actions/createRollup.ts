import { type Call, eventOf } from "../call";
import type { RollupParameters } from "../presets";
import { IRollupHub__factory } from "../typechain";

export interface CreateRollup extends RollupParameters {
  readonly hub: string;
}

export interface CreatedRollup {
  readonly rollup: bigint;
}

const hubInterface = IRollupHub__factory.createInterface();

/** Creates a rollup in one transaction. Its id is in the result. */
export function createRollup({ hub, chain, security, lifetime }: CreateRollup): Call<CreatedRollup> {
  return {
    to: hub,
    data: hubInterface.encodeFunctionData("create", [chain, security, lifetime]),
    value: 0n,
    resultOf: (receipt) => ({ rollup: eventOf(receipt, hub, hubInterface, "Created").rollup as bigint }),
  };
}
