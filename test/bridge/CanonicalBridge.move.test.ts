import { expect } from "chai";
import { concat, dataSlice, getAddress, hexlify, id as hashOf, keccak256, toBeHex } from "ethers";
import { ethers } from "hardhat";
import { type ExitLeaf, encodeMetadata } from "../../sdk/src/ledger";
import {
  type Fixture,
  ProvenExits,
  Status,
  assetWord,
  bridgeFixture,
  coin,
  exitLeaf,
  fund,
  noConsent,
  other,
  rollup,
  zero,
} from "./fixture";

const born = getAddress(dataSlice(hashOf("born"), 12));
const texts = hexlify(encodeMetadata({ name: "Token", symbol: "TKN", uri: "ipfs://token" }));
const third = 3n;

/** Exits from `rollup` to `other`, whose sender there is `user` and whose receiver is `friend`. */
async function moving(...leaves: Partial<ExitLeaf>[]) {
  const f = await bridgeFixture();
  await fund(f, 100n);
  await fund(f, 1_000n, other);
  const to = { targetRollup: other, l2Sender: f.user.address, fallbackTo: f.stranger.address };
  const exits = await new ProvenExits(f)
    .add(...leaves.map((leaf) => exitLeaf(f.friend.address, 10n, { ...to, ...leaf })))
    .commit();
  return { ...f, exits };
}

async function lastMessage({ inbox }: Fixture, of: bigint): Promise<string> {
  const { 0: count } = await inbox.inboxOf(of);
  return inbox.messageOf(of, count - 1n);
}

