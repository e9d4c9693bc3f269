import { loadFixture, mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ZeroHash, id } from "ethers";
import {
  MESSAGE_ONLY,
  SKIP,
  SWEEP,
  batchHash,
  calldataCommitment,
  configHash,
  entryHash,
  headerHash,
  packPostTerms,
  postArguments,
  unpackPostTerms,
} from "../../sdk/src/protocol";
import { MESSAGE_BOUND, Stage, hubFixture, type HubFixture } from "./fixture";

async function staged(changes?: Parameters<typeof Stage.create>[1]) {
  const f: HubFixture = await loadFixture(hubFixture);
  const stage = await Stage.create(f, changes);
  await stage.openLine();
  return { f, hub: f.hub, stage };
}

describe("RollupHub > post", () => {
  describe("when the terms are malformed", () => {
    it("refuses bits where none may be", async () => {
      const { hub, stage, f } = await staged();
      const { args } = await stage.build();
      const word = `${args[0].slice(0, -1)}1`;
      await expect(hub.connect(f.sequencer).post(word, args[1], args[2], args[3], args[4]))
        .to.be.revertedWithCustomError(hub, "WordMalformed")
        .withArgs(word);
    });

    it("refuses unknown flags and modes", async () => {
      const { hub, stage } = await staged();
      for (const wish of [{ flags: 4 }, { flags: 128 }, { mode: 2 }, { mode: 255 }]) {
        const { args } = await stage.build(wish);
        await expect(stage.send(wish)).to.be.revertedWithCustomError(hub, "WordMalformed").withArgs(args[0]);
      }
    });

    it("refuses a parent or a mode without a claim", async () => {
      const { hub, stage, f } = await staged();
      const built = await stage.build({ commitment: "" });
      const terms = unpackPostTerms(built.args[0]);
      await expect(hub.connect(f.sequencer).post(built.args[0], built.hash, "0x", id("parent"), ZeroHash))
        .to.be.revertedWithCustomError(hub, "WordMalformed")
        .withArgs(built.args[0]);
      const skip = packPostTerms({ ...terms, mode: SKIP });
      await expect(hub.connect(f.sequencer).post(skip, built.hash, "0x", ZeroHash, ZeroHash))
        .to.be.revertedWithCustomError(hub, "WordMalformed")
        .withArgs(skip);
    });
  });

  it("refuses a rollup that doesn't exist", async () => {
    const { hub, stage } = await staged();
    const built = await stage.build();
    const terms = { ...unpackPostTerms(built.args[0]), rollup: 99n };
    await expect(hub.post(...postArguments(terms, built.hash, "0x")))
      .to.be.revertedWithCustomError(hub, "PostingClosed")
      .withArgs(99);
  });

  describe("when the index isn't the next one", () => {
    it("refuses a batch that was posted already: resending is idempotent", async () => {
      const { hub, stage } = await staged();
      const built = await stage.build();
      await hub.connect(built.poster).post(...built.args);
      await expect(hub.connect(built.poster).post(...built.args))
        .to.be.revertedWithCustomError(hub, "BatchIndexWrong")
        .withArgs(1, 2);
    });

    it("refuses a gap, and the last index there is [a claim for batch 2^64−1]", async () => {
      const { hub, stage } = await staged();
      for (const index of [0n, 2n, (1n << 32n) - 1n]) {
        await expect(stage.send({ index }))
          .to.be.revertedWithCustomError(hub, "BatchIndexWrong")
          .withArgs(index, 1);
      }
    });
  });

  describe("when the data isn't as it must be", () => {
    it("refuses data in a message-only batch", async () => {
      const { hub, stage } = await staged();
      await expect(stage.send({ flags: MESSAGE_ONLY, data: "0x00" }))
        .to.be.revertedWithCustomError(hub, "DataUnexpected")
        .withArgs(1);
    });

    it("refuses other data than the hash pins", async () => {
      const { hub, stage, f } = await staged();
      const { args, header, hash } = await stage.build({ data: "0x01" });
      const other = headerHash({ ...header, dataCommitment: calldataCommitment("0x02") });
      await expect(hub.connect(f.sequencer).post(args[0], args[1], "0x02", args[3], args[4]))
        .to.be.revertedWithCustomError(hub, "BatchHashMismatch")
        .withArgs(batchHash(other, configHash(stage.config)), hash);
    });
  });

  describe("when the context is wrong", () => {
    it("refuses an L1 block that is unknown: ahead, or not among the last 256", async () => {
      const { hub, stage } = await staged();
      const ahead = BigInt(await time.latestBlock()) + 1n;
      const { l1Number } = await hub.progress(stage.rollup);
      await expect(stage.send({ l1Number: ahead }))
        .to.be.revertedWithCustomError(hub, "L1BlockUnusable")
        .withArgs(ahead, l1Number);
      await mine(300);
      const old = BigInt(await time.latestBlock()) - 256n;
      await expect(stage.send({ l1Number: old }))
        .to.be.revertedWithCustomError(hub, "L1BlockUnusable")
        .withArgs(old, l1Number);
      await stage.post({ l1Number: old + 2n });
    });

    it("refuses an L1 block older than the last batch's", async () => {
      const { hub, stage } = await staged();
      await mine(10);
      const first = await stage.post();
      const l1Number = first.header.l1Number - 1n;
      await expect(stage.send({ l1Number }))
        .to.be.revertedWithCustomError(hub, "L1BlockUnusable")
        .withArgs(l1Number, first.header.l1Number);
      await stage.post({ l1Number: first.header.l1Number });
    });

    it("refuses another L1 hash than the chain's [a reorg can't retarget a claim]", async () => {
      const { hub, stage } = await staged();
      await expect(stage.send({ l1Hash: id("reorged") })).to.be.revertedWithCustomError(
        hub,
        "BatchHashMismatch",
      );
    });

    it("refuses a timestamp ahead, or more than an hour back", async () => {
      const { hub, stage } = await staged();
      await time.increase(10_000);
      let now = BigInt(await time.latest());
      for (const offset of [1n, -3_601n]) {
        now += 100n;
        const timestamp = now + offset;
        await time.setNextBlockTimestamp(now);
        await expect(stage.send({ timestamp }))
          .to.be.revertedWithCustomError(hub, "TimestampOutOfRange")
          .withArgs(timestamp, now - 3_600n, now);
      }
    });

    it("takes the timestamps at both ends of an hour, and never a smaller one", async () => {
      const { hub, stage } = await staged();
      await time.increase(10_000);
      let next = BigInt(await time.latest()) + 10n;
      await time.setNextBlockTimestamp(next);
      await stage.post({ timestamp: next - 3_600n });
      next += 10n;
      await time.setNextBlockTimestamp(next);
      await stage.post({ timestamp: next });
      expect((await hub.progress(stage.rollup)).timestamp).to.equal(next);
      await expect(stage.send({ timestamp: next - 1n }))
        .to.be.revertedWithCustomError(hub, "TimestampOutOfRange")
        .withArgs(next - 1n, next, () => true);
    });
  });

  describe("when a claim comes with it", () => {
    it("refuses a result of zero and a SKIP with a foreign commitment", async () => {
      const { hub, stage, f } = await staged();
      await expect(stage.send({ mode: SKIP, commitment: id("foreign") }))
        .to.be.revertedWithCustomError(hub, "SkipCommitmentForeign")
        .withArgs(id("foreign"), f.program.entry.genesis);
      await stage.post({ mode: SKIP, commitment: f.program.entry.genesis });
    });

    it("refuses a poster without a line", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      await expect(stage.send())
        .to.be.revertedWithCustomError(f.hub, "LineInvalid")
        .withArgs(f.sequencer.address, 0);
      await stage.post({ commitment: "" });
    });

    it("refuses a bond line: the batch isn't a day old", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      await stage.openBondLine(f.sequencer);
      const now = (await time.latest()) + 10;
      await time.setNextBlockTimestamp(now);
      await expect(stage.send())
        .to.be.revertedWithCustomError(f.hub, "BondLineTooEarly")
        .withArgs(now, now + 86_400);
      await stage.post({ commitment: "" });
    });

    it("shares the ring slot, so that anybody can compute the entry", async () => {
      const { hub, stage } = await staged();
      const posted = await stage.post({ data: "0x1234" });
      expect(await hub.ringEntryOf(stage.rollup, 1)).to.equal(entryHash(posted.entry));
    });
  });

  it("keeps a batch without a claim in the ring, too", async () => {
    const { hub, stage } = await staged();
    const posted = await stage.post({ commitment: "" });
    expect(posted.entry.claimKey).to.equal(ZeroHash);
    expect(await hub.ringEntryOf(stage.rollup, 1)).to.equal(entryHash(posted.entry));
  });

  it("tells what a node needs to rebuild it", async () => {
    const { hub, stage } = await staged();
    const built = await stage.build({ data: "0x1234" });
    await expect(hub.connect(built.poster).post(...built.args))
      .to.emit(hub, "Posted")
      .withArgs(
        stage.rollup,
        built.poster.address,
        built.args[0],
        built.hash,
        built.parent,
        built.commitment,
        1,
      );
  });

  describe("what a batch must know of the messages", () => {
    it("takes the head or the due, and nothing between [no censorship without stopping] [Hub 5]", async () => {
      const { hub, stage } = await staged();
      await stage.force(3);
      await stage.post(); // target 3, due 3
      await stage.force(3);
      for (const target of [0n, 2n, 4n, 5n, 7n]) {
        await expect(stage.send({ target }))
          .to.be.revertedWithCustomError(hub, "TargetWrong")
          .withArgs(target, 3, 6);
      }
      await stage.post({ target: 3n }); // the due: due is 6 now
      await stage.force();
      await expect(stage.send({ target: 3n }))
        .to.be.revertedWithCustomError(hub, "TargetWrong")
        .withArgs(3, 6, 7);
      await stage.post({ target: 6n });
      await stage.post({ target: 7n });
      expect((await hub.progress(stage.rollup)).isShort).to.equal(false);
    });

    it("takes a due of before though its head has passed", async () => {
      const { hub, stage } = await staged();
      await stage.force(2);
      await stage.post({ target: 0n }); // due 2 by the head of then
      await stage.force(2);
      const { due, dueHead, head } = await hub.progress(stage.rollup);
      expect([due, dueHead, head]).to.deep.equal([2n, stage.heads[2], stage.heads[4]]);
      await stage.post({ target: 2n });
      await stage.post({ target: 4n });
    });

    it("refuses a head that isn't the chain's [deposits can't be forged]", async () => {
      const { hub, stage } = await staged();
      await stage.deposit();
      await expect(stage.send({ targetHash: id("forged") })).to.be.revertedWithCustomError(
        hub,
        "BatchHashMismatch",
      );
      await stage.post();
    });

    it("reverts a post when a reorg takes a deposit away", async () => {
      const { hub, stage } = await staged();
      const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
      const l1Number = BigInt(await time.latestBlock());
      await stage.deposit();
      const built = await stage.build({ l1Number });
      await ethers.provider.send("evm_revert", [snapshot]);
      await expect(hub.connect(built.poster).post(...built.args))
        .to.be.revertedWithCustomError(hub, "TargetWrong")
        .withArgs(1, 0, 0);
    });

    it("refuses the head farther than messageBound, and takes it at messageBound", async () => {
      const { hub, stage } = await staged();
      await stage.force(Number(MESSAGE_BOUND));
      await stage.post();
      await stage.force(Number(MESSAGE_BOUND) + 1);
      await expect(stage.send()).to.be.revertedWithCustomError(hub, "TargetWrong").withArgs(17, 8, 17);
      await stage.post({ target: 8n });
    });

    it("walks a flood of ten times the message bound from mark to mark [a flood of ten times the message bound: the walk back over it]", async () => {
      const { hub, stage } = await staged({ lifetime: { ringLog2: 5n } });
      await stage.force(3);
      await stage.post();
      await stage.force(10 * Number(MESSAGE_BOUND));
      await stage.post({ target: 3n }); // due: 83
      const bound = MESSAGE_BOUND;
      for (let mark = 1n; mark <= 9n; ++mark) {
        for (const target of [83n, 3n, mark * bound + 1n, (mark + 1n) * bound]) {
          await expect(stage.send({ target }))
            .to.be.revertedWithCustomError(hub, "TargetWrong")
            .withArgs(target, mark * bound, 83);
        }
        await stage.post({ target: mark * bound });
        expect((await hub.progress(stage.rollup)).isShort).to.equal(true);
      }
      // 72 + 8 < 83: one mark more, then the due is near
      await stage.post({ target: 80n });
      await stage.post({ target: 83n });
      expect((await hub.progress(stage.rollup)).isShort).to.equal(false);
      expect((await hub.progress(stage.rollup)).target).to.equal(83n);
    });
  });

  it("refuses the sweep flag while the door is open", async () => {
    const { hub, stage } = await staged();
    await expect(stage.send({ flags: MESSAGE_ONLY | SWEEP }))
      .to.be.revertedWithCustomError(hub, "SweepFlagWrong")
      .withArgs(true, false);
  });
});
