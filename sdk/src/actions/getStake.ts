import type { Provider } from "ethers";
import { IVault__factory } from "../typechain";

export interface Stake {
  readonly isOperator: boolean;
  /** Active stake of the whole pool [ALT wei]. */
  readonly active: bigint;
  /** What leaves and can still be slashed [ALT wei]. */
  readonly unbonding: bigint;
  /** What slashes have left [parts of 10^27]. */
  readonly magnitude: bigint;
  /** What the service may slash [parts of 10^27]. */
  readonly allocated: bigint;
  /** Stake behind the service's lines [ALT wei]. */
  readonly backing: bigint;
  /** What its lines have reserved of that [ALT wei]. */
  readonly reserved: bigint;
  readonly isJailed: boolean;
  /** The owner's shares and their value [ALT wei]. */
  readonly shares: bigint;
  readonly amount: bigint;
}

/** Returns an operator's pool as a service and one owner of shares see it. */
export async function getStake(
  provider: Provider,
  { vault, operator, service, owner }: { vault: string; operator: string; service: string; owner: string },
): Promise<Stake> {
  const contract = IVault__factory.connect(vault, provider);
  const [pool, allocation, backing, stake] = await Promise.all([
    contract.poolOf(operator),
    contract.allocationOf(operator, service),
    contract.backingOf(operator, service),
    contract.stakeOf(operator, owner),
  ]);
  return {
    // A pool begins with its whole magnitude; none is left only where nothing is left to stake on.
    isOperator: pool.magnitude > 0n,
    active: pool.active,
    unbonding: pool.unbonding,
    magnitude: pool.magnitude,
    allocated: allocation.backing,
    backing,
    reserved: allocation.reserved,
    isJailed: allocation.isJailed,
    shares: stake.shares,
    amount: stake.amount,
  };
}
