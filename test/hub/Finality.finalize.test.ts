import { loadFixture, mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ZeroHash, id } from "ethers";
import {
  MESSAGE_ONLY,
  NORMAL,
  SKIP,
  finalizeArguments,
  packFinalizeTerms,
  ticksBetween,
} from "../../sdk/src/protocol";
import { BLOCK_TIME, Stage, WINDOW, hubFixture, passTicks } from "./fixture";

async function staged(changes?: Parameters<typeof Stage.create>[1]) {
  const f = await loadFixture(hubFixture);
  const stage = await Stage.create(f, changes);
  await stage.openLine();
  return { f, hub: f.hub, stage };
}

describe("RollupHub > finalize", () => {
  it("refuses malformed terms", async () => {
    const { hub, stage } = await staged();
    const posted = await stage.post();
    const claim = { rollup: stage.rollup, index: 1n, mode: NORMAL, commitment: posted.commitment, place: 0 };
    const args = finalizeArguments(claim, posted.entry);
    for (const word of [
      `${args[0].slice(0, -1)}1`,
      packFinalizeTerms({ ...claim, place: 2 }),
      packFinalizeTerms({ ...claim, mode: 2 }),
    ]) {
      await expect(hub.finalize(word, args[1], args[2], args[3], args[4]))
        .to.be.revertedWithCustomError(hub, "WordMalformed")
        .withArgs(word);
    }
  });

  it("refuses another index than the next, and one that isn't posted", async () => {
    const { hub, stage } = await staged();
    await stage.post();
    await stage.post();
    await passTicks(WINDOW);
    await expect(stage.finalize(2n)).to.be.revertedWithCustomError(hub, "ClaimIndexWrong").withArgs(2, 0, 2);
    await stage.finalize(1n);
    await expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "ClaimIndexWrong").withArgs(1, 1, 2);
    await stage.finalize(2n);
    const args = finalizeArguments(
      { rollup: stage.rollup, index: 3n, mode: NORMAL, commitment: id("x"), place: 0 },
      stage.batch(2n).entry,
    );
    await expect(hub.finalize(...args))
      .to.be.revertedWithCustomError(hub, "ClaimIndexWrong")
      .withArgs(3, 2, 2);
  });

  it("refuses a commitment, a mode, a parent or times that weren't claimed", async () => {
    const { hub, stage, f } = await staged();
    const posted = await stage.post({ parent: id("a false parent") });
    await passTicks(WINDOW);
    await expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "EntryMismatch"); // it never becomes final
    await stage.openLine(f.rival);
    const claim = stage.claimFor(1n, posted.commitment);
    const entry = await stage.claim(f.rival, claim);
    await passTicks(WINDOW);
    for (const wrong of [
      { claim: { ...claim, commitment: id("x") }, entry },
      { claim: { ...claim, mode: SKIP }, entry },
      { claim, entry: { ...entry, backedTime: entry.backedTime - 1n } },
      { claim, entry: { ...entry, window: 0n } },
      { claim, entry: { ...entry, policyThreshold: 0 } },
      { claim, entry: { ...entry, asserter: f.stranger.address } },
      { claim, entry: { ...entry, nonce: 0n } },
    ]) {
      await expect(stage.finalize(1n, wrong)).to.be.revertedWithCustomError(hub, "EntryMismatch");
    }
    await stage.finalize(1n, { claim, entry });
  });

  it("refuses a batch without a claim", async () => {
    const { hub, stage } = await staged();
    const posted = await stage.post({ commitment: "" });
    await passTicks(WINDOW);
    for (const commitment of [ZeroHash, id("x"), posted.batchHash]) {
      const args = finalizeArguments(
        { rollup: stage.rollup, index: 1n, mode: NORMAL, commitment, place: 0 },
        posted.entry,
      );
      await expect(hub.finalize(...args)).to.be.revertedWithCustomError(hub, "EntryMismatch");
    }
  });

  describe("the window", () => {
    it("must have passed: before, at, after its last tick [Hub 1]", async () => {
      const { hub, stage } = await staged();
      const posted = await stage.post();
      await mine(WINDOW / BLOCK_TIME - 10n, { interval: Number(BLOCK_TIME) });
      await time.setNextBlockTimestamp(posted.entry.backedTime + WINDOW - 1n);
      await expect(stage.finalize(1n))
        .to.be.revertedWithCustomError(hub, "NotFinalizable")
        .withArgs(0, 0x0101);
      await time.setNextBlockTimestamp(posted.entry.backedTime + WINDOW);
      await stage.finalize(1n);
    });

    it("runs in ticks: a halted settlement chain takes nobody's time [a halted settlement chain]", async () => {
      const { hub, stage } = await staged();
      const posted = await stage.post();
      await time.increase(WINDOW * 1_000n); // one block in all that time
      await expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "NotFinalizable");
      // at least window / 4τ blocks must have passed
      const blocks = WINDOW / (4n * BLOCK_TIME);
      const last = posted.entry.backedBlock + blocks;
      await mine(last - BigInt(await time.latestBlock()) - 2n);
      await expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "NotFinalizable");
      await stage.finalize(1n);
      const { timestamp, number } = (await ethers.provider.getBlock("latest"))!;
      const ticks = ticksBetween(
        { time: posted.entry.backedTime, block: posted.entry.backedBlock },
        { time: BigInt(timestamp), block: BigInt(number) },
        BLOCK_TIME,
      );
      expect(ticks).to.equal(WINDOW);
    });
  });

  it("refuses a claim whose asserter lost his line, whatever else he claimed [Hub 4]", async () => {
    const { f, hub, stage } = await staged();
    await stage.openLine(f.rival);
    await stage.post();
    await stage.post();
    const honest = stage.claimFor(1n, stage.commitmentOf(1n));
    const entry = await stage.claim(f.rival, honest);
    await hub.loseLine(stage.rollup, f.sequencer.address);
    await passTicks(WINDOW);
    await expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "NotFinalizable").withArgs(0, 0x0101);
    await stage.finalize(1n, { claim: honest, entry }); // nobody else's is touched
    await expect(stage.finalize(2n)).to.be.revertedWithCustomError(hub, "NotFinalizable");
  });

  it("keeps a claim backed when its line's validity has ended, also when it closes", async () => {
    const { f, hub, stage } = await staged();
    await stage.post();
    await hub.connect(f.sequencer).closeLine(stage.rollup);
    await passTicks(WINDOW);
    await stage.finalize(1n);
  });

  it("takes rivals for dead: they are never final", async () => {
    const { f, hub, stage } = await staged();
    await stage.openLine(f.rival);
    await stage.post();
    const lie = stage.claimFor(1n, id("a lie"));
    const entry = await stage.claim(f.rival, lie);
    await passTicks(WINDOW);
    await stage.finalize(1n);
    await expect(stage.finalize(1n, { claim: lie, entry })).to.be.revertedWithCustomError(
      hub,
      "ClaimIndexWrong",
    );
  });

  it("says whose claim became final", async () => {
    const { f, hub, stage } = await staged();
    const posted = await stage.post();
    await passTicks(WINDOW);
    await expect(stage.finalize(1n))
      .to.emit(hub, "Finalized")
      .withArgs(stage.rollup, 1, posted.commitment, NORMAL, f.sequencer.address);
    expect(await hub.isFinal(stage.rollup, 1)).to.equal(true);
    expect(await hub.isFinal(stage.rollup, 2)).to.equal(false);
  });

  describe("kept", () => {
    it("keeps the last 64 commitments and the first of each hour [Hub 2]", async () => {
      const { hub, stage } = await staged({ lifetime: { ringLog2: 8n } });
      const hours = new Map<number, string>();
      for (let i = 1n; i <= 70n; ++i) await stage.post();
      await passTicks(WINDOW);
      for (let i = 1n; i <= 70n; ++i) {
        if (i % 10n === 0n) {
          const at = Math.ceil(((await time.latest()) + 1) / 3_600) * 3_600;
          await time.setNextBlockTimestamp(at);
        }
        await stage.finalize(i);
        const hour = Math.floor((await time.latest()) / 3_600);
        const { finalHour } = await hub.progress(stage.rollup);
        expect(finalHour).to.equal(hour);
        if (!hours.has(hour)) hours.set(hour, stage.commitmentOf(i));
      }
      for (let i = 7n; i <= 70n; ++i) {
        expect(await hub.commitmentIn(stage.rollup, i % 64n)).to.equal(stage.commitmentOf(i));
      }
      const created = Math.min(...hours.keys());
      for (const [hour, commitment] of hours) {
        // nothing is written for the hour the rollup was created in: genesis stood before
        if (hour !== created)
          expect(await hub.commitmentIn(stage.rollup, 64 + (hour % 48))).to.equal(commitment);
      }
      expect(await hub.commitmentIn(stage.rollup, 112)).to.equal(ZeroHash);
    });

    it("starts with genesis", async () => {
      const { f, hub, stage } = await staged();
      expect(await hub.commitmentIn(stage.rollup, 0)).to.equal(f.program.entry.genesis);
    });
  });

  describe("SKIP", () => {
    it("leaves the commitment as it was", async () => {
      const { f, hub, stage } = await staged();
      const genesis = f.program.entry.genesis;
      await stage.advance({ mode: SKIP, commitment: genesis });
      expect(await hub.lastFinal(stage.rollup)).to.deep.equal([1n, genesis]);
    });

    it("escapes at the second message-only one without a NORMAL between [an escape: a program that fails on a poisoned message]", async () => {
      const { f, hub, stage } = await staged();
      const genesis = f.program.entry.genesis;
      await stage.force(); // poisoned
      const skip = { mode: SKIP, commitment: genesis };
      await stage.advance({ ...skip, data: "0x11" }); // a batch with data doesn't count
      await stage.advance({ ...skip, flags: MESSAGE_ONLY, parent: genesis });
      expect((await hub.progress(stage.rollup)).skips).to.equal(2);
      await stage.advance({ ...skip, data: "0x11", parent: genesis }); // nor does it reset
      expect(await hub.statusOf(stage.rollup)).to.equal(1);
      await stage.post({ ...skip, flags: MESSAGE_ONLY, parent: genesis });
      await stage.post({ ...skip, parent: genesis });
      await passTicks(WINDOW);
      await expect(stage.finalize(4n, undefined, SKIP))
        .to.emit(hub, "Escaped")
        .withArgs(stage.rollup, 4, genesis);
      expect(await hub.statusOf(stage.rollup)).to.equal(5);
      expect(await hub.lastFinal(stage.rollup)).to.deep.equal([4n, genesis]);
      await expect(stage.finalize(5n, undefined, SKIP))
        .to.be.revertedWithCustomError(hub, "RollupOver")
        .withArgs(stage.rollup);
      await expect(hub.force(stage.rollup, "0x")).to.be.revertedWithCustomError(hub, "MessagesClosed");
      await expect(stage.send({ ...skip })).to.be.revertedWithCustomError(hub, "PostingClosed");
      expect(await hub.acceptsDeposits(stage.rollup)).to.equal(false);
    });

    it("counts anew after a NORMAL one", async () => {
      const { f, hub, stage } = await staged();
      const genesis = f.program.entry.genesis;
      await stage.advance({ mode: SKIP, commitment: genesis, flags: MESSAGE_ONLY });
      await stage.advance({ flags: MESSAGE_ONLY });
      expect((await hub.progress(stage.rollup)).skips).to.equal(0);
      const parent = stage.commitmentOf(2n);
      await stage.advance({ mode: SKIP, commitment: parent, flags: MESSAGE_ONLY });
      expect(await hub.statusOf(stage.rollup)).to.equal(1);
      expect((await hub.progress(stage.rollup)).skips).to.equal(2);
    });
  });
});
