import "@nomicfoundation/hardhat-toolbox";
import { HardhatUserConfig } from "hardhat/config";
import { readEnvironment } from "./config/environment";
import "./scripts/toolchain/solc";
import "./tasks";

/** Takes the computer's clock out of the tests; what it needs can't be loaded before this file. */
async function steadyTime(): Promise<void> {
  const { SteadyTime } = await import("./test/SteadyTime");
  SteadyTime.start();
}

const { rpcUrl, key, explorerUrl, deployments } = readEnvironment();

const config: HardhatUserConfig = {
  solidity: {
    version: "0.8.28",
    settings: {
      evmVersion: "prague",
      viaIR: true,
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: "none" },
    },
  },
  paths: { ignition: "./deploy", deployments },
  networks: {
    // the chain in tests begins on a fixed day, or every run had other block hashes, and with them other gas
    hardhat: {
      hardfork: "prague",
      blockGasLimit: 60_000_000,
      allowBlocksWithSameTimestamp: true,
      initialDate: "2026-01-01T00:00:00Z",
    },
    ...(rpcUrl ? { settlement: { url: rpcUrl, accounts: key ? [key] : "remote" } } : {}),
  },
  rollworks: { explorerUrl },
  typechain: { outDir: "sdk/src/typechain", target: "ethers-v6" },
  mocha: { timeout: 120_000, rootHooks: { beforeAll: steadyTime } },
  gasReporter: { enabled: false },
};

export default config;
