import { type Call, eventOf } from "../call";
import { ICanonicalBridge__factory } from "../typechain";

export interface DepositNative {
  readonly bridge: string;
  readonly rollup: bigint;
  /** Who is credited on the rollup. */
  readonly to: string;
  /** [wei] */
  readonly amount: bigint;
  /** For the receiver's call on the rollup; empty for none. */
  readonly data?: string;
}

export interface Deposited {
  /** The rollup consumes messages in the order of this index. */
  readonly messageIndex: bigint;
  /** What arrived, in the asset's smallest unit. */
  readonly amount: bigint;
}

const bridgeInterface = ICanonicalBridge__factory.createInterface();

/** Deposits coins on a rollup. */
export function depositNative({ bridge, rollup, to, amount, data = "0x" }: DepositNative): Call<Deposited> {
  return {
    to: bridge,
    data: bridgeInterface.encodeFunctionData("depositNative", [rollup, to, data]),
    value: amount,
    resultOf: (receipt) => {
      const deposited = eventOf(receipt, bridge, bridgeInterface, "Deposited");
      return { messageIndex: deposited.messageIndex as bigint, amount: deposited.amount as bigint };
    },
  };
}
