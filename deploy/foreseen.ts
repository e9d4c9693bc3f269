import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EIP1193Provider, FutureType } from "@nomicfoundation/ignition-core";
import { getCreateAddress } from "ethers";
import Protocol from "./modules/Protocol";

/** Whether a future creates a contract, which takes one nonce of the deployer's. */
const CREATES: ReadonlySet<FutureType> = new Set([
  FutureType.NAMED_ARTIFACT_CONTRACT_DEPLOYMENT,
  FutureType.CONTRACT_DEPLOYMENT,
  FutureType.NAMED_ARTIFACT_LIBRARY_DEPLOYMENT,
  FutureType.LIBRARY_DEPLOYMENT,
]);

/**
 * Returns the address that the hub will get: it is the last contract that the deployment creates (docs/decisions/080).
 *
 * @param journal a deployment that goes on keeps the address that it began with
 */
export async function foreseenHub(
  provider: EIP1193Provider,
  deployer: string,
  journal: string | undefined,
): Promise<string> {
  const file = journal === undefined ? undefined : join(journal, "hub.json");
  if (file !== undefined && existsSync(file)) {
    return (JSON.parse(readFileSync(file, "utf8")) as { hub: string }).hub;
  }
  const count = (await provider.request({
    method: "eth_getTransactionCount",
    params: [deployer, "pending"],
  })) as string;
  const before = [...Protocol.futures].filter(({ type }) => CREATES.has(type)).length - 1;
  const hub = getCreateAddress({ from: deployer, nonce: BigInt(count) + BigInt(before) });
  if (file !== undefined && journal !== undefined) {
    mkdirSync(journal, { recursive: true });
    writeFileSync(file, `${JSON.stringify({ hub })}\n`);
  }
  return hub;
}
