import { expect } from "chai";
import { time } from "@nomicfoundation/hardhat-network-helpers";
import {
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

const DAY = 86_400;

/** A limit of 100 coins a day over 10,000, and exits of so many. */
async function limited(perDay: bigint, ...amounts: bigint[]) {
  const f = await bridgeFixture();
  await f.bridge.connect(f.owner).limitOutflow(rollup, coin, perDay);
  await fund(f, 10_000n);
  const exits = await new ProvenExits(f).add(...amounts.map((x) => exitLeaf(f.friend.address, x))).commit();
  return { ...f, exits };
}

describe("CanonicalBridge > limitOutflow", () => {
  it("is the owner's, for fungible assets of L1, and never tighter while anything is held", async () => {
    const { bridge, owner, user, token } = await limited(100n);
    await expect(bridge.connect(user).limitOutflow(rollup, coin, 0n))
      .to.be.revertedWithCustomError(bridge, "CallerNotRollupOwner")
      .withArgs(rollup, user);
    await expect(bridge.connect(owner).limitOutflow(99n, coin, 5n))
      .to.be.revertedWithCustomError(bridge, "CallerNotRollupOwner")
      .withArgs(99n, owner);
    for (const kind of [2, 3, 4, 5, 6, 7]) {
      const word = assetWord(kind, await token.getAddress());
      await expect(bridge.connect(owner).limitOutflow(rollup, word, 5n))
        .to.be.revertedWithCustomError(bridge, "LimitUnsupported")
        .withArgs(word);
    }
    await expect(bridge.connect(owner).limitOutflow(rollup, coin, 99n))
      .to.be.revertedWithCustomError(bridge, "LimitWouldTighten")
      .withArgs(rollup, coin, 99n);
    await expect(bridge.connect(owner).limitOutflow(rollup, coin, 101n))
      .to.emit(bridge, "OutflowLimited")
      .withArgs(rollup, coin, 101n);
    await bridge.connect(owner).limitOutflow(rollup, coin, 0n);
    await expect(bridge.connect(owner).limitOutflow(rollup, coin, 1_000_000n))
      .to.be.revertedWithCustomError(bridge, "LimitWouldTighten")
      .withArgs(rollup, coin, 1_000_000n);
    expect(await bridge.limitOf(rollup, coin)).to.equal(0n);
  });

  it("queues what the bucket can't hold, at a fixed time that nobody else moves", async () => {
    const { bridge, friend, exits } = await limited(2_000n, 1_900n, 600n, 50n);
    await bridge.exit(...exits.exit(0));
    expect(await bridge.exit.staticCall(...exits.exit(1))).to.equal(false);
    await expect(bridge.exit(...exits.exit(1))).to.emit(bridge, "ExitQueued");
    const from = await bridge.payableFrom(rollup, 1n);
    expect(await bridge.isSpent(rollup, 1n)).to.equal(false);
    expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(8_100n);
    // Asked again, by exit, run or its owner, it keeps its time.
    await bridge.exit(...exits.exit(1));
    await expect(bridge.exitBatch(...exits.run(0, 2)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0n);
    await bridge.connect(friend).exitTo(...exits.exit(1), "0x", friend, noConsent);
    expect(await bridge.payableFrom(rollup, 1n)).to.equal(from);
    await time.increaseTo(from - 1n);
    await time.setNextBlockTimestamp(from);
    await expect(bridge.exit(...exits.exit(1))).to.changeEtherBalance(friend, 600n);
  });

  it("is on the net outflow: what comes in makes room", async () => {
    const f = await limited(2_000n, 1_900n, 600n);
    const { bridge, friend, exits } = f;
    await bridge.exit(...exits.exit(0));
    await fund(f, 1_000n);
    await expect(bridge.exit(...exits.exit(1))).to.changeEtherBalance(friend, 600n);
  });

  it("[a tiny limit that locks] [Bridge 8] everything may leave within a week", async () => {
    const { bridge, exits } = await limited(1n, 5_000n, 4_000n, 1_000n);
    const start = await time.latest();
    for (const index of [0, 1, 2]) await bridge.exit(...exits.exit(index));
    for (const index of [0n, 1n, 2n]) {
      const from = await bridge.payableFrom(rollup, index);
      expect(from).to.be.at.most(BigInt(start + 7 * DAY + 10));
    }
    await time.increaseTo(start + 7 * DAY + 10);
    await expect(bridge.exitBatch(...exits.run(0, 3)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0b111n);
    expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(0n);
  });

  it("is one rollup's: another's exits of the same asset go", async () => {
    const f = await limited(1n, 5_000n);
    const { bridge, friend } = f;
    await fund(f, 10_000n, other);
    const theirs = await new ProvenExits(f, other).add(exitLeaf(friend.address, 9_000n)).commit();
    await expect(bridge.exit(...theirs.exit(0))).to.changeEtherBalance(friend, 9_000n);
  });

  it("ends with Draining, for what is queued too", async () => {
    const { bridge, inbox, owner, friend, exits } = await limited(1n, 5_000n, 4_000n);
    await bridge.exit(...exits.exit(0));
    expect(await bridge.payableFrom(rollup, 0n)).to.not.equal(0n);
    await inbox.set(rollup, Status.Draining, false, owner, zero);
    await expect(bridge.exit(...exits.exit(0))).to.changeEtherBalance(friend, 5_000n);
    await expect(bridge.exit(...exits.exit(1))).to.changeEtherBalance(friend, 4_000n);
  });

  it("gives a failed payment its room back", async () => {
    const f = await limited(2_000n, 10n);
    const { bridge, stranger } = f;
    const bad = await new ProvenExits(f, rollup, 4)
      .add(exitLeaf(await bridge.getAddress(), 1_900n), exitLeaf(stranger.address, 1_950n))
      .commit();
    await expect(bridge.exitBatch(...bad.run(0, 2)))
      .to.emit(bridge, "RunPaid")
      .withArgs(rollup, 0n, 0b10n);
  });
});
