import { loadFixture, mine, setStorageAt, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ZeroHash, id, solidityPackedKeccak256, toBeHex } from "ethers";
import {
  IN_RING,
  NORMAL,
  ON_ITS_OWN,
  SKIP,
  claimArguments,
  claimKey,
  entryHash,
  entryWords,
  packFinalizeTerms,
  readSlot,
  type Claim,
  type Entry,
} from "../../sdk/src/protocol";
import { BLOCK_TIME, CLAIM_LIFE, DAY, Stage, WINDOW, hubFixture, passTicks } from "./fixture";

const LIE = id("a lie");

async function staged() {
  const f = await loadFixture(hubFixture);
  const stage = await Stage.create(f);
  await stage.openLine();
  await stage.openLine(f.rival);
  return { f, hub: f.hub, stage };
}

/** Opens a match against a claim, without playing it. */
function openMatch(stage: Stage, claim: Claim, entry: Entry, place: number) {
  return stage.hub.noteMatch(
    packFinalizeTerms({ ...claim, place }),
    claim.parent,
    claim.commitment,
    entryWords(entry),
  );
}

function endMatch(stage: Stage, { asserter }: Entry) {
  return stage.hub.forgetMatch(stage.rollup, asserter);
}

describe("RollupHub > claim", () => {
  describe("when the terms are malformed", () => {
    it("refuses bits where none may be, a place, and unknown modes", async () => {
      const { f, hub, stage } = await staged();
      await stage.post();
      const args = claimArguments(stage.claimFor(1n, LIE), stage.batch(1n).entry);
      for (const word of [
        `${args[0].slice(0, -1)}1`,
        packFinalizeTerms({ rollup: stage.rollup, index: 1n, mode: NORMAL, place: ON_ITS_OWN }),
        packFinalizeTerms({ rollup: stage.rollup, index: 1n, mode: 2, place: 0 }),
      ]) {
        await expect(hub.connect(f.rival).claim(word, args[1], args[2], args[3]))
          .to.be.revertedWithCustomError(hub, "WordMalformed")
          .withArgs(word);
      }
    });
  });

  describe("when the batch isn't pending", () => {
    it("refuses one that wasn't posted, is final, or never will be [a claim for batch 2^64−1]", async () => {
      const { f, hub, stage } = await staged();
      await stage.advance();
      await stage.post();
      for (const index of [0n, 1n, 3n, (1n << 32n) - 1n]) {
        const claim = { ...stage.claimFor(2n, LIE), index };
        await expect(stage.hub.connect(f.rival).claim(...claimArguments(claim, stage.batch(2n).entry)))
          .to.be.revertedWithCustomError(hub, "ClaimIndexWrong")
          .withArgs(index, 1, 2);
      }
    });

    it("refuses a rollup that is over", async () => {
      const { f, hub, stage } = await staged();
      await stage.post();
      await hub.connect(f.owner).drain(stage.rollup);
      await time.increase(91 * DAY);
      await hub.escape(stage.rollup);
      await expect(stage.sendClaim(f.rival, stage.claimFor(1n, LIE)))
        .to.be.revertedWithCustomError(hub, "RollupOver")
        .withArgs(stage.rollup);
    });
  });

  it("refuses a preimage that isn't the ring's", async () => {
    const { f, hub, stage } = await staged();
    const { entry } = await stage.post();
    for (const wrong of [
      { ...entry, batchHash: id("other") },
      { ...entry, window: 0n },
      { ...entry, policyMask: 0 },
      { ...entry, postTime: entry.postTime - 1n },
      { ...entry, asserter: f.rival.address },
    ]) {
      await expect(stage.sendClaim(f.rival, stage.claimFor(1n, LIE), wrong))
        .to.be.revertedWithCustomError(hub, "EntryMismatch")
        .withArgs(entryHash(wrong), entryHash(entry));
    }
  });

  describe("when it says what can't be", () => {
    it("refuses a commitment of zero [zero commitments accepted as results]", async () => {
      const { f, hub, stage } = await staged();
      await stage.post();
      await expect(stage.sendClaim(f.rival, stage.claimFor(1n, ZeroHash))).to.be.revertedWithCustomError(
        hub,
        "CommitmentZero",
      );
      await expect(
        stage.sendClaim(f.rival, stage.claimFor(1n, ZeroHash, SKIP, ZeroHash)),
      ).to.be.revertedWithCustomError(hub, "CommitmentZero");
    });

    it("refuses a SKIP with another commitment than its parent [a SKIP claim with a foreign commitment]", async () => {
      const { f, hub, stage } = await staged();
      await stage.post();
      const parent = f.program.entry.genesis;
      await expect(stage.sendClaim(f.rival, stage.claimFor(1n, LIE, SKIP)))
        .to.be.revertedWithCustomError(hub, "SkipCommitmentForeign")
        .withArgs(LIE, parent);
      await stage.claim(f.rival, stage.claimFor(1n, parent, SKIP));
    });
  });

  describe("when the line can't claim it", () => {
    it("refuses who has none, and whose has ended: at, after the last second", async () => {
      const { f, hub, stage } = await staged();
      await expect(stage.post().then(() => stage.sendClaim(f.stranger, stage.claimFor(1n, LIE))))
        .to.be.revertedWithCustomError(hub, "LineInvalid")
        .withArgs(f.stranger.address, 0);
      const { validUntil } = await hub.lineOf(stage.rollup, f.rival.address);
      await time.setNextBlockTimestamp(validUntil);
      await stage.claim(f.rival, stage.claimFor(1n, LIE));
      await time.setNextBlockTimestamp(validUntil + 1n);
      await expect(stage.sendClaim(f.rival, stage.claimFor(1n, id("another lie"))))
        .to.be.revertedWithCustomError(hub, "LineInvalid")
        .withArgs(f.rival.address, validUntil);
    });

    it("refuses whose is closing", async () => {
      const { f, hub, stage } = await staged();
      await stage.post();
      await hub.connect(f.rival).closeLine(stage.rollup);
      await expect(stage.sendClaim(f.rival, stage.claimFor(1n, LIE)))
        .to.be.revertedWithCustomError(hub, "LineInvalid")
        .withArgs(f.rival.address, 0);
    });

    it("lets a bond line claim what was posted a day ago: before, at [a claim by a bond line]", async () => {
      const { f, hub, stage } = await staged();
      await stage.openBondLine(f.stranger);
      const posted = await stage.post({ commitment: "" });
      const from = posted.entry.postTime + BigInt(DAY);
      const claim = stage.claimFor(1n, id("the truth"));
      await time.setNextBlockTimestamp(from - 1n);
      await expect(stage.sendClaim(f.stranger, claim))
        .to.be.revertedWithCustomError(hub, "BondLineTooEarly")
        .withArgs(from - 1n, from);
      await time.setNextBlockTimestamp(from);
      const entry = await stage.claim(f.stranger, claim);
      await passTicks(WINDOW);
      await stage.finalize(1n, { claim, entry });
      expect((await hub.lastFinal(stage.rollup)).commitment).to.equal(id("the truth"));
    });
  });

  it("refuses all while guardians delay claims, with a batch too: before, at", async () => {
    const { f, hub, stage } = await staged();
    await stage.post();
    // The hub has no guardians yet: their field of the door is written by hand.
    const door = toBeHex(
      BigInt(solidityPackedKeccak256(["uint256", "uint256"], [stage.rollup, 2n])) + 1n,
      32,
    );
    const address = await hub.getAddress();
    const until = BigInt(await time.latest()) + 100n;
    const word = BigInt(await ethers.provider.getStorage(address, door)) | (until << 108n);
    await setStorageAt(address, door, word);
    await expect(stage.send()).to.be.revertedWithCustomError(hub, "ClaimsDelayed").withArgs(until);
    await time.setNextBlockTimestamp(until - 1n);
    await expect(stage.sendClaim(f.rival, stage.claimFor(1n, LIE)))
      .to.be.revertedWithCustomError(hub, "ClaimsDelayed")
      .withArgs(until);
    await time.setNextBlockTimestamp(until);
    await stage.claim(f.rival, stage.claimFor(1n, LIE));
  });

  describe("when it stands already", () => {
    it("refuses the same by the same asserter, in the ring and on its own", async () => {
      const { f, hub, stage } = await staged();
      const { entry, commitment } = await stage.post();
      await expect(stage.sendClaim(f.sequencer, stage.claimFor(1n, commitment)))
        .to.be.revertedWithCustomError(hub, "ClaimStands")
        .withArgs(entry.claimKey, f.sequencer.address, 1);
      const claim = stage.claimFor(1n, commitment);
      await stage.claim(f.rival, claim);
      await expect(stage.sendClaim(f.rival, claim))
        .to.be.revertedWithCustomError(hub, "ClaimStands")
        .withArgs(entry.claimKey, f.rival.address, 1);
    });

    it("refuses it also while a match is open, which would have no entry to hold up", async () => {
      const { f, hub, stage } = await staged();
      const posted = await stage.post();
      const claim = stage.claimFor(1n, posted.commitment);
      await openMatch(stage, claim, posted.entry, IN_RING);
      await expect(stage.sendClaim(f.sequencer, claim)).to.be.revertedWithCustomError(hub, "ClaimStands");
    });

    it("lets it be claimed again once it is unbacked, from the ring and on its own", async () => {
      const { f, hub, stage } = await staged();
      const posted = await stage.post();
      const claim = stage.claimFor(1n, posted.commitment);
      const old = await stage.claim(f.rival, claim);
      for (const key of [f.sequencer, f.rival]) {
        await hub.loseLine(stage.rollup, key.address);
        await stage.openLine(key);
      }
      const again = await stage.claim(f.rival, claim);
      expect(again.nonce).to.equal(3n);
      await stage.claim(f.sequencer, claim);
      // the old entries still stand where they stood, unbacked
      expect(await hub.claimEntryOf(old.claimKey, f.rival.address, 1)).to.equal(entryHash(old));
      expect(await hub.claimEntryOf(old.claimKey, f.rival.address, 3)).to.equal(entryHash(again));
      expect(await hub.ringEntryOf(stage.rollup, 1)).to.equal(entryHash(posted.entry));
    });
  });

  it("gives each asserter an entry and a window of his own [Hub 3]", async () => {
    const { f, hub, stage } = await staged();
    const posted = await stage.post();
    await passTicks(WINDOW / 2n);
    const claim = stage.claimFor(1n, posted.commitment);
    const entry = await stage.claim(f.rival, claim);
    expect(entry.claimKey).to.equal(posted.entry.claimKey).and.to.equal(claimKey(claim));
    expect(await hub.claimEntryOf(entry.claimKey, f.rival.address, 1)).to.equal(entryHash(entry));
    await passTicks(WINDOW / 2n);
    await hub.loseLine(stage.rollup, f.sequencer.address); // who threw his own
    await expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "NotFinalizable").withArgs(0, 0x0101);
    await expect(stage.finalize(1n, { claim, entry })).to.be.revertedWithCustomError(hub, "NotFinalizable");
    await passTicks(WINDOW / 2n);
    await stage.finalize(1n, { claim, entry });
  });

  it("tells all of it in its event", async () => {
    const { f, hub, stage } = await staged();
    const { batchHash } = await stage.post();
    const parent = id("any parent");
    await expect(stage.sendClaim(f.rival, stage.claimFor(1n, LIE, NORMAL, parent)))
      .to.emit(hub, "Claimed")
      .withArgs(stage.rollup, 1, f.rival.address, batchHash, parent, LIE, NORMAL, 1);
  });

  it("isn't stopped by a rival who claims first [a shared slot front-run]", async () => {
    const { f, hub, stage } = await staged();
    const posted = await stage.post({ commitment: "" });
    const honest = stage.claimFor(1n, id("the truth"));
    const args = claimArguments(honest, posted.entry);
    await stage.claim(f.rival, stage.claimFor(1n, LIE));
    await stage.claim(f.rival, honest);
    await hub.connect(f.sequencer).claim(...args);
  });
});

