import {
  HardhatArtifactResolver,
  errorDeploymentResultToExceptionMessage,
} from "@nomicfoundation/hardhat-ignition/helpers";
import {
  type DeploymentParameters,
  DeploymentResultType,
  type EIP1193Provider,
  type ExecutionEventListener,
  type IgnitionModule,
  type NamedArtifactContractDeploymentFuture,
  deploy,
} from "@nomicfoundation/ignition-core";
import type { HardhatRuntimeEnvironment } from "hardhat/types";

/** Raised when a deployment stopped; running it again with the same journal goes on from there. */
export class DeploymentStopped extends Error {
  override readonly name = "DeploymentStopped";
}

/** A transaction of a deployment that is mined. */
export interface MinedStep {
  readonly step: string;
  readonly hash: string;
}

export interface IgnitionRun<Name extends string> {
  readonly module: IgnitionModule<
    string,
    string,
    Record<Name, NamedArtifactContractDeploymentFuture<string>>
  >;
  readonly parameters: DeploymentParameters;
  /** Those of the network; the module's account 0 is the first. */
  readonly accounts: readonly string[];
  readonly provider: EIP1193Provider;
  /** Whether each transaction is mined at once, and nobody else sends any. */
  readonly inProcess: boolean;
  /** Where the journal is kept from which a broken deployment goes on; none is kept without it. */
  readonly journal?: string;
  readonly mined?: (transaction: MinedStep) => void;
}

/** Hears of mined transactions only. */
function listener(mined: IgnitionRun<string>["mined"]): ExecutionEventListener {
  const heard: Partial<ExecutionEventListener> = {
    transactionConfirm: ({ futureId, hash }) => mined?.({ step: futureId.replace(/^.*#/, ""), hash }),
  };
  const silence = (): void => undefined;
  return new Proxy(heard, {
    get: (target, event) => target[event as keyof ExecutionEventListener] ?? silence,
  }) as ExecutionEventListener;
}

/** Build information is for the journal; without one, reading its tens of megabytes is most of a deployment's time. */
class ArtifactsAlone extends HardhatArtifactResolver {
  override getBuildInfo(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** Runs an Ignition module; returns the addresses of its results. */
export async function runModule<Name extends string>(
  hre: HardhatRuntimeEnvironment,
  { module, parameters, accounts, provider, inProcess, journal, mined }: IgnitionRun<Name>,
): Promise<Record<Name, string>> {
  const result = await deploy({
    artifactResolver: journal === undefined ? new ArtifactsAlone(hre) : new HardhatArtifactResolver(hre),
    provider,
    deploymentDir: journal,
    executionEventListener: listener(mined),
    ignitionModule: module,
    deploymentParameters: parameters,
    accounts: [...accounts],
    // Elsewhere Ignition waits for as many confirmations as the chain's way of mining asks for.
    config: inProcess ? { requiredConfirmations: 1, blockPollingInterval: 10 } : {},
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw new DeploymentStopped(errorDeploymentResultToExceptionMessage(result));
  }
  const named = Object.entries(module.results) as [Name, { readonly id: string }][];
  return Object.fromEntries(
    named.map(([name, { id }]) => {
      const deployed = result.contracts[id];
      if (deployed === undefined) throw new DeploymentStopped(`${id} wasn't deployed.`);
      return [name, deployed.address];
    }),
  ) as Record<Name, string>;
}
