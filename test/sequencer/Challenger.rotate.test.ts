import { expect } from "chai";
import { id } from "ethers";
import { Bluffer, postLie, victory } from "./bluffer";
import { BOND, eventually, Settlement } from "./fixture";
import { NodeProcess } from "./NodeProcess";
import { SendGate } from "./SendGate";

describe("Challenger > rotate", function () {
  this.timeout(180_000);
  let settlement: Settlement;
  let gate: SendGate | undefined;

  before(async () => {
    settlement = await Settlement.start();
    gate = await SendGate.start(settlement.anvil);
  });

  after(async () => {
    await gate?.stop();
    await settlement?.stop();
  });

  it("wins its match though the endpoint that it has opened it by dies in the middle of it", async () => {
    const { hub, anvil } = settlement;
    const liar = anvil.wallet(2);
    const rollup = await settlement.createRollup(liar);
    await postLie(settlement, rollup, liar, id("a lie"));
    const challenger = anvil.wallet(3);
    const endpoints = [gate!.url, anvil.url].join(",");
    const node = await NodeProcess.create(settlement, "challenger", challenger.privateKey, endpoints);
    try {
      await node.start();
      await eventually(
        "the opening",
        async () => (await hub.queryFilter(hub.filters.MatchOpened)).length > 0,
        60_000,
      );
      await gate!.stop();
      gate = undefined;
      const match = await new Bluffer(settlement, liar).play();
      const { winner, payout } = await victory(settlement, match, liar);
      expect([winner, payout]).to.deep.equal([challenger.address, 2n * BOND]);
      await eventually(
        "the payment",
        async () => (await hub.queryFilter(hub.filters.MatchPaid(match.id))).length > 0,
      );
      expect(await node.end("SIGTERM")).to.equal(0);
    } finally {
      await node.remove();
    }
  });
});
