import { Interface, LogDescription } from "ethers";
import { ICatalogue__factory } from "@rollworks/sdk/src/typechain/factories/contracts/hub/ICatalogue__factory";
import { IRollupHub__factory } from "@rollworks/sdk/src/typechain/factories/contracts/hub/IRollupHub__factory";
import { L1Log } from "./watcher";

/** The hub as its interfaces describe it: what every rollup goes through, and the catalogue. */
export const HUB = new Interface([...IRollupHub__factory.abi, ...ICatalogue__factory.abi]);

/** The log as one of the hub's events, or undefined where it is none of them. */
export function parseHubLog(log: Pick<L1Log, "topics" | "data">): LogDescription | undefined {
  return HUB.parseLog(log) ?? undefined;
}

/** The rollup an event of the hub is about: its first indexed argument in every event of a rollup. */
export function rollupOf(log: Pick<L1Log, "topics">): number {
  return Number(BigInt(log.topics[1] ?? "0x0"));
}

/** The name of the hub's error in revert data, or its selector. */
export function revertName(data: string): string {
  if (data.length < 10) return "no reason";
  try {
    return HUB.parseError(data)?.name ?? data.slice(0, 10);
  } catch {
    return data.slice(0, 10);
  }
}
