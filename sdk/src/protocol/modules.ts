import { getAddress, dataSlice, id } from "ethers";

const moduleAddress = (name: string) => getAddress(dataSlice(id(name), 12));

/** Names of the modules that are built into the hub: they have no contracts. */
export const CALLDATA_MODULE = moduleAddress("rollworks.availability.calldata");
export const SINGLE_MODULE = moduleAddress("rollworks.sequencing.single");
export const OPEN_MODULE = moduleAddress("rollworks.sequencing.open");
