import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Stage, WINDOW, hubFixture, passTicks } from "./fixture";

describe("RollupHub", () => {
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
