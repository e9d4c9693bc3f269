import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { MESSAGE_ONLY, SKIP } from "../../sdk/src/protocol";
import { BLOCK_TIME, CLOCK, DAY, SLASH, WINDOW, passTicks } from "../hub/fixture";
import { Arena, atTicks, truthful } from "./arena";
import { FAILING } from "./runs";
import { FALSEHOOD, lapse, lied, timeOut, told } from "./scenes";

describe("Disputes", () => {
  describe("on time", () => {
    it("a halted settlement chain takes nobody's clock: ticks follow blocks too", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      await time.increase(365 * DAY);
      await expect(timeOut(arena, match)).to.be.revertedWithCustomError(arena.hub, "ClockRunning");
      const moved = await arena.move(match, arena.lie(target, FALSEHOOD));
      expect(moved.position.clocks[0]).to.be.greaterThan(CLOCK - 10n * 4n * BLOCK_TIME);
      // Nor does it end a window.
      await arena.open(target, target.truth, arena.f.stranger);
    });

    it("an asserter that never answers loses when his clock has run out, at once and for good", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      await lapse();
      await timeOut(arena, match);
      await expect(arena.sendMove(match, arena.lie(target, FALSEHOOD))).to.be.revertedWithCustomError(
        arena.hub,
        "MatchOver",
      );
    });

    it("when both sides fall asleep, the one in turn loses, however late it is noticed", async () => {
      const { arena, target } = await loadFixture(lied);
      const waiting = await arena.move(await arena.open(target), arena.lie(target, FALSEHOOD));
      await passTicks(20n * CLOCK);
      await expect(arena.sendMove(waiting, target.truth)).to.be.revertedWithCustomError(
        arena.hub,
        "ClockExpired",
      );
      await expect(timeOut(arena, waiting)).to.emit(arena.hub, "MatchWon");
    });

    it("every match ends by its bound: 2C + (L/3 + 1)·E ticks, even between two sides that use every tick [Dispute 5]", async () => {
      const { arena, target } = await loadFixture(lied);
      const lie = arena.lie(target, FALSEHOOD);
      let match = await arena.open(target);
      const start = match.position.lastMove.time;
      while (match.position.log2len > 0) {
        await atTicks(match, match.position.clocks[match.position.turn]);
        match = await arena.move(match, match.position.turn === 0 ? lie : target.truth);
      }
      await atTicks(match, match.position.clocks[1]);
      const block = await (await arena.sendSettlement(match, target.truth)).getBlock();
      const { clock, extension } = arena.stage.params.security;
      expect(BigInt(block?.timestamp ?? 0) - start).to.be.at.most(2n * clock + 11n * extension);
    });

    it("disputes a lie to its end though the truth is final by then [a lie told late] [Dispute 14]", async () => {
      const { arena, target } = await loadFixture(told);
      await passTicks(WINDOW / 2n);
      const late = await arena.claim(arena.f.rival, target, FALSEHOOD);
      await passTicks(WINDOW / 2n);
      await arena.stage.finalize(1n);
      let match = await arena.open(late);
      match = await arena.play(match, { asserter: arena.lie(late, FALSEHOOD), challenger: late.truth });
      await expect(arena.sendSettlement(match, late.truth)).to.emit(arena.hub, "MatchWon");
      expect(await arena.f.vault.slashed(arena.f.rival.address)).to.equal(SLASH);
    });

    it("disputes a lie to its end though the rollup has escaped by then [a lie told late] [Dispute 14]", async () => {
      const arena = await Arena.create(FAILING);
      const { f, hub, stage } = arena;
      await stage.openLine(f.rival);
      const skip = () => arena.post(truthful, { flags: MESSAGE_ONLY });
      await skip();
      const second = await skip();
      await passTicks(WINDOW / 2n);
      const lie = await arena.claim(f.rival, second, FALSEHOOD);
      await passTicks(WINDOW / 2n);
      await stage.finalize(1n, undefined, SKIP);
      await expect(stage.finalize(2n, undefined, SKIP)).to.emit(hub, "Escaped");
      const run = arena.lie(lie, FALSEHOOD, 0n);
      const match = await arena.play(await arena.open(lie), { asserter: run, challenger: second.truth });
      await expect(arena.sendSettlement(match, second.truth)).to.emit(hub, "MatchWon");
      expect(await f.vault.slashed(f.rival.address)).to.equal(SLASH);
    });

    it("a match against what has become final in the meantime leaves newer entries of the ring alone [Dispute 9]", async () => {
      const { arena, target } = await loadFixture(lied);
      const truth = await arena.claim(arena.f.rival, target, target.truth.output ?? "");
      const liarsMatch = await arena.move(
        await arena.open(target, target.truth),
        arena.lie(target, FALSEHOOD),
      );
      await passTicks(WINDOW);
      await arena.stage.finalize(1n, truth);
      const before = await arena.hub.ringEntryOf(arena.stage.rollup, 1);
      await timeOut(arena, liarsMatch);
      expect(await arena.hub.ringEntryOf(arena.stage.rollup, 1)).to.equal(before);
    });
  });
});
