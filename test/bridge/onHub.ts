import { setCode } from "@nomicfoundation/hardhat-network-helpers";
import { ethers } from "hardhat";
import type { CanonicalBridge } from "../../sdk/src/typechain";
import { type HubFixture, hubFixture, Stage } from "../hub/fixture";

export interface OnHub {
  readonly hub: HubFixture;
  readonly bridge: CanonicalBridge;
  readonly stage: Stage;
}

/** The bridge on a real hub: it takes the place of the account that the hub's fixture deposits from. Its rollup is the stage's. */
export async function bridgeOnHub(): Promise<OnHub> {
  const hub = await hubFixture();
  const built = await deployBridge(await hub.hub.getAddress());
  await setCode(hub.bridge.address, await ethers.provider.getCode(built));
  const bridge = await ethers.getContractAt("CanonicalBridge", hub.bridge.address);
  const stage = await Stage.create(hub);
  await stage.openLine();
  return { hub, bridge, stage };
}

export async function deployBridge(hub: string): Promise<CanonicalBridge> {
  const code = {
    fungible: await ethers.deployContract("MirrorERC20"),
    collection: await ethers.deployContract("MirrorERC721"),
    multi: await ethers.deployContract("MirrorERC1155"),
  };
  return ethers.deployContract("CanonicalBridge", [hub, code], {
    libraries: {
      Mirrors: await ethers.deployContract("Mirrors"),
      Unread: await ethers.deployContract("Unread"),
    },
  });
}
