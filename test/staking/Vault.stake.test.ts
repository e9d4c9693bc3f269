import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import {
  ALT,
  DAY,
  SHARES,
  UNBONDING,
  W,
  deployStaked,
  deployStaking,
  maturityOf,
  nextAt,
  nextSecond,
} from "./fixture";

describe("Vault", () => {
  describe("deposit", () => {
    it("reverts when nobody has registered as that operator", async () => {
      const { vault, alice, bob } = await loadFixture(deployStaking);
      await expect(vault.connect(alice).deposit(bob.address, ALT))
        .to.be.revertedWithCustomError(vault, "OperatorIsUnknown")
        .withArgs(bob.address);
    });

    it("reverts when the pool is dead", async () => {
      const { vault, operator, key, hub, alice } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(hub.address, W);
      await vault.connect(hub).slash(key.address, 10_000n * ALT, ethers.ZeroAddress);
      await expect(vault.connect(alice).deposit(operator.address, ALT))
        .to.be.revertedWithCustomError(vault, "PoolIsDead")
        .withArgs(0n, 10n ** 21n);
    });

    it("reverts when nothing is deposited", async () => {
      const { vault, operator } = await loadFixture(deployStaking);
      await expect(vault.connect(operator).deposit(operator.address, 0n)).to.be.revertedWithCustomError(
        vault,
        "SharesAreZero",
      );
    });

    it("reverts when the operator's own stake would fall below 5 % of active and unbonding stake", async () => {
      const { vault, operator, alice, bob } = await loadFixture(deployStaked);
      // 1,000 of the operator carry 20,000 in all; 500 of Alice's 9,000 are leaving but still count.
      await vault.connect(alice).unbond(operator.address, 500n * ALT * SHARES);
      await expect(vault.connect(bob).deposit(operator.address, 10_000n * ALT + 1n))
        .to.be.revertedWithCustomError(vault, "SelfBondTooLow")
        .withArgs(1_000n * ALT, 1_000n * ALT + 1n);
      await vault.connect(bob).deposit(operator.address, 10_000n * ALT);
      const pool = await vault.poolOf(operator);
      expect([pool.active, pool.unbonding]).to.deep.equal([19_500n * ALT, 500n * ALT]);
    });

    it("reverts when a delegator comes before the operator", async () => {
      const { vault, operator, alice } = await loadFixture(deployStaking);
      await expect(vault.connect(alice).deposit(operator.address, 100n))
        .to.be.revertedWithCustomError(vault, "SelfBondTooLow")
        .withArgs(0n, 5n);
    });

    it("reverts when the caller hasn't allowed or doesn't have so much", async () => {
      const { vault, alt, operator } = await loadFixture(deployStaking);
      await expect(vault.connect(operator).deposit(operator.address, 1_000_001n * ALT))
        .to.be.revertedWithCustomError(alt, "ERC20InsufficientBalance")
        .withArgs(operator.address, 1_000_000n * ALT, 1_000_001n * ALT);
      await alt.connect(operator).approve(vault, 1n);
      await expect(vault.connect(operator).deposit(operator.address, 2n))
        .to.be.revertedWithCustomError(alt, "ERC20InsufficientAllowance")
        .withArgs(await vault.getAddress(), 1n, 2n);
    });

    it("gives shares and takes the tokens", async () => {
      const { vault, alt, operator, alice } = await loadFixture(deployStaking);
      await vault.connect(operator).deposit(operator.address, ALT);
      const tx = vault.connect(alice).deposit(operator.address, 2n * ALT);
      await expect(tx)
        .to.emit(vault, "Deposited")
        .withArgs(operator.address, alice.address, 2n * ALT, 2n * ALT * SHARES);
      await expect(tx).to.changeTokenBalances(alt, [alice, vault], [-2n * ALT, 2n * ALT]);
      expect(await vault.stakeOf(operator, alice)).to.deep.equal([2n * ALT * SHARES, 2n * ALT]);
      expect((await vault.poolOf(operator)).active).to.equal(3n * ALT);
    });

    it("after a slash buys more shares for the same money", async () => {
      const { vault, operator, key, hub, alice } = await loadFixture(deployStaked);
      await vault.connect(hub).slash(key.address, 5_000n * ALT, ethers.ZeroAddress);
      const before = (await vault.stakeOf(operator, alice)).shares;
      await vault.connect(alice).deposit(operator.address, 100n * ALT);
      const bought = (await vault.stakeOf(operator, alice)).shares - before;
      expect(bought / SHARES).to.be.closeTo(200n * ALT, 1n);
    });
  });

  describe("unbond", () => {
    it("reverts when nobody has registered as that operator", async () => {
      const { vault, alice, bob } = await loadFixture(deployStaking);
      await expect(vault.connect(alice).unbond(bob.address, 1n))
        .to.be.revertedWithCustomError(vault, "OperatorIsUnknown")
        .withArgs(bob.address);
    });

    it("reverts for no shares, and for more than one has", async () => {
      const { vault, operator, alice, bob } = await loadFixture(deployStaked);
      await expect(vault.connect(alice).unbond(operator.address, 0n)).to.be.revertedWithCustomError(
        vault,
        "SharesAreZero",
      );
      const { shares } = await vault.stakeOf(operator, alice);
      for (const asked of [shares + 1n, ethers.MaxUint256])
        await expect(vault.connect(alice).unbond(operator.address, asked))
          .to.be.revertedWithCustomError(vault, "SharesTooFew")
          .withArgs(shares, asked);
      await expect(vault.connect(bob).unbond(operator.address, 1n))
        .to.be.revertedWithCustomError(vault, "SharesTooFew")
        .withArgs(0n, 1n);
    });

    it("reverts when the operator would leave his delegators alone with a line", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, ALT);
      // 5 % of 10,000, the leaving stake included, must stay: 500 of his 1,000.
      await expect(vault.connect(operator).unbond(operator.address, 500n * ALT * SHARES + SHARES))
        .to.be.revertedWithCustomError(vault, "SelfBondTooLow")
        .withArgs(500n * ALT - 1n, 500n * ALT);
      await vault.connect(operator).unbond(operator.address, 500n * ALT * SHARES);
      await vault.connect(hub).release(key.address, ALT);
      await vault.connect(operator).unbond(operator.address, 500n * ALT * SHARES);
      expect((await vault.stakeOf(operator, operator)).shares).to.equal(0n);
    });

    it("makes a ticket for the first day that starts after the delay", async () => {
      const { vault, operator, alice } = await loadFixture(deployStaked);
      const midnight = ((await nextSecond()) / DAY + 2n) * DAY;
      for (const [moment, days] of [
        [midnight - 1n, 21n],
        [midnight, 21n],
        [midnight + 1n, 22n],
      ] as const) {
        await nextAt(moment);
        const maturity = midnight / DAY + days;
        expect(maturityOf(moment)).to.equal(maturity);
        await expect(vault.connect(alice).unbond(operator.address, ALT * SHARES))
          .to.emit(vault, "Unbonded")
          .withArgs(operator.address, alice.address, maturity, ALT * SHARES, ALT, ALT);
      }
      expect(await vault.ticketOf(operator, alice, midnight / DAY + 21n)).to.deep.equal([2n * ALT, 2n * ALT]);
      const pool = await vault.poolOf(operator);
      expect([pool.active, pool.unbonding]).to.deep.equal([9_997n * ALT, 3n * ALT]);
    });

    it("counts exactly what hasn't matured when somebody leaves every day", async () => {
      const { vault, operator, alice } = await loadFixture(deployStaked);
      const midnight = ((await nextSecond()) / DAY + 2n) * DAY;
      for (let day = 0n; day < 30n; day++) {
        await nextAt(midnight + day * DAY);
        await vault.connect(alice).unbond(operator.address, (day + 1n) * ALT * SHARES);
        // What left 21 days ago or earlier has matured.
        const first = day < 21n ? 1n : day - 20n + 1n;
        const expected = ((first + day + 1n) * (day + 2n - first)) / 2n;
        expect((await vault.poolOf(operator)).unbonding).to.equal(expected * ALT);
      }
    });

    it("lets the operator out of a dead pool whatever is reserved", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(hub.address, W);
      await vault.connect(hub).reserve(key.address, 10_000n * ALT);
      await vault.connect(hub).slash(key.address, 10_000n * ALT - ALT / 1_000n, ethers.ZeroAddress);
      const { magnitude, active } = await vault.poolOf(operator);
      expect(magnitude < 10n ** 21n && magnitude > 0n).to.equal(true);
      const { shares, amount } = await vault.stakeOf(operator, operator);
      const now = await nextSecond();
      await vault.connect(operator).unbond(operator.address, shares);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(ALT / 1_000n);
      expect(amount).to.be.closeTo(active / 10n, 1n);
      expect((await vault.ticketOf(operator, operator, maturityOf(now))).amount).to.be.closeTo(amount, 1n);
    });

    it("works in a dead pool, for nothing", async () => {
      const { vault, operator, key, hub, alice } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, ALT);
      await vault.connect(operator).allocate(hub.address, W);
      await vault.connect(hub).slash(key.address, 10_000n * ALT, ethers.ZeroAddress);
      for (const staker of [alice, operator]) {
        const { shares } = await vault.stakeOf(operator, staker);
        await vault.connect(staker).unbond(operator.address, shares);
      }
      const pool = await vault.poolOf(operator);
      expect([pool.active, pool.shares]).to.deep.equal([0n, 0n]);
    });
  });

  describe("claim", () => {
    it("reverts before maturity, pays from its first second on, once", async () => {
      const { vault, alt, operator, alice, stranger } = await loadFixture(deployStaked);
      const now = await nextSecond();
      await vault.connect(alice).unbond(operator.address, 10n * ALT * SHARES);
      const maturity = maturityOf(now);
      await nextAt(maturity * DAY - 1n);
      await expect(vault.claim(operator.address, alice.address, maturity))
        .to.be.revertedWithCustomError(vault, "TicketImmature")
        .withArgs(maturity * DAY - 1n, maturity * DAY);
      await nextAt(maturity * DAY);
      const tx = vault.connect(stranger).claim(operator.address, alice.address, maturity);
      await expect(tx)
        .to.emit(vault, "Claimed")
        .withArgs(operator.address, alice.address, maturity, 10n * ALT);
      await expect(tx).to.changeTokenBalances(alt, [alice, vault], [10n * ALT, -10n * ALT]);
      await expect(vault.claim(operator.address, alice.address, maturity))
        .to.be.revertedWithCustomError(vault, "TicketUnknown")
        .withArgs(operator.address, alice.address, maturity);
    });

    it("reverts for a ticket that never was", async () => {
      const { vault, operator, bob } = await loadFixture(deployStaked);
      await expect(vault.claim(operator.address, bob.address, 1n))
        .to.be.revertedWithCustomError(vault, "TicketUnknown")
        .withArgs(operator.address, bob.address, 1n);
    });

    it("counts a slash in the last second before maturity, none from then on [Staking 6]", async () => {
      const { vault, alt, operator, key, hub, alice, bob } = await loadFixture(deployStaked);
      await vault.connect(bob).deposit(operator.address, 1_000n * ALT);
      const now = await nextSecond();
      await vault.connect(alice).unbond(operator.address, 100n * ALT * SHARES);
      const maturity = maturityOf(now);
      await nextAt(maturity * DAY - 1n);
      await vault.connect(hub).slash(key.address, 1_100n * ALT, ethers.ZeroAddress); // a tenth of all
      expect(await vault.ticketOf(operator, alice, maturity)).to.deep.equal([100n * ALT, 90n * ALT]);
      await nextAt(maturity * DAY);
      await vault.connect(hub).slash(key.address, 1_000n * ALT, ethers.ZeroAddress);
      expect(await vault.ticketOf(operator, alice, maturity)).to.deep.equal([100n * ALT, 90n * ALT]);
      await expect(vault.claim(operator.address, alice.address, maturity)).to.changeTokenBalance(
        alt,
        alice,
        90n * ALT,
      );
    });

    it("works without the operator, his service and governance", async () => {
      const { vault, alt, operator, key, hub, governance, alice } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, 100n * ALT);
      await vault.connect(hub).jail(key.address);
      await vault.connect(operator).revokeKey(key.address);
      await vault.connect(governance).renounceOwnership();
      const now = await nextSecond();
      const { shares } = await vault.stakeOf(operator, alice);
      await vault.connect(alice).unbond(operator.address, shares);
      await nextAt(now + UNBONDING + DAY);
      await expect(vault.claim(operator.address, alice.address, maturityOf(now))).to.changeTokenBalance(
        alt,
        alice,
        9_000n * ALT,
      );
    });
  });
});
