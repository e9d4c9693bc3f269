import { expect } from "chai";
import { ZeroHash, id as hashOf } from "ethers";
import { ethers } from "hardhat";
import { encodeExitPlace, exitRuns } from "../../sdk/src/bridge";
import type { ExitLeaf } from "../../sdk/src/ledger";
import {
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

const TREE = {
  interface: ethers.Interface.from([
    "error ExitIndexBeyondTree(uint256 index, uint256 count)",
    "error ExitProofWrongLength(uint256 siblings, uint256 expected)",
    "error RunNotAligned(uint256 first, uint256 length, uint256 count)",
  ]),
};

async function running(count: number, leafOf?: (index: number) => Partial<ExitLeaf>) {
  const f = await bridgeFixture();
  await fund(f, 10_000n);
  const leaves = Array.from({ length: count }, (_, i) =>
    exitLeaf(f.friend.address, BigInt(i + 1), leafOf?.(i) ?? {}),
  );
  const exits = await new ProvenExits(f).add(...leaves).commit();
  return { ...f, exits };
}

describe("CanonicalBridge > exitBatch", () => {
  it("refuses runs that fill no subtree: empty, misaligned, not a power of two, beyond the end", async () => {
    const { bridge, exits } = await running(11);
    const refused = async (first: number, length: number) => {
      const words = Array.from({ length }, (_, i) => exits.words(Math.min(first + i, 10)));
      await expect(bridge.exitBatch(words, [], exits.proof(first), []))
        .to.be.revertedWithCustomError(TREE, "RunNotAligned")
        .withArgs(first, length, 11n);
    };
    await refused(0, 0);
    await refused(1, 2);
    await refused(2, 4);
    await refused(0, 3);
    await refused(4, 8);
    await refused(8, 4);
    await refused(10, 2);
  });

  it("refuses more than 128 exits, and metadata for some of them only", async () => {
    const { bridge, exits } = await running(256);
    const words = Array.from({ length: 129 }, (_, i) => exits.words(i));
    await expect(bridge.exitBatch(words, [], exits.proof(0), []))
      .to.be.revertedWithCustomError(bridge, "RunTooLong")
      .withArgs(129n, 128n);
    await expect(bridge.exitBatch(...exits.run(0, 4, ["0x", "0x", "0x"])))
      .to.be.revertedWithCustomError(bridge, "RunMetadataMismatch")
      .withArgs(3n, 4n);
  });

  it("refuses a lie about any leaf of the run, a sibling, the place or the commitment's fields", async () => {
    const { bridge, exits } = await running(16);
    const [words, siblings, proof] = exits.run(4, 4);
    const refused = async (...args: Parameters<typeof bridge.exitBatch.staticCall>) => {
      await expect(bridge.exitBatch(...args)).to.be.revertedWithCustomError(bridge, "CommitmentNotKept");
    };
    for (let i = 0; i < 4; i++) {
      const lying = words.map((leaf, at) => (at === i ? { ...leaf, amount: 99n } : leaf));
      await refused(lying, siblings, proof, []);
    }
    await refused([...words].reverse(), siblings, proof, []);
    await refused(words, [hashOf("lie"), ...siblings.slice(1)], proof, []);
    await refused(words, siblings, { ...proof, stateRoot: hashOf("lie") }, []);
    await refused(words, siblings, { ...proof, packed: hashOf("lie") }, []);
    await refused(words, siblings, exits.proof(0), []);
    const at = (slot: number, id: bigint) => encodeExitPlace({ slot, rollup: id, count: 16n, index: 4n });
    await expect(bridge.exitBatch(words, siblings, { ...proof, place: at(4, rollup) }, []))
      .to.be.revertedWithCustomError(bridge, "CommitmentNotKept")
      .withArgs(rollup, 4n, exits.commitment());
    await expect(bridge.exitBatch(words, siblings, { ...proof, place: at(3, other) }, []))
      .to.be.revertedWithCustomError(bridge, "CommitmentNotKept")
      .withArgs(other, 3n, exits.commitment());
    await expect(bridge.exitBatch(words, siblings.slice(1), proof, []))
      .to.be.revertedWithCustomError(TREE, "ExitProofWrongLength")
      .withArgs(1n, 2n);
    expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(10_000n);
  });

  it("pays what a run has left, whatever was paid before: single exits, shorter and longer runs", async () => {
    const { bridge, exits, friend } = await running(16);
    await bridge.exit(...exits.exit(5));
    await expect(bridge.exitBatch(...exits.run(4, 2)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 4n, 0b01n);
    await expect(bridge.exitBatch(...exits.run(4, 4)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 4n, 0b1100n);
    const before = await ethers.provider.getBalance(friend);
    await expect(bridge.exitBatch(...exits.run(0, 16)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0b1111_1111_0000_1111n);
    await expect(bridge.exitBatch(...exits.run(0, 16)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0n);
    for (const index of [0, 5, 15]) {
      await expect(bridge.exit(...exits.exit(index)))
        .to.be.revertedWithCustomError(bridge, "ExitSpent")
        .withArgs(rollup, index);
    }
    const all = (16n * 17n) / 2n;
    expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(10_000n - all);
    expect((await ethers.provider.getBalance(friend)) - before).to.equal(all - 5n - 6n - 7n - 8n);
  });

  it("pays a run of 128 in one word, and the tree's last run whatever its length", async () => {
    const { bridge, exits } = await running(135);
    expect(await bridge.exitBatch.staticCall(...exits.run(0, 128))).to.equal((1n << 128n) - 1n);
    await bridge.exitBatch(...exits.run(0, 128));
    expect(await bridge.isSpent(rollup, 127n)).to.equal(true);
    expect(await bridge.isSpent(rollup, 128n)).to.equal(false);
    await expect(bridge.exitBatch(...exits.run(128, 7)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 128n, 0b111_1111n);
  });

  it("pays every exit once by the runs that the sdk cuts", async () => {
    const { bridge, exits } = await running(77);
    for (const { first, length } of exitRuns(3, 77, 77)) await bridge.exitBatch(...exits.run(first, length));
    for (let i = 0; i < 77; i++) expect(await bridge.isSpent(rollup, i), `${i}`).to.equal(i >= 3);
  });

  it("leaves out what isn't for anybody to push: rollups, calls, keys, unknown versions and kinds", async () => {
    const leaves: Partial<ExitLeaf>[] = [
      {},
      { targetRollup: other },
      { dataHash: hashOf("data") },
      { flags: 1 },
      { kind: 4 },
      { kind: 9 },
      { flags: 2 },
      {},
    ];
    const { bridge, exits } = await running(8, (i) => leaves[i] ?? {});
    await expect(bridge.exitBatch(...exits.run(0, 8)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0b1100_0001n);
    expect(await bridge.isSpent(rollup, 1n)).to.equal(false);
  });

  describe("[one payment takes a run with it] [Bridge 7] when one fails, the others are made", () => {
    async function crowd(mood: Mood) {
      const f = await bridgeFixture();
      await fund(f, 1_000n);
      const receiver = await ethers.deployContract("MockReceiver");
      await receiver.set(mood, f.bridge, "0x");
      const bad = await receiver.getAddress();
      const exits = await new ProvenExits(f)
        .add(...[f.friend.address, bad, f.friend.address, f.stranger.address].map((to) => exitLeaf(to, 10n)))
        .commit();
      return { ...f, exits, receiver };
    }

    for (const mood of [Mood.Reverts, Mood.BurnsGas, Mood.Bombs]) {
      it(`a receiver that ${Mood[mood].toLowerCase()}: leaf and account are as before`, async () => {
        const { bridge, exits, receiver } = await crowd(mood);
        const sent = bridge.exitBatch(...exits.run(0, 4), { gasLimit: 1_000_000n });
        await expect(sent).to.emit(bridge, "ExitFailed").withArgs(rollup, 1n, receiver);
        await expect(sent).to.emit(bridge, "RunPaid").withArgs(rollup, 0n, 0b1101n);
        expect((await (await sent).wait())?.gasUsed).to.be.lessThan(600_000n);
        expect(await bridge.isSpent(rollup, 1n)).to.equal(false);
        expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(970n);
        await receiver.set(Mood.Accepts, zero, "0x");
        await bridge.exit(...exits.exit(1));
        expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(960n);
      });
    }

    it("a receiver that calls back finds the bridge locked, and is paid once", async () => {
      const { bridge, exits, receiver } = await crowd(Mood.CallsBack);
      await receiver.set(Mood.CallsBack, bridge, bridge.interface.encodeFunctionData("exit", exits.exit(1)));
      await bridge.exitBatch(...exits.run(0, 4));
      expect((await receiver.calledBackWith()).slice(0, 10)).to.equal(
        bridge.interface.getError("BridgeLocked")?.selector,
      );
      expect(await ethers.provider.getBalance(receiver)).to.equal(10n);
    });

    it("escrow that is too short: the others are paid", async () => {
      const f = await bridgeFixture();
      await fund(f, 25n);
      await fund(f, 1_000n, other);
      const { bridge, friend } = f;
      const amounts = [10n, 20n, 10n, 10n];
      const exits = await new ProvenExits(f).add(...amounts.map((x) => exitLeaf(friend.address, x))).commit();
      await expect(bridge.exitBatch(...exits.run(0, 4)))
        .to.emit(bridge, "RunPaid")
        .withArgs(rollup, 0n, 0b0101n);
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(5n);
    });

    const whims = ["reverts", "burns gas paying", "burns gas counting", "returns a bomb", "takes more"];
    for (const [at, whim] of whims.entries()) {
      it(`a token that ${whim}: it takes nobody else's payment with it`, async () => {
        const f = await bridgeFixture();
        const { bridge, user, friend, token } = f;
        const rogue = await ethers.deployContract("MockRogueERC20");
        await rogue.mint(user, 100n);
        await rogue.connect(user).approve(bridge, 100n);
        await bridge.connect(user).deposit(rollup, rogue, 50n, user, "0x");
        await bridge.connect(user).deposit(rollup, token, 50n, user, "0x");
        const bad = { kind: 1, token: await rogue.getAddress() };
        const good = { kind: 1, token: await token.getAddress() };
        const exits = await new ProvenExits(f)
          .add(...[good, bad, good, good].map((born) => exitLeaf(friend.address, 10n, born)))
          .commit();
        await rogue.setWhim(at + 1);
        await expect(bridge.exitBatch(...exits.run(0, 4), { gasLimit: 1_000_000n }))
          .to.emit(bridge, "RunPaid")
          .withArgs(rollup, 0n, 0b1101n);
        expect(await token.balanceOf(friend)).to.equal(30n);
        await rogue.setWhim(0);
        expect(await rogue.balanceOf(bridge)).to.equal(50n);
        expect(await bridge.balanceOf(rollup, assetWord(1, bad.token), 0n)).to.equal(50n);
        await bridge.exit(...exits.exit(1));
      });
    }

    it("an NFT that isn't there any more: its holder entry is as before", async () => {
      const f = await bridgeFixture();
      const { bridge, user, friend } = f;
      await fund(f, 10n);
      const things = await ethers.deployContract("MockERC721");
      for (const id of [1n, 2n]) {
        await things.mint(user, id);
        await things.connect(user).approve(bridge, id);
        await bridge.connect(user).depositNft(rollup, things, id, user, "0x");
      }
      const word = { kind: 2, token: await things.getAddress() };
      const exits = await new ProvenExits(f)
        .add(
          exitLeaf(friend.address, 1n, { ...word, id: 1n }),
          exitLeaf(zero, 1n, { ...word, id: 2n }),
          exitLeaf(friend.address, 1n, { ...word, id: 3n }),
          exitLeaf(friend.address, 10n),
        )
        .commit();
      await expect(bridge.exitBatch(...exits.run(0, 4)))
        .to.emit(bridge, "RunPaid")
        .withArgs(rollup, 0n, 0b1001n);
      expect(await bridge.holderOf(things, 2n)).to.equal(rollup);
      expect(await things.ownerOf(1n)).to.equal(friend.address);
    });
  });

  it("asks for no token payment from outside", async () => {
    const { bridge, stranger } = await running(1);
    await expect(bridge.connect(stranger).payApart(rollup, coin, 0n, 1n, stranger, "0x", ZeroHash))
      .to.be.revertedWithCustomError(bridge, "CallerNotItself")
      .withArgs(stranger);
  });

  it("pays under the last root of a rollup that is retired, to the last one", async () => {
    const { bridge, inbox, exits } = await running(32, () => ({ flags: 2 }));
    await inbox.set(rollup, Status.Retired, true, zero, zero);
    await expect(bridge.exitBatch(...exits.run(0, 32)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, (1n << 32n) - 1n);
    expect(exits.leaves[0]?.metadataHash).to.equal(ZeroHash);
  });
});
