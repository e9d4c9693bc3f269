import { expect } from "chai";
import { setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { ZeroHash, dataSlice, getAddress, hexlify, id as hashOf, keccak256 } from "ethers";
import { ethers } from "hardhat";
import { encodeMetadata, pieceMetadata } from "../../sdk/src/ledger";
import { ProvenExits, assetWord, bridgeFixture, exitLeaf, fund, other, rollup } from "./fixture";

const born = getAddress(dataSlice(hashOf("born"), 12));
const texts = hexlify(encodeMetadata({ name: "Token", symbol: "TKN", uri: "ipfs://token" }));

describe("CanonicalBridge > exitBatch, when a payment is judged failed", () => {
  it("[a token that moves and then says no] is paid nothing, however often it is run", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend } = f;
    const token = await ethers.deployContract("MockDenyingERC20");
    await token.mint(user, 100n);
    await token.connect(user).approve(bridge, 100n);
    await bridge.connect(user).deposit(rollup, token, 10n, user, "0x");
    await bridge.connect(user).deposit(other, token, 90n, user, "0x");
    const word = { kind: 1, token: await token.getAddress() };
    const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 10n, word)).commit();
    await token.setDenying(true);
    for (let i = 0; i < 3; i++) {
      await expect(bridge.exitBatch(...exits.run(0, 1)))
        .to.emit(bridge, "ExitFailed")
        .withArgs(rollup, 0n, friend);
    }
    expect([await token.balanceOf(friend), await token.balanceOf(bridge)]).to.deep.equal([0n, 100n]);
    expect(await bridge.balanceOf(rollup, assetWord(1, word.token), 0n)).to.equal(10n);
    await token.setDenying(false);
    await bridge.exitBatch(...exits.run(0, 1));
    expect([await token.balanceOf(friend), await bridge.isSpent(rollup, 0n)]).to.deep.equal([10n, true]);
  });

  it("[an NFT that moves and then says no] stays, and its holder too", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend } = f;
    const things = await ethers.deployContract("MockDenyingERC721");
    await things.mint(user, 7n);
    await things.connect(user).approve(bridge, 7n);
    await bridge.connect(user).depositNft(rollup, things, 7n, user, "0x");
    const word = { kind: 2, token: await things.getAddress(), id: 7n };
    const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 1n, word)).commit();
    await things.setDenying(true);
    await expect(bridge.exitBatch(...exits.run(0, 1)))
      .to.emit(bridge, "ExitFailed")
      .withArgs(rollup, 0n, friend);
    expect([await things.ownerOf(7n), await bridge.holderOf(things, 7n)]).to.deep.equal([
      await bridge.getAddress(),
      rollup,
    ]);
    await things.setDenying(false);
    await bridge.exitBatch(...exits.run(0, 1));
    expect(await things.ownerOf(7n)).to.equal(friend.address);
  });

  it("[a multi-token that moves and then says no] takes nothing of another rollup's", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend } = f;
    const items = await ethers.deployContract("MockDenyingERC1155");
    await items.mint(user, 5n, 100n);
    await items.connect(user).setApprovalForAll(bridge, true);
    await bridge.connect(user).depositMulti(rollup, items, [5n], [10n], user, "0x");
    await bridge.connect(user).depositMulti(other, items, [5n], [90n], user, "0x");
    const word = { kind: 3, token: await items.getAddress(), id: 5n };
    const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 10n, word)).commit();
    await items.setDenying(true);
    for (let i = 0; i < 3; i++) await bridge.exitBatch(...exits.run(0, 1));
    expect([await items.balanceOf(friend, 5n), await items.balanceOf(bridge, 5n)]).to.deep.equal([0n, 100n]);
    await items.setDenying(false);
    await bridge.exitBatch(...exits.run(0, 1));
    expect(await items.balanceOf(friend, 5n)).to.equal(10n);
  });

  it("[a leaf whose metadata is missing, wrong or malformed] is left out, and the others are paid", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend } = f;
    await fund(f, 100n);
    const broken = "0x41";
    const ofBorn = (kind: number, metadata: string, amount = 1n) =>
      exitLeaf(friend.address, amount, { kind, token: born, metadataHash: keccak256(metadata) });
    const exits = await new ProvenExits(f)
      .add(
        exitLeaf(user.address, 10n),
        ofBorn(5, texts),
        ofBorn(6, texts),
        ofBorn(7, texts),
        ofBorn(5, broken),
        exitLeaf(user.address, 10n),
        exitLeaf(user.address, 10n),
        exitLeaf(user.address, 10n),
      )
      .commit();
    const send = bridge.exitBatch(...exits.run(0, 8, ["0x", "0x", broken, texts, broken, "0x", "0x", "0x"]));
    await expect(send).to.emit(bridge, "RunPaid").withArgs(rollup, 0n, 0b1110_1001n);
    for (const index of [1n, 2n, 4n])
      await expect(send).to.emit(bridge, "ExitFailed").withArgs(rollup, index, friend);
    expect(await ethers.provider.getCode(await bridge.mirrorOf(rollup, assetWord(5, born)))).to.equal("0x");
    await expect(bridge.exitBatch(...exits.run(0, 4, ["0x", texts, texts, "0x"])))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0b0110n);
    const fungible = await ethers.getContractAt(
      "MirrorERC20",
      await bridge.mirrorOf(rollup, assetWord(5, born)),
    );
    expect(await fungible.balanceOf(friend)).to.equal(1n);
  });

  it("deploys the mirror with the longest name, symbol and URI within a run", async () => {
    const f = await bridgeFixture();
    const { bridge, friend } = f;
    const longest = hexlify(
      encodeMetadata({ name: "n".repeat(64), symbol: "s".repeat(16), uri: "u".repeat(256) }),
    );
    const leaf = { token: born, metadataHash: keccak256(longest) };
    const exits = await new ProvenExits(f)
      .add(
        exitLeaf(friend.address, 1n, { kind: 5, ...leaf }),
        exitLeaf(friend.address, 1n, { kind: 7, ...leaf }),
      )
      .commit();
    await expect(bridge.exitBatch(...exits.run(0, 2, [longest, longest])))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0b11n);
  });

  it("deploys the mirror of a collection with the longest base URI within a run", async () => {
    const f = await bridgeFixture();
    const { bridge, friend } = f;
    const texts = { name: "n".repeat(64), symbol: "s".repeat(16), uri: "u".repeat(236) };
    const metadata = hexlify(encodeMetadata(pieceMetadata(texts, 7n)));
    const leaf = { kind: 6, token: born, id: 7n, metadataHash: keccak256(metadata) };
    const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 1n, leaf)).commit();
    await expect(bridge.exitBatch(...exits.run(0, 1, [metadata])))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 1n);
  });

  it("[an exit of nothing takes another rollup's NFT 0] pays nothing", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend } = f;
    const old = await ethers.deployContract("MockCollectionOfOld");
    await old.mint(user, 0n);
    await bridge.connect(user).depositNft(other, old, 0n, user, "0x");
    const word = { kind: 1, token: await old.getAddress() };
    const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 0n, word)).commit();
    await bridge.exitBatch(...exits.run(0, 1));
    expect(await old.ownerOf(0n)).to.equal(await bridge.getAddress());
  });

  it("pays no coins to itself", async () => {
    const f = await bridgeFixture();
    const { bridge } = f;
    await fund(f, 100n);
    const exits = await new ProvenExits(f).add(exitLeaf(await bridge.getAddress(), 10n)).commit();
    await expect(bridge.exitBatch(...exits.run(0, 1)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0n);
  });

  it("[a payment asked for from outside] is refused", async () => {
    const { bridge, stranger, token } = await bridgeFixture();
    const word = assetWord(1, await token.getAddress());
    await expect(bridge.connect(stranger).payApart(rollup, word, 0n, 1n, stranger, "0x", ZeroHash))
      .to.be.revertedWithCustomError(bridge, "CallerNotItself")
      .withArgs(stranger);
  });

  it("reverts what it pays apart, so that nothing stays moved", async () => {
    const { bridge, user, friend } = await bridgeFixture();
    const token = await ethers.deployContract("MockDenyingERC20");
    await token.mint(bridge, 10n);
    await token.setDenying(true);
    const itself = await ethers.getImpersonatedSigner(await bridge.getAddress());
    await setBalance(itself.address, 10n ** 18n);
    const word = assetWord(1, await token.getAddress());
    await expect(bridge.connect(itself).payApart(rollup, word, 0n, 10n, friend, "0x", ZeroHash))
      .to.be.revertedWithCustomError(bridge, "PaymentRefused")
      .withArgs(word, friend);
    await expect(bridge.connect(itself).payApart(rollup, word, 0n, 10n, bridge, "0x", ZeroHash))
      .to.be.revertedWithCustomError(bridge, "PaymentRefused")
      .withArgs(word, bridge);
    expect(await token.balanceOf(user)).to.equal(0n);
  });
});
