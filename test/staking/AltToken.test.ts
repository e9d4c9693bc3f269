import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { anyValue } from "@nomicfoundation/hardhat-chai-matchers/withArgs";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { ALT, deployWith, nextSecond } from "./fixture";

const CAP = 10_000_000_000n * ALT;

async function deploy() {
  const [holder, alice, bob, carol] = (await ethers.getSigners()) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const { altToken: alt } = await deployWith({});
  const domain = {
    name: "ALT",
    version: "1",
    chainId: (await ethers.provider.getNetwork()).chainId,
    verifyingContract: await alt.getAddress(),
  };
  return { alt, holder, alice, bob, carol, domain };
}

describe("AltToken", () => {
  describe("constructor", () => {
    it("refuses to give the supply to nobody", async () => {
      const factory = await ethers.getContractFactory("AltToken");
      await expect(factory.deploy(ethers.ZeroAddress))
        .to.be.revertedWithCustomError(factory, "ERC20InvalidReceiver")
        .withArgs(ethers.ZeroAddress);
    });

    it("gives ten billion to the holder", async () => {
      const { alt, holder } = await loadFixture(deploy);
      expect(await alt.totalSupply()).to.equal(CAP);
      expect(await alt.CAP()).to.equal(CAP);
      expect(await alt.balanceOf(holder)).to.equal(CAP);
      expect([await alt.name(), await alt.symbol(), await alt.decimals()]).to.deep.equal(["ALT", "ALT", 18n]);
    });
  });

  describe("transfer", () => {
    it("reverts when the receiver is nobody", async () => {
      const { alt } = await loadFixture(deploy);
      await expect(alt.transfer(ethers.ZeroAddress, 1n))
        .to.be.revertedWithCustomError(alt, "ERC20InvalidReceiver")
        .withArgs(ethers.ZeroAddress);
    });

    it("reverts when the balance is too small, also by more than a field holds", async () => {
      const { alt, alice, bob } = await loadFixture(deploy);
      for (const value of [1n, 1n << 96n, ethers.MaxUint256])
        await expect(alt.connect(alice).transfer(bob.address, value))
          .to.be.revertedWithCustomError(alt, "ERC20InsufficientBalance")
          .withArgs(alice.address, 0n, value);
    });

    it("moves a balance", async () => {
      const { alt, holder, alice } = await loadFixture(deploy);
      const tx = alt.transfer(alice.address, 5n);
      await expect(tx).to.emit(alt, "Transfer").withArgs(holder.address, alice.address, 5n);
      await expect(tx).to.changeTokenBalances(alt, [holder, alice], [-5n, 5n]);
    });

    it("to oneself changes nothing, votes included", async () => {
      const { alt, holder } = await loadFixture(deploy);
      await alt.delegate(holder.address);
      await alt.transfer(holder.address, 5n);
      expect(await alt.balanceOf(holder)).to.equal(CAP);
      expect(await alt.getVotes(holder)).to.equal(CAP);
    });
  });

  describe("approve, transferFrom", () => {
    it("reverts when the spender is nobody", async () => {
      const { alt } = await loadFixture(deploy);
      await expect(alt.approve(ethers.ZeroAddress, 1n))
        .to.be.revertedWithCustomError(alt, "ERC20InvalidSpender")
        .withArgs(ethers.ZeroAddress);
    });

    it("reverts when more is spent than allowed", async () => {
      const { alt, holder, alice } = await loadFixture(deploy);
      await alt.approve(alice.address, 5n);
      await expect(alt.connect(alice).transferFrom(holder.address, alice.address, 6n))
        .to.be.revertedWithCustomError(alt, "ERC20InsufficientAllowance")
        .withArgs(alice.address, 5n, 6n);
    });

    it("spends an allowance, but not an unlimited one", async () => {
      const { alt, holder, alice, bob } = await loadFixture(deploy);
      await expect(alt.approve(alice.address, 5n))
        .to.emit(alt, "Approval")
        .withArgs(holder.address, alice.address, 5n);
      await alt.connect(alice).transferFrom(holder.address, bob.address, 3n);
      expect(await alt.allowance(holder, alice)).to.equal(2n);
      await alt.approve(alice.address, ethers.MaxUint256);
      await alt.connect(alice).transferFrom(holder.address, bob.address, 3n);
      expect(await alt.allowance(holder, alice)).to.equal(ethers.MaxUint256);
      expect(await alt.balanceOf(bob)).to.equal(6n);
    });
  });

  describe("burn", () => {
    it("reverts when the balance is too small", async () => {
      const { alt, alice } = await loadFixture(deploy);
      await expect(alt.connect(alice).burn(1n))
        .to.be.revertedWithCustomError(alt, "ERC20InsufficientBalance")
        .withArgs(alice.address, 0n, 1n);
    });

    it("lowers balance, votes and supply, for ever", async () => {
      const { alt, holder } = await loadFixture(deploy);
      await alt.delegate(holder.address);
      await expect(alt.burn(7n)).to.emit(alt, "Transfer").withArgs(holder.address, ethers.ZeroAddress, 7n);
      expect(await alt.totalSupply()).to.equal(CAP - 7n);
      expect(await alt.balanceOf(holder)).to.equal(CAP - 7n);
      expect(await alt.getVotes(holder)).to.equal(CAP - 7n);
    });
  });

  describe("permit", () => {
    const types = {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    };

    async function signed(deadline: bigint, nonce = 0n) {
      const context = await loadFixture(deploy);
      const message = {
        owner: context.holder.address,
        spender: context.bob.address,
        value: 5n,
        nonce,
        deadline,
      };
      const signature = ethers.Signature.from(
        await context.holder.signTypedData(context.domain, types, message),
      );
      return { ...context, v: signature.v, r: signature.r, s: signature.s };
    }

    it("reverts one second after the deadline", async () => {
      const deadline = BigInt(await time.latest()) + 10_000n;
      const { alt, holder, bob, v, r, s } = await signed(deadline);
      await time.setNextBlockTimestamp(deadline + 1n);
      await expect(alt.permit(holder.address, bob.address, 5n, deadline, v, r, s))
        .to.be.revertedWithCustomError(alt, "SignatureExpired")
        .withArgs(deadline);
    });

    it("works at the deadline, once", async () => {
      const deadline = BigInt(await time.latest()) + 10_000n;
      const { alt, holder, bob, v, r, s } = await signed(deadline);
      await time.setNextBlockTimestamp(deadline);
      await alt.permit(holder.address, bob.address, 5n, deadline, v, r, s);
      expect(await alt.allowance(holder, bob)).to.equal(5n);
      expect(await alt.nonces(holder)).to.equal(1n);
      await time.setNextBlockTimestamp(deadline);
      await expect(alt.permit(holder.address, bob.address, 5n, deadline, v, r, s))
        .to.be.revertedWithCustomError(alt, "PermitSignerInvalid")
        .withArgs(anyValue, holder.address);
    });

    it("reverts for another value, spender or owner than was signed", async () => {
      const { alt, holder, alice, bob, v, r, s } = await signed(ethers.MaxUint256);
      for (const [owner, spender, value] of [
        [holder, bob, 6n],
        [holder, alice, 5n],
        [alice, bob, 5n],
      ] as const)
        await expect(
          alt.permit(owner.address, spender.address, value, ethers.MaxUint256, v, r, s),
        ).to.be.revertedWithCustomError(alt, "PermitSignerInvalid");
    });
  });

  describe("delegate", () => {
    it("moves votes with balances", async () => {
      const { alt, holder, alice, bob } = await loadFixture(deploy);
      await alt.transfer(alice.address, 100n);
      expect(await alt.getVotes(alice)).to.equal(0n);
      const tx = alt.connect(alice).delegate(bob.address);
      await expect(tx)
        .to.emit(alt, "DelegateChanged")
        .withArgs(alice.address, ethers.ZeroAddress, bob.address);
      await expect(tx).to.emit(alt, "DelegateVotesChanged").withArgs(bob.address, 0n, 100n);
      await alt.transfer(alice.address, 10n);
      expect(await alt.getVotes(bob)).to.equal(110n);
      await alt.connect(alice).transfer(holder.address, 60n);
      expect(await alt.getVotes(bob)).to.equal(50n);
      await alt.connect(alice).delegate(ethers.ZeroAddress);
      expect(await alt.getVotes(bob)).to.equal(0n);
      expect(await alt.delegates(alice)).to.equal(ethers.ZeroAddress);
    });

    it("remembers every second's votes", async () => {
      const { alt, holder, alice } = await loadFixture(deploy);
      await alt.connect(alice).delegate(alice.address);
      const seen: [bigint, bigint][] = [];
      let held = 0n;
      for (let i = 1n; i <= 9n; i++) {
        await alt.connect(holder).transfer(alice.address, i);
        held += i;
        seen.push([BigInt(await time.latest()), held]);
        await time.increase(5);
      }
      for (const [at, votes] of seen) {
        expect(await alt.getPastVotes(alice, at)).to.equal(votes);
        expect(await alt.getPastVotes(alice, at + 4n)).to.equal(votes);
      }
      expect(await alt.getPastVotes(alice, (seen[0]?.[0] ?? 0n) - 1n)).to.equal(0n);
    });

    it("counts the last of several changes in one second", async () => {
      const { alt, alice } = await loadFixture(deploy);
      await alt.connect(alice).delegate(alice.address);
      const at = await nextSecond();
      for (let i = 0; i < 5; i++) {
        await time.setNextBlockTimestamp(at);
        await alt.transfer(alice.address, 1n);
      }
      await time.increase(1);
      expect(await alt.getPastVotes(alice, at)).to.equal(5n);
      expect(await alt.getPastVotes(alice, at - 1n)).to.equal(0n);
    });

    it("has no votes for the present or the future", async () => {
      const { alt, alice } = await loadFixture(deploy);
      const now = await alt.clock();
      expect(await alt.CLOCK_MODE()).to.equal("mode=timestamp");
      await expect(alt.getPastVotes(alice, now + 1_000n))
        .to.be.revertedWithCustomError(alt, "VotesNotSettled")
        .withArgs(now + 1_000n, anyValue);
    });
  });

  describe("delegateBySig", () => {
    const types = {
      Delegation: [
        { name: "delegatee", type: "address" },
        { name: "nonce", type: "uint256" },
        { name: "expiry", type: "uint256" },
      ],
    };

    it("reverts after expiry, and with another nonce than the signer's", async () => {
      const { alt, holder, bob, domain } = await loadFixture(deploy);
      const expiry = BigInt(await time.latest()) + 1_000n;
      const message = { delegatee: bob.address, nonce: 0n, expiry };
      const { v, r, s } = ethers.Signature.from(await holder.signTypedData(domain, types, message));
      await time.setNextBlockTimestamp(expiry);
      await alt.delegateBySig(bob.address, 0n, expiry, v, r, s);
      expect(await alt.getVotes(bob)).to.equal(CAP);
      await time.setNextBlockTimestamp(expiry);
      await expect(alt.delegateBySig(bob.address, 0n, expiry, v, r, s))
        .to.be.revertedWithCustomError(alt, "InvalidAccountNonce")
        .withArgs(holder.address, 1n);
      await time.setNextBlockTimestamp(expiry + 1n);
      await expect(alt.delegateBySig(bob.address, 0n, expiry, v, r, s))
        .to.be.revertedWithCustomError(alt, "SignatureExpired")
        .withArgs(expiry);
    });
  });
});
