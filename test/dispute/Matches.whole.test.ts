import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { id } from "ethers";
import { Arena } from "./arena";

const arenaFixture = () => Arena.create();

describe("Matches", () => {
  describe("a whole dispute", () => {
    it("ends a lie about one step of 2^30 at that step [Dispute 6]", async () => {
      const arena = await loadFixture(arenaFixture);
      const falsehood = id("a commitment that nothing leads to");
      const target = await arena.post(() => ({ commitment: falsehood }));
      const lie = arena.lie(target, falsehood);
      let match = await arena.open(target);
      match = await arena.play(match, { asserter: lie, challenger: target.truth });
      expect(match.position.turn).to.equal(1);
      const { bond, deposit } = arena.stage.params.security;
      await expect(arena.sendSettlement(match, target.truth))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.challenger.address, 2n * bond, deposit - bond);
      await expect(
        arena.hub.connect(arena.challenger).collect(match.id, arena.challenger),
      ).to.changeEtherBalances([arena.challenger, arena.hub], [2n * bond, -2n * bond]);
    });
  });
});
