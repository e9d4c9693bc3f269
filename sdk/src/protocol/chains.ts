/** Chains that live on one machine and nobody's money is on: Hardhat's and anvil's default id, and Ganache's. */
export const DEVELOPMENT_CHAINS: ReadonlySet<bigint> = new Set([31_337n, 1_337n]);
