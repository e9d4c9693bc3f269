import hre from "hardhat";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { parseEther, parseUnits } from "ethers";
import { type Protocol, deployProtocol } from "../deploy/protocol";

/** The protocol as every test finds it, deployed through the one deploy path. */
export interface ProtocolFixture extends Protocol {
  /** Deployed it, governs it, holds the treasury and what is left of ALT. */
  readonly deployer: HardhatEthersSigner;
  /** Accounts with 10,000 ETH each; the first five hold 10 million ALT each. */
  readonly accounts: readonly HardhatEthersSigner[];
}

/** τ of the fixture [s]. */
export const BLOCK_TIME = 12;
/** Unbonding delay of the fixture [s]. */
export const UNBONDING_DELAY = 21 * 86_400;

/** Use it as `loadFixture(protocol)`: it deploys once per process. */
export async function protocol(): Promise<ProtocolFixture> {
  const [deployer, ...accounts] = await hre.ethers.getSigners();
  if (deployer === undefined) throw new Error("The network has no accounts.");
  const deployed = await deployProtocol(hre, {
    parameters: {
      blockTime: BLOCK_TIME,
      bondGasPrice: parseUnits("20", "gwei"),
      unbondingDelay: UNBONDING_DELAY,
    },
  });
  for (const { address } of accounts.slice(0, 5)) {
    await deployed.altToken.transfer(address, parseEther("10000000"));
  }
  return { ...deployed, deployer, accounts };
}
