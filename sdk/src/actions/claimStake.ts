import { type Call, eventOf } from "../call";
import { IVault__factory } from "../typechain";

export interface ClaimStake {
  readonly vault: string;
  readonly operator: string;
  /** Who is paid; anyone may call. */
  readonly owner: string;
  /** Day on which the ticket matured, counted from 1970-01-01. */
  readonly maturity: bigint;
}

export interface ClaimedStake {
  /** What was paid [ALT wei]. */
  readonly amount: bigint;
}

const vaultInterface = IVault__factory.createInterface();

/** Pays a matured ticket to its owner. */
export function claimStake({ vault, operator, owner, maturity }: ClaimStake): Call<ClaimedStake> {
  return {
    to: vault,
    data: vaultInterface.encodeFunctionData("claim", [operator, owner, maturity]),
    value: 0n,
    resultOf: (receipt) => ({
      amount: eventOf(receipt, vault, vaultInterface, "Claimed").amount as bigint,
    }),
  };
}
