import { createProvider } from "hardhat/internal/core/providers/construction";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { MinedStep } from "./ignition";
import type { ProtocolParameters } from "./parameters";
import { deployAddresses } from "./protocol";

/** A step of a deployment and the gas that it takes. */
export interface RehearsedStep {
  readonly step: string;
  readonly gas: bigint;
}

/**
 * Deploys the protocol on an in-process chain of its own and forgets it: the cost is known, and a failure is met, before
 * anything is sent anywhere.
 */
export async function rehearse(
  hre: HardhatRuntimeEnvironment,
  parameters: ProtocolParameters,
): Promise<RehearsedStep[]> {
  const provider = await createProvider(hre.config, "hardhat", hre.artifacts);
  const mined: MinedStep[] = [];
  await deployAddresses(hre, { parameters, provider, mined: (transaction) => mined.push(transaction) });
  return Promise.all(
    mined.map(async ({ step, hash }) => {
      const receipt = (await provider.request({ method: "eth_getTransactionReceipt", params: [hash] })) as {
        gasUsed: string;
      };
      return { step, gas: BigInt(receipt.gasUsed) };
    }),
  );
}
