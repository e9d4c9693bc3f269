import { type Call, eventOf } from "../call";
import { IVault__factory } from "../typechain";

export interface DepositStake {
  readonly vault: string;
  readonly operator: string;
  /** The vault must be approved for it [ALT wei]. */
  readonly amount: bigint;
}

export interface DepositedStake {
  /** The caller's new shares of the operator's pool. */
  readonly shares: bigint;
}

const vaultInterface = IVault__factory.createInterface();

/** Stakes ALT on an operator. It shares all his later slashes. */
export function depositStake({ vault, operator, amount }: DepositStake): Call<DepositedStake> {
  return {
    to: vault,
    data: vaultInterface.encodeFunctionData("deposit", [operator, amount]),
    value: 0n,
    resultOf: (receipt) => ({
      shares: eventOf(receipt, vault, vaultInterface, "Deposited").shares as bigint,
    }),
  };
}
