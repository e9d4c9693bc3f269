import { expect } from "chai";
import { concat, dataSlice, getAddress, hexlify, id as hashOf, keccak256 } from "ethers";
import { ethers } from "hardhat";
import { encodeMetadata, pieceMetadata } from "../../sdk/src/ledger";
import type { CanonicalBridge } from "../../sdk/src/typechain";
import {
  type Fixture,
  Mood,
  ProvenExits,
  assetWord,
  bridgeFixture,
  exitLeaf,
  other,
  rollup,
  zero,
} from "./fixture";

const born = getAddress(dataSlice(hashOf("born"), 12));
const texts = hexlify(encodeMetadata({ name: "Token", symbol: "TKN", uri: "ipfs://token" }));
const pieces = { name: "Pieces", symbol: "PCS", uri: "ipfs://pieces/" };
const piece = (id: bigint): string => hexlify(encodeMetadata(pieceMetadata(pieces, id)));

const METADATA = {
  interface: ethers.Interface.from([
    "error MetadataMismatch(bytes32 computed, bytes32 committed)",
    "error MetadataMalformed(uint256 length)",
  ]),
};

const leafOf = (to: string, kind: number, amount: bigint, id: bigint, metadata: string) =>
  exitLeaf(to, amount, { kind, token: born, id, metadataHash: keccak256(metadata) });

async function mirrors(bridge: CanonicalBridge, of = rollup) {
  const at = (kind: number) => bridge.mirrorOf(of, assetWord(kind, born));
  return {
    fungible: await ethers.getContractAt("MirrorERC20", await at(5)),
    collection: await ethers.getContractAt("MirrorERC721", await at(6)),
    multi: await ethers.getContractAt("MirrorERC1155", await at(7)),
  };
}

/** The body of the last deposit's message. */
async function lastDeposit({ inbox }: Fixture, of = rollup) {
  const { 0: count } = await inbox.inboxOf(of);
  const message = await inbox.messageOf(of, count - 1n);
  return [
    dataSlice(message, 22, 54),
    BigInt(dataSlice(message, 54, 86)),
    BigInt(dataSlice(message, 86, 118)),
  ];
}

