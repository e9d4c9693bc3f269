import { expect } from "chai";
import { setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { dataSlice, getAddress, hexlify, id as hashOf, keccak256 } from "ethers";
import { ethers } from "hardhat";
import { type ExitLeaf, encodeMetadata, pieceMetadata } from "../../sdk/src/ledger";
import { type Fixture, ProvenExits, assetWord, bridgeFixture, exitLeaf, other, rollup } from "./fixture";

const born = getAddress(dataSlice(hashOf("born"), 12));
const texts = hexlify(encodeMetadata({ name: "Token", symbol: "TKN", uri: "ipfs://token" }));
const pieces = { name: "Pieces", symbol: "PCS", uri: "ipfs://pieces/" };
const piece = (id: bigint): string => hexlify(encodeMetadata(pieceMetadata(pieces, id)));
const third = 3n;

const bornLeaf = (to: string, kind: number, amount: bigint, id: bigint, metadata: string) =>
  exitLeaf(to, amount, { kind, token: born, id, metadataHash: keccak256(metadata) });

/** Forty units of a token, piece 12 of a collection and thirty units of multi-token 5, born on `rollup`, in `user`'s hands on L1. */
async function abroad() {
  const f = await bridgeFixture();
  const { bridge, inbox, user, owner } = f;
  await inbox.set(third, 1, false, owner, ethers.ZeroAddress);
  const metadata = [texts, piece(12n), texts];
  const exits = await new ProvenExits(f)
    .add(
      bornLeaf(user.address, 5, 40n, 0n, texts),
      bornLeaf(user.address, 6, 1n, 12n, piece(12n)),
      bornLeaf(user.address, 7, 30n, 5n, texts),
    )
    .commit();
  for (const [index, own] of metadata.entries()) await bridge.exitWith(...exits.exit(index), own, "0x");
  const at = (kind: number) => bridge.mirrorOf(rollup, assetWord(kind, born));
  const fungible = (await ethers.getContractAt("MirrorERC20", await at(5))).connect(user);
  const collection = (await ethers.getContractAt("MirrorERC721", await at(6))).connect(user);
  const multi = (await ethers.getContractAt("MirrorERC1155", await at(7))).connect(user);
  await fungible.approve(bridge, ethers.MaxUint256);
  await collection.setApprovalForAll(bridge, true);
  await multi.setApprovalForAll(bridge, true);
  return { ...f, fungible, collection, multi };
}

/** How many messages a rollup was sent. */
const told = async ({ inbox }: Fixture, id: bigint) => (await inbox.inboxOf(id))[0];

describe("CanonicalBridge > kinds and standards", () => {
  for (const [place, id] of [
    ["where it was born", rollup],
    ["elsewhere", other],
  ] as const) {
    describe(`a mirror by the wrong verb, ${place}`, () => {
      it("[a multi-token's mirror comes home as an NFT] is refused", async () => {
        const f = await abroad();
        const { bridge, user, multi } = f;
        await expect(bridge.connect(user).depositNft(id, multi, 5n, user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(multi, 3, 2);
        expect([await multi.balanceOf(user, 5n), await told(f, id)]).to.deep.equal([30n, 0n]);
      });

      it("[an NFT's mirror comes home as 2^127 multi-tokens] is refused", async () => {
        const f = await abroad();
        const { bridge, user, collection } = f;
        await expect(bridge.connect(user).depositMulti(id, collection, [12n], [2n ** 127n], user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(collection, 2, 3);
        expect([await collection.ownerOf(12n), await told(f, id)]).to.deep.equal([user.address, 0n]);
      });

      it("[an NFT's mirror is escrowed as one unit of a token] is refused", async () => {
        const f = await abroad();
        const { bridge, user, collection } = f;
        await expect(bridge.connect(user).deposit(id, collection, 12n, user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(collection, 2, 1);
        expect([await collection.ownerOf(12n), await told(f, id)]).to.deep.equal([user.address, 0n]);
      });

      it("a token's mirror isn't an NFT nor a multi-token, a multi-token's no token", async () => {
        const { bridge, user, fungible, multi } = await abroad();
        const as = bridge.connect(user);
        await expect(as.depositNft(id, fungible, 1n, user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(fungible, 1, 2);
        await expect(as.depositMulti(id, fungible, [0n], [1n], user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(fungible, 1, 3);
        await expect(as.deposit(id, multi, 5n, user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(multi, 3, 1);
      });
    });
  }

  describe("when another rollup's program is hostile", () => {
    it("[a unit moved home burns another's NFT 0] is refused, and a limit on the account changes nothing", async () => {
      const f = await abroad();
      const { bridge, user, owner, collection } = f;
      const at = await collection.getAddress();
      await bridge.connect(user).depositNft(third, collection, 12n, user, "0x");
      await bridge.connect(owner).limitOutflow(other, assetWord(1, at), 1n);
      for (const amount of [0n, 1n]) {
        await expect(bridge.connect(user).deposit(other, collection, amount, user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(at, 2, 1);
      }
      const exits = await new ProvenExits(f, other)
        .add(
          exitLeaf(user.address, 1n, { kind: 1, token: at, targetRollup: rollup }),
          exitLeaf(user.address, 0n, { kind: 1, token: at, targetRollup: rollup }),
          exitLeaf(user.address, 0n, { kind: 3, token: at, id: 12n, targetRollup: rollup }),
        )
        .commit();
      await expect(bridge.move(...exits.exit(0), "0x", "0x"))
        .to.be.revertedWithCustomError(bridge, "EscrowShort")
        .withArgs(other, assetWord(1, at), 0n, 1n);
      for (const [index, kind] of [
        [1, 1],
        [2, 3],
      ] as const) {
        await expect(bridge.move(...exits.exit(index), "0x", "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(at, 2, kind);
      }
      expect(await collection.ownerOf(12n)).to.equal(await bridge.getAddress());
      expect(await bridge.holderOf(collection, 12n)).to.equal(third);
    });

    it("[one NFT moved as 2^127 of it, or a token by an id] is refused: the target would be told of what isn't there", async () => {
      const f = await abroad();
      const { bridge, user, token, collection, fungible } = f;
      const as = bridge.connect(user);
      await as.depositNft(other, collection, 12n, user, "0x");
      await as.deposit(other, token, 10n, user, "0x");
      await as.depositNative(other, user, "0x", { value: 10n });
      await as.deposit(other, fungible, 10n, user, "0x");
      const [tokenAt, collectionAt, fungibleAt] = await Promise.all(
        [token, collection, fungible].map((contract) => contract.getAddress()),
      );
      const of = (kind: number, token: string, id: bigint, amount: bigint, targetRollup = third) => ({
        ...exitLeaf(user.address, amount, { kind, token, id, targetRollup }),
      });
      const leaves: ExitLeaf[] = [
        of(2, collectionAt!, 12n, 2n ** 127n),
        of(2, collectionAt!, 12n, 0n, rollup),
        of(6, born, 9n, 2n),
        of(0, ethers.ZeroAddress, 1n, 10n),
        of(1, tokenAt!, 1n, 10n),
        of(1, fungibleAt!, 1n, 10n, rollup),
        of(5, born, 1n, 10n),
      ];
      const exits = await new ProvenExits(f, other).add(...leaves).commit();
      for (const [index, { kind, token, id, amount }] of leaves.entries()) {
        await expect(bridge.move(...exits.exit(index), "0x", "0x"), `${index}`)
          .to.be.revertedWithCustomError(bridge, "ExitMisshapen")
          .withArgs(assetWord(kind, token), id, amount);
      }
      expect(await told(f, third)).to.equal(0n);
    });

    it("[an exit of nothing] holds no collection to a standard", async () => {
      const f = await bridgeFixture();
      const { bridge, user } = f;
      const things = await ethers.deployContract("MockERC721");
      await things.mint(user, 7n);
      await things.connect(user).approve(bridge, 7n);
      const nothing = { kind: 1, token: await things.getAddress(), targetRollup: rollup };
      const exits = await new ProvenExits(f, other).add(exitLeaf(user.address, 0n, nothing)).commit();
      await bridge.move(...exits.exit(0), "0x", "0x");
      await bridge.connect(user).depositNft(rollup, things, 7n, user, "0x");
      expect(await bridge.holderOf(things, 7n)).to.equal(rollup);
    });
  });

  describe("a mirror burns", () => {
    it("no token by an id, and an NFT once", async () => {
      const { bridge, user, fungible, collection } = await abroad();
      const as = await ethers.getImpersonatedSigner(await bridge.getAddress());
      await setBalance(as.address, 10n ** 18n);
      await expect(fungible.connect(as).burn(user, 1n, 5n))
        .to.be.revertedWithCustomError(fungible, "BurnMisshapen")
        .withArgs(1n, 5n);
      for (const amount of [0n, 2n]) {
        await expect(collection.connect(as).burn(user, 12n, amount))
          .to.be.revertedWithCustomError(collection, "BurnMisshapen")
          .withArgs(12n, amount);
      }
    });
  });

  describe("a collection that answers to transfer(address,uint256) (CryptoKitties)", () => {
    async function kitties() {
      const f = await bridgeFixture();
      const { bridge, user, stranger } = f;
      const old = await ethers.deployContract("MockOldCollection");
      for (const id of [0n, 1n, 18n]) {
        await old.mint(user, id);
        await old.connect(user).approve(bridge, id);
      }
      for (const id of [2n, 77n]) {
        await old.mint(stranger, id);
        await old.connect(stranger).approve(bridge, id);
      }
      const at = await old.getAddress();
      return { ...f, old, at };
    }

    it("[an NFT deposited as a token takes another's NFT] is refused once the bridge keeps any", async () => {
      const f = await kitties();
      const { bridge, user, stranger, old, at } = f;
      for (const id of [0n, 1n, 18n]) await bridge.connect(user).depositNft(rollup, old, id, user, "0x");
      for (const id of [2n, 77n]) {
        await expect(bridge.connect(stranger).deposit(other, old, id, stranger, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
          .withArgs(old, 2, 1);
      }
      const word = { kind: 1, token: at };
      const exits = await new ProvenExits(f, other)
        .add(...[0n, 1n, 2n, 18n].map((amount) => exitLeaf(stranger.address, amount, word)))
        .commit();
      await bridge.exit(...exits.exit(0)); // of nothing: the token isn't even asked
      expect(await old.balanceOf(bridge)).to.equal(3n);
      for (const [index, amount] of [1n, 2n, 18n].entries()) {
        await expect(bridge.exit(...exits.exit(index + 1)))
          .to.be.revertedWithCustomError(bridge, "EscrowShort")
          .withArgs(other, assetWord(1, at), 0n, amount);
      }
      await expect(bridge.exitBatch(...exits.run(0, 4)))
        .to.emit(bridge, "RunPaid")
        .withArgs(other, 0n, 0n);
      expect(await old.balanceOf(bridge)).to.equal(3n);
    });

    it("[an NFT deposited as a token locks its collection out] is refused, whatever its id", async () => {
      const f = await kitties();
      const { bridge, user, stranger, old } = f;
      for (const id of [0n, 1n, 18n]) {
        await expect(bridge.connect(user).deposit(other, old, id, user, "0x"))
          .to.be.revertedWithCustomError(bridge, "TokenIsNft")
          .withArgs(old, id);
      }
      const things = await ethers.deployContract("MockERC721");
      await things.mint(user, 7n);
      await things.connect(user).approve(bridge, 7n);
      await expect(bridge.connect(user).deposit(other, things, 7n, user, "0x"))
        .to.be.revertedWithCustomError(bridge, "TokenIsNft")
        .withArgs(things, 7n);
      await bridge.connect(stranger).depositNft(rollup, old, 2n, stranger, "0x");
      await bridge.connect(user).depositNft(rollup, things, 7n, user, "0x");
      expect([await bridge.holderOf(old, 2n), await bridge.holderOf(things, 7n)]).to.deep.equal([
        rollup,
        rollup,
      ]);
    });

    it("[too little gas to ask who owns it] leaves none for the deposit", async () => {
      const { bridge, user, old } = await kitties();
      const send = (gasLimit: bigint) =>
        bridge.connect(user).deposit.staticCall(other, old, 18n, user, "0x", { gasLimit });
      for (let gas = 60_000n; gas <= 260_000n; gas += 5_000n) {
        const isRefused = await send(gas).then(
          () => false,
          () => true,
        );
        expect(isRefused, `${gas}`).to.equal(true);
      }
    });

    it("a token is held to its first deposit's standard, for every rollup, and is no mirror for it", async () => {
      const { bridge, user, token } = await bridgeFixture();
      await bridge.connect(user).deposit(rollup, token, 5n, user, "0x");
      await bridge.connect(user).deposit(other, token, 5n, user, "0x");
      await expect(bridge.connect(user).depositMulti(other, token, [0n], [1n], user, "0x"))
        .to.be.revertedWithCustomError(bridge, "TokenStandardDiffers")
        .withArgs(token, 1, 3);
      expect(await bridge.originOf(token)).to.deep.equal([0n, assetWord(0, ethers.ZeroAddress)]);
    });
  });
});
