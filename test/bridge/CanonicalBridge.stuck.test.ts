import { expect } from "chai";
import { ZeroHash, dataSlice, getAddress, hexlify, id as hashOf, keccak256 } from "ethers";
import { ethers } from "hardhat";
import { unreadMessage } from "../../sdk/src/bridge";
import { type ExitLeaf, encodeMetadata, exitLeafHash, encodeExit, pieceMetadata } from "../../sdk/src/ledger";
import {
  ProvenExits,
  Status,
  assetWord,
  bridgeFixture,
  consent,
  exitLeaf,
  fund,
  noConsent,
  other,
  rollup,
  zero,
} from "./fixture";

const born = getAddress(dataSlice(hashOf("born"), 12));
const texts = hexlify(encodeMetadata({ name: "Token", symbol: "TKN", uri: "ipfs://token" }));
const piece = hexlify(
  encodeMetadata(pieceMetadata({ name: "Pieces", symbol: "PCS", uri: "ipfs://pieces/" }, 12n)),
);

/** Exits to `other`, which takes deposits; `stranger` is their fallbackTo. */
async function moving(...leaves: Partial<ExitLeaf>[]) {
  const f = await bridgeFixture();
  await fund(f, 100n);
  const to = { targetRollup: other, l2Sender: f.user.address, fallbackTo: f.stranger.address };
  const exits = await new ProvenExits(f)
    .add(...leaves.map((leaf) => exitLeaf(f.friend.address, 10n, { ...to, ...leaf })))
    .commit();
  return { ...f, exits };
}

