import { expect } from "chai";
import { TypedDataEncoder, ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import {
  DAY,
  EPOCH,
  WHOLE,
  dayOf,
  epochOf,
  keyConsent,
  maturityOf,
  scaledTicket,
  shareValue,
  sharesOf,
  stakeBehind,
  startOfDay,
  startOfEpoch,
  ticketValue,
} from "../../sdk/src/staking";
import { ALT, deployStaked } from "../staking/fixture";

describe("sdk staking", () => {
  describe("days and epochs", () => {
    it("begin at midnight UTC", () => {
      expect(dayOf(DAY - 1n)).to.equal(0n);
      expect(dayOf(DAY)).to.equal(1n);
      expect(startOfDay(3n)).to.equal(3n * DAY);
      expect(epochOf(EPOCH - 1n)).to.equal(0n);
      expect(startOfEpoch(epochOf(EPOCH + 5n))).to.equal(EPOCH);
    });

    it("let a ticket mature at the first start of a day after the delay", () => {
      const delay = 21n * DAY;
      expect(maturityOf(5n * DAY, delay)).to.equal(26n);
      expect(maturityOf(5n * DAY + 1n, delay)).to.equal(27n);
      expect(maturityOf(6n * DAY - 1n, delay)).to.equal(27n);
      expect(maturityOf(5n * DAY, delay, 40n)).to.equal(40n);
    });
  });

  describe("stake", () => {
    it("is worth nothing where nothing is left", () => {
      expect(scaledTicket(5n, 0n)).to.equal(0n);
      expect(stakeBehind(WHOLE, 5n, 0n)).to.equal(0n);
    });

    it("counts shares, tickets and backing as the vault does", async () => {
      const { vault, operator, key, hub, alice, bob } = await loadFixture(deployStaked);
      await vault.connect(hub).slash(key.address, 3_333n * ALT + 7n, ZeroAddress);
      const before = await vault.poolOf(operator);
      await vault.connect(bob).deposit(operator.address, 123_456_789n);
      const { shares } = await vault.stakeOf(operator, bob);
      expect(sharesOf(123_456_789n, before)).to.equal(shares);

      const pool = await vault.poolOf(operator);
      const left = (await vault.stakeOf(operator, alice)).shares / 3n;
      const amount = shareValue(left, pool);
      await vault.connect(alice).unbond(operator.address, left);
      const maturity = maturityOf(BigInt(await time.latest()), await vault.unbondingDelay());
      const ticket = await vault.ticketOf(operator, alice, maturity);
      expect(scaledTicket(amount, pool.magnitude)).to.equal(ticket.q);
      await vault.connect(hub).slash(key.address, 100n * ALT, ZeroAddress);
      const { active, magnitude } = await vault.poolOf(operator);
      expect(ticketValue(ticket.q, magnitude)).to.equal(
        (await vault.ticketOf(operator, alice, maturity)).amount,
      );
      const allocation = await vault.allocationOf(operator, hub);
      expect(stakeBehind(allocation.backing, active, magnitude)).to.equal(
        await vault.backingOf(operator, hub),
      );
    });
  });

  describe("keyConsent", () => {
    it("hashes as the vault does", async () => {
      const { vault, operator, stranger } = await loadFixture(deployStaked);
      const { domain, types, value } = keyConsent({
        chainId: (await ethers.provider.getNetwork()).chainId,
        vault: await vault.getAddress(),
        operator: operator.address,
        key: stranger.address,
      });
      expect(TypedDataEncoder.hash(domain, types, value)).to.equal(
        await vault.keyConsentHash(operator, stranger),
      );
    });
  });
});
