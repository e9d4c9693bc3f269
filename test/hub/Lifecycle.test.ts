import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { id } from "ethers";
import {
  MESSAGE_ONLY,
  SWEEP,
  SWEPT_PHASE,
  commitmentHash,
  packCommitment,
  type CommitmentFields,
} from "../../sdk/src/protocol";
import { DAY, FORCE_DELAY, NEVER, Stage, WINDOW, hubFixture, passTicks } from "./fixture";

const ACTIVE = 1;
const DRAINING = 3;
const RETIRED = 4;
const ESCAPED = 5;
const UNWIND = 1_000n;
const SWEEPING = { flags: MESSAGE_ONLY | SWEEP };

async function staged(changes?: Parameters<typeof Stage.create>[1]) {
  const f = await loadFixture(hubFixture);
  const stage = await Stage.create(f, changes);
  await stage.openLine();
  return { f, hub: f.hub, stage };
}

async function inFuture(seconds: number) {
  return BigInt((await time.latest()) + seconds);
}

/** What a commitment commits to after a sweep of everything. */
function swept(stage: Stage, changes: Partial<CommitmentFields> = {}): CommitmentFields {
  return {
    stateRoot: id("state"),
    exitRoot: id("exits"),
    block: 5n,
    timestamp: 1_000n,
    messagesConsumed: BigInt(stage.heads.length - 1),
    transactions: 100n,
    phase: SWEPT_PHASE,
    ...changes,
  };
}

function retire(stage: Stage, fields: CommitmentFields) {
  return stage.hub.retire(stage.rollup, fields.stateRoot, fields.exitRoot, packCommitment(fields));
}

