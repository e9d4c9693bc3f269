import { expect } from "chai";
import { time } from "@nomicfoundation/hardhat-network-helpers";
import { AbiCoder, ZeroHash, dataSlice, getAddress, hexlify, id as hashOf, toBeHex } from "ethers";
import { ethers } from "hardhat";
import * as ledger from "../../sdk/src/ledger";
import { PlainState, entryOf } from "./PlainState";
import {
  Mood,
  ProvenExits,
  Status,
  assetWord,
  bridgeFixture,
  coin,
  consent,
  exitLeaf,
  fund,
  noConsent,
  other,
  rollup,
  zero,
} from "./fixture";

const born = getAddress(dataSlice(hashOf("born"), 12));
const pieces = getAddress(dataSlice(hashOf("pieces"), 12));
const texts = hexlify(ledger.encodeMetadata({ name: "Token", symbol: "TKN", uri: "ipfs://token" }));
const pieceTexts = hexlify(ledger.encodeMetadata({ name: "Pieces", symbol: "PCS", uri: "ipfs://p/" }));
const coins = { kind: 0, token: zero, id: 0n };

/** A rollup of the ledger that escaped with holdings of every kind, and an exit that nobody has claimed yet. */
async function escaped() {
  const f = await bridgeFixture();
  const { bridge, inbox, user, friend, token } = f;
  await fund(f, 100n);
  await fund(f, 500n, other);
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
  const state = new PlainState(
    [
      entryOf.account(user.address, 40n),
      entryOf.account(friend.address, 50n),
      entryOf.balance(user.address, 1, tokenAt, 0n, 60n),
      entryOf.nft(2, thingsAt, 7n, friend.address),
      entryOf.balance(friend.address, 3, itemsAt, 8n, 9n),
      entryOf.balance(user.address, 5, born, 0n, 10n),
      entryOf.nft(6, pieces, 12n, user.address),
      entryOf.asset(born, 5, user.address, texts),
      entryOf.asset(pieces, 6, user.address, pieceTexts),
    ],
    [texts, pieceTexts],
  );
  // Ten of the user's coins have left the state as an exit: an exit and a balance are never the same coins.
  const exits = new ProvenExits(f, rollup, 3, state.stateRoot).add(exitLeaf(user.address, 10n));
  await exits.commit(5n);
  const reader = await ethers.deployContract("LedgerStateReader");
  await inbox.set(rollup, Status.Escaped, false, f.owner, reader);
  const prove = (owner: string, asset: ledger.Asset) => ledger.proveHolding(state.reader, owner, asset);
  return { ...f, state, exits, prove, things, thingsAt, items, itemsAt, tokenAt, fields: exits.fields() };
}