describe("CanonicalBridge > mirrors of what was born on a rollup", () => {
  describe("the first exit", () => {
    it("refuses metadata that the exit doesn't commit to, and such that doesn't parse", async () => {
      const f = await bridgeFixture();
      const { bridge, user } = f;
      const long = (bytes: number) => "78".repeat(bytes);
      const odd = [
        "0x",
        "0x01",
        "0x0154",
        "0x01540154",
        "0x0154015400",
        "0x015401540001",
        concat([texts, "0x00"]),
        "0x41" + long(65) + "01540000",
        "0x015411" + long(17) + "0000",
        "0x015401540101" + long(257),
      ];
      const exits = await new ProvenExits(f)
        .add(
          leafOf(user.address, 5, 1n, 0n, texts),
          ...odd.map((bytes) => leafOf(user.address, 5, 1n, 0n, bytes)),
        )
        .commit();
      for (const lie of ["0x", texts + "00", hexlify(encodeMetadata(pieces))]) {
        await expect(bridge.exitWith(...exits.exit(0), lie, "0x"))
          .to.be.revertedWithCustomError(METADATA, "MetadataMismatch")
          .withArgs(keccak256(lie), keccak256(texts));
      }
      for (const [index, bytes] of odd.entries()) {
        await expect(bridge.exitWith(...exits.exit(index + 1), bytes, "0x"), bytes)
          .to.be.revertedWithCustomError(METADATA, "MetadataMalformed")
          .withArgs((bytes.length - 2) / 2);
      }
    });

    it("deploys the mirror where it was foreseen, named after the asset and its rollup, for every kind", async () => {
      const f = await bridgeFixture();
      const { bridge, user, stranger } = f;
      const { fungible, collection, multi } = await mirrors(bridge);
      expect(await ethers.provider.getCode(fungible)).to.equal("0x");
      const exits = await new ProvenExits(f)
        .add(
          leafOf(user.address, 5, 40n, 0n, texts),
          leafOf(user.address, 6, 1n, 12n, piece(12n)),
          leafOf(user.address, 7, 30n, 5n, texts),
          leafOf(user.address, 5, 2n, 0n, texts),
          leafOf(user.address, 7, 3n, 5n, texts),
        )
        .commit();
      await expect(bridge.connect(stranger).exitWith(...exits.exit(0), texts, "0x"))
        .to.emit(await ethers.getContractAt("Mirrors", bridge), "MirrorDeployed")
        .withArgs(rollup, born, fungible, 5);
      await bridge.exitWith(...exits.exit(1), piece(12n), "0x");
      await bridge.exitWith(...exits.exit(2), texts, "0x");
      // Once it is there and named, neither tokens nor multi-tokens need the metadata again.
      await bridge.exit(...exits.exit(3));
      await bridge.exit(...exits.exit(4));
      expect([await fungible.name(), await fungible.symbol(), await fungible.contractURI()]).to.deep.equal([
        "Token (rollup 1)",
        "TKN",
        "ipfs://token",
      ]);
      expect([await fungible.balanceOf(user), await fungible.totalSupply()]).to.deep.equal([42n, 42n]);
      expect([await collection.name(), await collection.symbol()]).to.deep.equal([
        "Pieces (rollup 1)",
        "PCS",
      ]);
      expect([await collection.ownerOf(12n), await collection.tokenURI(12n)]).to.deep.equal([
        user.address,
        "ipfs://pieces/12",
      ]);
      expect([await multi.name(), await multi.uri(5n), await multi.balanceOf(user, 5n)]).to.deep.equal([
        "Token (rollup 1)",
        "ipfs://token",
        33n,
      ]);
      for (const [kind, mirror] of [
        [5, fungible],
        [6, collection],
        [7, multi],
      ] as const) {
        expect(await bridge.originOf(mirror)).to.deep.equal([rollup, assetWord(kind, born)]);
        expect(await mirror.origin()).to.deep.equal([await bridge.getAddress(), rollup, born]);
      }
      expect(await bridge.originOf(stranger)).to.deep.equal([0n, assetWord(0, zero)]);
    });

    it("gives each rollup, address and kind a mirror of its own", async () => {
      const { bridge } = await bridgeFixture();
      const words = [assetWord(5, born), assetWord(6, born), assetWord(7, born), assetWord(5, zero)];
      const found = new Set<string>();
      for (const of of [rollup, other]) for (const word of words) found.add(await bridge.mirrorOf(of, word));
      expect(found.size).to.equal(8);
      for (const kind of [0, 1, 2, 3, 4, 8]) {
        await expect(bridge.mirrorOf(rollup, assetWord(kind, born)))
          .to.be.revertedWithCustomError(bridge, "AssetKindUnknown")
          .withArgs(kind);
      }
    });
  });

  describe("only the bridge", () => {
    it("names, mints and burns", async () => {
      const f = await bridgeFixture();
      const { bridge, user, stranger } = f;
      const exits = await new ProvenExits(f)
        .add(
          leafOf(user.address, 5, 40n, 0n, texts),
          leafOf(user.address, 6, 1n, 12n, piece(12n)),
          leafOf(user.address, 7, 30n, 5n, texts),
        )
        .commit();
      for (const [index, metadata] of [texts, piece(12n), texts].entries()) {
        await bridge.exitWith(...exits.exit(index), metadata, "0x");
      }
      const { fungible, collection, multi } = await mirrors(bridge);
      for (const mirror of [fungible, collection, multi]) {
        const as = mirror.connect(stranger);
        const refused = async (call: Promise<unknown>) =>
          expect(call).to.be.revertedWithCustomError(mirror, "CallerNotMirrorsBridge").withArgs(stranger);
        await refused(as.open("x", "x", "x"));
        await refused(as.mint(stranger, 1n, 1n, ""));
        await refused(as.burn(user, 12n, 1n));
      }
    });
  });

  describe("when the rollup's program is hostile", () => {
    it("[an NFT let out twice] is minted once; the exit fails and the first holder keeps it", async () => {
      const f = await bridgeFixture();
      const { bridge, user, stranger } = f;
      const exits = await new ProvenExits(f)
        .add(leafOf(user.address, 6, 1n, 12n, piece(12n)), leafOf(stranger.address, 6, 1n, 12n, piece(12n)))
        .commit();
      await bridge.exitWith(...exits.exit(0), piece(12n), "0x");
      await expect(bridge.exitWith(...exits.exit(1), piece(12n), "0x"))
        .to.be.revertedWithCustomError(bridge, "ExitPaymentFailed")
        .withArgs(rollup, 1n, stranger);
      const { collection } = await mirrors(bridge);
      expect(await collection.ownerOf(12n)).to.equal(user.address);
      await expect(bridge.exitBatch(...exits.run(0, 2, ["0x", piece(12n)])))
        .to.emit(bridge, "RunPaid")
        .withArgs(rollup, 0n, 0n);
    });

    it("[another rollup's mirror] can't be named, nor its supply touched", async () => {
      const f = await bridgeFixture();
      const { bridge, user, stranger } = f;
      const honest = await new ProvenExits(f).add(leafOf(user.address, 5, 40n, 0n, texts)).commit();
      const hostile = await new ProvenExits(f, other)
        .add(leafOf(stranger.address, 5, 2n ** 200n, 0n, texts))
        .commit();
      await bridge.exitWith(...honest.exit(0), texts, "0x");
      await bridge.exitWith(...hostile.exit(0), texts, "0x");
      const { fungible } = await mirrors(bridge);
      const { fungible: theirs } = await mirrors(bridge, other);
      expect([await fungible.totalSupply(), await theirs.name()]).to.deep.equal([40n, "Token (rollup 2)"]);
      expect(await fungible.balanceOf(stranger)).to.equal(0n);
      // What was let out of the one doesn't go home to the other: there it is an L1 token like any.
      await theirs.connect(stranger).approve(bridge, 5n);
      await bridge.connect(stranger).deposit(rollup, theirs, 5n, stranger, "0x");
      expect(await lastDeposit(f)).to.deep.equal([assetWord(1, await theirs.getAddress()), 0n, 5n]);
    });
  });

  describe("payments", () => {
    it("fail when a multi-token's receiver refuses, and can be sent elsewhere", async () => {
      const f = await bridgeFixture();
      const { bridge, friend } = f;
      const receiver = await ethers.deployContract("MockReceiver");
      await receiver.set(Mood.Reverts, bridge, "0x");
      const at = await receiver.getAddress();
      const exits = await new ProvenExits(f)
        .add(
          leafOf(friend.address, 7, 1n, 5n, texts),
          leafOf(at, 7, 30n, 5n, texts),
          leafOf(friend.address, 7, 2n, 5n, texts),
        )
        .fill(4)
        .commit();
      await bridge.exitWith(...exits.exit(0), texts, "0x");
      await expect(bridge.exit(...exits.exit(1)))
        .to.be.revertedWithCustomError(bridge, "ExitPaymentFailed")
        .withArgs(rollup, 1n, receiver);
      const elsewhere = bridge.interface.encodeFunctionData("exitTo", [
        ...exits.exit(1),
        "0x",
        friend.address,
        { deadline: 0n, signature: "0x" },
      ]);
      await receiver.act(bridge, 0n, elsewhere);
      const { multi } = await mirrors(bridge);
      expect(await multi.balanceOf(friend, 5n)).to.equal(31n);
    });

    it("are made in runs, with the metadata that each needs", async () => {
      const f = await bridgeFixture();
      const { bridge, user } = f;
      const ids = [0n, 1n, 2n, 3n];
      const exits = await new ProvenExits(f)
        .add(...ids.map((id) => leafOf(user.address, 6, 1n, id, piece(id))))
        .commit();
      await expect(bridge.exitBatch(...exits.run(0, 4, ids.map(piece))))
        .to.emit(bridge, "RunPaid")
        .withArgs(rollup, 0n, 0b1111n);
      const { collection } = await mirrors(bridge);
      expect([await collection.balanceOf(user), await collection.tokenURI(3n)]).to.deep.equal([
        4n,
        "ipfs://pieces/3",
      ]);
    });
  });

  describe("the way home", () => {
    async function abroad() {
      const f = await bridgeFixture();
      const { bridge, user } = f;
      const exits = await new ProvenExits(f)
        .add(
          leafOf(user.address, 5, 40n, 0n, texts),
          leafOf(user.address, 6, 1n, 12n, piece(12n)),
          leafOf(user.address, 7, 30n, 5n, texts),
          leafOf(user.address, 6, 1n, 12n, piece(12n)),
        )
        .commit();
      for (const [index, metadata] of [texts, piece(12n), texts].entries()) {
        await bridge.exitWith(...exits.exit(index), metadata, "0x");
      }
      return { ...f, exits, ...(await mirrors(bridge)) };
    }

    it("burns a mirror where its asset was born, and tells the rollup of the asset itself", async () => {
      const f = await abroad();
      const { bridge, user, friend, stranger, fungible, collection, multi } = f;
      const as = bridge.connect(user);
      await expect(as.deposit(rollup, fungible, 0n, friend, "0x"))
        .to.be.revertedWithCustomError(bridge, "NothingDeposited")
        .withArgs(fungible);
      // No allowance is needed: the bridge burns what its caller holds, and nobody else's.
      await as.deposit(rollup, fungible, 15n, friend, "0x");
      expect(await lastDeposit(f)).to.deep.equal([assetWord(5, born), 0n, 15n]);
      await expect(bridge.connect(stranger).deposit(rollup, fungible, 1n, stranger, "0x"))
        .to.be.revertedWithCustomError(fungible, "ERC20InsufficientBalance")
        .withArgs(stranger, 0n, 1n);
      await expect(bridge.connect(stranger).depositNft(rollup, collection, 12n, stranger, "0x"))
        .to.be.revertedWithCustomError(collection, "NftNotHolders")
        .withArgs(stranger, 12n);
      await as.depositNft(rollup, collection, 12n, friend, "0x");
      expect(await lastDeposit(f)).to.deep.equal([assetWord(6, born), 12n, 1n]);
      await expect(as.depositMulti(rollup, multi, [5n], [0n], friend, "0x"))
        .to.be.revertedWithCustomError(bridge, "NothingDeposited")
        .withArgs(multi);
      await as.depositMulti(rollup, multi, [5n], [10n], friend, "0x");
      expect(await lastDeposit(f)).to.deep.equal([assetWord(7, born), 5n, 10n]);
      expect([await fungible.totalSupply(), await multi.balanceOf(user, 5n)]).to.deep.equal([25n, 20n]);
      await expect(collection.ownerOf(12n))
        .to.be.revertedWithCustomError(collection, "ERC721NonexistentToken")
        .withArgs(12n);
      expect(await bridge.balanceOf(rollup, assetWord(1, await fungible.getAddress()), 0n)).to.equal(0n);
      expect(await bridge.holderOf(collection, 12n)).to.equal(0n);
    });

    it("lets an NFT out again that came home: the same piece, with its URI", async () => {
      const { bridge, user, collection, exits } = await abroad();
      await bridge.connect(user).depositNft(rollup, collection, 12n, user, "0x");
      await bridge.exitWith(...exits.exit(3), piece(12n), "0x");
      expect([await collection.ownerOf(12n), await collection.tokenURI(12n)]).to.deep.equal([
        user.address,
        "ipfs://pieces/12",
      ]);
    });

    it("is only into the asset's origin: elsewhere a mirror is a token of L1", async () => {
      const f = await abroad();
      const { bridge, user, fungible, collection, multi } = f;
      await fungible.connect(user).approve(bridge, 40n);
      await collection.connect(user).approve(bridge, 12n);
      await multi.connect(user).setApprovalForAll(bridge, true);
      await bridge.connect(user).deposit(other, fungible, 7n, user, "0x");
      expect(await lastDeposit(f, other)).to.deep.equal([assetWord(1, await fungible.getAddress()), 0n, 7n]);
      await bridge.connect(user).depositNft(other, collection, 12n, user, "0x");
      await bridge.connect(user).depositMulti(other, multi, [5n], [6n], user, "0x");
      expect(await bridge.holderOf(collection, 12n)).to.equal(other);
      expect(await bridge.balanceOf(other, assetWord(3, await multi.getAddress()), 5n)).to.equal(6n);
      expect(await fungible.totalSupply()).to.equal(40n);
    });

    it("takes the mirror's permit", async () => {
      const { bridge, user, friend, fungible } = await abroad();
      const { name, version, chainId, verifyingContract } = await fungible.eip712Domain();
      const types = {
        Permit: ["owner", "spender", "value", "nonce", "deadline"].map((field, i) => ({
          name: field,
          type: i < 2 ? "address" : "uint256",
        })),
      };
      const message = {
        owner: user.address,
        spender: await bridge.getAddress(),
        value: 9n,
        nonce: 0n,
        deadline: 2n ** 40n,
      };
      const domain = { name, version, chainId, verifyingContract };
      const { v, r, s } = ethers.Signature.from(await user.signTypedData(domain, types, message));
      const send = bridge
        .connect(user)
        .depositWithPermit(other, fungible, 9n, friend, "0x", 2n ** 40n, v, r, s);
      await expect(send).to.changeTokenBalances(fungible, [user, bridge], [-9n, 9n]);
    });
  });

  it("stores a URI that isn't its collection's base and id by itself", async () => {
    const f = await bridgeFixture();
    const { bridge, user } = f;
    const uri = (text: string) => hexlify(encodeMetadata({ ...pieces, uri: text }));
    const all = [uri("ipfs://pieces/1"), uri("https://elsewhere/2"), uri("ar://odd"), uri("")];
    const exits = await new ProvenExits(f)
      .add(...all.map((metadata, i) => leafOf(user.address, 6, 1n, BigInt(i + 1), metadata)))
      .commit();
    for (const [index, metadata] of all.entries())
      await bridge.exitWith(...exits.exit(index), metadata, "0x");
    const { collection } = await mirrors(bridge);
    expect(await Promise.all([1n, 2n, 3n].map((id) => collection.tokenURI(id)))).to.deep.equal([
      "ipfs://pieces/1",
      "https://elsewhere/2",
      "ar://odd",
    ]);
  });
});
