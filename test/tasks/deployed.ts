import hre from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { programEntries } from "../../deploy/programs";
import { AddressBook } from "../../tasks/addressBook";
import { type ProtocolFixture, protocol } from "../fixture";

export interface Deployed extends ProtocolFixture {
  readonly addressBook: AddressBook;
}

/** Returns the protocol with the address book that `protocol deploy` would have written for it. */
export async function deployed(): Promise<Deployed> {
  const fixture = await loadFixture(protocol);
  const { altToken, machine, vault, hub, bridge, deployer } = fixture;
  const latest = await hre.ethers.provider.getBlock("latest");
  const addresses = await Promise.all(
    Object.entries({ altToken, machine, vault, hub, bridge }).map(
      async ([name, contract]) => [name, await contract.getAddress()] as const,
    ),
  );
  const addressBook = AddressBook.of(hre, 31_337n);
  addressBook.write({
    chainId: 31_337,
    fromBlock: 0,
    block: latest?.number ?? 0,
    blockHash: latest?.hash ?? "",
    deployer: deployer.address,
    contracts: Object.fromEntries(addresses),
    programs: Object.fromEntries(programEntries().map(({ name, programHash }) => [name, programHash])),
    rollups: {},
  });
  return { ...fixture, addressBook };
}
