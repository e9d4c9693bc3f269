import { expect } from "chai";
import { ZeroHash, concat, id as hashOf, keccak256, toBeHex } from "ethers";
import { ethers } from "hardhat";
import { encodeExitPlace } from "../../sdk/src/bridge";
import { exitRootOf } from "../../sdk/src/ledger";
import type { MockRebasingERC20, MockRogueERC20, MockTaxedERC20 } from "../../sdk/src/typechain";
import {
  type ExitArguments,
  Mood,
  ProvenExits,
  Status,
  assetWord,
  bridgeFixture,
  coin,
  exitLeaf,
  fund,
  other,
  rollup,
  zero,
} from "./fixture";

/** Returns the commitment that the arguments of an exit lead to, by the encodings alone. */
function claimed([leaf, siblings, { place, stateRoot, packed }]: ExitArguments): string {
  const words = [leaf.head, leaf.id, leaf.amount, leaf.l2Sender, leaf.to, leaf.fallbackTo];
  const bytes = concat([...words.map((word) => toBeHex(word, 32)), leaf.metadataHash, leaf.dataHash]);
  const index = Number(place & ((1n << 64n) - 1n));
  const count = Number((place >> 64n) & ((1n << 64n) - 1n));
  const exitRoot = exitRootOf(keccak256(concat(["0x00", bytes])), index, count, siblings);
  return keccak256(concat([stateRoot, exitRoot, packed]));
}

async function exiting() {
  const f = await bridgeFixture();
  await fund(f, 100n);
  const { user, friend } = f;
  const exits = await new ProvenExits(f)
    .add(
      exitLeaf(friend.address, 7n),
      exitLeaf(friend.address, 8n, { l2Sender: user.address }),
      exitLeaf(friend.address, 9n),
      exitLeaf(friend.address, 10n),
      exitLeaf(friend.address, 11n),
    )
    .commit();
  return { ...f, exits };
}

