import { type Call, eventOf } from "../call";
import { IVault__factory } from "../typechain";

export interface UnbondStake {
  readonly vault: string;
  readonly operator: string;
  /** Of the caller's shares in the operator's pool. */
  readonly shares: bigint;
}

export interface UnbondedStake {
  /** Day on which it can be claimed, counted from 1970-01-01. */
  readonly maturity: bigint;
  /** What it is worth now; a slash before its maturity makes it less [ALT wei]. */
  readonly amount: bigint;
}

const vaultInterface = IVault__factory.createInterface();

/** Turns shares into a ticket, which matures after the unbonding delay, when a day of UTC starts. */
export function unbondStake({ vault, operator, shares }: UnbondStake): Call<UnbondedStake> {
  return {
    to: vault,
    data: vaultInterface.encodeFunctionData("unbond", [operator, shares]),
    value: 0n,
    resultOf: (receipt) => {
      const { maturity, amount } = eventOf(receipt, vault, vaultInterface, "Unbonded");
      return { maturity: maturity as bigint, amount: amount as bigint };
    },
  };
}
