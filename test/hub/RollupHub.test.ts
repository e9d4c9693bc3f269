import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { BOND_GAS_PRICE, type HubFixture, Stage, WINDOW, hubFixture, passTicks } from "./fixture";

describe("RollupHub", () => {
  describe("constructor", () => {
    /** Deploys another hub, with this bridge, block time and gas price of bonds. */
    async function deploy(f: HubFixture, bridge: string, blockTime: bigint, gasPrice = BOND_GAS_PRICE) {
      const libraries: Record<string, string> = {};
      for (const name of ["Catalogue", "Creation", "Inspection", "Lifecycle", "Lines", "Verdicts"])
        libraries[name] = await (await ethers.deployContract(name)).getAddress();
      const [vault, machine] = await Promise.all([f.hub.vault(), f.hub.machine()]);
      const [governor, treasury] = [f.governor.address, f.treasury.address];
      return ethers.deployContract(
        "RollupHub",
        [governor, bridge, vault, machine, treasury, blockTime, gasPrice],
        { libraries },
      );
    }

    it("refuses a block time of 0", async () => {
      const f = await loadFixture(hubFixture);
      await expect(deploy(f, await f.hub.bridge(), 0n)).to.be.revertedWithCustomError(f.hub, "BlockTimeZero");
    });

    it("refuses bonds that pay for no gas", async () => {
      const f = await loadFixture(hubFixture);
      await expect(deploy(f, await f.hub.bridge(), 12n, 0n)).to.be.revertedWithCustomError(
        f.hub,
        "BondGasPriceZero",
      );
    });

    it("refuses a bridge that was made for another hub, or is none [a bridge of another hub]", async () => {
      const f = await loadFixture(hubFixture);
      const bridge = await f.hub.bridge();
      for (const wrong of [bridge, f.stranger.address])
        await expect(deploy(f, wrong, 12n))
          .to.be.revertedWithCustomError(f.hub, "BridgeForeign")
          .withArgs(wrong);
    });
  });

  it("takes messages, batches and claims, and makes them final", async () => {
    const f = await loadFixture(hubFixture);
    const stage = await Stage.create(f);
    await stage.openLine();
    await stage.deposit("0x1234");
    await stage.force(2);
    const posted = await stage.post({ data: "0xabcd" });
    await passTicks(WINDOW);
    await expect(stage.finalize(1n)).to.emit(f.hub, "Finalized");
    expect(await f.hub.lastFinal(stage.rollup)).to.deep.equal([1n, posted.commitment]);
    expect(await f.hub.commitmentIn(stage.rollup, 1)).to.equal(posted.commitment);
  });
});
