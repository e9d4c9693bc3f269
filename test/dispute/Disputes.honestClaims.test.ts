import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { id } from "ethers";
import { type Match, endArguments } from "../../sdk/src/dispute";
import { NORMAL } from "../../sdk/src/protocol";
import { SLASH, Stage, WINDOW, passTicks } from "../hub/fixture";
import type { Arena } from "./arena";
import { FALSEHOOD, lapse, lied, timeOut, told } from "./scenes";

describe("Disputes", () => {
  describe("on honest claims", () => {
    it("delays nobody who claimed the same [a correct claim thrown by its own asserter] [Dispute 8]", async () => {
      const { arena, target } = await loadFixture(told);
      const rival = await arena.claim(arena.f.rival, target, target.claim.commitment);
      const sham = await arena.open(target, arena.lie(target, FALSEHOOD));
      await passTicks(WINDOW);
      // The asserter never answers: he throws the match.
      await timeOut(arena, sham);
      await expect(arena.stage.finalize(1n)).to.be.revertedWithCustomError(arena.hub, "NotFinalizable");
      await expect(arena.stage.finalize(1n, rival))
        .to.emit(arena.hub, "Finalized")
        .withArgs(arena.stage.rollup, 1, target.claim.commitment, NORMAL, arena.f.rival.address);
    });

    it("a thrown claim can be claimed again by the same asserter with a new line", async () => {
      const { arena, target } = await loadFixture(told);
      await lapse();
      const sham = await arena.open(target, arena.lie(target, FALSEHOOD));
      await lapse();
      await timeOut(arena, sham);
      await arena.stage.openLine();
      const again = await arena.claim(arena.asserter, target, target.claim.commitment);
      expect(again.entry.nonce).to.equal(3n);
      await passTicks(WINDOW);
      await arena.stage.finalize(1n, again);
    });

    it("one lost match takes every claim of that operator in the rollup, and nobody else's [Dispute 7]", async () => {
      const { arena, target } = await lied();
      const truth = await arena.claim(arena.f.rival, target, target.truth.output ?? "");
      const second = await arena.post(() => ({ commitment: FALSEHOOD }), { parent: FALSEHOOD });
      const match = await arena.open(target);
      const other = await arena.open(second, second.truth, arena.f.stranger);
      await lapse();
      await timeOut(arena, match);
      await expect(timeOut(arena, other)).to.be.revertedWithCustomError(arena.hub, "MatchObjectless");
      await arena.hub.dropMatch(...endArguments(other));
      await expect(arena.sendOpening(second, second.truth, arena.f.rival)).to.be.revertedWithCustomError(
        arena.hub,
        "ClaimUnbacked",
      );
      await passTicks(WINDOW);
      await arena.stage.finalize(1n, truth);
    });

    it("takes the claims of every kind and batch of a liar at once, and leaves those in other rollups", async () => {
      const { arena, target } = await lied();
      const { f, hub, stage } = arena;
      const elsewhere = await Stage.create({ ...f, program: arena.program });
      await elsewhere.openLine();
      const other = await elsewhere.post();
      const truth = target.truth.output ?? "";
      const own = await arena.claim(arena.asserter, target, truth);
      const child = await arena.post(() => ({ commitment: id("a child's commitment") }), { parent: truth });
      await timedOut(arena, await arena.open(target));
      await passTicks(WINDOW);
      for (const claim of [undefined, own])
        await expect(stage.finalize(1n, claim))
          .to.be.revertedWithCustomError(hub, "NotFinalizable")
          .withArgs(0, 0x0101);
      expect((await hub.lineOf(stage.rollup, arena.asserter.address)).nonce).to.equal(2);
      await expect(arena.sendOpening(child, child.truth)).to.be.revertedWithCustomError(hub, "ClaimUnbacked");
      expect((await hub.lineOf(elsewhere.rollup, arena.asserter.address)).nonce).to.equal(1);
      await expect(elsewhere.finalize(1n))
        .to.emit(hub, "Finalized")
        .withArgs(elsewhere.rollup, 1, other.commitment, NORMAL, arena.asserter.address);
    });

    it("lets the honest challenge though a liar has opened matches against himself [a cap on matches filled by a liar]", async () => {
      const { arena, target } = await loadFixture(lied);
      for (const sham of arena.others) await arena.open(target, target.truth, sham);
      const { openMatches } = await arena.hub.lineOf(arena.stage.rollup, arena.asserter.address);
      expect(openMatches).to.equal(arena.others.length);
      await timedOut(arena, await arena.open(target));
      expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
    });

    it("a true claim is final when its own window has passed, whatever the liars beside it play [Dispute 8]", async () => {
      const { arena, target } = await loadFixture(told);
      const lie = await arena.claim(arena.f.rival, target, FALSEHOOD);
      await arena.open(lie);
      await passTicks(WINDOW);
      await arena.stage.finalize(1n);
    });

    it("sham matches delay their one claim at most by their own length, and pay for it", async () => {
      const { arena, target } = await loadFixture(told);
      const { bond } = arena.stage.params.security;
      const shams: Match[] = [];
      for (const liar of arena.others.slice(0, 3))
        shams.push(
          await arena.move(await arena.open(target, arena.lie(target, FALSEHOOD), liar), target.truth),
        );
      await passTicks(WINDOW);
      for (const [i, sham] of shams.entries()) {
        await expect(arena.stage.finalize(1n)).to.be.revertedWithCustomError(arena.hub, "NotFinalizable");
        await timeOut(arena, sham);
        const { openMatches } = await arena.hub.lineOf(arena.stage.rollup, arena.asserter.address);
        expect(openMatches).to.equal(2 - i);
      }
      await arena.stage.finalize(1n);
      for (const sham of shams)
        await expect(
          arena.hub.connect(arena.asserter).collect(sham.id, arena.asserter),
        ).to.changeEtherBalance(arena.asserter, bond / 2n);
    });
  });

  describe("on getters and finality", () => {
    it("answers and finalises whatever state a match is in [a getter that reverts and so freezes finalisation]", async () => {
      const { arena, target } = await loadFixture(told);
      expect(await arena.hub.matchOf(id("no match"))).to.equal(0);
      const sham = await arena.move(await arena.open(target, arena.lie(target, FALSEHOOD)), target.truth);
      await passTicks(WINDOW);
      expect(await arena.hub.matchOf(sham.id)).to.be.greaterThan(2n ** 255n);
      await timeOut(arena, sham);
      await arena.hub.connect(arena.asserter).collect(sham.id, arena.asserter);
      expect(await arena.hub.matchOf(sham.id)).to.equal(1);
      await arena.stage.finalize(1n);
    });
  });
});

/** The asserter doesn't answer. */
async function timedOut(arena: Arena, match: Match): Promise<void> {
  await lapse();
  await timeOut(arena, match);
}