describe("matches counted against a claim", () => {
  for (const place of [IN_RING, ON_ITS_OWN]) {
    describe(place === IN_RING ? "when it came with its batch" : "when it was made on its own", () => {
      async function claimed() {
        const { f, hub, stage } = await staged();
        const posted = await stage.post();
        const claim = stage.claimFor(1n, posted.commitment);
        const entry = place === IN_RING ? posted.entry : await stage.claim(f.rival, claim);
        const slot = async () =>
          readSlot(
            place === IN_RING
              ? await hub.ringEntryOf(stage.rollup, 1)
              : await hub.claimEntryOf(entry.claimKey, entry.asserter, entry.nonce),
          );
        return { f, hub, stage, claim, entry, slot };
      }
      const own = (claim: Claim, entry: Entry) => (place === IN_RING ? undefined : { claim, entry });

      it("refuses an entry that isn't so", async () => {
        const { hub, stage, claim, entry } = await claimed();
        await expect(
          openMatch(stage, claim, { ...entry, window: entry.window + 1n }, place),
        ).to.be.revertedWithCustomError(hub, "EntryMismatch");
        await expect(
          openMatch(stage, { ...claim, commitment: LIE }, entry, place),
        ).to.be.revertedWithCustomError(hub, "EntryMismatch");
      });

      it("holds finality up while one is open, and not after", async () => {
        const { hub, stage, claim, entry, slot } = await claimed();
        await openMatch(stage, claim, entry, place);
        await openMatch(stage, claim, entry, place);
        expect(await slot()).to.deep.equal({ hash: entryHash(entry), bits: 0 });
        expect((await hub.lineOf(stage.rollup, entry.asserter)).openMatches).to.equal(2);
        await passTicks(WINDOW);
        await expect(stage.finalize(1n, own(claim, entry)))
          .to.be.revertedWithCustomError(hub, "NotFinalizable")
          .withArgs(0, 0x0101);
        await endMatch(stage, entry);
        await expect(stage.finalize(1n, own(claim, entry))).to.be.revertedWithCustomError(
          hub,
          "NotFinalizable",
        );
        await endMatch(stage, entry);
        expect((await hub.lineOf(stage.rollup, entry.asserter)).openMatches).to.equal(0);
        await stage.finalize(1n, own(claim, entry));
      });

      it("opens in the window only: before, at its end", async () => {
        const { hub, stage, claim, entry } = await claimed();
        await passTicks(WINDOW - 10n * BLOCK_TIME);
        const end = entry.backedTime + WINDOW;
        await time.setNextBlockTimestamp(end - 1n);
        await openMatch(stage, claim, entry, place);
        await time.setNextBlockTimestamp(end);
        await expect(openMatch(stage, claim, entry, place))
          .to.be.revertedWithCustomError(hub, "WindowOver")
          .withArgs(WINDOW, WINDOW);
      });

      it("opens against a backed claim only", async () => {
        const { hub, stage, claim, entry } = await claimed();
        await hub.loseLine(stage.rollup, entry.asserter);
        await expect(openMatch(stage, claim, entry, place))
          .to.be.revertedWithCustomError(hub, "ClaimUnbacked")
          .withArgs(entry.asserter, 1);
      });

      it("opens though the rollup is over [a lie told late]", async () => {
        const { f, hub, stage } = await claimed();
        await hub.connect(f.owner).drain(stage.rollup);
        await time.increase(91 * DAY);
        await hub.connect(f.rival).refreshLine(stage.rollup);
        await hub.connect(f.sequencer).refreshLine(stage.rollup);
        const posted = await stage.post({ flags: 3 });
        const late = stage.claimFor(2n, LIE);
        const entry = await stage.claim(f.rival, late);
        await hub.escape(stage.rollup);
        if (place === IN_RING)
          await openMatch(stage, stage.claimFor(2n, posted.commitment), posted.entry, place);
        else await openMatch(stage, late, entry, place);
      });
    });
  }

  it("opens against a rival's lie though the index is final", async () => {
    const { f, hub, stage } = await staged();
    await stage.post();
    await passTicks(WINDOW / 2n);
    const lie = stage.claimFor(1n, LIE);
    const entry = await stage.claim(f.rival, lie);
    await passTicks(WINDOW / 2n);
    await stage.finalize(1n);
    await openMatch(stage, lie, entry, ON_ITS_OWN);
    expect((await hub.lineOf(stage.rollup, f.rival.address)).openMatches).to.equal(1);
  });

  it("holds up everything that its asserter says, and nothing of anybody else [rival lies, one bond]", async () => {
    const { f, hub, stage } = await staged();
    await stage.post();
    const lies = [LIE, id("another lie")].map((lie) => stage.claimFor(1n, lie));
    const entries: Entry[] = [];
    for (const lie of lies) entries.push(await stage.claim(f.rival, lie));
    await openMatch(stage, lies[0]!, entries[0]!, ON_ITS_OWN);
    await passTicks(WINDOW);
    for (const [i, claim] of lies.entries())
      await expect(stage.finalize(1n, { claim, entry: entries[i]! }))
        .to.be.revertedWithCustomError(hub, "NotFinalizable")
        .withArgs(0, 0x0101);
    await stage.finalize(1n);
  });

  it("holds them up no longer than a match can take, at one block time a block", async () => {
    const { hub, stage } = await staged();
    const posted = await stage.post();
    const { entry } = posted;
    const claim = stage.claimFor(1n, posted.commitment);
    await openMatch(stage, claim, entry, IN_RING);
    // A halt, and four block times a block after it: the window is over, a match may still run.
    await time.increase(4n * CLAIM_LIFE);
    await mine(CLAIM_LIFE / BLOCK_TIME - 10n, { interval: 1 });
    const refused = () => expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "NotFinalizable");
    await refused();
    const block = BigInt(await time.latestBlock());
    await mine(entry.backedBlock + CLAIM_LIFE / BLOCK_TIME - block - 2n, { interval: 1 });
    await refused(); // mines one: the next is the last
    await stage.finalize(1n);
  });

  it("holds them up until the time has passed, whatever the blocks are", async () => {
    const { hub, stage } = await staged();
    const posted = await stage.post();
    const claim = stage.claimFor(1n, posted.commitment);
    await openMatch(stage, claim, posted.entry, IN_RING);
    await mine(CLAIM_LIFE / BLOCK_TIME + 10n, { interval: Number(BLOCK_TIME) - 1 });
    await time.setNextBlockTimestamp(posted.entry.backedTime + CLAIM_LIFE - 1n);
    await expect(stage.finalize(1n)).to.be.revertedWithCustomError(hub, "NotFinalizable");
    await time.setNextBlockTimestamp(posted.entry.backedTime + CLAIM_LIFE);
    await stage.finalize(1n);
  });
});
