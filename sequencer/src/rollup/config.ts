import { Config, configHash, decodeConfig, encodeConfig } from "@rollworks/sdk/src/protocol";
import { fromHex, toHex } from "../hashing";
import { HUB } from "../l1/contracts";
import { L1Access, RollupPlace } from "./context";
import { CreatedFact } from "./facts";

/** Raised when the node can't run a rollup: what L1 says about it doesn't fit what the node knows. */
export class RollupUnusable extends Error {
  override readonly name = "RollupUnusable";
}

/** What L1 says about a rollup once and for all. */
export interface RollupTerms {
  /** encoded config of its batches */
  readonly config: Uint8Array;
  /** W + T_match [ticks] */
  readonly claimLife: number;
}

/** The config of a rollup's batches: made of its creation and its program's entry, checked against the hub's hash. */
export async function readConfig(
  l1: L1Access,
  place: RollupPlace,
  created: CreatedFact,
  genesis: Uint8Array,
): Promise<RollupTerms> {
  const view = async (name: string, argument: unknown) => {
    const data = HUB.encodeFunctionData(name, [argument]);
    return HUB.decodeFunctionResult(
      name,
      await l1.call<string>("eth_call", [{ to: place.hub, data }, "latest"]),
    );
  };
  const entry = await view("programEntry", created.program);
  if (entry.genesis !== toHex(genesis))
    throw new RollupUnusable("the program's genesis isn't the catalogue's");
  const config: Config = {
    programHash: created.program,
    l2ChainId: place.l2ChainId,
    batchGas: entry.batchGas as bigint,
    messageGas: BigInt(created.messageGas),
    messageBound: BigInt(created.messageBound),
    logSteps: entry.logSteps as bigint,
    policyMask: BigInt(created.policy >> 8),
    policyThreshold: BigInt(created.policy & 0xff),
    availability: created.availability,
    clock: BigInt(created.clock),
    extension: BigInt(created.extension),
    bond: BigInt(created.bond),
    window: BigInt(created.window),
    feeRecipient: created.feeRecipient,
    gasPrice: BigInt(created.gasPrice),
  };
  const record = (await view("record", place.id))[0] as { configHash: string; claimLife: bigint };
  if (record.configHash !== configHash(config))
    throw new RollupUnusable("the config doesn't hash to what the hub keeps");
  return { config: fromHex(encodeConfig(config)), claimLife: Number(record.claimLife) };
}

/** Reads the config's fields from its bytes. */
export function parseConfig(bytes: Uint8Array): Config {
  return decodeConfig(Array.from({ length: 6 }, (_, at) => toHex(bytes.subarray(32 * at, 32 * at + 32))));
}
