import { loadFixture, setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { endArguments } from "../../sdk/src/dispute";
import { parseEther } from "ethers";
import { ethers } from "hardhat";
import { SLASH } from "../hub/fixture";
import { FALSEHOOD, lapse, lied, puppetFor, timeOut, told } from "./scenes";

describe("Disputes", () => {
  describe("on payments", () => {
    it("ends a match whose winner takes no coins; he can still name another receiver [a recipient that reverts blocks the match]", async () => {
      const { arena, target } = await loadFixture(lied);
      const { puppet, open, collect } = await puppetFor(arena);
      await puppet.setRefusing(true);
      const match = await open(target);
      await lapse();
      await expect(timeOut(arena, match)).to.emit(arena.hub, "MatchWon");
      const { bond } = arena.stage.params.security;
      await expect(collect(match.id, await puppet.getAddress()))
        .to.be.revertedWithCustomError(arena.hub, "PaymentFailed")
        .withArgs(await puppet.getAddress(), 2n * bond);
      await expect(collect(match.id, arena.f.stranger.address)).to.changeEtherBalance(
        arena.f.stranger,
        2n * bond,
      );
    });

    it("pays once, though the winner calls back while he is paid [a bond paid twice] [Dispute 11]", async () => {
      const { arena, target } = await loadFixture(lied);
      const { puppet, open, collect } = await puppetFor(arena);
      const match = await open(target);
      await lapse();
      await timeOut(arena, match);
      const again = arena.hub.interface.encodeFunctionData("collect", [match.id, await puppet.getAddress()]);
      await puppet.setCallback(arena.hub, again);
      const { bond } = arena.stage.params.security;
      await expect(collect(match.id, await puppet.getAddress())).to.changeEtherBalances(
        [puppet, arena.hub],
        [2n * bond, -2n * bond],
      );
      expect(await puppet.hasCallbackSucceeded()).to.equal(false);
    });

    it("isn't confused by coins forced upon the hub", async () => {
      const { arena, target } = await loadFixture(lied);
      await setBalance(await arena.hub.getAddress(), parseEther("1000"));
      const match = await arena.open(target);
      await lapse();
      const { bond, deposit } = arena.stage.params.security;
      await expect(timeOut(arena, match))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.challenger.address, 2n * bond, deposit - bond);
    });

    it("takes the deposit's rest and the stake, or half a bond, from who fights himself [self-challenging for profit] [Dispute 12]", async () => {
      const { bond, deposit } = (await loadFixture(lied)).arena.stage.params.security;
      {
        const { arena, target } = await loadFixture(lied);
        const before = await worth([arena.asserter, arena.others[0]]);
        const match = await arena.open(target, target.truth, arena.others[0]);
        await lapse();
        await timeOut(arena, match);
        await arena.hub.connect(arena.others[0]).collect(match.id, arena.asserter);
        // He paid D when he opened the line; B of it came back, the rest and X are gone. (Gas aside.)
        expect(before - (await worth([arena.asserter, arena.others[0]]))).to.be.closeTo(
          -bond,
          parseEther("0.01"),
        );
        expect(bond).to.be.at.most(deposit / 2n);
        expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
      }
      {
        const { arena, target } = await loadFixture(told);
        const me = arena.others[0];
        const before = await worth([arena.asserter, me]);
        const lost = await arena.move(
          await arena.open(target, arena.lie(target, FALSEHOOD), me),
          target.truth,
        );
        await lapse();
        await timeOut(arena, lost);
        await arena.hub.connect(arena.asserter).collect(lost.id, arena.asserter);
        expect(before - (await worth([arena.asserter, me]))).to.be.at.least(bond / 2n);
      }
    });

    it("gives his own bond back, nothing more, to who opens behind an honest challenger [freeloading for profit] [Dispute 12]", async () => {
      const { arena, target } = await loadFixture(lied);
      const honest = await arena.open(target);
      const free = await arena.open(target, target.truth, arena.f.stranger);
      await lapse();
      await timeOut(arena, honest);
      await arena.hub.dropMatch(...endArguments(free));
      await expect(
        arena.hub.connect(arena.f.stranger).collect(free.id, arena.f.stranger),
      ).to.changeEtherBalance(arena.f.stranger, arena.stage.params.security.bond);
      expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
    });

    it("accounts for every coin: deposits, bonds, payouts and what was burned [Dispute 10]", async () => {
      const { arena, target } = await loadFixture(lied);
      const { bond, deposit } = arena.stage.params.security;
      const balance = async () => ethers.provider.getBalance(arena.hub);
      expect(await balance()).to.equal(2n * deposit);
      const match = await arena.open(target);
      const second = await arena.open(target, target.truth, arena.f.stranger);
      expect(await balance()).to.equal(2n * deposit + 2n * bond);
      await lapse();
      await timeOut(arena, match);
      await arena.hub.dropMatch(...endArguments(second));
      await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
      await arena.hub.connect(arena.f.stranger).collect(second.id, arena.f.stranger);
      const burned = deposit - bond;
      expect(await balance()).to.equal(deposit + burned);
    });
  });
});

/** Coins that several accounts hold together. */
async function worth(signers: ({ address: string } | undefined)[]): Promise<bigint> {
  let sum = 0n;
  for (const signer of signers) sum += await ethers.provider.getBalance(signer?.address ?? "");
  return sum;
}
