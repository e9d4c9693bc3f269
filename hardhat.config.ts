import "@nomicfoundation/hardhat-toolbox";
import { HardhatUserConfig } from "hardhat/config";
import "./scripts/toolchain/solc";

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
  paths: { ignition: "./deploy" },
  networks: {
    hardhat: { hardfork: "prague", blockGasLimit: 60_000_000, allowBlocksWithSameTimestamp: true },
  },
  typechain: { outDir: "sdk/src/typechain", target: "ethers-v6" },
  mocha: { timeout: 120_000 },
  gasReporter: { enabled: false },
};

export default config;
