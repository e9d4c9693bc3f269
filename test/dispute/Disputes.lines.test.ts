import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { endArguments } from "../../sdk/src/dispute";
import { CLAIM_LIFE, DAY, DEPOSIT_D, SLASH, passTicks } from "../hub/fixture";
import { FALSEHOOD, PLENTY, lapse, lied, timeOut, told } from "./scenes";

/** VaultMock's moods. */
const OBLIGING = 0;
const FAILURES = { reverts: 1, "answers nothing": 2, "uses all its gas": 4 };
const VERBOSE = 3;

describe("Disputes", () => {
  describe("on lines", () => {
    it("a match outlives its line: released, it returns the bond, pays what is there and slashes nothing [Dispute 14]", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      await arena.hub.connect(arena.asserter).closeLine(arena.stage.rollup);
      await passTicks(CLAIM_LIFE + BigInt(DAY));
      await arena.hub.connect(arena.asserter).withdrawLine(arena.stage.rollup, arena.asserter);
      const { bond } = arena.stage.params.security;
      await expect(timeOut(arena, match))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.challenger.address, bond, 0);
      expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(0);
      expect(await arena.hub.slashDue(arena.asserter.address)).to.equal(0);
    });

    it("leaves the newer line alone [a match of a closed line that hits the newer one]", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      await arena.hub.connect(arena.asserter).closeLine(arena.stage.rollup);
      await passTicks(CLAIM_LIFE + BigInt(DAY));
      await arena.hub.connect(arena.asserter).withdrawLine(arena.stage.rollup, arena.asserter);
      await arena.stage.openLine();
      await expect(timeOut(arena, match))
        .to.be.revertedWithCustomError(arena.hub, "MatchObjectless")
        .withArgs(arena.asserter.address, 1, 2);
      await arena.hub.dropMatch(...endArguments(match));
      const line = await arena.hub.lineOf(arena.stage.rollup, arena.asserter.address);
      expect([line.deposit, line.nonce]).to.deep.equal([DEPOSIT_D, 2n]);
    });

    it("closing a line while a match runs saves nobody: it is lost, and the closing with it", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      await arena.hub.connect(arena.asserter).closeLine(arena.stage.rollup);
      await lapse();
      await timeOut(arena, match);
      expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
      await passTicks(CLAIM_LIFE + BigInt(DAY));
      await expect(
        arena.hub.connect(arena.asserter).withdrawLine(arena.stage.rollup, arena.asserter),
      ).to.be.revertedWithCustomError(arena.hub, "LineNotClosing");
    });

    it("a bond line pays like any other, and has no stake to slash", async () => {
      const { arena, target } = await loadFixture(told);
      await time.increase(DAY);
      const bonded = arena.f.stranger;
      await arena.stage.openBondLine(bonded);
      const lie = await arena.claim(bonded, target, FALSEHOOD);
      const match = await arena.open(lie);
      await lapse();
      const { bond, deposit } = arena.stage.params.security;
      const sent = timeOut(arena, match);
      await expect(sent)
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.challenger.address, 2n * bond, deposit - bond);
      await expect(sent).not.to.emit(arena.hub, "SlashExecuted");
      expect(await arena.hub.slashDue(bonded.address)).to.equal(0);
    });

    for (const [name, mood] of Object.entries(FAILURES))
      it(`a vault that ${name} doesn't block the match: the debt waits and is executed later, once`, async () => {
        const { arena, target } = await loadFixture(lied);
        const match = await arena.open(target);
        await arena.f.vault.setSlashMood(mood);
        await lapse();
        const key = arena.asserter.address;
        await expect(timeOut(arena, match)).to.emit(arena.hub, "SlashDeferred").withArgs(key, SLASH);
        expect(await arena.hub.slashDue(key)).to.equal(SLASH);
        await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
        await expect(arena.stage.openLine()).to.be.revertedWithCustomError(arena.hub, "SlashOutstanding");
        await arena.f.vault.setSlashMood(OBLIGING);
        await expect(arena.hub.connect(arena.f.stranger).executeSlash(key, PLENTY))
          .to.emit(arena.hub, "SlashExecuted")
          .withArgs(key, SLASH, SLASH);
        await expect(arena.hub.executeSlash(key, PLENTY)).to.be.revertedWithCustomError(
          arena.hub,
          "SlashNotDue",
        );
        expect(await arena.f.vault.slashed(key)).to.equal(SLASH);
      });

    it("a vault that answers with a megabyte doesn't block the match [Dispute 13]", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      await arena.f.vault.setSlashMood(VERBOSE);
      await lapse();
      await expect(timeOut(arena, match))
        .to.emit(arena.hub, "SlashExecuted")
        .withArgs(arena.asserter.address, SLASH, 0);
    });
  });
});