describe("CanonicalBridge > escape", () => {
  describe("when it isn't due", () => {
    it("refuses the zero recipient, and rollups in any other state", async () => {
      const { bridge, inbox, user, owner, fields, prove } = await escaped();
      const { proof, metadata } = await prove(user.address, coins);
      await expect(
        bridge.escape(rollup, fields, proof, metadata, zero, noConsent),
      ).to.be.revertedWithCustomError(bridge, "RecipientZero");
      for (const status of [Status.None, Status.Active, Status.Dormant, Status.Draining, Status.Retired]) {
        await inbox.set(rollup, status, false, owner, zero);
        await expect(bridge.escape(rollup, fields, proof, metadata, user, noConsent))
          .to.be.revertedWithCustomError(bridge, "RollupNotEscaped")
          .withArgs(rollup);
      }
    });

    it("refuses another commitment than the last final one: a lie about any field, an older one, another rollup's", async () => {
      const { bridge, inbox, user, exits, fields, prove } = await escaped();
      const { proof } = await prove(user.address, coins);
      const { keccak256, concat } = ethers;
      const hash = (words: typeof fields) =>
        keccak256(concat([words.stateRoot, words.exitRoot, words.packed]));
      for (const field of ["stateRoot", "exitRoot", "packed"] as const) {
        const lie = { ...fields, [field]: hashOf("lie") };
        await expect(bridge.escape(rollup, lie, proof, "0x", user, noConsent))
          .to.be.revertedWithCustomError(bridge, "FinalCommitmentMismatch")
          .withArgs(hash(lie), exits.commitment());
      }
      await inbox.set(other, Status.Escaped, false, user, zero);
      await expect(bridge.escape(other, fields, proof, "0x", user, noConsent))
        .to.be.revertedWithCustomError(bridge, "FinalCommitmentMismatch")
        .withArgs(hash(fields), ZeroHash);
      await exits.fill(9).commit(6n);
      await expect(bridge.escape(rollup, fields, proof, "0x", user, noConsent))
        .to.be.revertedWithCustomError(bridge, "FinalCommitmentMismatch")
        .withArgs(hash(fields), exits.commitment());
    });

    it("refuses programs without a state reader, and what the reader refuses", async () => {
      const { bridge, inbox, user, owner, fields, prove } = await escaped();
      const { proof } = await prove(user.address, coins);
      const reader = await ethers.getContractAt("LedgerStateReader", await inbox.stateReaderOf(rollup));
      const lie = proof.slice(0, -2) + (proof.endsWith("00") ? "01" : "00");
      await expect(bridge.escape(rollup, fields, lie, "0x", user, noConsent)).to.be.revertedWithCustomError(
        reader,
        "StateRootMismatch",
      );
      await inbox.set(rollup, Status.Escaped, false, owner, zero);
      await expect(bridge.escape(rollup, fields, proof, "0x", user, noConsent))
        .to.be.revertedWithCustomError(bridge, "StateReaderMissing")
        .withArgs(rollup);
    });
  });

  describe("who may", () => {
    it("pays the owner whoever calls; elsewhere only if the owner calls or has signed", async () => {
      const f = await escaped();
      const { bridge, user, friend, stranger, fields, prove } = f;
      const { proof } = await prove(friend.address, coins);
      const as = bridge.connect(stranger);
      await expect(as.escape(rollup, fields, proof, "0x", stranger, noConsent))
        .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
        .withArgs(stranger, friend);
      const said = { rollup, owner: friend.address, asset: coin, id: 0n, recipient: stranger.address };
      const lies = [
        { ...said, recipient: user.address },
        { ...said, rollup: other },
        { ...said, owner: user.address },
        { ...said, asset: assetWord(1, zero) },
        { ...said, id: 1n },
      ];
      for (const lie of lies) {
        await expect(
          as.escape(rollup, fields, proof, "0x", stranger, await consent(f, friend, "EscapeTo", lie)),
        )
          .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
          .withArgs(friend);
      }
      await expect(as.escape(rollup, fields, proof, "0x", stranger, await consent(f, user, "EscapeTo", said)))
        .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
        .withArgs(friend);
      const deadline = BigInt(await time.latest()) + 10n;
      const late = await consent(f, friend, "EscapeTo", said, deadline);
      await time.setNextBlockTimestamp(deadline + 1n);
      await expect(as.escape(rollup, fields, proof, "0x", stranger, late))
        .to.be.revertedWithCustomError(bridge, "ConsentExpired")
        .withArgs(deadline + 1n, deadline);
      await expect(
        as.escape(rollup, fields, proof, "0x", stranger, await consent(f, friend, "EscapeTo", said)),
      ).to.changeEtherBalances([stranger, friend, bridge], [50n, 0n, -50n]);
      const mine = await prove(user.address, coins);
      await expect(
        bridge.connect(user).escape(rollup, fields, mine.proof, "0x", friend, noConsent),
      ).to.changeEtherBalances([friend, bridge], [40n, -40n]);
    });

    it("pays a keyOnly holding on its key's signature or its L1 alias alone, never to whom the L1 address belongs", async () => {
      const f = await escaped();
      const { bridge, inbox, user, friend, stranger, fields } = f;
      const reader = await ethers.deployContract("MockStateReader", [fields.stateRoot]);
      await inbox.set(rollup, Status.Escaped, false, user, reader);
      const held = (owner: string, id = 0n) =>
        AbiCoder.defaultAbiCoder().encode(
          ["tuple(address,bytes32,uint256,uint256,bytes32,bool)"],
          [[owner, coin, id, 5n, ZeroHash, true]],
        );
      // The owner himself calling is no word of his key: a contract may stand at his address here.
      for (const to of [friend, stranger]) {
        await expect(bridge.connect(friend).escape(rollup, fields, held(friend.address), "0x", to, noConsent))
          .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
          .withArgs(friend, friend);
      }
      const wallet = await (await ethers.deployContract("MockWallet", [friend])).getAddress();
      const claim = (owner: string) => ({ rollup, owner, asset: coin, id: 0n, recipient: stranger.address });
      const bySigner = await consent(f, friend, "EscapeTo", claim(wallet));
      await expect(bridge.escape(rollup, fields, held(wallet), "0x", stranger, bySigner))
        .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
        .withArgs(wallet);
      const byKey = await consent(f, friend, "EscapeTo", claim(friend.address));
      await expect(
        bridge.escape(rollup, fields, held(friend.address), "0x", stranger, byKey),
      ).to.changeEtherBalance(stranger, 5n);
      const alias = toBeHex(
        (BigInt(user.address) + 0x1111000000000000000000000000000000001111n) & ((1n << 160n) - 1n),
        20,
      );
      await expect(
        bridge.connect(user).escape(rollup, fields, held(alias), "0x", stranger, noConsent),
      ).to.changeEtherBalance(stranger, 5n);
    });
  });

  describe("once, and out of this rollup's escrow only", () => {
    it("[a holding paid twice] is paid once, whoever asks, whoever was paid", async () => {
      const { bridge, user, friend, fields, prove } = await escaped();
      const { proof } = await prove(user.address, coins);
      await bridge.connect(friend).escape(rollup, fields, proof, "0x", user, noConsent);
      expect(await bridge.isHoldingSpent(rollup, user, coin, 0n)).to.equal(true);
      for (const [caller, to] of [
        [user, user],
        [user, friend],
        [friend, user],
      ] as const) {
        await expect(bridge.connect(caller).escape(rollup, fields, proof, "0x", to, noConsent))
          .to.be.revertedWithCustomError(bridge, "HoldingSpent")
          .withArgs(rollup, user, coin, 0n);
      }
      expect(await bridge.isHoldingSpent(rollup, friend, coin, 0n)).to.equal(false);
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(60n);
    });

    it("[an exit and a balance both paid] the same coins are in one of them only", async () => {
      const { bridge, user, friend, exits, fields, prove } = await escaped();
      await bridge.exit(...exits.exit(0));
      for (const owner of [user.address, friend.address]) {
        await bridge.escape(rollup, fields, (await prove(owner, coins)).proof, "0x", owner, noConsent);
      }
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(0n);
      expect(await bridge.balanceOf(other, coin, 0n)).to.equal(500n);
      await expect(bridge.exit(...exits.exit(0)))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(rollup, 0n);
    });

    it("[a state that owes more than came in] is paid nothing out of another's escrow", async () => {
      const f = await escaped();
      const { bridge, inbox, user, fields } = f;
      const reader = await ethers.deployContract("MockStateReader", [fields.stateRoot]);
      await inbox.set(rollup, Status.Escaped, false, user, reader);
      const show = (asset: string, id: bigint, amount: bigint) =>
        AbiCoder.defaultAbiCoder().encode(
          ["tuple(address,bytes32,uint256,uint256,bytes32,bool)"],
          [[user.address, asset, id, amount, ZeroHash, false]],
        );
      const tokenWord = assetWord(1, f.tokenAt);
      const short: [string, bigint, bigint][] = [
        [coin, 0n, 101n],
        [tokenWord, 0n, 61n],
        [assetWord(2, f.thingsAt), 8n, 1n],
        [assetWord(3, f.itemsAt), 9n, 1n],
      ];
      for (const [asset, id, amount] of short) {
        await expect(bridge.escape(rollup, fields, show(asset, id, amount), "0x", user, noConsent))
          .to.be.revertedWithCustomError(bridge, "EscrowShort")
          .withArgs(rollup, asset, id, amount);
      }
      await expect(bridge.escape(rollup, fields, show(assetWord(4, zero), 0n, 1n), "0x", user, noConsent))
        .to.be.revertedWithCustomError(bridge, "AssetKindUnknown")
        .withArgs(4);
    });

    it("keeps what can't be paid payable, and lets its owner name another recipient", async () => {
      const f = await escaped();
      const { bridge, inbox, user, friend, fields } = f;
      const reader = await ethers.deployContract("MockStateReader", [fields.stateRoot]);
      await inbox.set(rollup, Status.Escaped, false, user, reader);
      const receiver = await ethers.deployContract("MockReceiver");
      await receiver.set(Mood.Reverts, bridge, "0x");
      const proof = AbiCoder.defaultAbiCoder().encode(
        ["tuple(address,bytes32,uint256,uint256,bytes32,bool)"],
        [[await receiver.getAddress(), coin, 0n, 5n, ZeroHash, false]],
      );
      await expect(bridge.escape(rollup, fields, proof, "0x", receiver, noConsent))
        .to.be.revertedWithCustomError(bridge, "EscapePaymentFailed")
        .withArgs(rollup, receiver);
      const elsewhere = bridge.interface.encodeFunctionData("escape", [
        rollup,
        fields,
        proof,
        "0x",
        friend.address,
        noConsent,
      ]);
      await expect(receiver.act(bridge, 0n, elsewhere)).to.changeEtherBalance(friend, 5n);
    });
  });

  describe("what it pays", () => {
    it("pays coins, tokens, NFTs and multi-tokens of L1", async () => {
      const { bridge, user, friend, token, things, thingsAt, items, itemsAt, tokenAt, fields, prove } =
        await escaped();
      const receiver = friend.address;
      const erc20 = await prove(user.address, { kind: 1, token: tokenAt, id: 0n });
      await expect(bridge.escape(rollup, fields, erc20.proof, "0x", user, noConsent))
        .to.emit(bridge, "HoldingPaid")
        .withArgs(rollup, user, user, assetWord(1, tokenAt), 0n, 60n);
      expect(await token.balanceOf(bridge)).to.equal(0n);
      const nft = await prove(receiver, { kind: 2, token: thingsAt, id: 7n });
      await bridge.escape(rollup, fields, nft.proof, "0x", receiver, noConsent);
      expect([await things.ownerOf(7n), await bridge.holderOf(things, 7n)]).to.deep.equal([receiver, 0n]);
      const multi = await prove(receiver, { kind: 3, token: itemsAt, id: 8n });
      await bridge.escape(rollup, fields, multi.proof, "0x", receiver, noConsent);
      expect(await items.balanceOf(receiver, 8n)).to.equal(9n);
      await expect(bridge.escape(rollup, fields, nft.proof, "0x", receiver, noConsent))
        .to.be.revertedWithCustomError(bridge, "HoldingSpent")
        .withArgs(rollup, receiver, assetWord(2, thingsAt), 7n);
    });

    it("mints the mirrors of what was born on the rollup, with its names", async () => {
      const { bridge, user, fields, prove } = await escaped();
      const fungible = await prove(user.address, { kind: 5, token: born, id: 0n });
      await bridge.escape(rollup, fields, fungible.proof, fungible.metadata, user, noConsent);
      const mirror = await ethers.getContractAt(
        "MirrorERC20",
        await bridge.mirrorOf(rollup, assetWord(5, born)),
      );
      expect([await mirror.name(), await mirror.balanceOf(user)]).to.deep.equal(["Token (rollup 1)", 10n]);
      const piece = await prove(user.address, { kind: 6, token: pieces, id: 12n });
      const metadataLibrary = {
        interface: ethers.Interface.from(["error MetadataMismatch(bytes32 computed, bytes32 committed)"]),
      };
      await expect(
        bridge.escape(rollup, fields, piece.proof, texts, user, noConsent),
      ).to.be.revertedWithCustomError(metadataLibrary, "MetadataMismatch");
      await bridge.escape(rollup, fields, piece.proof, piece.metadata, user, noConsent);
      const nft = await ethers.getContractAt(
        "MirrorERC721",
        await bridge.mirrorOf(rollup, assetWord(6, pieces)),
      );
      expect([await nft.ownerOf(12n), await nft.tokenURI(12n)]).to.deep.equal([user.address, "ipfs://p/12"]);
      await expect(bridge.escape(rollup, fields, piece.proof, piece.metadata, user, noConsent))
        .to.be.revertedWithCustomError(bridge, "HoldingSpent")
        .withArgs(rollup, user, assetWord(6, pieces), 12n);
    });

    it("isn't slowed by the rollup's limit", async () => {
      const { bridge, inbox, owner, friend, fields, prove } = await escaped();
      const reader = await inbox.stateReaderOf(rollup);
      await inbox.set(rollup, Status.Active, false, owner, reader);
      await expect(bridge.connect(owner).limitOutflow(rollup, coin, 1n))
        .to.be.revertedWithCustomError(bridge, "LimitWouldTighten")
        .withArgs(rollup, coin, 1n);
      await inbox.set(rollup, Status.Escaped, false, owner, reader);
      const { proof } = await prove(friend.address, coins);
      await expect(bridge.escape(rollup, fields, proof, "0x", friend, noConsent)).to.changeEtherBalance(
        friend,
        50n,
      );
    });
  });
});
