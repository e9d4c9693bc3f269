import {
  HardhatArtifactResolver,
  errorDeploymentResultToExceptionMessage,
} from "@nomicfoundation/hardhat-ignition/helpers";
import {
  type ContractFuture,
  DeploymentResultType,
  type DeploymentParameters,
  type ExecutionEventListener,
  type IgnitionModule,
  type IgnitionModuleResult,
  deploy,
} from "@nomicfoundation/ignition-core";
import type { ContractRunner } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { AltToken, Machine, Vault } from "../sdk/src/typechain";
import Governance from "./modules/Governance";
import ProtocolModule from "./modules/Protocol";
import type { ProtocolParameters } from "./parameters";

/** The protocol's contracts, connected to the deployer. */
export interface Protocol {
  readonly altToken: AltToken;
  readonly machine: Machine;
  readonly vault: Vault;
}

export interface DeployOptions {
  readonly parameters: ProtocolParameters;
  /** Who sends; the network's first account when it isn't said. */
  readonly deployer?: string;
  /** Where the journal is kept from which a broken deployment goes on; none is kept without it. */
  readonly journal?: string;
  /** Called for each transaction that is mined. */
  readonly mined?: (transaction: { readonly step: string; readonly hash: string }) => void;
}

/** Raised when a deployment stopped; running it again with the same journal goes on from there. */
export class DeploymentStopped extends Error {
  override readonly name = "DeploymentStopped";
}

/** Deploys the protocol through its Ignition module, or goes on with a deployment that was broken off. */
export async function deployProtocol(
  hre: HardhatRuntimeEnvironment,
  options: DeployOptions,
): Promise<Protocol> {
  const { parameters } = options;
  const accounts = (await hre.network.provider.send("eth_accounts", [])) as string[];
  const deployer = options.deployer ?? accounts[0];
  if (deployer === undefined) throw new DeploymentStopped("The network has no account to deploy from.");
  // Ignition's account 0 is the deployer.
  const ordered = [
    deployer,
    ...accounts.filter((account) => account.toLowerCase() !== deployer.toLowerCase()),
  ];
  const { blockTime, bondGasPrice, unbondingDelay, governance, treasury, altHolder } = parameters;
  const given: DeploymentParameters = {
    Protocol: {
      blockTime: BigInt(blockTime),
      bondGasPrice,
      unbondingDelay: BigInt(unbondingDelay),
      ...(treasury === undefined ? {} : { treasury }),
      ...(altHolder === undefined ? {} : { altHolder }),
    },
    ...(governance === undefined ? {} : { Governance: { governance } }),
  };
  const addresses = await run(
    hre,
    governance === undefined ? ProtocolModule : Governance,
    given,
    ordered,
    options,
  );
  return connect(await hre.ethers.getSigner(deployer), addresses);
}

/** The names of the contracts in an address book, as the module's results. */
export type ProtocolAddresses = { readonly [name in keyof Protocol]: string };

/** Returns the protocol's contracts at known addresses. */
export async function connect(runner: ContractRunner, addresses: ProtocolAddresses): Promise<Protocol> {
  const { AltToken__factory, Machine__factory, Vault__factory } = await import("../sdk/src/typechain");
  return {
    altToken: AltToken__factory.connect(addresses.altToken, runner),
    machine: Machine__factory.connect(addresses.machine, runner),
    vault: Vault__factory.connect(addresses.vault, runner),
  };
}

/** Hears of mined transactions only. */
function listener(mined: DeployOptions["mined"]): ExecutionEventListener {
  const heard: Partial<ExecutionEventListener> = {
    transactionConfirm: ({ futureId, hash }) => mined?.({ step: futureId.replace(/^.*#/, ""), hash }),
  };
  const silence = (): void => undefined;
  return new Proxy(heard, {
    get: (target, event) => target[event as keyof ExecutionEventListener] ?? silence,
  }) as ExecutionEventListener;
}

async function run<Name extends string>(
  hre: HardhatRuntimeEnvironment,
  module: IgnitionModule<string, string, IgnitionModuleResult<string> & Record<Name, ContractFuture<string>>>,
  deploymentParameters: DeploymentParameters,
  accounts: string[],
  { journal, mined }: DeployOptions,
): Promise<Record<Name, string>> {
  const result = await deploy({
    artifactResolver: new HardhatArtifactResolver(hre),
    provider: hre.network.provider,
    deploymentDir: journal,
    executionEventListener: listener(mined),
    ignitionModule: module,
    deploymentParameters,
    accounts,
    // Ignition waits for five confirmations unless the chain mines on demand; then it shouldn't sleep between looks either.
    config: hre.network.name === "hardhat" ? { requiredConfirmations: 1, blockPollingInterval: 10 } : {},
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw new DeploymentStopped(errorDeploymentResultToExceptionMessage(result));
  }
  return Object.fromEntries(
    Object.entries<ContractFuture<string>>(module.results).map(([name, future]) => {
      const deployed = result.contracts[future.id];
      if (deployed === undefined) throw new DeploymentStopped(`${future.id} wasn't deployed.`);
      return [name, deployed.address];
    }),
  ) as Record<Name, string>;
}
