import { expect } from "chai";
import { ethers } from "hardhat";
import { dataSlice, getAddress } from "ethers";
import { bridgeFixture, type Fixture, Mood, assetWord, coin, other, rollup, Status, zero } from "./fixture";

/** The body of a deposit message, taken apart. */
async function lastMessage({ inbox }: Fixture, id = rollup) {
  const { 0: count } = await inbox.inboxOf(id);
  const message = await inbox.messageOf(id, count - 1n);
  return {
    head: dataSlice(message, 0, 2),
    sender: getAddress(dataSlice(message, 2, 22)),
    asset: dataSlice(message, 22, 54),
    id: BigInt(dataSlice(message, 54, 86)),
    amount: BigInt(dataSlice(message, 86, 118)),
    to: getAddress(dataSlice(message, 118, 138)),
    fallbackTo: getAddress(dataSlice(message, 138, 158)),
    data: dataSlice(message, 158),
  };
}

describe("CanonicalBridge deposits", () => {
  describe("depositNative", () => {
    it("refuses nothing, the zero receiver and a closed rollup; nothing is kept", async () => {
      const { bridge, inbox, user } = await bridgeFixture();
      const as = bridge.connect(user);
      await expect(as.depositNative(rollup, user, "0x"))
        .to.be.revertedWithCustomError(bridge, "NothingDeposited")
        .withArgs(zero);
      await expect(as.depositNative(rollup, zero, "0x", { value: 1n })).to.be.revertedWithCustomError(
        bridge,
        "RecipientZero",
      );
      await inbox.set(rollup, Status.Draining, false, zero, zero);
      await expect(as.depositNative(rollup, user, "0x", { value: 1n })).to.be.revertedWithCustomError(
        inbox,
        "Closed",
      );
      expect(await ethers.provider.getBalance(bridge)).to.equal(0n);
    });

    it("refuses coins that come without a deposit", async () => {
      const { bridge, user } = await bridgeFixture();
      await expect(user.sendTransaction({ to: bridge, value: 1n })).to.be.revertedWithoutReason();
    });

    it("refuses more than an account holds", async () => {
      const { bridge, user, inbox } = await bridgeFixture();
      const token = await ethers.deployContract("MockERC20");
      await token.mint(user, ethers.MaxUint256);
      await token.connect(user).approve(bridge, ethers.MaxUint256);
      const word = assetWord(1, await token.getAddress());
      const most = 2n ** 128n - 1n;
      await bridge.connect(user).deposit(rollup, token, most, user, "0x");
      // The error stands in the library that keeps the accounts.
      const full = ethers.Interface.from(["error EscrowFull(uint64,bytes32,uint256,uint256)"]);
      await expect(bridge.connect(user).deposit(rollup, token, 1n, user, "0x"))
        .to.be.revertedWithCustomError({ interface: full }, "EscrowFull")
        .withArgs(rollup, word, most, 1n);
      expect(await bridge.balanceOf(rollup, word, 0n)).to.equal(most);
      expect((await inbox.inboxOf(rollup))[0]).to.equal(1n);
    });

    it("credits the account and tells the rollup", async () => {
      const f = await bridgeFixture();
      const { bridge, user, friend } = f;
      await bridge.connect(user).depositNative(rollup, friend, "0xabcd", { value: 5n });
      await bridge.connect(user).depositNative(rollup, friend, "0x", { value: 2n });
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(7n);
      expect(await bridge.balanceOf(other, coin, 0n)).to.equal(0n);
      expect(await lastMessage(f)).to.deep.equal({
        head: "0x0101",
        sender: user.address,
        asset: coin,
        id: 0n,
        amount: 2n,
        to: friend.address,
        fallbackTo: user.address,
        data: "0x",
      });
    });
  });

  describe("deposit", () => {
    it("refuses what isn't approved, what doesn't arrive, and accounts as tokens", async () => {
      const { bridge, user, friend, token, stranger } = await bridgeFixture();
      await expect(bridge.connect(friend).deposit(rollup, token, 3n, friend, "0x"))
        .to.be.revertedWithCustomError(bridge, "DepositRefused")
        .withArgs(token, 3n);
      await expect(bridge.connect(user).deposit(rollup, token, 0n, user, "0x"))
        .to.be.revertedWithCustomError(bridge, "NothingDeposited")
        .withArgs(token);
      await expect(bridge.connect(user).deposit(rollup, stranger, 3n, user, "0x"))
        .to.be.revertedWithCustomError(bridge, "DepositRefused")
        .withArgs(stranger, 3n);
    });

    it("[approve-drain: somebody else's allowance] [Bridge 10] takes from its caller only", async () => {
      const { bridge, user, stranger, token } = await bridgeFixture();
      // `user` has approved the bridge without end; a stranger gets nothing of it.
      await expect(bridge.connect(stranger).deposit(rollup, token, 1n, stranger, "0x"))
        .to.be.revertedWithCustomError(bridge, "DepositRefused")
        .withArgs(token, 1n);
      expect(await token.balanceOf(user)).to.equal(10n ** 24n);
    });

    it("[a token that taxes] credits what arrived", async () => {
      const f = await bridgeFixture();
      const { bridge, user } = f;
      const taxed = await ethers.deployContract("MockTaxedERC20");
      await taxed.mint(user, 1_000n);
      await taxed.connect(user).approve(bridge, 1_000n);
      await bridge.connect(user).deposit(rollup, taxed, 1_000n, user, "0x");
      expect(await bridge.balanceOf(rollup, assetWord(1, await taxed.getAddress()), 0n)).to.equal(900n);
      expect((await lastMessage(f)).amount).to.equal(900n);
    });

    it("takes tokens that return nothing", async () => {
      const { bridge, user } = await bridgeFixture();
      const silent = await ethers.deployContract("MockSilentERC20");
      await silent.mint(user, 10n);
      await silent.connect(user).approve(bridge, 10n);
      await bridge.connect(user).deposit(rollup, silent, 10n, user, "0x");
      expect(await bridge.balanceOf(rollup, assetWord(1, await silent.getAddress()), 0n)).to.equal(10n);
    });

    it("[ERC-777 credited twice] isn't, when a token calls its sender", async () => {
      const { bridge } = await bridgeFixture();
      const hooked = await ethers.deployContract("MockHookedERC20");
      const thief = await ethers.deployContract("MockReceiver");
      await hooked.mint(thief, 100n);
      const again = bridge.interface.encodeFunctionData("deposit", [
        rollup,
        await hooked.getAddress(),
        40n,
        await thief.getAddress(),
        "0x",
      ]);
      await thief.act(
        hooked,
        0n,
        hooked.interface.encodeFunctionData("approve", [await bridge.getAddress(), 100n]),
      );
      await thief.set(Mood.CallsBack, bridge, again);
      await thief.act(bridge, 0n, again);
      // The inner deposit met the lock; the outer one is credited with what it moved.
      expect(await thief.isCalledBack()).to.equal(true);
      expect(dataSlice(await thief.calledBackWith(), 0, 4)).to.equal(
        bridge.interface.getError("BridgeLocked")?.selector,
      );
      expect(await bridge.balanceOf(rollup, assetWord(1, await hooked.getAddress()), 0n)).to.equal(40n);
      expect(await hooked.balanceOf(bridge)).to.equal(40n);
    });

    it("[donation] counts what is sent without a deposit for nobody", async () => {
      const { bridge, user, token, deployer } = await bridgeFixture();
      await bridge.connect(user).deposit(rollup, token, 10n, user, "0x");
      await token.connect(user).transfer(bridge, 5n);
      await (await ethers.getContractFactory("MockForcedSender", deployer)).deploy(bridge, { value: 9n });
      expect(await ethers.provider.getBalance(bridge)).to.equal(9n);
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(0n);
      await bridge.connect(user).deposit(rollup, token, 1n, user, "0x");
      expect(await bridge.balanceOf(rollup, assetWord(1, await token.getAddress()), 0n)).to.equal(11n);
    });
  });

  describe("depositWithPermit", () => {
    const permit = async (f: Fixture, value: bigint) => {
      const { bridge, token, friend } = f;
      const { chainId } = await ethers.provider.getNetwork();
      const domain = {
        name: "Token",
        version: "1",
        chainId,
        verifyingContract: await token.getAddress(),
      };
      const types = {
        Permit: [
          { name: "owner", type: "address" },
          { name: "spender", type: "address" },
          { name: "value", type: "uint256" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" },
        ],
      };
      const nonce = await token.nonces(friend);
      const message = {
        owner: friend.address,
        spender: await bridge.getAddress(),
        value,
        nonce,
        deadline: 2n ** 40n,
      };
      return ethers.Signature.from(await friend.signTypedData(domain, types, message));
    };

    it("deposits without an allowance, also when the permit was used by somebody before", async () => {
      const f = await bridgeFixture();
      const { bridge, token, friend, stranger } = f;
      await token.mint(friend, 20n);
      const first = await permit(f, 10n);
      await bridge
        .connect(friend)
        .depositWithPermit(rollup, token, 10n, friend, "0x", 2n ** 40n, first.v, first.r, first.s);
      const second = await permit(f, 10n);
      await token.connect(stranger).permit(friend, bridge, 10n, 2n ** 40n, second.v, second.r, second.s);
      await bridge
        .connect(friend)
        .depositWithPermit(rollup, token, 10n, friend, "0x", 2n ** 40n, second.v, second.r, second.s);
      expect(await bridge.balanceOf(rollup, assetWord(1, await token.getAddress()), 0n)).to.equal(20n);
    });

    it("refuses another's permit", async () => {
      const f = await bridgeFixture();
      const { bridge, token, friend, stranger } = f;
      await token.mint(friend, 20n);
      const { v, r, s } = await permit(f, 10n);
      await expect(
        bridge.connect(stranger).depositWithPermit(rollup, token, 10n, stranger, "0x", 2n ** 40n, v, r, s),
      )
        .to.be.revertedWithCustomError(bridge, "DepositRefused")
        .withArgs(token, 10n);
    });
  });

  describe("depositNft and depositMulti", () => {
    it("[Bridge 5] holds an ERC-721 token for one rollup", async () => {
      const f = await bridgeFixture();
      const { bridge, user, stranger } = f;
      const things = await ethers.deployContract("MockERC721");
      await things.mint(user, 7n);
      await expect(bridge.connect(user).depositNft(rollup, things, 7n, user, "0x"))
        .to.be.revertedWithCustomError(things, "ERC721InsufficientApproval")
        .withArgs(bridge, 7n);
      await things.connect(user).approve(bridge, 7n);
      await expect(bridge.connect(stranger).depositNft(rollup, things, 7n, stranger, "0x"))
        .to.be.revertedWithCustomError(things, "ERC721IncorrectOwner")
        .withArgs(stranger, 7n, user);
      await bridge.connect(user).depositNft(rollup, things, 7n, user, "0x");
      expect(await bridge.holderOf(things, 7n)).to.equal(rollup);
      expect(await lastMessage(f)).to.include({
        id: 7n,
        amount: 1n,
        asset: assetWord(2, await things.getAddress()),
      });
      await expect(bridge.connect(user).depositNft(other, things, 7n, user, "0x"))
        .to.be.revertedWithCustomError(bridge, "NftHeldAlready")
        .withArgs(things, 7n, rollup);
    });

    it("refuses an NFT that says it moved and didn't, and the zero receiver", async () => {
      const { bridge, user } = await bridgeFixture();
      const idle = await ethers.deployContract("MockIdleERC721");
      await idle.mint(user, 7n);
      await expect(bridge.connect(user).depositNft(rollup, idle, 7n, user, "0x"))
        .to.be.revertedWithCustomError(bridge, "NftNotReceived")
        .withArgs(idle, 7n);
      expect(await bridge.holderOf(idle, 7n)).to.equal(0n);
      const things = await ethers.deployContract("MockERC721");
      await things.mint(user, 7n);
      await things.connect(user).approve(bridge, 7n);
      await expect(
        bridge.connect(user).depositNft(rollup, things, 7n, zero, "0x"),
      ).to.be.revertedWithCustomError(bridge, "RecipientZero");
    });

    it("takes ERC-1155 tokens by the id, and none that come unasked", async () => {
      const f = await bridgeFixture();
      const { bridge, user } = f;
      const items = await ethers.deployContract("MockERC1155");
      await items.mint(user, 1n, 10n);
      await items.mint(user, 2n, 10n);
      const as = items.connect(user);
      await expect(as.safeTransferFrom(user, bridge, 1n, 1n, "0x"))
        .to.be.revertedWithCustomError(bridge, "UnsolicitedTokens")
        .withArgs(user);
      await expect(as.safeBatchTransferFrom(user, bridge, [1n, 2n], [1n, 1n], "0x"))
        .to.be.revertedWithCustomError(bridge, "UnsolicitedTokens")
        .withArgs(user);
      await as.setApprovalForAll(bridge, true);
      await expect(bridge.connect(user).depositMulti(rollup, items, [1n], [0n], user, "0x"))
        .to.be.revertedWithCustomError(bridge, "NothingDeposited")
        .withArgs(items);
      await expect(bridge.connect(user).depositMulti(rollup, items, [1n, 2n], [1n], user, "0x"))
        .to.be.revertedWithCustomError(bridge, "IdsAmountsMismatch")
        .withArgs(2n, 1n);
      await expect(bridge.connect(user).depositMulti(rollup, items, [], [], user, "0x"))
        .to.be.revertedWithCustomError(bridge, "NothingDeposited")
        .withArgs(items);
      await bridge.connect(user).depositMulti(rollup, items, [1n, 2n, 1n], [3n, 4n, 5n], user, "0x");
      const word = assetWord(3, await items.getAddress());
      expect(await bridge.balanceOf(rollup, word, 1n)).to.equal(8n);
      expect(await bridge.balanceOf(rollup, word, 2n)).to.equal(4n);
      expect(await items.balanceOf(bridge, 1n)).to.equal(8n);
      expect(await bridge.supportsInterface("0x4e2312e0")).to.equal(true);
    });
  });
});
