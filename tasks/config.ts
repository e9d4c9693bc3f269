import "hardhat/types/config";
import { resolve } from "node:path";
import { extendConfig } from "hardhat/config";
import type { Environment } from "../config/environment";

/** What the tasks add to Hardhat's configuration. */

declare module "hardhat/types/config" {
  interface ProjectPathsUserConfig {
    deployments?: string;
  }
  interface ProjectPathsConfig {
    /** The folder of the address books. */
    deployments: string;
  }
  interface HardhatUserConfig {
    rollworks?: Partial<Pick<Environment, "explorerUrl">>;
  }
  interface HardhatConfig {
    rollworks: Pick<Environment, "explorerUrl">;
  }
}

extendConfig((config, given) => {
  config.paths.deployments = resolve(config.paths.root, given.paths?.deployments ?? "deployments");
  config.rollworks = { explorerUrl: given.rollworks?.explorerUrl };
});
