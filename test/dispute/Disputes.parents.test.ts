import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { id } from "ethers";
import { endArguments } from "../../sdk/src/dispute";
import { NORMAL, ON_ITS_OWN, headerHash } from "../../sdk/src/protocol";
import { WINDOW, passTicks } from "../hub/fixture";
import { Arena, type Target, truthful } from "./arena";
import { FALSEHOOD, lapse, timeOut } from "./scenes";

/** Batch 1 with a lie by the sequencer and the truth by the rival; batch 2 with the sequencer's claim, true of the true parent. */
async function family() {
  const arena = await Arena.create();
  const { f, stage } = arena;
  await stage.openLine(f.rival);
  await stage.openLine(f.stranger);
  const lie = await arena.post(() => ({ commitment: FALSEHOOD }));
  const truth = await arena.claim(f.rival, lie, lie.truth.output ?? "");
  const child = await arena.post(truthful, { parent: truth.claim.commitment });
  return { arena, lie, truth, child };
}

/** A stranger claims batch 2 on the false parent: what follows from it, or something else. */
async function bastardOf(arena: Arena, commitment?: string): Promise<Target> {
  const { header } = arena.stage.batch(2n);
  const truth = await arena.runOf(header, FALSEHOOD);
  const claim = arena.stage.claimFor(2n, commitment ?? truth.output ?? "", NORMAL, FALSEHOOD);
  const entry = await arena.stage.claim(arena.f.stranger, claim);
  return { claim, entry, place: ON_ITS_OWN, headerHash: headerHash(header), truth };
}

describe("Disputes", () => {
  describe("on parents", () => {
    it("run on about a child while its parent is refuted: who is right about the child wins", async () => {
      const { arena, lie } = await loadFixture(family);
      const { bond } = arena.stage.params.security;
      const child = await bastardOf(arena);
      const sham = await arena.open(child, arena.lie(child, id("another falsehood")));
      const waiting = await arena.move(sham, child.truth);
      const parents = await arena.open(lie, lie.truth, arena.f.rival);
      await lapse();
      await timeOut(arena, parents);
      await expect(arena.hub.dropMatch(...endArguments(waiting)))
        .to.be.revertedWithCustomError(arena.hub, "MatchAlive")
        .withArgs(sham.id);
      await expect(timeOut(arena, waiting))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(sham.id, arena.f.stranger.address, bond / 2n, bond - bond / 2n);
    });

    it("punish a child that is false of its parent, though that is false and refuted too", async () => {
      const { arena, lie } = await loadFixture(family);
      const { bond, deposit } = arena.stage.params.security;
      const child = await bastardOf(arena, id("a child's falsehood"));
      const parents = await arena.open(lie, lie.truth, arena.f.rival);
      await lapse();
      const match = await arena.play(await arena.open(child), {
        asserter: arena.lie(child, child.claim.commitment),
        challenger: child.truth,
      });
      await timeOut(arena, parents);
      await expect(arena.sendSettlement(match, child.truth))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.challenger.address, 2n * bond, deposit - bond);
    });

    it("about the liar's own children lose their object with him: dropped, the bond goes back, others claim the child", async () => {
      const { arena, lie, truth, child } = await loadFixture(family);
      const { f, stage, hub } = arena;
      const bastard = await bastardOf(arena, id("whatever"));
      await arena.open(bastard);
      const sham = await arena.open(child, arena.lie(child, FALSEHOOD), f.owner);
      const parents = await arena.open(lie);
      await lapse();
      await timeOut(arena, parents);
      await hub.dropMatch(...endArguments(sham));
      await expect(hub.connect(f.owner).collect(sham.id, f.owner)).to.changeEtherBalance(
        f.owner,
        stage.params.security.bond,
      );
      const adopted = await arena.claim(f.rival, child, child.claim.commitment);
      await passTicks(WINDOW);
      await stage.finalize(1n, truth);
      await expect(stage.finalize(2n, bastard)).to.be.revertedWithCustomError(hub, "EntryMismatch");
      await expect(stage.finalize(2n, adopted))
        .to.emit(hub, "Finalized")
        .withArgs(stage.rollup, 2, child.claim.commitment, NORMAL, f.rival.address);
    });
  });
});