describe("CanonicalBridge > move", () => {
  describe("refuses", () => {
    it("exits to L1, and those that need a key", async () => {
      const { bridge, stranger, exits } = await moving({ targetRollup: 0n }, { flags: 1 });
      await expect(bridge.move(...exits.exit(0), "0x", "0x")).to.be.revertedWithCustomError(
        bridge,
        "ExitGoesToL1",
      );
      await expect(bridge.move(...exits.exit(1), "0x", "0x"))
        .to.be.revertedWithCustomError(bridge, "ExitNeedsKey")
        .withArgs(stranger);
    });

    it("another target, receiver or amount than the exit says, and other data", async () => {
      const data = "0xda7a";
      const { bridge, exits } = await moving({ dataHash: keccak256(data) });
      const [words, siblings, proof] = exits.exit(0);
      const lies = [
        { ...words, head: (1n << 248n) | (third << 160n) },
        { ...words, to: zero },
        { ...words, amount: 11n },
        { ...words, fallbackTo: zero },
        { ...words, l2Sender: zero },
      ];
      for (const lie of lies) {
        await expect(bridge.move(lie, siblings, proof, "0x", data)).to.be.revertedWithCustomError(
          bridge,
          "CommitmentNotKept",
        );
      }
      for (const lie of ["0x", "0xda7b"]) {
        await expect(bridge.move(words, siblings, proof, "0x", lie))
          .to.be.revertedWithCustomError(bridge, "ExitDataMismatch")
          .withArgs(lie === "0x" ? "0x" + "00".repeat(32) : keccak256(lie), keccak256(data));
      }
    });

    it("what the source doesn't hold, and unknown kinds", async () => {
      const { bridge, exits } = await moving({ amount: 101n }, { kind: 4 });
      await expect(bridge.move(...exits.exit(0), "0x", "0x"))
        .to.be.revertedWithCustomError(bridge, "EscrowShort")
        .withArgs(rollup, coin, 0n, 101n);
      await expect(bridge.move(...exits.exit(1), "0x", "0x"))
        .to.be.revertedWithCustomError(bridge, "AssetKindUnknown")
        .withArgs(4);
    });

    it("a target that takes no deposits; fallbackTo takes it on L1 then, and a move is off for good", async () => {
      const { bridge, inbox, owner, stranger, exits } = await moving({}, { targetRollup: 99n });
      await inbox.set(other, Status.Active, true, owner, zero);
      for (const index of [0, 1]) {
        await expect(bridge.move(...exits.exit(index), "0x", "0x")).to.be.revertedWithCustomError(
          inbox,
          "Closed",
        );
      }
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(100n);
      await bridge.connect(stranger).exitTo(...exits.exit(0), "0x", stranger, noConsent);
      await inbox.set(other, Status.Active, false, owner, zero);
      await expect(bridge.move(...exits.exit(0), "0x", "0x"))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(rollup, 0n);
    });

    it("[an exit moved and paid] a second time, in whatever order", async () => {
      const { bridge, inbox, owner, stranger, exits } = await moving({});
      await bridge.move(...exits.exit(0), "0x", "0x");
      await expect(bridge.move(...exits.exit(0), "0x", "0x"))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(rollup, 0n);
      await expect(bridge.exitBatch(...exits.run(0, 1)))
        .to.emit(bridge, "RunPaid")
        .withArgs(rollup, 0n, 0n);
      await inbox.set(other, Status.Retired, false, owner, zero);
      await expect(bridge.connect(stranger).exitTo(...exits.exit(0), "0x", stranger, noConsent))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(rollup, 0n);
    });
  });

  it("moves escrow from account to account and tells the target, whoever calls; no coin leaves", async () => {
    const f = await moving({ dataHash: keccak256("0xda7a") });
    const { bridge, user, friend, stranger, exits } = f;
    const mover = await bridge.moverOf(rollup, user);
    const send = bridge.connect(stranger).move(...exits.exit(0), "0x", "0xda7a");
    await expect(send).to.emit(bridge, "Moved").withArgs(rollup, 0n, other, coin, 0n, 10n, 1n);
    expect([await bridge.balanceOf(rollup, coin, 0n), await bridge.balanceOf(other, coin, 0n)]).to.deep.equal(
      [90n, 1_010n],
    );
    expect(await ethers.provider.getBalance(bridge)).to.equal(1_100n);
    expect(await lastMessage(f, other)).to.equal(
      concat([
        ...["0x0101", mover, coin, toBeHex(0, 32), toBeHex(10, 32)],
        ...[friend.address, stranger.address, "0xda7a"],
      ]),
    );
  });

  it("names the sender by rollup and address there, so that nobody on L1 is he", async () => {
    const { bridge, user, friend } = await moving({});
    const names = new Set<string>();
    for (const of of [rollup, other]) {
      for (const { address } of [user, friend]) names.add(await bridge.moverOf(of, address));
    }
    expect(names.size).to.equal(4);
    const packed = concat([ethers.toUtf8Bytes("rollworks.move"), toBeHex(rollup, 8), user.address]);
    expect(await bridge.moverOf(rollup, user)).to.equal(getAddress(dataSlice(keccak256(packed), 12)));
  });

  it("moves tokens, NFTs and multi-tokens", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend, token } = f;
    const things = await ethers.deployContract("MockERC721");
    const items = await ethers.deployContract("MockERC1155");
    await things.mint(user, 7n);
    await items.mint(user, 8n, 9n);
    await things.connect(user).approve(bridge, 7n);
    await items.connect(user).setApprovalForAll(bridge, true);
    await bridge.connect(user).deposit(rollup, token, 60n, user, "0x");
    await bridge.connect(user).depositNft(rollup, things, 7n, user, "0x");
    await bridge.connect(user).depositMulti(rollup, items, [8n], [9n], user, "0x");
    const [tokenAt, thingsAt, itemsAt] = (await Promise.all(
      [token, things, items].map((c) => c.getAddress()),
    )) as [string, string, string];
    const to = { targetRollup: other };
    const exits = await new ProvenExits(f)
      .add(
        exitLeaf(friend.address, 50n, { ...to, kind: 1, token: tokenAt }),
        exitLeaf(friend.address, 1n, { ...to, kind: 2, token: thingsAt, id: 7n }),
        exitLeaf(friend.address, 4n, { ...to, kind: 3, token: itemsAt, id: 8n }),
      )
      .commit();
    for (const index of [0, 1, 2]) await bridge.move(...exits.exit(index), "0x", "0x");
    expect(await bridge.balanceOf(other, assetWord(1, tokenAt), 0n)).to.equal(50n);
    expect(await bridge.holderOf(things, 7n)).to.equal(other);
    expect(await bridge.balanceOf(other, assetWord(3, itemsAt), 8n)).to.equal(4n);
    expect([await token.balanceOf(bridge), await things.ownerOf(7n)]).to.deep.equal([
      60n,
      await bridge.getAddress(),
    ]);
  });

  describe("what was born on a rollup", () => {
    const metadataHash = keccak256(texts);

    it("becomes an L1 token in the target's account, and is unlocked where it was born, its mirror burned", async () => {
      const f = await moving({ kind: 5, token: born, amount: 40n, metadataHash });
      const { bridge, friend, exits } = f;
      const mirrorAt = await bridge.mirrorOf(rollup, assetWord(5, born));
      await bridge.move(...exits.exit(0), texts, "0x");
      const mirror = await ethers.getContractAt("MirrorERC20", mirrorAt);
      expect([await mirror.balanceOf(bridge), await mirror.totalSupply()]).to.deep.equal([40n, 40n]);
      expect(await bridge.balanceOf(other, assetWord(1, mirrorAt), 0n)).to.equal(40n);
      expect(dataSlice(await lastMessage(f, other), 22, 54)).to.equal(assetWord(1, mirrorAt));
      const back = await new ProvenExits(f, other)
        .add(exitLeaf(friend.address, 15n, { targetRollup: rollup, kind: 1, token: mirrorAt }))
        .commit();
      await expect(bridge.move(...back.exit(0), "0x", "0x"))
        .to.emit(bridge, "Moved")
        .withArgs(other, 0n, rollup, assetWord(5, born), 0n, 15n, 1n);
      expect([
        await mirror.totalSupply(),
        await bridge.balanceOf(other, assetWord(1, mirrorAt), 0n),
      ]).to.deep.equal([25n, 25n]);
      expect(await bridge.balanceOf(rollup, assetWord(1, mirrorAt), 0n)).to.equal(0n);
    });

    it("stays what it is when its own rollup is the target", async () => {
      const f = await moving({ kind: 5, token: born, amount: 40n, metadataHash, targetRollup: rollup });
      await expect(f.bridge.move(...f.exits.exit(0), texts, "0x"))
        .to.emit(f.bridge, "Moved")
        .withArgs(rollup, 0n, rollup, assetWord(5, born), 0n, 40n, 1n);
    });

    it("refuses an NFT that its program lets out twice", async () => {
      const piece = { kind: 6, token: born, amount: 1n, id: 7n, metadataHash };
      const { bridge, friend, exits } = await moving({ ...piece, targetRollup: 0n }, piece);
      await bridge.exitWith(...exits.exit(0), texts, "0x");
      const mirror = await bridge.mirrorOf(rollup, assetWord(6, born));
      await expect(bridge.move(...exits.exit(1), texts, "0x"))
        .to.be.revertedWithCustomError(bridge, "MirrorMintFailed")
        .withArgs(mirror, 7n);
      expect(await (await ethers.getContractAt("MirrorERC721", mirror)).ownerOf(7n)).to.equal(friend.address);
    });
  });
});
