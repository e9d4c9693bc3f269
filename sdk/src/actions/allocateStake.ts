import type { Call } from "../call";
import { IVault__factory } from "../typechain";

/** A whole pool [parts]. */
export const WHOLE = 10n ** 27n;

export interface AllocateStake {
  readonly vault: string;
  /** Who may slash it: the hub, for claims. */
  readonly service: string;
  /** The new allocation, absolute [parts of 10^27]. */
  readonly magnitude: bigint;
}

const vaultInterface = IVault__factory.createInterface();

/** Sets what a service may slash of the calling operator's pool. */
export function allocateStake({ vault, service, magnitude }: AllocateStake): Call {
  return {
    to: vault,
    data: vaultInterface.encodeFunctionData("allocate", [service, magnitude]),
    value: 0n,
    resultOf: () => undefined,
  };
}
