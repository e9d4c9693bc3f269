import { type TransactionReceipt, dataSlice } from "ethers";
import { type Call, eventOf } from "../call";
import { ICanonicalBridge__factory, IRollupHub__factory } from "../typechain";

export interface DepositNative {
  readonly bridge: string;
  /** Whose message queue tells of the deposit. */
  readonly hub: string;
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

/** Place of the amount in a deposit message: `version ‖ kind ‖ sender(20) ‖ asset(32) ‖ id(32) ‖ amount(32) ‖ …`. */
const AMOUNT_AT = 86;

const hubInterface = IRollupHub__factory.createInterface();
const bridgeInterface = ICanonicalBridge__factory.createInterface();

/** Deposits coins on a rollup. */
export function depositNative({
  bridge,
  hub,
  rollup,
  to,
  amount,
  data = "0x",
}: DepositNative): Call<Deposited> {
  return {
    to: bridge,
    data: bridgeInterface.encodeFunctionData("depositNative", [rollup, to, data]),
    value: amount,
    resultOf: (receipt) => readDeposited(receipt, hub),
  };
}

/** Returns what the hub says of the deposit that a transaction made. */
export function readDeposited(receipt: TransactionReceipt, hub: string): Deposited {
  const { index, message } = eventOf(receipt, hub, hubInterface, "MessageEnqueued");
  return {
    messageIndex: index as bigint,
    amount: BigInt(dataSlice(message as string, AMOUNT_AT, AMOUNT_AT + 32)),
  };
}
