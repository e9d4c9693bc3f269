import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { MESSAGE_ONLY, SKIP } from "../../sdk/src/protocol";
import { CLAIM_LIFE, DAY, FORCE_DELAY, OPEN, Stage, WINDOW, hubFixture, passTicks } from "../hub/fixture";

const RING = 16n;
const MEMBER_ROOM = 12n;
/** Between two batches of outsiders [s]. */
const OUTSIDER_GAP = CLAIM_LIFE / 4n;
/** Between two batches of an open rollup [s]. */
const OPEN_GAP = CLAIM_LIFE / RING;

describe("RollupHub > sequencing", () => {
  async function staged(changes?: Parameters<typeof Stage.create>[1]) {
    const f = await loadFixture(hubFixture);
    const stage = await Stage.create(f, changes);
    await stage.openLine();
    return { f, hub: f.hub, stage };
  }
  /** Makes the next transaction run `seconds` after the last post. */
  async function atAfterPost(stage: Stage, seconds: bigint) {
    const { lastPost } = await stage.hub.progress(stage.rollup);
    await time.setNextBlockTimestamp(lastPost + seconds);
    return lastPost + seconds;
  }

  describe("single", () => {
    it("admits the sequencer at any time", async () => {
      const { f, hub, stage } = await staged();
      for (let i = 0; i < 3; ++i) await stage.post({ data: "0x11" });
      expect(await hub.mayPost(stage.rollup, f.sequencer.address)).to.deep.equal([true, true]);
    });

    it("opens to everyone forceDelay after the last batch: before, at [Hub 7]", async () => {
      const { f, hub, stage } = await staged();
      await stage.post();
      const { lastPost } = await hub.progress(stage.rollup);
      const wish = { poster: f.stranger, flags: MESSAGE_ONLY, commitment: "" };
      const built = await stage.build(wish);
      expect(await hub.mayPost(stage.rollup, f.stranger.address)).to.deep.equal([false, false]);
      await atAfterPost(stage, FORCE_DELAY - 1n);
      await expect(hub.connect(f.stranger).post(...built.args))
        .to.be.revertedWithCustomError(hub, "PosterNotAdmitted")
        .withArgs(f.stranger.address, lastPost + FORCE_DELAY);
      expect(await hub.mayPost(stage.rollup, f.stranger.address)).to.deep.equal([false, false]);
      await atAfterPost(stage, FORCE_DELAY);
      await hub.connect(f.stranger).post(...built.args);
    });

    it("bounds forced inclusion by two force delays", async () => {
      const { f, hub, stage } = await staged();
      await stage.post();
      await stage.force(); // just missed
      const since = BigInt(await time.latest());
      await atAfterPost(stage, FORCE_DELAY - 1n);
      await stage.post({ target: 0n }); // the sequencer waits as long as it can
      await atAfterPost(stage, FORCE_DELAY);
      await stage.post({
        poster: f.stranger,
        flags: MESSAGE_ONLY,
        commitment: "",
        target: 1n,
        timestamp: await now(),
      });
      expect((await hub.progress(stage.rollup)).target).to.equal(1n);
      expect(BigInt(await time.latest()) - since).to.be.lessThanOrEqual(2n * FORCE_DELAY);
    });

    it("lets an outsider carry data only with an ALT line that is valid", async () => {
      const { f, hub, stage } = await staged();
      await stage.openBondLine(f.stranger);
      await time.increase(FORCE_DELAY);
      for (const poster of [f.stranger, f.rival]) {
        await expect(stage.send({ poster, data: "0x11", commitment: "" }))
          .to.be.revertedWithCustomError(hub, "MessageOnlyRequired")
          .withArgs(poster.address);
      }
      await stage.openLine(f.rival);
      expect(await hub.mayPost(stage.rollup, f.rival.address)).to.deep.equal([true, true]);
      await stage.post({ poster: f.rival, data: "0x11" });
      await hub.connect(f.rival).closeLine(stage.rollup);
      await time.increase(FORCE_DELAY);
      expect(await hub.mayPost(stage.rollup, f.rival.address)).to.deep.equal([true, false]);
      await expect(
        stage.send({ poster: f.rival, data: "0x11", commitment: "" }),
      ).to.be.revertedWithCustomError(hub, "MessageOnlyRequired");
    });

    it("opens a sixteenth of forceDelay after a batch that fell short of its due, at the outsiders' pace", async () => {
      const long = 16n * 3_600n;
      const { f, hub, stage } = await staged({ lifetime: { forceDelay: long } });
      await stage.force(20);
      await stage.post({ target: 0n });
      await stage.post({ target: 8n }); // a flood: the next mark is all it may take
      const { lastPost, isShort } = await hub.progress(stage.rollup);
      expect(isShort).to.equal(true);
      const wish = { poster: f.stranger, flags: MESSAGE_ONLY, commitment: "", target: 16n };
      await atAfterPost(stage, 3_599n);
      await expect(stage.send(wish))
        .to.be.revertedWithCustomError(hub, "PosterNotAdmitted")
        .withArgs(f.stranger.address, lastPost + 3_600n);
      await atAfterPost(stage, 3_600n);
      await stage.post(wish);
      expect((await hub.progress(stage.rollup)).isShort).to.equal(true); // 16 < 20
    });

    it("opens at once after a final SKIP, until the next final NORMAL", async () => {
      const { f, hub, stage } = await staged();
      const genesis = f.program.entry.genesis;
      await stage.advance({ mode: SKIP, commitment: genesis, data: "0x11" });
      expect((await hub.progress(stage.rollup)).skips).to.equal(1);
      await stage.post({ parent: genesis });
      const { lastPost } = await hub.progress(stage.rollup);
      const wish = { poster: f.stranger, flags: MESSAGE_ONLY, commitment: "" };
      await atAfterPost(stage, OUTSIDER_GAP - 1n);
      await expect(stage.send(wish))
        .to.be.revertedWithCustomError(hub, "PostedTooSoon")
        .withArgs(lastPost + OUTSIDER_GAP - 1n, lastPost + OUTSIDER_GAP);
      await atAfterPost(stage, OUTSIDER_GAP);
      await stage.post({ ...wish, timestamp: await now() });
      await passTicks(WINDOW);
      await stage.finalize(2n);
      expect((await hub.progress(stage.rollup)).skips).to.equal(0);
      await atAfterPost(stage, FORCE_DELAY - 1n);
      await expect(stage.send({ ...wish, timestamp: await now() })).to.be.revertedWithCustomError(
        hub,
        "PosterNotAdmitted",
      );
    });
  });

  describe("the ring", () => {
    it("gives the sequencer three quarters, outsiders the rest, and fills up [Hub 6]", async () => {
      const { f, hub, stage } = await staged();
      for (let i = 0n; i < MEMBER_ROOM; ++i) await stage.post();
      await expect(stage.send())
        .to.be.revertedWithCustomError(hub, "RingFull")
        .withArgs(MEMBER_ROOM, MEMBER_ROOM);
      expect(await hub.mayPost(stage.rollup, f.sequencer.address)).to.deep.equal([false, false]);
      for (let i = MEMBER_ROOM; i < RING; ++i) {
        await time.increase(FORCE_DELAY);
        await stage.post({ poster: f.stranger, flags: MESSAGE_ONLY, commitment: "" });
      }
      await time.increase(FORCE_DELAY);
      await expect(stage.send({ poster: f.stranger, flags: MESSAGE_ONLY, commitment: "" }))
        .to.be.revertedWithCustomError(hub, "RingFull")
        .withArgs(RING, RING);
      await passTicks(WINDOW);
      await stage.finalize(1n);
      await stage.post({ poster: f.stranger, flags: MESSAGE_ONLY, commitment: "" }); // the first slot again
    });

    it("never has an outsider wait for room at the outsiders' pace", () => {
      // four batches of a quarter of claimLife each: when the fifth comes, the first is final or can be
      expect((RING - MEMBER_ROOM) * OUTSIDER_GAP).to.be.greaterThanOrEqual(CLAIM_LIFE - 4n);
    });
  });

  describe("open", () => {
    it("admits everyone, with data, at its pace: before, at", async () => {
      const { f, hub, stage } = await staged(OPEN);
      await time.increase(DAY);
      await stage.post({ poster: f.stranger, data: "0x11", commitment: "" });
      const { lastPost } = await hub.progress(stage.rollup);
      await atAfterPost(stage, OPEN_GAP - 1n);
      await expect(stage.send({ poster: f.rival, data: "0x11", commitment: "" }))
        .to.be.revertedWithCustomError(hub, "PostedTooSoon")
        .withArgs(lastPost + OPEN_GAP - 1n, lastPost + OPEN_GAP);
      expect(await hub.mayPost(stage.rollup, f.rival.address)).to.deep.equal([false, false]);
      await atAfterPost(stage, OPEN_GAP);
      await stage.post({ poster: f.rival, data: "0x11", commitment: "" });
      await time.increase(OPEN_GAP);
      expect(await hub.mayPost(stage.rollup, f.rival.address)).to.deep.equal([true, true]);
    });
  });

  describe("rotation of the single sequencer", () => {
    const NOTICE = 2n * FORCE_DELAY + CLAIM_LIFE + BigInt(7 * DAY);

    it("is announced by the owner of a rollup with a single sequencer only", async () => {
      const { f, hub, stage } = await staged();
      await expect(hub.connect(f.rival).announceSequencer(stage.rollup, f.rival.address))
        .to.be.revertedWithCustomError(hub, "CallerNotOwner")
        .withArgs(stage.rollup, f.rival.address);
      await expect(hub.connect(f.owner).announceSequencer(99, f.rival.address))
        .to.be.revertedWithCustomError(hub, "RollupUnknown")
        .withArgs(99);
      const open = await Stage.create(f, OPEN);
      await expect(hub.connect(f.owner).announceSequencer(open.rollup, f.rival.address))
        .to.be.revertedWithCustomError(hub, "SequencerWrong")
        .withArgs(open.rollup, f.rival.address);
    });

    it("waits for its notice, then anyone puts it in place", async () => {
      const { f, hub, stage } = await staged();
      const at = BigInt(await time.latest()) + 10n;
      await time.setNextBlockTimestamp(at);
      await expect(hub.connect(f.owner).announceSequencer(stage.rollup, f.rival.address))
        .to.emit(hub, "SequencerAnnounced")
        .withArgs(stage.rollup, f.rival.address, at + NOTICE);
      await expect(hub.rotateSequencer(stage.rollup, f.sequencer.address, f.stranger.address))
        .to.be.revertedWithCustomError(hub, "SequencerNotAnnounced")
        .withArgs(stage.rollup, f.stranger.address);
      await time.setNextBlockTimestamp(at + NOTICE - 1n);
      await expect(hub.rotateSequencer(stage.rollup, f.sequencer.address, f.rival.address))
        .to.be.revertedWithCustomError(hub, "NoticeRunning")
        .withArgs(at + NOTICE - 1n, at + NOTICE);
      await time.setNextBlockTimestamp(at + NOTICE);
      await expect(hub.rotateSequencer(stage.rollup, f.stranger.address, f.rival.address))
        .to.be.revertedWithCustomError(hub, "SequencerWrong")
        .withArgs(stage.rollup, f.stranger.address);
      await expect(
        hub.connect(f.stranger).rotateSequencer(stage.rollup, f.sequencer.address, f.rival.address),
      )
        .to.emit(hub, "SequencerRotated")
        .withArgs(stage.rollup, f.sequencer.address, f.rival.address);
      const previous = await hub.lineOf(stage.rollup, f.sequencer.address);
      expect([previous.isPoster, previous.deposit]).to.deep.equal([false, stage.params.security.deposit]);
      await stage.post({ poster: f.rival, data: "0x11", commitment: "" });
      await expect(stage.send({ data: "0x11" })).to.be.revertedWithCustomError(hub, "PosterNotAdmitted");
      await expect(
        hub.rotateSequencer(stage.rollup, f.rival.address, f.rival.address),
      ).to.be.revertedWithCustomError(hub, "SequencerNotAnnounced");
    });

    it("is withdrawn by announcing nobody", async () => {
      const { f, hub, stage } = await staged();
      await hub.connect(f.owner).announceSequencer(stage.rollup, f.rival.address);
      await hub.connect(f.owner).announceSequencer(stage.rollup, `0x${"00".repeat(20)}`);
      await time.increase(NOTICE);
      for (const next of [f.rival.address, `0x${"00".repeat(20)}`]) {
        await expect(hub.rotateSequencer(stage.rollup, f.sequencer.address, next))
          .to.be.revertedWithCustomError(hub, "SequencerNotAnnounced")
          .withArgs(stage.rollup, next);
      }
    });
  });

  async function now() {
    return BigInt(await time.latest());
  }
});
