import { expect } from "chai";
import { id, Wallet } from "ethers";
import { Bluffer, postLie, victory } from "./bluffer";
import { openSham } from "./Duel";
import { BOND, eventually, Rollup, Settlement, TestNode } from "./fixture";

describe("Challenger", function () {
  this.timeout(240_000);
  let settlement: Settlement;
  let liar: Wallet;
  let rollup: Rollup;

  beforeEach(async () => {
    settlement = await Settlement.start();
    liar = settlement.anvil.wallet(2);
    rollup = await settlement.createRollup(liar);
  });

  afterEach(async () => {
    await settlement?.stop();
  });

  it("opens a match against a false claim, answers every move, wins and collects", async () => {
    await postLie(settlement, rollup, liar, id("a lie"));
    const challenger = settlement.anvil.wallet(3);
    const node = await TestNode.start(settlement, { role: ["challenger"], key: challenger.privateKey });
    try {
      const match = await new Bluffer(settlement, liar).play();
      expect(match.challenger).to.equal(challenger.address);
      const { winner, payout } = await victory(settlement, match, liar);
      expect(winner).to.equal(challenger.address);
      expect(payout).to.equal(2n * BOND);
      const { hub } = settlement;
      await eventually(
        "the payment",
        async () => (await hub.queryFilter(hub.filters.MatchPaid(match.id))).length > 0,
      );
      expect((await hub.lineOf(rollup.id, liar.address)).deposit).to.equal(0n);
    } finally {
      await node.stop();
    }
  });

  it("takes a match up after a restart in the middle of it [a match lost in a restart]", async () => {
    await postLie(settlement, rollup, liar, id("a lie"));
    const challenger = settlement.anvil.wallet(3);
    let node = await TestNode.start(settlement, { role: ["challenger"], key: challenger.privateKey });
    try {
      const bluffer = new Bluffer(settlement, liar);
      await eventually("the match", async () => bluffer.match(), 30_000);
      node = await node.restart();
      const match = await bluffer.play();
      expect(match.position.log2len).to.equal(0);
    } finally {
      await node.stop();
    }
  });

  it("defends a true claim, which becomes final nonetheless", async () => {
    const sequencer = liar; // an honest one here
    const node = await TestNode.start(settlement, { role: ["sequencer"], key: sequencer.privateKey });
    const sham = settlement.anvil.wallet(4);
    try {
      await rollup.deposit(sham.address);
      const { hub } = settlement;
      const posts = () => hub.queryFilter(hub.filters.Posted(rollup.id));
      await eventually("the post", async () => (await posts()).length > 0);
      await openSham(settlement, rollup, sham);
      const match = await new Bluffer(settlement, sham).play();
      expect((await victory(settlement, match, sham)).winner).to.equal(sequencer.address);
      await settlement.anvil.pass(4_000);
      await eventually("finality", async () => (await hub.lastFinal(rollup.id)).index === 1n);
    } finally {
      await node.stop();
    }
  });
});