describe("CanonicalBridge, where a move could be stuck", () => {
  describe("an exit that carries data to a rollup", () => {
    it("[a move with data that nobody knows] is fallbackTo's on L1, by call or signature, and nobody else's", async () => {
      const f = await moving({ dataHash: hashOf("nobody knows") }, { dataHash: hashOf("nobody knows") });
      const { bridge, user, friend, stranger, exits } = f;
      for (const caller of [user, friend]) {
        await expect(bridge.connect(caller).exitTo(...exits.exit(0), "0x", caller, noConsent))
          .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
          .withArgs(caller, stranger);
      }
      await expect(
        bridge.connect(stranger).exitTo(...exits.exit(0), "0x", user, noConsent),
      ).to.changeEtherBalances([bridge, user], [-10n, 10n]);
      const leafHash = exitLeafHash(encodeExit(exits.leaves[1]!));
      const fields = { rollup, index: 1n, leafHash, recipient: user.address };
      const signed = await consent(f, stranger, "ExitTo", fields);
      await expect(bridge.exitTo(...exits.exit(1), "0x", user, signed)).to.changeEtherBalance(user, 10n);
    });

    it("[a move both delivered and claimed] is one or the other", async () => {
      const data = "0xda7a";
      const carrying = { dataHash: keccak256(data) };
      const { bridge, inbox, stranger, exits } = await moving(carrying, carrying);
      await bridge.move(...exits.exit(0), "0x", data);
      await expect(bridge.connect(stranger).exitTo(...exits.exit(0), "0x", stranger, noConsent))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(rollup, 0n);
      await bridge.connect(stranger).exitTo(...exits.exit(1), "0x", stranger, noConsent);
      await expect(bridge.move(...exits.exit(1), "0x", data))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(rollup, 1n);
      expect((await inbox.inboxOf(other))[0]).to.equal(1n);
    });

    it("one without data stays the target's while that takes deposits", async () => {
      const { bridge, stranger, exits } = await moving({});
      await expect(bridge.connect(stranger).exitTo(...exits.exit(0), "0x", stranger, noConsent))
        .to.be.revertedWithCustomError(bridge, "TargetAccepts")
        .withArgs(other);
    });
  });

  it("[a keyOnly exit to a rollup] can't be moved, and is paid on fallbackTo's key", async () => {
    const f = await moving({ flags: 1 });
    const { bridge, user, stranger, exits } = f;
    await expect(bridge.move(...exits.exit(0), "0x", "0x"))
      .to.be.revertedWithCustomError(bridge, "ExitNeedsKey")
      .withArgs(stranger);
    const leafHash = exitLeafHash(encodeExit(exits.leaves[0]!));
    const fields = { rollup, index: 0n, leafHash, recipient: user.address };
    await expect(bridge.exitTo(...exits.exit(0), "0x", user, await consent(f, user, "ExitTo", fields)))
      .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
      .withArgs(stranger);
    const signed = await consent(f, stranger, "ExitTo", fields);
    await expect(bridge.exitTo(...exits.exit(0), "0x", user, signed)).to.changeEtherBalance(user, 10n);
  });

  describe("what was born on a rollup and moves to that rollup", () => {
    const leaves = [
      { kind: 5, token: born, amount: 40n, metadataHash: keccak256(texts), targetRollup: rollup },
      { kind: 6, token: born, amount: 1n, id: 12n, metadataHash: keccak256(piece), targetRollup: rollup },
      { kind: 7, token: born, amount: 30n, id: 5n, metadataHash: keccak256(texts), targetRollup: rollup },
    ];
    const metadata = [texts, piece, texts];

    it("needs the metadata of a first exit: its mirror is deployed, minted and burned", async () => {
      const { bridge, exits } = await moving(...leaves);
      const wrong = ethers.Interface.from(["error MetadataMismatch(bytes32 computed, bytes32 committed)"]);
      await expect(bridge.move(...exits.exit(0), "0x", "0x"))
        .to.be.revertedWithCustomError({ interface: wrong }, "MetadataMismatch")
        .withArgs(keccak256("0x"), keccak256(texts));
      for (const [index, leaf] of leaves.entries()) {
        await expect(bridge.move(...exits.exit(index), metadata[index]!, "0x"))
          .to.emit(bridge, "Moved")
          .withArgs(rollup, index, rollup, assetWord(leaf.kind, born), leaf.id ?? 0n, leaf.amount, index + 1);
      }
      const at = (kind: number) => bridge.mirrorOf(rollup, assetWord(kind, born));
      expect(await (await ethers.getContractAt("MirrorERC20", await at(5))).totalSupply()).to.equal(0n);
      expect(await (await ethers.getContractAt("MirrorERC721", await at(6))).balanceOf(bridge)).to.equal(0n);
      expect(await (await ethers.getContractAt("MirrorERC1155", await at(7))).balanceOf(bridge, 5n)).to.equal(
        0n,
      );
      expect(await bridge.balanceOf(rollup, assetWord(1, await at(5)), 0n)).to.equal(0n);
    });

    it("[a refund without a mirror] can't be: unread at an escape, it is minted to fallbackTo", async () => {
      const { bridge, inbox, exits, owner, stranger } = await moving(...leaves);
      for (const index of leaves.keys()) await bridge.move(...exits.exit(index), metadata[index]!, "0x");
      await inbox.set(rollup, Status.Escaped, false, owner, zero);
      const messages = await Promise.all([0, 1, 2, 3].map((i) => inbox.messageOf(rollup, i)));
      for (const index of [1, 2, 3]) {
        const { later, ...rest } = unreadMessage(messages, index, 4);
        await bridge.refund(rollup, exits.fields(), { ...rest, later: [...later] }, stranger);
      }
      const at = (kind: number) => bridge.mirrorOf(rollup, assetWord(kind, born));
      const pieces = await ethers.getContractAt("MirrorERC721", await at(6));
      const items = await ethers.getContractAt("MirrorERC1155", await at(7));
      expect(await (await ethers.getContractAt("MirrorERC20", await at(5))).balanceOf(stranger)).to.equal(
        40n,
      );
      expect([await pieces.ownerOf(12n), await pieces.tokenURI(12n)]).to.deep.equal([
        stranger.address,
        "ipfs://pieces/12",
      ]);
      expect(await items.balanceOf(stranger, 5n)).to.equal(30n);
      expect(exits.leaves[0]?.dataHash).to.equal(ZeroHash);
    });
  });
});
