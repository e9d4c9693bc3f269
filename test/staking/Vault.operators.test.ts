import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import {
  ALT,
  DAY,
  UNBONDING,
  W,
  consentOf,
  deployStaked,
  deployStaking,
  nextAt,
  nextSecond,
} from "./fixture";

describe("Vault", () => {
  describe("constructor", () => {
    it("refuses zero addresses", async () => {
      const { vault, alt, governance } = await loadFixture(deployStaking);
      const factory = await ethers.getContractFactory("Vault");
      const [zero, some] = [ethers.ZeroAddress, governance.address];
      await expect(factory.deploy(zero, some, some, UNBONDING)).to.be.revertedWithCustomError(
        vault,
        "AddressIsZero",
      );
      await expect(factory.deploy(alt, some, zero, UNBONDING)).to.be.revertedWithCustomError(
        vault,
        "AddressIsZero",
      );
      await expect(factory.deploy(alt, zero, some, UNBONDING))
        .to.be.revertedWithCustomError(vault, "OwnableInvalidOwner")
        .withArgs(zero);
    });

    it("bounds the unbonding delay", async () => {
      const { vault, alt, governance } = await loadFixture(deployStaking);
      const factory = await ethers.getContractFactory("Vault");
      const some = governance.address;
      for (const delay of [DAY - 1n, 60n * DAY + 1n])
        await expect(factory.deploy(alt, some, some, delay))
          .to.be.revertedWithCustomError(vault, "UnbondingDelayInvalid")
          .withArgs(delay, DAY, 60n * DAY);
      for (const delay of [DAY, 60n * DAY])
        expect(await (await factory.deploy(alt, some, some, delay)).unbondingDelay()).to.equal(delay);
    });
  });

  describe("registerOperator", () => {
    it("reverts when the caller is registered", async () => {
      const { vault, operator, key } = await loadFixture(deployStaking);
      await expect(vault.connect(operator).registerOperator(key.address, "0x"))
        .to.be.revertedWithCustomError(vault, "OperatorIsKnown")
        .withArgs(operator.address);
    });

    it("reverts when the key is zero", async () => {
      const { vault, alice } = await loadFixture(deployStaking);
      await expect(
        vault.connect(alice).registerOperator(ethers.ZeroAddress, "0x"),
      ).to.be.revertedWithCustomError(vault, "AddressIsZero");
    });

    it("reverts when the key acts for another, also once it is revoked", async () => {
      const { vault, operator, key, alice } = await loadFixture(deployStaking);
      const consent = await consentOf(vault, alice.address, key);
      const attempt = async () =>
        expect(vault.connect(alice).registerOperator(key.address, consent))
          .to.be.revertedWithCustomError(vault, "KeyIsTaken")
          .withArgs(key.address, operator.address);
      await attempt();
      await vault.connect(operator).revokeKey(key.address);
      await attempt();
    });

    it("reverts when the key hasn't agreed, or agreed to act for somebody else", async () => {
      const { vault, alice, bob, stranger } = await loadFixture(deployStaking);
      for (const consent of [
        "0x",
        await consentOf(vault, bob.address, stranger),
        await consentOf(vault, alice.address, bob),
      ])
        await expect(vault.connect(alice).registerOperator(stranger.address, consent))
          .to.be.revertedWithCustomError(vault, "KeyConsentInvalid")
          .withArgs(alice.address, stranger.address);
    });

    it("registers with a consenting key", async () => {
      const { vault, alice, stranger } = await loadFixture(deployStaking);
      const tx = vault
        .connect(alice)
        .registerOperator(stranger.address, await consentOf(vault, alice.address, stranger));
      await expect(tx).to.emit(vault, "OperatorRegistered").withArgs(alice.address);
      await expect(tx).to.emit(vault, "KeyAdded").withArgs(alice.address, stranger.address);
      expect(await vault.keyOf(stranger)).to.deep.equal([alice.address, false]);
      expect(await vault.poolOf(alice)).to.deep.equal([0n, 0n, 0n, W, 0n]);
    });

    it("needs no consent for the operator's own address", async () => {
      const { vault, alice } = await loadFixture(deployStaking);
      await vault.connect(alice).registerOperator(alice.address, "0x");
      expect(await vault.keyOf(alice)).to.deep.equal([alice.address, false]);
    });
  });

  describe("addKey", () => {
    it("reverts when the caller isn't an operator", async () => {
      const { vault, alice } = await loadFixture(deployStaking);
      await expect(vault.connect(alice).addKey(alice.address, "0x"))
        .to.be.revertedWithCustomError(vault, "OperatorIsUnknown")
        .withArgs(alice.address);
    });

    it("adds a second key to the same pool", async () => {
      const { vault, operator, stranger, hub } = await loadFixture(deployStaked);
      const consent = await consentOf(vault, operator.address, stranger);
      await expect(vault.connect(operator).addKey(stranger.address, consent))
        .to.emit(vault, "KeyAdded")
        .withArgs(operator.address, stranger.address);
      await vault.connect(hub).reserve(stranger.address, ALT);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(ALT);
    });
  });

  describe("revokeKey", () => {
    it("reverts when the key is another operator's or nobody's", async () => {
      const { vault, operator, key, alice } = await loadFixture(deployStaking);
      await expect(vault.connect(alice).revokeKey(key.address))
        .to.be.revertedWithCustomError(vault, "KeyIsForeign")
        .withArgs(key.address, operator.address);
      await expect(vault.connect(alice).revokeKey(alice.address))
        .to.be.revertedWithCustomError(vault, "KeyIsForeign")
        .withArgs(alice.address, ethers.ZeroAddress);
    });

    it("stops new lines; what stands can still be released and slashed", async () => {
      const { vault, alt, operator, key, hub, fund } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, 10n * ALT);
      await expect(vault.connect(operator).revokeKey(key.address))
        .to.emit(vault, "KeyRevoked")
        .withArgs(operator.address, key.address);
      await expect(vault.connect(operator).revokeKey(key.address))
        .to.be.revertedWithCustomError(vault, "KeyIsRevoked")
        .withArgs(key.address);
      await expect(vault.connect(hub).reserve(key.address, ALT))
        .to.be.revertedWithCustomError(vault, "KeyIsRevoked")
        .withArgs(key.address);
      await expect(vault.connect(hub).confirm(key.address))
        .to.be.revertedWithCustomError(vault, "KeyIsRevoked")
        .withArgs(key.address);
      await vault.connect(hub).release(key.address, 4n * ALT);
      await vault.connect(hub).slash(key.address, 6n * ALT, fund.address);
      expect(await alt.balanceOf(fund)).to.equal(3n * ALT);
      expect((await vault.allocationOf(operator, hub)).reserved).to.equal(0n);
    });
  });

  describe("allocate", () => {
    it("reverts when the caller isn't an operator", async () => {
      const { vault, alice, hub } = await loadFixture(deployStaking);
      await expect(vault.connect(alice).allocate(hub.address, 1n))
        .to.be.revertedWithCustomError(vault, "OperatorIsUnknown")
        .withArgs(alice.address);
    });

    it("reverts when governance hasn't listed the service", async () => {
      const { vault, operator, stranger } = await loadFixture(deployStaking);
      await expect(vault.connect(operator).allocate(stranger.address, 1n))
        .to.be.revertedWithCustomError(vault, "ServiceIsUnknown")
        .withArgs(stranger.address);
    });

    it("reverts when the sum would exceed the magnitude", async () => {
      const { vault, operator, burner } = await loadFixture(deployStaked);
      await expect(vault.connect(operator).allocate(burner.address, W / 2n + 1n))
        .to.be.revertedWithCustomError(vault, "AllocationTooHigh")
        .withArgs(W / 2n + 1n, W / 2n);
      await vault.connect(operator).allocate(burner.address, W / 2n);
      expect((await vault.poolOf(operator)).allocated).to.equal(W);
    });

    it("reverts when what stays wouldn't back the reservations", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, 1_000n * ALT);
      await expect(vault.connect(operator).allocate(hub.address, W / 10n - 1n))
        .to.be.revertedWithCustomError(vault, "AllocationIsReserved")
        .withArgs(1_000n * ALT - 1n, 1_000n * ALT);
      await vault.connect(operator).allocate(hub.address, W / 10n);
    });

    it("raises at once", async () => {
      const { vault, operator, hub } = await loadFixture(deployStaked);
      await expect(vault.connect(operator).allocate(hub.address, W))
        .to.emit(vault, "Allocated")
        .withArgs(operator.address, hub.address, W);
      expect(await vault.allocationOf(operator, hub)).to.deep.equal([W, W, 0n, 0n, false]);
    });

    it("lowers for lines at once, for slashes after the unbonding delay", async () => {
      const { vault, operator, hub } = await loadFixture(deployStaked);
      const now = await nextSecond();
      await expect(vault.connect(operator).allocate(hub.address, W / 4n))
        .to.emit(vault, "DeallocationStarted")
        .withArgs(operator.address, hub.address, W / 4n, now + UNBONDING);
      expect(await vault.backingOf(operator, hub)).to.equal(2_500n * ALT);
      const [before, at, after] = [-1n, 0n, 1n].map((d) => now + UNBONDING + d) as [bigint, bigint, bigint];
      for (const [moment, slashable] of [
        [before, W / 2n],
        [at, W / 4n],
        [after, W / 4n],
      ] as const) {
        await nextAt(moment);
        await ethers.provider.send("evm_mine", []);
        expect((await vault.allocationOf(operator, hub)).slashable).to.equal(slashable);
      }
    });

    it("frees magnitude for other services only once the delay has passed", async () => {
      const { vault, operator, hub, burner } = await loadFixture(deployStaked);
      const now = await nextSecond();
      await vault.connect(operator).allocate(hub.address, 0n);
      await nextAt(now + UNBONDING - 1n);
      await vault.connect(operator).allocate(burner.address, W / 2n);
      expect((await vault.poolOf(operator)).allocated).to.equal(W);
      await nextAt(now + UNBONDING);
      // The same figure again ends what is due.
      await vault.connect(operator).allocate(hub.address, 0n);
      expect((await vault.poolOf(operator)).allocated).to.equal(W / 2n);
      await vault.connect(operator).allocate(burner.address, W);
      expect(await vault.allocationOf(operator, hub)).to.deep.equal([0n, 0n, 0n, 0n, false]);
    });

    it("starts the delay anew when asked again before it has passed", async () => {
      const { vault, operator, hub } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(hub.address, W / 8n);
      const now = (await nextSecond()) + 20n * DAY;
      await nextAt(now);
      await vault.connect(operator).allocate(hub.address, W / 4n);
      expect(await vault.allocationOf(operator, hub)).to.deep.equal([
        W / 2n,
        W / 4n,
        0n,
        now + UNBONDING,
        false,
      ]);
    });

    it("withdraws a deallocation by asking for what was", async () => {
      const { vault, operator, hub } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(hub.address, 0n);
      await vault.connect(operator).allocate(hub.address, W / 2n);
      expect(await vault.allocationOf(operator, hub)).to.deep.equal([W / 2n, W / 2n, 0n, 0n, false]);
      expect((await vault.poolOf(operator)).allocated).to.equal(W / 2n);
    });

    it("keeps the announced figure absolute under slashes", async () => {
      const { vault, operator, key, hub, fund } = await loadFixture(deployStaked);
      const now = await nextSecond();
      await vault.connect(operator).allocate(hub.address, W / 4n);
      await vault.connect(hub).slash(key.address, 1_000n * ALT, fund.address); // a tenth of the pool
      const lowered = await vault.allocationOf(operator, hub);
      expect([lowered.slashable, lowered.backing]).to.deep.equal([(W * 4n) / 10n, W / 4n]);
      await vault.connect(hub).slash(key.address, 2_500n * ALT, fund.address);
      await nextAt(now + UNBONDING);
      await ethers.provider.send("evm_mine", []);
      const slashed = await vault.allocationOf(operator, hub);
      expect(slashed.slashable).to.equal(slashed.backing);
      expect(slashed.slashable).to.equal((W * 15n) / 100n);
    });
  });
});
