import { join } from "node:path";
import hre from "hardhat";
import { programEntries } from "../../deploy/programs";
import { AddressBook, type NamedRollup } from "../../tasks/addressBook";
import type { World } from "./world";

/** Writes the address book by which the tasks of other processes find what the story has left; returns the folder to name to them. */
export async function writeAddressBook(world: World): Promise<string> {
  const { chain, chainId, protocol, cast, rollups, folder } = world;
  const { hub } = protocol;
  const latest = await chain.provider.getBlock("latest");
  if (latest?.hash == null) throw new Error("The chain has no latest block.");
  const named: Record<string, NamedRollup> = {};
  for (const { name, id, l2ChainId } of Object.values(rollups)) {
    const [created] = await hub.queryFilter(hub.filters.Created(id));
    if (created === undefined) throw new Error(`The hub has no rollup ${id}.`);
    named[name] = {
      id: `${id}`,
      l2ChainId: `${l2ChainId}`,
      preset: name,
      transaction: created.transactionHash,
      block: created.blockNumber,
    };
  }
  const contracts = await Promise.all(
    Object.entries(protocol).map(async ([name, contract]: [string, { getAddress(): Promise<string> }]) => [
      name,
      await contract.getAddress(),
    ]),
  );
  const deployments = join(folder, "deployments");
  hre.config.paths.deployments = deployments;
  AddressBook.serve(hre);
  AddressBook.of(hre, chainId).write({
    chainId: Number(chainId),
    fromBlock: 1,
    block: latest.number,
    blockHash: latest.hash,
    deployer: cast.creator.address,
    contracts: Object.fromEntries(contracts) as Record<string, string>,
    programs: Object.fromEntries(programEntries().map(({ name, programHash }) => [name, programHash])),
    rollups: named,
  });
  return deployments;
}