describe("RollupHub > lifecycle", () => {
  describe("drain", () => {
    it("refuses a rollup that doesn't exist, and all but the owner before the end", async () => {
      const { f, hub, stage } = await staged();
      await expect(hub.drain(99)).to.be.revertedWithCustomError(hub, "RollupUnknown").withArgs(99);
      await expect(hub.connect(f.stranger).drain(stage.rollup))
        .to.be.revertedWithCustomError(hub, "CallerNotOwner")
        .withArgs(stage.rollup, f.stranger.address);
    });

    it("refuses everyone if the rollup is immutable for life", async () => {
      const { f, hub, stage } = await staged({ lifetime: { owner: `0x${"00".repeat(20)}` } });
      for (const caller of [f.owner, f.governor]) {
        await expect(hub.connect(caller).drain(stage.rollup))
          .to.be.revertedWithCustomError(hub, "CallerNotOwner")
          .withArgs(stage.rollup, caller.address);
        await expect(
          hub.connect(caller).pauseDeposits(stage.rollup, await inFuture(100)),
        ).to.be.revertedWithCustomError(hub, "CallerNotOwner");
      }
    });

    it("starts Draining now, once", async () => {
      const { f, hub, stage } = await staged();
      const at = await inFuture(10);
      await time.setNextBlockTimestamp(at);
      await expect(hub.connect(f.owner).drain(stage.rollup))
        .to.emit(hub, "Drained")
        .withArgs(stage.rollup, at);
      expect(await hub.statusOf(stage.rollup)).to.equal(DRAINING);
      expect((await hub.record(stage.rollup)).drainAt).to.equal(at);
      await expect(hub.connect(f.owner).drain(stage.rollup))
        .to.be.revertedWithCustomError(hub, "DrainingAlready")
        .withArgs(stage.rollup);
    });
  });

  describe("a fixed end", () => {
    it("comes by itself: before, at; anyone may note it", async () => {
      const endTime = await loadFixture(hubFixture).then(() => inFuture(5_000));
      const { f, hub, stage } = await staged({ lifetime: { endTime, owner: `0x${"00".repeat(20)}` } });
      await time.increaseTo(endTime - 1n);
      expect(await hub.statusOf(stage.rollup)).to.equal(ACTIVE);
      expect(await hub.acceptsDeposits(stage.rollup)).to.equal(true);
      await time.increaseTo(endTime);
      expect(await hub.statusOf(stage.rollup)).to.equal(DRAINING);
      expect(await hub.acceptsDeposits(stage.rollup)).to.equal(false);
      await expect(hub.connect(f.stranger).drain(stage.rollup))
        .to.emit(hub, "Drained")
        .withArgs(stage.rollup, endTime);
      expect((await hub.record(stage.rollup)).drainAt).to.equal(endTime);
      await expect(hub.drain(stage.rollup)).to.be.revertedWithCustomError(hub, "DrainingAlready");
    });

    it("may be brought forward by the owner", async () => {
      const endTime = await loadFixture(hubFixture).then(() => inFuture(50_000));
      const { f, hub, stage } = await staged({ lifetime: { endTime } });
      await hub.connect(f.owner).drain(stage.rollup);
      expect((await hub.record(stage.rollup)).drainAt).to.equal(await time.latest());
    });
  });

  describe("Draining", () => {
    it("refuses deposits at once, transactions after unwind: before, at", async () => {
      const { f, hub, stage } = await staged();
      await hub.connect(f.owner).drain(stage.rollup);
      const closesAt = BigInt(await time.latest()) + UNWIND;
      await expect(hub.connect(f.bridge).deposit(stage.rollup, f.stranger.address, "0x"))
        .to.be.revertedWithCustomError(hub, "DepositsClosed")
        .withArgs(stage.rollup, 0);
      await stage.force();
      await stage.post({ data: "0x11" }); // the rollup goes on
      await time.setNextBlockTimestamp(closesAt - 1n);
      await stage.force();
      await time.setNextBlockTimestamp(closesAt);
      for (const attempt of [() => hub.force(stage.rollup, "0x"), () => hub.call(stage.rollup, "0x")]) {
        await expect(attempt()).to.be.revertedWithCustomError(hub, "MessagesClosed").withArgs(stage.rollup);
      }
    });

    it("takes message-only batches alone once the door is closed, from the sequencer too", async () => {
      const { f, hub, stage } = await staged();
      await stage.close();
      await expect(stage.send({ data: "0x11" }))
        .to.be.revertedWithCustomError(hub, "MessageOnlyRequired")
        .withArgs(f.sequencer.address);
      expect(await hub.mayPost(stage.rollup, f.sequencer.address)).to.deep.equal([true, false]);
    });

    it("wants the sweep flag if and only if every message is known [a sweep with unread messages]", async () => {
      const { f, hub, stage } = await staged();
      await stage.force(8);
      await stage.post({ target: 0n }); // due 8
      await stage.force(8);
      await hub.connect(f.owner).drain(stage.rollup);
      await time.increase(UNWIND - 10n);
      await stage.force(1); // the last second: 17
      await time.increase(10);
      await expect(stage.send({ ...SWEEPING, target: 8n }))
        .to.be.revertedWithCustomError(hub, "SweepFlagWrong")
        .withArgs(true, false);
      await expect(stage.send({ ...SWEEPING, target: 17n }))
        .to.be.revertedWithCustomError(hub, "TargetWrong")
        .withArgs(17, 8, 17);
      await stage.post({ flags: MESSAGE_ONLY, target: 8n });
      await stage.post({ flags: MESSAGE_ONLY, target: 16n });
      await expect(stage.send({ flags: MESSAGE_ONLY, target: 17n }))
        .to.be.revertedWithCustomError(hub, "SweepFlagWrong")
        .withArgs(false, true);
      await stage.post({ ...SWEEPING, target: 17n });
      await stage.post({ ...SWEEPING, target: 17n }); // as many as needed
    });

    it("lets anyone post the sweep forceDelay after the door closed, though the sequencer posts on", async () => {
      const { f, hub, stage } = await staged();
      await hub.connect(f.owner).drain(stage.rollup);
      const drainAt = BigInt(await time.latest());
      const openFrom = drainAt + UNWIND + FORCE_DELAY;
      await time.increaseTo(openFrom - 1_700n);
      await stage.post(SWEEPING);
      const wish = { ...SWEEPING, poster: f.stranger, commitment: "" };
      await time.setNextBlockTimestamp(openFrom - 1n);
      await expect(stage.send(wish))
        .to.be.revertedWithCustomError(hub, "PosterNotAdmitted")
        .withArgs(f.stranger.address, openFrom);
      await time.setNextBlockTimestamp(openFrom);
      await stage.post(wish);
    });
  });

  describe("pauseDeposits", () => {
    it("refuses all but the owner, a pause of more than 7 days, and one in the past", async () => {
      const { f, hub, stage } = await staged();
      const soon = await inFuture(100);
      await expect(hub.connect(f.stranger).pauseDeposits(stage.rollup, soon))
        .to.be.revertedWithCustomError(hub, "CallerNotOwner")
        .withArgs(stage.rollup, f.stranger.address);
      const at = await inFuture(10);
      await time.setNextBlockTimestamp(at);
      const most = at + BigInt(7 * DAY);
      await expect(hub.connect(f.owner).pauseDeposits(stage.rollup, most + 1n))
        .to.be.revertedWithCustomError(hub, "PauseTooLong")
        .withArgs(most + 1n, most);
      await time.setNextBlockTimestamp(at + 1n);
      await expect(hub.connect(f.owner).pauseDeposits(stage.rollup, at + 1n))
        .to.be.revertedWithCustomError(hub, "PauseInPast")
        .withArgs(at + 1n, at + 1n);
    });

    it("refuses a rollup that isn't Active", async () => {
      const { f, hub, stage } = await staged();
      await hub.connect(f.owner).drain(stage.rollup);
      await expect(hub.connect(f.owner).pauseDeposits(stage.rollup, await inFuture(100)))
        .to.be.revertedWithCustomError(hub, "RollupNotActive")
        .withArgs(stage.rollup);
    });

    it("stops deposits until then, and nothing else [a pause that locks an exit]", async () => {
      const { f, hub, stage } = await staged();
      const until = await inFuture(5_000);
      await expect(hub.connect(f.owner).pauseDeposits(stage.rollup, until))
        .to.emit(hub, "DepositsPaused")
        .withArgs(stage.rollup, until);
      expect(await hub.acceptsDeposits(stage.rollup)).to.equal(false);
      await expect(hub.connect(f.bridge).deposit(stage.rollup, f.stranger.address, "0x"))
        .to.be.revertedWithCustomError(hub, "DepositsClosed")
        .withArgs(stage.rollup, until);
      await stage.force();
      await hub.connect(f.stranger).call(stage.rollup, "0x11");
      stage.noteMessage(3, f.stranger.address, "0x11");
      await stage.advance({ data: "0x11" });
      await time.increaseTo(until - 1n);
      expect(await hub.acceptsDeposits(stage.rollup)).to.equal(false);
      await time.increaseTo(until);
      await stage.deposit();
    });

    it("can only be shortened while it runs, and rests 7 days before the next", async () => {
      const { f, hub, stage } = await staged();
      const owner = hub.connect(f.owner);
      const until = await inFuture(6 * DAY);
      await owner.pauseDeposits(stage.rollup, until);
      await expect(owner.pauseDeposits(stage.rollup, until + 1n))
        .to.be.revertedWithCustomError(hub, "PauseTooLong")
        .withArgs(until + 1n, until);
      const at = await inFuture(1_000);
      await time.setNextBlockTimestamp(at);
      await owner.pauseDeposits(stage.rollup, 0); // ends it
      expect(await hub.acceptsDeposits(stage.rollup)).to.equal(true);
      expect((await hub.record(stage.rollup)).pausedUntil).to.equal(at);
      const next = at + BigInt(7 * DAY);
      await time.setNextBlockTimestamp(next - 1n);
      await expect(owner.pauseDeposits(stage.rollup, next + 10n))
        .to.be.revertedWithCustomError(hub, "PauseTooSoon")
        .withArgs(next - 1n, next);
      await time.setNextBlockTimestamp(next);
      await owner.pauseDeposits(stage.rollup, next + BigInt(7 * DAY));
    });
  });

  describe("retire", () => {
    it("refuses a rollup that doesn't exist, and one whose door is open", async () => {
      const { f, hub, stage } = await staged();
      const fields = swept(stage);
      await expect(hub.retire(99, fields.stateRoot, fields.exitRoot, packCommitment(fields)))
        .to.be.revertedWithCustomError(hub, "RollupUnknown")
        .withArgs(99);
      await stage.advance({ commitment: commitmentHash(fields) });
      await expect(retire(stage, fields))
        .to.be.revertedWithCustomError(hub, "DoorStillOpen")
        .withArgs(stage.rollup, NEVER + UNWIND);
      await hub.connect(f.owner).drain(stage.rollup);
      const closesAt = BigInt(await time.latest()) + UNWIND;
      await time.setNextBlockTimestamp(closesAt - 1n);
      await expect(retire(stage, fields))
        .to.be.revertedWithCustomError(hub, "DoorStillOpen")
        .withArgs(stage.rollup, closesAt);
      await time.setNextBlockTimestamp(closesAt);
      await retire(stage, fields);
    });

    it("refuses fields that aren't the last final commitment's", async () => {
      const { f, hub, stage } = await staged();
      await stage.close();
      const fields = swept(stage);
      await expect(retire(stage, fields))
        .to.be.revertedWithCustomError(hub, "CommitmentMismatch")
        .withArgs(commitmentHash(fields), f.program.entry.genesis);
      await stage.post({ ...SWEEPING, commitment: commitmentHash(fields) }); // claimed, not final
      await expect(retire(stage, fields)).to.be.revertedWithCustomError(hub, "CommitmentMismatch");
    });

    it("refuses a sweep that isn't complete, and one that left messages", async () => {
      const { hub, stage } = await staged();
      await stage.force(2);
      await stage.close();
      const sweeping = swept(stage, { phase: 1 });
      await stage.advance({ ...SWEEPING, commitment: commitmentHash(sweeping) });
      await expect(retire(stage, sweeping))
        .to.be.revertedWithCustomError(hub, "SweepIncomplete")
        .withArgs(1, 2, 2);
      const unread = swept(stage, { messagesConsumed: 1n });
      await stage.advance({ ...SWEEPING, commitment: commitmentHash(unread) });
      await expect(retire(stage, unread))
        .to.be.revertedWithCustomError(hub, "SweepIncomplete")
        .withArgs(2, 1, 2);
    });

    it("ends the rollup: batches that aren't final die, what is kept stays", async () => {
      const { f, hub, stage } = await staged();
      await stage.force(2);
      await stage.close();
      const fields = swept(stage);
      await stage.advance({ ...SWEEPING, commitment: commitmentHash(fields) });
      await stage.post(SWEEPING);
      await passTicks(WINDOW);
      await expect(
        hub
          .connect(f.stranger)
          .retire(stage.rollup, fields.stateRoot, fields.exitRoot, packCommitment(fields)),
      )
        .to.emit(hub, "Retired")
        .withArgs(stage.rollup, 1, commitmentHash(fields));
      expect(await hub.statusOf(stage.rollup)).to.equal(RETIRED);
      for (const attempt of [
        () => stage.finalize(2n),
        () => retire(stage, fields),
        () => hub.escape(stage.rollup),
      ]) {
        await expect(attempt()).to.be.revertedWithCustomError(hub, "RollupOver").withArgs(stage.rollup);
      }
      await expect(stage.send(SWEEPING)).to.be.revertedWithCustomError(hub, "PostingClosed");
      await expect(hub.connect(f.owner).drain(stage.rollup)).to.be.revertedWithCustomError(hub, "RollupOver");
      expect(await hub.lastFinal(stage.rollup)).to.deep.equal([1n, commitmentHash(fields)]);
      expect(await hub.commitmentIn(stage.rollup, 1)).to.equal(commitmentHash(fields));
      expect(await hub.isFinal(stage.rollup, 2)).to.equal(false);
    });
  });

  describe("[a rollup that comes back]", () => {
    const verbs = (stage: Stage): Record<string, (rollup: bigint) => Promise<unknown>> => {
      const owned = stage.hub.connect(stage.f.owner);
      return {
        drain: (rollup) => owned.drain(rollup),
        pauseDeposits: async (rollup) => owned.pauseDeposits(rollup, await inFuture(100)),
        announceSequencer: (rollup) => owned.announceSequencer(rollup, stage.f.rival.address),
        retire: (rollup) => owned.retire(rollup, id("state"), id("exits"), packCommitment(swept(stage))),
        escape: (rollup) => owned.escape(rollup),
      };
    };

    it("none of these verbs takes a rollup that doesn't exist", async () => {
      const { hub, stage } = await staged();
      for (const attempt of Object.values(verbs(stage)))
        await expect(attempt(99n)).to.be.revertedWithCustomError(hub, "RollupUnknown").withArgs(99);
    });

    it("nor one that is Retired or Escaped [Hub 8]", async () => {
      const retired = await staged();
      await retired.stage.close();
      const fields = swept(retired.stage);
      await retired.stage.advance({ ...SWEEPING, commitment: commitmentHash(fields) });
      await retire(retired.stage, fields);
      const escaped = await Stage.create(retired.f);
      await retired.hub.connect(retired.f.owner).drain(escaped.rollup);
      await time.increase(91 * DAY);
      await retired.hub.escape(escaped.rollup);
      for (const stage of [retired.stage, escaped])
        for (const attempt of Object.values(verbs(stage)))
          await expect(attempt(stage.rollup))
            .to.be.revertedWithCustomError(stage.hub, "RollupOver")
            .withArgs(stage.rollup);
    });
  });

  describe("escape", () => {
    it("refuses a rollup that doesn't exist, and one that isn't Draining", async () => {
      const { hub, stage } = await staged();
      await expect(hub.escape(99)).to.be.revertedWithCustomError(hub, "RollupUnknown").withArgs(99);
      await time.increase(1_000 * DAY);
      await expect(hub.escape(stage.rollup)).to.be.revertedWithCustomError(hub, "EscapeTooEarly");
    });

    it("waits for 90 days with a closed door: before, at [escape before the sweep]", async () => {
      const { f, hub, stage } = await staged();
      await time.increase(DAY);
      await hub.connect(f.owner).drain(stage.rollup);
      const earliest = BigInt(await time.latest()) + stage.params.lifetime.unwind + BigInt(90 * DAY);
      await time.setNextBlockTimestamp(earliest - 1n);
      await expect(hub.escape(stage.rollup))
        .to.be.revertedWithCustomError(hub, "EscapeTooEarly")
        .withArgs(earliest - 1n, earliest);
      await time.setNextBlockTimestamp(earliest);
      await expect(hub.connect(f.stranger).escape(stage.rollup))
        .to.emit(hub, "Escaped")
        .withArgs(stage.rollup, 0, f.program.entry.genesis);
      expect(await hub.statusOf(stage.rollup)).to.equal(ESCAPED);
      expect(await hub.lastFinal(stage.rollup)).to.deep.equal([0n, f.program.entry.genesis]);
    });

    it("waits for 90 days since the last hour with a new final commitment", async () => {
      const { f, hub, stage } = await staged();
      await hub.connect(f.owner).drain(stage.rollup);
      await time.increase(80 * DAY);
      await hub.connect(f.sequencer).refreshLine(stage.rollup);
      await stage.advance(SWEEPING);
      const hour = Math.floor((await time.latest()) / 3_600);
      const earliest = BigInt((hour + 1) * 3_600 + 90 * DAY);
      await time.setNextBlockTimestamp(earliest - 1n);
      await expect(hub.escape(stage.rollup))
        .to.be.revertedWithCustomError(hub, "EscapeTooEarly")
        .withArgs(earliest - 1n, earliest);
      await time.setNextBlockTimestamp(earliest);
      await hub.escape(stage.rollup);
    });

    it("works for a flash rollup that nobody drains by hand", async () => {
      const endTime = await loadFixture(hubFixture).then(() => inFuture(50_000));
      const { hub, stage } = await staged({
        lifetime: { endTime, owner: `0x${"00".repeat(20)}`, unwind: 0n },
      });
      await time.increaseTo(endTime + BigInt(90 * DAY));
      await hub.escape(stage.rollup);
      expect(await hub.statusOf(stage.rollup)).to.equal(ESCAPED);
    });
  });
});
