import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroHash } from "ethers";
import { ethers } from "hardhat";
import { openingOf } from "../../sdk/src/dispute";
import { NORMAL, SKIP, claimArguments } from "../../sdk/src/protocol";
import { Arena, truthful } from "./arena";
import { ENDLESS, FAILING, MIXER, ZERO } from "./runs";
import { FALSEHOOD, lapse, lied, timeOut, told } from "./scenes";

describe("Disputes", () => {
  describe("on what is claimed", () => {
    it("takes no zero for a result: it can't be claimed, and a run that exits with it is a SKIP [zero commitments accepted as results]", async () => {
      const arena = await Arena.create(ZERO);
      const target = await arena.post(truthful);
      expect([target.claim.mode, target.truth.output]).to.deep.equal([SKIP, ZeroHash]);
      await expect(
        arena.hub
          .connect(arena.asserter)
          .claim(...claimArguments({ ...target.claim, mode: NORMAL, commitment: ZeroHash }, target.entry)),
      ).to.be.revertedWithCustomError(arena.hub, "CommitmentZero");
    });

    it("refuses a SKIP that isn't its parent's commitment: it would be unbeatable [a SKIP claim with a foreign commitment]", async () => {
      const { arena, target } = await loadFixture(told);
      await expect(
        arena.hub
          .connect(arena.asserter)
          .claim(...claimArguments({ ...target.claim, mode: SKIP, commitment: FALSEHOOD }, target.entry)),
      )
        .to.be.revertedWithCustomError(arena.hub, "SkipCommitmentForeign")
        .withArgs(FALSEHOOD, target.claim.parent);
    });

    for (const [name, source] of Object.entries({
      errs: FAILING,
      "never ends": ENDLESS,
      "exits with zero": ZERO,
    }))
      it(`a false result of a run that ${name} is beaten, and a true SKIP of it stands`, async () => {
        const arena = await Arena.create(source);
        const target = await arena.post(() => ({ commitment: FALSEHOOD }));
        const lie = arena.lie(target, FALSEHOOD, 0n);
        const match = await arena.play(await arena.open(target), { asserter: lie, challenger: target.truth });
        await expect(arena.sendSettlement(match, target.truth)).to.emit(arena.hub, "MatchWon");
        await arena.stage.openLine();
        const skip = await arena.post(truthful, { parent: target.claim.parent });
        await expect(arena.sendOpening(skip, skip.truth)).to.be.revertedWithCustomError(
          arena.hub,
          "ClaimConfirmed",
        );
        // A liar may open, but can't go on: the truth settles.
        const sham = await arena.open(skip, arena.lie(skip, FALSEHOOD, 0n));
        const end = await arena.play(sham, {
          asserter: skip.truth,
          challenger: arena.lie(skip, FALSEHOOD, 0n),
        });
        await lapse();
        await expect(timeOut(arena, end))
          .to.emit(arena.hub, "MatchWon")
          .withArgs(sham.id, arena.asserter.address, anyOf, anyOf);
      });

    it("a SKIP of a run that has a result is beaten", async () => {
      const arena = await Arena.create(MIXER);
      const target = await arena.post(() => ({ commitment: "", mode: SKIP }));
      const lie = arena.lie(target, undefined);
      const match = await arena.play(await arena.open(target), { asserter: lie, challenger: target.truth });
      await expect(arena.sendSettlement(match, target.truth)).to.emit(arena.hub, "MatchWon");
    });

    it("hashes the final state itself [a true trace that hides a false result]", async () => {
      const { arena, target } = await loadFixture(told);
      const opening = arena.opening(target, target.truth);
      const lie = arena.lie(target, FALSEHOOD);
      const sent = await arena.hub
        .connect(arena.challenger)
        .openMatch(
          { ...opening, finalState: arena.opening(target, lie).finalState },
          { value: arena.stage.params.security.bond },
        );
      const match = await arena.openedBy(sent);
      expect(match.states[7]).to.equal(lie.stateBefore(1n << 30n));
      expect(match.states[7]).not.to.equal(target.truth.stateBefore(1n << 30n));
    });

    it("refuses claims and moves of before a reorg [a claim index reused after a reorg]", async () => {
      const { arena } = await loadFixture(told);
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      const before = await arena.post(() => ({ commitment: FALSEHOOD }));
      const opening = arena.opening(before, before.truth);
      const match = await arena.open(before);
      const move = await arena.sendMove(match, arena.lie(before, FALSEHOOD));
      await ethers.provider.send("evm_revert", [snapshot]);
      arena.stage.forgetLast();
      await ethers.provider.send("evm_mine", []);
      const after = await arena.post(() => ({ commitment: FALSEHOOD }));
      expect(after.claim.batchHash).not.to.equal(before.claim.batchHash);
      const value = arena.stage.params.security.bond;
      await expect(
        arena.hub.connect(arena.challenger).openMatch(opening, { value }),
      ).to.be.revertedWithCustomError(arena.hub, "EntryMismatch");
      await arena.open(after);
      await expect(
        arena.asserter.sendTransaction({ to: arena.hub, data: move.data }),
      ).to.be.revertedWithCustomError(arena.hub, "MatchUnknown");
    });

    it("a move made for a state that a reorg has changed is refused", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      const moved = await arena.move(match, arena.lie(target, FALSEHOOD));
      const answer = await arena.sendMove(moved, target.truth);
      await ethers.provider.send("evm_revert", [snapshot]);
      await arena.move(match, arena.lie(target, FALSEHOOD, undefined, "another lie"));
      await expect(
        arena.challenger.sendTransaction({ to: arena.hub, data: answer.data }),
      ).to.be.revertedWithCustomError(arena.hub, "MatchStateWrong");
    });

    it("an opening needs the 288 bytes of a state", async () => {
      const { arena, target } = await loadFixture(told);
      expect(() =>
        openingOf({
          ...target.claim,
          place: target.place,
          ringLog2: 4,
          entry: target.entry,
          headerHash: target.headerHash,
          config: arena.stage.config,
          program: arena.program.entry,
          states: [],
          finalState: "0x00",
        }),
      ).to.throw("a machine state has 288 bytes, this one 1");
    });
  });
});

const anyOf = () => true;