describe("CanonicalBridge > exit", () => {
  describe("[Bridge 6] when the proof lies", () => {
    type Change = (args: ExitArguments) => ExitArguments;
    const leaf =
      (field: keyof ExitArguments[0], value: bigint | string): Change =>
      ([words, ...rest]) => [{ ...words, [field]: value }, ...rest];
    const kind = (value: bigint): Change => leaf("head", (1n << 248n) | (value << 232n));
    const lies: [string, Change][] = [
      ["the kind", kind(1n)],
      ["the token", leaf("head", (1n << 248n) | 5n)],
      ["a flag that nobody reads", leaf("head", (1n << 248n) | (2n << 240n))],
      ["the id", leaf("id", 1n)],
      ["the amount", leaf("amount", 99n)],
      ["the sender", leaf("l2Sender", "0x" + "11".repeat(20))],
      ["the receiver", leaf("to", "0x" + "11".repeat(20))],
      ["the fallback", leaf("fallbackTo", "0x" + "11".repeat(20))],
      ["the metadata's hash", leaf("metadataHash", hashOf("lie"))],
      ["the data's hash", leaf("dataHash", hashOf("lie"))],
      ["a sibling", ([words, siblings, proof]) => [words, [hashOf("lie"), ...siblings.slice(1)], proof]],
      ["the order of siblings", ([words, siblings, proof]) => [words, [...siblings].reverse(), proof]],
      [
        "the state root",
        ([words, siblings, proof]) => [words, siblings, { ...proof, stateRoot: hashOf("lie") }],
      ],
      [
        "the packed fields",
        ([words, siblings, proof]) => [words, siblings, { ...proof, packed: hashOf("lie") }],
      ],
      [
        "the index (within the same shape)",
        ([words, siblings, proof]) => [words, siblings, { ...proof, place: proof.place + 1n }],
      ],
    ];
    for (const [what, lie] of lies) {
      it(`refuses a lie about ${what}`, async () => {
        const { bridge, exits } = await exiting();
        const args = lie(exits.exit(1));
        await expect(bridge.exit(...args))
          .to.be.revertedWithCustomError(bridge, "CommitmentNotKept")
          .withArgs(rollup, 3n, claimed(args));
        expect(await bridge.isSpent(rollup, 1n)).to.equal(false);
      });
    }

    it("refuses another rollup's commitment, and another slot", async () => {
      const { bridge, exits } = await exiting();
      const [words, siblings, proof] = exits.exit(1);
      for (const [slot, id] of [
        [3, other],
        [4, rollup],
        [255, rollup],
      ] as const) {
        const place = encodeExitPlace({ slot, rollup: id, count: 5n, index: 1n });
        await expect(bridge.exit(words, siblings, { ...proof, place }))
          .to.be.revertedWithCustomError(bridge, "CommitmentNotKept")
          .withArgs(id, slot, exits.commitment());
      }
    });

    it("refuses a place beyond the tree, and siblings too few or too many for it", async () => {
      const { bridge, exits } = await exiting();
      const tree = { interface: ethers.Interface.from(TREE_ERRORS) };
      const [words, siblings, proof] = exits.exit(1);
      const at = (count: bigint, index: bigint) => ({
        ...proof,
        place: encodeExitPlace({ slot: 3, rollup, count, index }),
      });
      await expect(bridge.exit(words, siblings, at(5n, 5n)))
        .to.be.revertedWithCustomError(tree, "ExitIndexBeyondTree")
        .withArgs(5n, 5n);
      await expect(bridge.exit(words, siblings, at(0n, 0n)))
        .to.be.revertedWithCustomError(tree, "ExitIndexBeyondTree")
        .withArgs(0n, 0n);
      await expect(bridge.exit(words, siblings.slice(1), proof))
        .to.be.revertedWithCustomError(tree, "ExitProofWrongLength")
        .withArgs(2n, 3n);
      await expect(bridge.exit(words, [...siblings, ZeroHash], proof))
        .to.be.revertedWithCustomError(tree, "ExitProofWrongLength")
        .withArgs(4n, 3n);
      // Another count with the same depth leads to another root.
      const args: ExitArguments = [words, siblings, at(6n, 1n)];
      await expect(bridge.exit(...args))
        .to.be.revertedWithCustomError(bridge, "CommitmentNotKept")
        .withArgs(rollup, 3n, claimed(args));
    });

    it("finds nothing kept where the hub keeps nothing, not even the zero commitment", async () => {
      const f = await exiting();
      const { bridge, exits } = f;
      const place = encodeExitPlace({ slot: 3, rollup: 99n, count: 5n, index: 1n });
      const [words, siblings, proof] = exits.exit(1);
      await expect(bridge.exit(words, siblings, { ...proof, place }))
        .to.be.revertedWithCustomError(bridge, "CommitmentNotKept")
        .withArgs(99n, 3n, exits.commitment());
    });
  });

  describe("when the exit isn't for this verb", () => {
    it("names what it is for: another version, a rollup, a key", async () => {
      const { bridge, friend, exits } = await exiting();
      const [words, siblings, proof] = exits.exit(1);
      const head = (value: bigint) => ({ ...words, head: value });
      await expect(bridge.exit(head(2n << 248n), siblings, proof))
        .to.be.revertedWithCustomError(bridge, "ExitVersionUnknown")
        .withArgs(2n);
      await expect(bridge.exit(head(0n), siblings, proof))
        .to.be.revertedWithCustomError(bridge, "ExitVersionUnknown")
        .withArgs(0n);
      await expect(bridge.exit(head((1n << 248n) | (other << 160n)), siblings, proof))
        .to.be.revertedWithCustomError(bridge, "ExitGoesToRollup")
        .withArgs(other);
      await expect(bridge.exit(head((1n << 248n) | (1n << 240n)), siblings, proof))
        .to.be.revertedWithCustomError(bridge, "ExitNeedsKey")
        .withArgs(friend);
    });

    it("refuses kinds that no asset has", async () => {
      const f = await bridgeFixture();
      const { bridge, friend } = f;
      const kinds = [4, 8, 255];
      const exits = await new ProvenExits(f)
        .add(...kinds.map((kind) => exitLeaf(friend.address, 1n, { kind })))
        .commit();
      for (const [index, kind] of kinds.entries()) {
        await expect(bridge.exit(...exits.exit(index)))
          .to.be.revertedWithCustomError(bridge, "AssetKindUnknown")
          .withArgs(kind);
      }
    });
  });

  describe("[one rollup spends another's] when the escrow is short", () => {
    it("refuses what the rollup doesn't hold, whatever others hold", async () => {
      const f = await bridgeFixture();
      const { bridge, user, friend, token, inbox } = f;
      await fund(f, 50n, other);
      await fund(f, 3n, rollup);
      await bridge.connect(user).deposit(other, token, 50n, user, "0x");
      const things = await ethers.deployContract("MockERC721");
      const items = await ethers.deployContract("MockERC1155");
      await things.mint(user, 7n);
      await items.mint(user, 7n, 5n);
      await things.connect(user).setApprovalForAll(bridge, true);
      await items.connect(user).setApprovalForAll(bridge, true);
      await bridge.connect(user).depositNft(other, things, 7n, user, "0x");
      await bridge.connect(user).depositMulti(other, items, [7n], [5n], user, "0x");
      const wishes = [
        { kind: 0, token: zero, id: 0n, amount: 4n },
        { kind: 1, token: await token.getAddress(), id: 0n, amount: 1n },
        { kind: 2, token: await things.getAddress(), id: 7n, amount: 1n },
        { kind: 3, token: await items.getAddress(), id: 7n, amount: 1n },
      ];
      const exits = await new ProvenExits(f)
        .add(...wishes.map(({ amount, ...more }) => exitLeaf(friend.address, amount, more)))
        .commit();
      for (const [index, { kind, token: address, id, amount }] of wishes.entries()) {
        await expect(bridge.exit(...exits.exit(index)))
          .to.be.revertedWithCustomError(bridge, "EscrowShort")
          .withArgs(rollup, assetWord(kind, address), id, amount);
      }
      await expect(bridge.exitBatch(...exits.run(0, 4)))
        .to.emit(bridge, "RunPaid")
        .withArgs(rollup, 0n, 0n);
      expect(await bridge.holderOf(things, 7n)).to.equal(other);
      expect(await inbox.statusOf(other)).to.equal(Status.Active);
    });
  });

  describe("[an exit paid twice] when it was paid", () => {
    it("pays a leaf once: again, by another, under a later root, in a run", async () => {
      const { bridge, user, stranger, friend, exits } = await exiting();
      await bridge.connect(user).exit(...exits.exit(1));
      const spent = (index: bigint) => [rollup, index] as const;
      await expect(bridge.connect(friend).exit(...exits.exit(1)))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(...spent(1n));
      await expect(bridge.exitWith(...exits.exit(1), "0x", "0x"))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(...spent(1n));
      await exits.fill(300).commit();
      await expect(bridge.connect(stranger).exit(...exits.exit(1)))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(...spent(1n));
      await expect(bridge.exitBatch(...exits.run(0, 4)))
        .to.emit(bridge, "RunPaid")
        .withArgs(rollup, 0n, 0b1101n);
      await expect(bridge.exit(...exits.exit(3)))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(...spent(3n));
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(100n - 7n - 8n - 9n - 10n);
    });

    it("marks one leaf of one rollup only", async () => {
      const f = await exiting();
      const { bridge, friend, exits } = f;
      await fund(f, 100n, other);
      const twin = await new ProvenExits(f, other)
        .add(...Array.from({ length: 5 }, (_, i) => exitLeaf(friend.address, 7n + BigInt(i))))
        .commit();
      await bridge.exit(...exits.exit(2));
      for (let i = 0n; i < 5n; i++) expect(await bridge.isSpent(rollup, i)).to.equal(i === 2n);
      expect(await bridge.isSpent(other, 2n)).to.equal(false);
      expect(await bridge.isSpent(rollup, 2n + 128n)).to.equal(false);
      await bridge.exit(...twin.exit(2));
      expect(await bridge.balanceOf(other, coin, 0n)).to.equal(91n);
    });
  });

  describe("[Bridge 7] when the payment fails", () => {
    it("leaves the exit claimable: a receiver that refuses, burns gas or returns a bomb", async () => {
      const f = await bridgeFixture();
      const { bridge, friend, inbox } = f;
      await fund(f, 100n);
      const receiver = await ethers.deployContract("MockReceiver");
      const exits = await new ProvenExits(f).add(exitLeaf(await receiver.getAddress(), 40n)).commit();
      for (const mood of [Mood.Reverts, Mood.BurnsGas, Mood.Bombs]) {
        await receiver.set(mood, zero, "0x");
        await expect(bridge.exit(...exits.exit(0), { gasLimit: 3_000_000n }))
          .to.be.revertedWithCustomError(bridge, "ExitPaymentFailed")
          .withArgs(rollup, 0n, receiver);
        expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(100n);
        expect(await bridge.isSpent(rollup, 0n)).to.equal(false);
      }
      await receiver.set(Mood.Accepts, zero, "0x");
      await bridge.connect(friend).exit(...exits.exit(0));
      expect(await ethers.provider.getBalance(receiver)).to.equal(40n);
      expect((await inbox.inboxOf(rollup))[0]).to.equal(1n);
    });

    it("pays nothing to itself", async () => {
      const f = await bridgeFixture();
      const { bridge, token, user } = f;
      const self = await bridge.getAddress();
      await bridge.connect(user).deposit(rollup, token, 5n, user, "0x");
      const exits = await new ProvenExits(f)
        .add(exitLeaf(self, 5n, { kind: 1, token: await token.getAddress() }))
        .commit();
      await expect(bridge.exit(...exits.exit(0)))
        .to.be.revertedWithCustomError(bridge, "ExitPaymentFailed")
        .withArgs(rollup, 0n, self);
    });

    it("[reentrancy from a payment] [Bridge 11] finds every door shut", async () => {
      const f = await bridgeFixture();
      const { bridge, user } = f;
      await fund(f, 100n);
      const receiver = await ethers.deployContract("MockReceiver");
      const to = await receiver.getAddress();
      const exits = await new ProvenExits(f).add(exitLeaf(to, 10n), exitLeaf(to, 11n)).commit();
      const locked = bridge.interface.getError("BridgeLocked")?.selector;
      const { interface: doors } = bridge;
      const consent = { deadline: 0n, signature: "0x" };
      const fields = exits.fields();
      const unread = { index: 0n, before: ZeroHash, message: "0x", later: [] };
      const inputs = [
        doors.encodeFunctionData("exit", exits.exit(0)),
        doors.encodeFunctionData("exit", exits.exit(1)),
        doors.encodeFunctionData("exitWith", [...exits.exit(1), "0x", "0x"]),
        doors.encodeFunctionData("exitBatch", exits.run(0, 2)),
        doors.encodeFunctionData("exitTo", [...exits.exit(1), "0x", to, consent]),
        doors.encodeFunctionData("move", [...exits.exit(1), "0x", "0x"]),
        doors.encodeFunctionData("front", [rollup, 1n, exits.words(1), 0n, consent]),
        doors.encodeFunctionData("escape", [rollup, fields, "0x", "0x", to, consent]),
        doors.encodeFunctionData("refund", [rollup, fields, unread, to]),
        doors.encodeFunctionData("depositNative", [rollup, to, "0x"]),
        doors.encodeFunctionData("deposit", [rollup, zero, 1n, to, "0x"]),
        doors.encodeFunctionData("depositWithPermit", [
          rollup,
          zero,
          1n,
          to,
          "0x",
          0n,
          0,
          ZeroHash,
          ZeroHash,
        ]),
        doors.encodeFunctionData("depositNft", [rollup, zero, 1n, to, "0x"]),
        doors.encodeFunctionData("depositMulti", [rollup, zero, [], [], to, "0x"]),
        doors.encodeFunctionData("limitOutflow", [rollup, coin, 0n]),
      ];
      for (const input of inputs) {
        const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
        await receiver.set(Mood.CallsBack, bridge, input);
        await bridge.connect(user).exit(...exits.exit(0));
        expect((await receiver.calledBackWith()).slice(0, 10), input.slice(0, 10)).to.equal(locked);
        await ethers.provider.send("evm_revert", [snapshot]);
      }
    });
  });

  describe("when a token misbehaves", () => {
    /** A hundred for each of two rollups. */
    const tokens = async <Token extends MockRogueERC20 | MockTaxedERC20 | MockRebasingERC20>(
      deploy: () => Promise<Token>,
    ) => {
      const f = await bridgeFixture();
      const odd = await deploy();
      await odd.mint(f.user, 1_000n);
      await odd.connect(f.user).approve(f.bridge, 1_000n);
      await f.bridge.connect(f.user).deposit(rollup, odd, 100n, f.user, "0x");
      await f.bridge.connect(f.user).deposit(other, odd, 100n, f.user, "0x");
      const born = { kind: 1, token: await odd.getAddress() };
      return { ...f, odd, born, word: assetWord(1, born.token) };
    };

    it("keeps the exit claimable while the token reverts, burns gas or bombs", async () => {
      const f = await tokens(() => ethers.deployContract("MockRogueERC20"));
      const { bridge, friend, born, word, odd } = f;
      const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 30n, born)).commit();
      for (const whim of [1, 2, 4]) {
        await odd.setWhim(whim);
        await expect(bridge.exit(...exits.exit(0), { gasLimit: 3_000_000n }))
          .to.be.revertedWithCustomError(bridge, "ExitPaymentFailed")
          .withArgs(rollup, 0n, friend);
      }
      await odd.setWhim(0);
      await bridge.exit(...exits.exit(0));
      expect(await bridge.balanceOf(rollup, word, 0n)).to.equal(70n);
    });

    it("[a token that takes more than it was asked for] isn't paid at the cost of others", async () => {
      const f = await tokens(() => ethers.deployContract("MockRogueERC20"));
      const { bridge, friend, born, odd } = f;
      const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 30n, born)).commit();
      await odd.setWhim(5);
      await expect(bridge.exit(...exits.exit(0)))
        .to.be.revertedWithCustomError(bridge, "TokenTookMore")
        .withArgs(odd, 31n, 30n);
      expect(await odd.balanceOf(bridge)).to.equal(200n);
    });

    it("pays what the exit says in a taxed token; the tax is the receiver's", async () => {
      const f = await tokens(() => ethers.deployContract("MockTaxedERC20"));
      const { bridge, friend, born, word, odd } = f;
      expect(await bridge.balanceOf(rollup, word, 0n)).to.equal(90n);
      const exits = await new ProvenExits(f)
        .add(exitLeaf(friend.address, 90n, born), exitLeaf(friend.address, 1n, born))
        .commit();
      await bridge.exit(...exits.exit(0));
      expect(await odd.balanceOf(friend)).to.equal(81n);
      await expect(bridge.exit(...exits.exit(1)))
        .to.be.revertedWithCustomError(bridge, "EscrowShort")
        .withArgs(rollup, word, 0n, 1n);
      expect(await odd.balanceOf(bridge)).to.equal(90n);
    });

    it("[a token that rebases] is paid while there is any, and its growth is nobody's", async () => {
      const f = await tokens(() => ethers.deployContract("MockRebasingERC20"));
      const { bridge, friend, born, word, odd } = f;
      const first = await new ProvenExits(f).add(exitLeaf(friend.address, 100n, born)).commit();
      const second = await new ProvenExits(f, other).add(exitLeaf(friend.address, 100n, born)).commit();
      await odd.setPerShare(200n);
      expect(await bridge.balanceOf(rollup, word, 0n)).to.equal(100n);
      await odd.setPerShare(50n);
      await bridge.exit(...first.exit(0));
      await expect(bridge.exit(...second.exit(0)))
        .to.be.revertedWithCustomError(bridge, "ExitPaymentFailed")
        .withArgs(other, 0n, friend);
      expect(await bridge.balanceOf(other, word, 0n)).to.equal(100n);
      // Whoever makes up for what was lost makes it payable again.
      await odd.mint(bridge, 200n);
      await bridge.exit(...second.exit(0));
      expect(await odd.balanceOf(friend)).to.equal(200n);
    });
  });

  describe("when all is well", () => {
    it("pays whom the leaf names, whoever calls (pushed by another)", async () => {
      const { bridge, stranger, friend, exits } = await exiting();
      await expect(bridge.connect(stranger).exit(...exits.exit(1)))
        .to.emit(bridge, "ExitPaid")
        .withArgs(rollup, friend, 1n, coin, 8n);
      await expect(bridge.connect(stranger).exit(...exits.exit(4))).to.changeEtherBalances(
        [friend, bridge, stranger],
        [11n, -11n, 0n],
      );
      expect(await bridge.connect(friend).exit.staticCall(...exits.exit(0))).to.equal(true);
    });

    it("pays tokens that return nothing, NFTs and multi-tokens", async () => {
      const f = await bridgeFixture();
      const { bridge, user, friend } = f;
      const silent = await ethers.deployContract("MockSilentERC20");
      const things = await ethers.deployContract("MockERC721");
      const items = await ethers.deployContract("MockERC1155");
      await silent.mint(user, 10n);
      await silent.connect(user).approve(bridge, 10n);
      for (const id of [0n, 7n]) await things.mint(user, id);
      await items.mint(user, 9n, 10n);
      await things.connect(user).setApprovalForAll(bridge, true);
      await items.connect(user).setApprovalForAll(bridge, true);
      const as = bridge.connect(user);
      await as.deposit(rollup, silent, 10n, user, "0x");
      for (const id of [0n, 7n]) await as.depositNft(rollup, things, id, user, "0x");
      await as.depositMulti(rollup, items, [9n], [10n], user, "0x");
      const [silentAt, thingsAt, itemsAt] = await Promise.all(
        [silent, things, items].map((c) => c.getAddress()),
      );
      const receiver = await (await ethers.deployContract("MockReceiver")).getAddress();
      const exits = await new ProvenExits(f)
        .add(
          exitLeaf(friend.address, 10n, { kind: 1, token: silentAt! }),
          // Without asking the receiver, who may lack the callback.
          exitLeaf(await silent.getAddress(), 1n, { kind: 2, token: thingsAt!, id: 0n }),
          exitLeaf(friend.address, 1n, { kind: 2, token: thingsAt!, id: 7n }),
          exitLeaf(receiver, 4n, { kind: 3, token: itemsAt!, id: 9n }),
        )
        .commit();
      await bridge.exit(...exits.exit(0));
      await bridge.exit(...exits.exit(1));
      await expect(bridge.exit(...exits.exit(2)))
        .to.emit(bridge, "ItemExitPaid")
        .withArgs(rollup, friend, 2n, assetWord(2, thingsAt!), 1n, 7n);
      await bridge.exit(...exits.exit(3));
      expect(await silent.balanceOf(friend)).to.equal(10n);
      expect([await things.ownerOf(0n), await things.ownerOf(7n)]).to.deep.equal([silentAt, friend.address]);
      expect(await bridge.holderOf(things, 7n)).to.equal(0n);
      expect(await items.balanceOf(receiver, 9n)).to.equal(4n);
      expect(await bridge.balanceOf(rollup, assetWord(3, itemsAt!), 9n)).to.equal(6n);
    });

    it("pays under a root that is older, newer, or the last of a rollup that is over [nothing locks an exit] [Bridge 8]", async () => {
      const f = await exiting();
      const { bridge, inbox, exits } = f;
      await bridge.exit(...exits.exit(0));
      await exits.fill(1_000).commit();
      for (const [index, status] of [
        Status.Dormant,
        Status.Draining,
        Status.Retired,
        Status.Escaped,
      ].entries()) {
        await inbox.set(rollup, status, true, zero, zero);
        await bridge.exit(...exits.exit(index + 1));
      }
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(100n - 7n - 8n - 9n - 10n - 11n);
    });
  });
});

const TREE_ERRORS = [
  "error ExitIndexBeyondTree(uint256 index, uint256 count)",
  "error ExitProofWrongLength(uint256 siblings, uint256 expected)",
  "error RunNotAligned(uint256 first, uint256 length, uint256 count)",
];
