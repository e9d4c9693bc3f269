import { type Call } from "../call";
import { ICanonicalBridge__factory } from "../typechain";
import { type Deposited, readDeposited } from "./depositNative";

export interface DepositToken {
  readonly bridge: string;
  /** Whose message queue tells of the deposit. */
  readonly hub: string;
  readonly rollup: bigint;
  /** An ERC-20 token, or the mirror of a rollup's own. The bridge must be approved for the amount. */
  readonly token: string;
  /** In the token's smallest unit; what arrives is credited. */
  readonly amount: bigint;
  /** Who is credited on the rollup. */
  readonly to: string;
  /** For the receiver's call on the rollup; empty for none. */
  readonly data?: string;
}

const bridgeInterface = ICanonicalBridge__factory.createInterface();

/** Deposits ERC-20 tokens on a rollup. */
export function depositToken({
  bridge,
  hub,
  rollup,
  token,
  amount,
  to,
  data = "0x",
}: DepositToken): Call<Deposited> {
  return {
    to: bridge,
    data: bridgeInterface.encodeFunctionData("deposit", [rollup, token, amount, to, data]),
    value: 0n,
    resultOf: (receipt) => readDeposited(receipt, hub),
  };
}
