import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import {
  ALT,
  DAY,
  Redistribution,
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
  for (const verb of ["reserve", "confirm"] as const)
    describe(verb, () => {
      const line = (
        { vault, hub }: Awaited<ReturnType<typeof deployStaking>>,
        key: { address: string },
        service = hub,
      ) =>
        verb === "reserve"
          ? vault.connect(service).reserve(key.address, ALT)
          : vault.connect(service).confirm(key.address);

      it("reverts when the key is nobody's", async () => {
        const staking = await loadFixture(deployStaked);
        await expect(line(staking, staking.stranger))
          .to.be.revertedWithCustomError(staking.vault, "KeyIsUnknown")
          .withArgs(staking.stranger.address);
      });

      it("reverts when the pool is dead [Staking 13]", async () => {
        const staking = await loadFixture(deployStaked);
        const { vault, operator, key, hub } = staking;
        await vault.connect(operator).allocate(hub.address, W);
        await vault.connect(hub).slash(key.address, 10_000n * ALT, ethers.ZeroAddress);
        await expect(line(staking, key))
          .to.be.revertedWithCustomError(vault, "PoolIsDead")
          .withArgs(0n, 10n ** 21n);
      });

      it("reverts when the calling service has jailed the operator, until it frees him [Staking 13]", async () => {
        const staking = await loadFixture(deployStaked);
        const { vault, operator, key, hub } = staking;
        await expect(vault.connect(hub).jail(key.address))
          .to.emit(vault, "Jailed")
          .withArgs(operator.address, hub.address);
        await expect(line(staking, key))
          .to.be.revertedWithCustomError(vault, "OperatorIsJailed")
          .withArgs(operator.address, hub.address);
        await expect(vault.connect(hub).unjail(key.address))
          .to.emit(vault, "Unjailed")
          .withArgs(operator.address, hub.address);
        await line(staking, key);
      });

      it("ignores the jails of other services", async () => {
        const staking = await loadFixture(deployStaked);
        await staking.vault.connect(staking.stranger).jail(staking.key.address);
        await line(staking, staking.key);
      });

      it("reverts when the operator's own stake is below 5 % of the pool", async () => {
        const staking = await loadFixture(deployStaked);
        const { vault, operator, key } = staking;
        await vault.connect(operator).unbond(operator.address, 600n * ALT * SHARES);
        await expect(line(staking, key))
          .to.be.revertedWithCustomError(vault, "SelfBondTooLow")
          .withArgs(400n * ALT, 500n * ALT);
      });
    });

  describe("reserve", () => {
    it("reverts when active, allocated stake doesn't cover it, by any excess", async () => {
      const { vault, key, hub } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, ALT);
      await expect(vault.connect(hub).reserve(key.address, 4_999n * ALT + 1n))
        .to.be.revertedWithCustomError(vault, "BackingTooLow")
        .withArgs(5_000n * ALT, 5_000n * ALT + 1n);
      await expect(vault.connect(hub).reserve(key.address, ethers.MaxUint256))
        .to.be.revertedWithCustomError(vault, "BackingTooLow")
        .withArgs(5_000n * ALT, ethers.MaxUint256);
      await vault.connect(hub).reserve(key.address, 4_999n * ALT);
    });

    it("reverts for a service that nothing is allocated to", async () => {
      const { vault, key, stranger } = await loadFixture(deployStaked);
      await expect(vault.connect(stranger).reserve(key.address, 1n))
        .to.be.revertedWithCustomError(vault, "BackingTooLow")
        .withArgs(0n, 1n);
    });

    it("counts active stake only, and only what stays after a deallocation", async () => {
      const { vault, operator, key, hub, alice } = await loadFixture(deployStaked);
      await vault.connect(alice).unbond(operator.address, 5_000n * ALT * SHARES);
      await vault.connect(operator).allocate(hub.address, W / 5n);
      expect(await vault.backingOf(operator, hub)).to.equal(1_000n * ALT);
      await expect(vault.connect(hub).reserve(key.address, 1_000n * ALT + 1n))
        .to.be.revertedWithCustomError(vault, "BackingTooLow")
        .withArgs(1_000n * ALT, 1_000n * ALT + 1n);
    });

    it("reserves and says how long stake stays slashable", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      expect(await vault.connect(hub).reserve.staticCall(key.address, ALT)).to.equal(UNBONDING);
      await expect(vault.connect(hub).reserve(key.address, ALT))
        .to.emit(vault, "Reserved")
        .withArgs(operator.address, hub.address, ALT);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(ALT);
    });

    it("keeps services apart", async () => {
      const { vault, operator, key, hub, burner } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(burner.address, W / 2n);
      await vault.connect(hub).reserve(key.address, 5_000n * ALT);
      await vault.connect(burner).reserve(key.address, 5_000n * ALT);
      await vault.connect(burner).release(key.address, 6_000n * ALT);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(5_000n * ALT);
      expect((await vault.allocationOf(operator, burner)).reserved).to.equal(0n);
    });
  });

  describe("confirm", () => {
    it("reverts when stake has left since the line was opened", async () => {
      const { vault, operator, key, hub, alice } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, 5_000n * ALT);
      await vault.connect(hub).confirm(key.address);
      await vault.connect(alice).unbond(operator.address, 2n * ALT * SHARES);
      await expect(vault.connect(hub).confirm(key.address))
        .to.be.revertedWithCustomError(vault, "BackingTooLow")
        .withArgs(4_999n * ALT, 5_000n * ALT);
    });

    it("adds nothing and says how long stake stays slashable", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, ALT);
      expect(await vault.connect(hub).confirm.staticCall(key.address)).to.equal(UNBONDING);
      await expect(vault.connect(hub).confirm(key.address)).not.to.emit(vault, "Reserved");
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(ALT);
    });
  });

  describe("release", () => {
    it("reverts when the key is nobody's", async () => {
      const { vault, hub, stranger } = await loadFixture(deployStaked);
      await expect(vault.connect(hub).release(stranger.address, 1n))
        .to.be.revertedWithCustomError(vault, "KeyIsUnknown")
        .withArgs(stranger.address);
    });

    it("gives back, never more than is reserved, whatever became of the operator", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(hub.address, W);
      await vault.connect(hub).reserve(key.address, 10n * ALT);
      await vault.connect(hub).jail(key.address);
      await vault.connect(hub).slash(key.address, ALT, ethers.ZeroAddress);
      await vault.connect(hub).slash(key.address, 1n, ethers.ZeroAddress);
      await expect(vault.connect(hub).release(key.address, 4n * ALT))
        .to.emit(vault, "Released")
        .withArgs(operator.address, hub.address, 4n * ALT);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(5n * ALT - 1n);
      await vault.connect(hub).release(key.address, ethers.MaxUint256);
      await vault.connect(hub).release(key.address, ethers.MaxUint256);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(0n);
    });
  });

  describe("slash", () => {
    it("takes nothing for an unknown key, a service without allocation, an empty pool, or nothing", async () => {
      const { vault, operator, key, hub, stranger, fund, alt } = await loadFixture(deployStaking);
      await vault.connect(operator).allocate(hub.address, W);
      for (const [service, slashed, amount] of [
        [hub, stranger, ALT],
        [stranger, key, ALT],
        [hub, key, ALT],
        [hub, key, 0n],
      ] as const) {
        const call = vault.connect(service).slash;
        expect(await call.staticCall(slashed.address, amount, fund.address)).to.equal(0n);
        await expect(call(slashed.address, amount, fund.address)).to.changeTokenBalance(alt, fund, 0n);
      }
      expect((await vault.poolOf(operator)).magnitude).to.equal(W);
    });

    it("burns half, the odd wei included, and pays the beneficiary whom the service names", async () => {
      const { vault, alt, operator, key, hub, fund } = await loadFixture(deployStaked);
      const supply = await alt.totalSupply();
      const amount = 100n * ALT + 1n;
      const call = vault.connect(hub).slash;
      const paid = await call.staticCall(key.address, amount, fund.address);
      expect(paid).to.be.closeTo(amount, 20n); // a part of 10^27 of this pool is 10 wei
      const tx = call(key.address, amount, fund.address);
      await expect(tx).to.changeTokenBalances(alt, [vault, fund], [-paid, paid / 2n]);
      const taken = W - (await vault.poolOf(operator)).magnitude;
      await expect(tx)
        .to.emit(vault, "Slashed")
        .withArgs(operator.address, hub.address, fund.address, amount, paid, taken, paid / 2n);
      expect(await alt.totalSupply()).to.equal(supply - (paid - paid / 2n));
    });

    it("burns all when the beneficiary is nobody or the vault itself", async () => {
      const { vault, alt, key, hub } = await loadFixture(deployStaked);
      for (const nobody of [ethers.ZeroAddress, await vault.getAddress()]) {
        const supply = await alt.totalSupply();
        const paid = await vault.connect(hub).slash.staticCall(key.address, ALT, nobody);
        await expect(vault.connect(hub).slash(key.address, ALT, nobody)).to.changeTokenBalance(
          alt,
          vault,
          -paid,
        );
        expect(await alt.totalSupply()).to.equal(supply - paid);
      }
    });

    it("heeds the fixed recipient, not the one that a service names", async () => {
      const { vault, alt, operator, key, paying, burner, fund, stranger } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(paying.address, W / 4n);
      await vault.connect(operator).allocate(burner.address, W / 4n);
      await expect(
        vault.connect(paying).slash(key.address, 8n * ALT, stranger.address),
      ).to.changeTokenBalances(alt, [fund, stranger, vault], [4n * ALT, 0n, -8n * ALT]);
      await expect(
        vault.connect(burner).slash(key.address, 8n * ALT, stranger.address),
      ).to.changeTokenBalances(alt, [fund, stranger], [0n, 0n]);
    });

    it("takes the minimum of what is asked and what is allocated", async () => {
      const { vault, alt, operator, key, hub, fund } = await loadFixture(deployStaked);
      await expect(
        vault.connect(hub).slash(key.address, ethers.MaxUint256, fund.address),
      ).to.changeTokenBalance(alt, vault, -5_000n * ALT);
      const { slashable, backing } = await vault.allocationOf(operator, hub);
      expect([slashable, backing]).to.deep.equal([0n, 0n]);
      expect((await vault.poolOf(operator)).magnitude).to.equal(W / 2n);
      await expect(vault.connect(hub).slash(key.address, ALT, fund.address)).to.changeTokenBalance(
        alt,
        vault,
        0n,
      );
    });

    it("takes the same part of active and of unbonding stake [Staking 5]", async () => {
      const { vault, operator, key, hub, alice } = await loadFixture(deployStaked);
      const now = await nextSecond();
      await vault.connect(alice).unbond(operator.address, 4_000n * ALT * SHARES);
      await vault.connect(hub).slash(key.address, 2_500n * ALT, ethers.ZeroAddress); // a quarter
      const pool = await vault.poolOf(operator);
      expect([pool.active, pool.unbonding]).to.deep.equal([4_500n * ALT, 3_000n * ALT]);
      expect((await vault.ticketOf(operator, alice, maturityOf(now))).amount).to.equal(3_000n * ALT);
      expect((await vault.stakeOf(operator, alice)).amount).to.equal(3_750n * ALT);
    });

    it("ends as much of the reservation as it asks for, also when it finds less stake", async () => {
      const { vault, operator, key, hub, fund } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, 5_000n * ALT);
      await vault.connect(hub).slash(key.address, 4_000n * ALT, fund.address);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(1_000n * ALT);
      await vault.connect(hub).slash(key.address, 6_000n * ALT, fund.address);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(0n);
      // With nothing reserved any more the operator may leave below 5 %.
      const { shares } = await vault.stakeOf(operator, operator);
      await vault.connect(operator).unbond(operator.address, shares);
    });

    it("remembers the magnitude of every second", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      const first = await nextSecond();
      await vault.connect(hub).slash(key.address, 1_000n * ALT, ethers.ZeroAddress);
      await nextAt(first);
      await vault.connect(hub).slash(key.address, 1_000n * ALT, ethers.ZeroAddress);
      await nextAt(first + DAY);
      await vault.connect(hub).slash(key.address, 1_000n * ALT, ethers.ZeroAddress);
      const parts = async (at: bigint) => ((await vault.magnitudeAt(operator, at)) * 10n) / W;
      expect(await parts(first - 1n)).to.equal(10n);
      expect(await parts(first)).to.equal(8n);
      expect(await parts(first + DAY - 1n)).to.equal(8n);
      expect(await parts(first + DAY)).to.equal(7n);
    });
  });

  describe("jail, unjail", () => {
    it("revert when the key is nobody's", async () => {
      const { vault, stranger } = await loadFixture(deployStaked);
      for (const verb of ["jail", "unjail"] as const)
        await expect(vault[verb](stranger.address))
          .to.be.revertedWithCustomError(vault, "KeyIsUnknown")
          .withArgs(stranger.address);
    });
  });

  describe("addService", () => {
    it("reverts when the caller isn't governance", async () => {
      const { vault, alice } = await loadFixture(deployStaking);
      await expect(vault.connect(alice).addService(alice.address, Redistribution.Burn, ethers.ZeroAddress))
        .to.be.revertedWithCustomError(vault, "OwnableUnauthorizedAccount")
        .withArgs(alice.address);
    });

    it("reverts for nobody, and for a service that is listed", async () => {
      const { vault, hub } = await loadFixture(deployStaking);
      await expect(
        vault.addService(ethers.ZeroAddress, Redistribution.Burn, ethers.ZeroAddress),
      ).to.be.revertedWithCustomError(vault, "AddressIsZero");
      await expect(vault.addService(hub.address, Redistribution.Burn, ethers.ZeroAddress))
        .to.be.revertedWithCustomError(vault, "ServiceIsKnown")
        .withArgs(hub.address);
    });

    it("reverts when a recipient is missing or superfluous", async () => {
      const { vault, stranger, fund } = await loadFixture(deployStaking);
      for (const [kind, recipient] of [
        [Redistribution.Fixed, ethers.ZeroAddress],
        [Redistribution.Burn, fund.address],
        [Redistribution.Named, fund.address],
      ] as const)
        await expect(vault.addService(stranger.address, kind, recipient))
          .to.be.revertedWithCustomError(vault, "RecipientInvalid")
          .withArgs(kind, recipient);
    });

    it("lists a service for ever", async () => {
      const { vault, stranger, fund } = await loadFixture(deployStaking);
      await expect(vault.addService(stranger.address, Redistribution.Fixed, fund.address))
        .to.emit(vault, "ServiceAdded")
        .withArgs(stranger.address, Redistribution.Fixed, fund.address);
      expect(await vault.serviceOf(stranger)).to.deep.equal([
        true,
        BigInt(Redistribution.Fixed),
        fund.address,
      ]);
    });
  });

  describe("collectTreasury", () => {
    it("pays nothing while nothing fell to the treasury", async () => {
      const { vault, alt, treasury } = await loadFixture(deployStaked);
      const tx = vault.collectTreasury();
      await expect(tx).to.emit(vault, "TreasuryPaid").withArgs(0n);
      await expect(tx).to.changeTokenBalance(alt, treasury, 0n);
    });
  });

  describe("roll", () => {
    it("reverts when nobody has registered as that operator", async () => {
      const { vault, alice } = await loadFixture(deployStaking);
      await expect(vault.roll(alice.address))
        .to.be.revertedWithCustomError(vault, "OperatorIsUnknown")
        .withArgs(alice.address);
    });
  });

  describe("reserve, confirm, then slash", () => {
    it("leaves stake that was active at a refresh slashable to the last second of the delay [Staking 7]", async () => {
      const { vault, alt, operator, key, hub, alice, fund } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, 5_000n * ALT);
      const refreshed = await nextSecond();
      await vault.connect(hub).confirm(key.address);
      // In the same second everybody who can leaves, and the rest of the allocation is withdrawn.
      await nextAt(refreshed);
      await vault.connect(alice).unbond(operator.address, 9_000n * ALT * SHARES);
      await nextAt(refreshed + UNBONDING - 1n);
      await expect(vault.connect(hub).slash(key.address, 5_000n * ALT, fund.address)).to.changeTokenBalance(
        alt,
        vault,
        -5_000n * ALT,
      );
    });
  });
});
