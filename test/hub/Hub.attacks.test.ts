import { loadFixture, mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { MaxUint256, ZeroAddress, ZeroHash, id, type FunctionFragment, type Result } from "ethers";
import {
  IN_RING,
  MESSAGE_ONLY,
  SINGLE_MODULE,
  SWEEP,
  SWEPT_PHASE,
  commitmentHash,
  entryWords,
  packCommitment,
  packFinalizeTerms,
  type Claim,
  type Entry,
} from "../../sdk/src/protocol";
import { ALT, Redistribution, W, deployStaking } from "../staking/fixture";
import {
  CLAIM_LIFE,
  DAY,
  DEPOSIT_D,
  FORCE_DELAY,
  SLASH,
  Stage,
  UNBONDING,
  WINDOW,
  deployHub,
  hubFixture,
  passTicks,
} from "./fixture";

const LIE = id("a lie");
const SPARE = BigInt(DAY);

/** Opens a match against a claim that came with its batch, or on its own, without playing it. */
function openMatch(stage: Stage, claim: Claim, entry: Entry, place: number) {
  const terms = packFinalizeTerms({ ...claim, place });
  return stage.hub.noteMatch(terms, claim.parent, claim.commitment, entryWords(entry));
}

async function staged() {
  const f = await loadFixture(hubFixture);
  const stage = await Stage.create(f);
  await stage.openLine();
  await stage.openLine(f.rival);
  return { f, hub: f.hub, stage };
}

/** A hub over the real vault, where one operator and a delegator are staked. */
async function overTheVault() {
  const staking = await deployStaking();
  const { vault, operator, alice, key } = staking;
  await vault.connect(operator).deposit(operator.address, 1_000n * ALT);
  await vault.connect(alice).deposit(operator.address, 9_000n * ALT);
  const f = await deployHub("HubMock", await vault.getAddress());
  await vault.addService(await f.hub.getAddress(), Redistribution.Named, ZeroAddress);
  await vault.connect(operator).allocate(await f.hub.getAddress(), W / 2n);
  return { f, staking, asserter: key };
}

/** Attacks that several parts together withstand; those on one part stand in its own tests. */
describe("RollupHub, attacked", () => {
  describe("[a halted chain stretches claims, not unbonding]", () => {
    it("a lie told in the last second of a line is slashed in full, though all stake leaves and the chain halts for a day", async () => {
      const { f, staking, asserter } = await loadFixture(overTheVault);
      const { vault, operator, alice, alt } = staking;
      const stage = await Stage.create(f);
      await stage.openLine(asserter);
      const opened = BigInt(await time.latest());
      const { validUntil } = await f.hub.lineOf(stage.rollup, asserter.address);
      expect(validUntil).to.equal(opened + UNBONDING - CLAIM_LIFE - SPARE);

      // All that may leave leaves at once: the delegator, and the operator down to his part of the pool.
      await vault.connect(alice).unbond(operator.address, (await vault.stakeOf(operator, alice)).shares);
      const { shares } = await vault.stakeOf(operator, operator);
      await expect(vault.connect(operator).unbond(operator.address, shares)).to.be.revertedWithCustomError(
        vault,
        "SelfBondTooLow",
      );
      await vault.connect(operator).unbond(operator.address, shares / 2n);

      await time.increaseTo(validUntil - 600n);
      await stage.post({ commitment: "" });
      await time.setNextBlockTimestamp(validUntil);
      const lie = stage.claimFor(1n, LIE);
      const entry = await stage.claim(asserter, lie);
      await time.increase(SPARE - 60n); // one block in a day: hardly a tick
      await passTicks(CLAIM_LIFE - 60n);
      expect(BigInt(await time.latest())).to.be.lessThan(opened + UNBONDING);
      expect(BigInt(await time.latest())).to.be.greaterThan(opened + UNBONDING - 200n);
      expect(entry.nonce).to.equal(1n);

      const supply = await alt.totalSupply();
      await expect(f.hub.loseLine(stage.rollup, asserter.address))
        .to.emit(f.hub, "SlashExecuted")
        .withArgs(asserter.address, SLASH, SLASH);
      expect(supply - (await alt.totalSupply())).to.equal(SLASH / 2n);
      expect(await alt.balanceOf(f.treasury)).to.equal(SLASH / 2n);
    });

    it("stretches the window and the line's release alike, so that no claim outlives what backs it", async () => {
      const { f, hub, stage } = await staged();
      const posted = await stage.post();
      await hub.connect(f.sequencer).closeLine(stage.rollup);
      await time.increase(400 * DAY);
      await expect(stage.finalize(1n))
        .to.be.revertedWithCustomError(hub, "NotFinalizable")
        .withArgs(0, 0x0101);
      await openMatch(stage, stage.claimFor(1n, posted.commitment), posted.entry, IN_RING);
      await expect(hub.connect(f.sequencer).withdrawLine(stage.rollup, f.sequencer.address))
        .to.be.revertedWithCustomError(hub, "LineNotReleased")
        .withArgs((ticks: bigint) => ticks < 1_000n, CLAIM_LIFE + SPARE);
    });
  });

  describe("[a match that outlives its line]", () => {
    async function outlived() {
      const { f, hub, stage } = await staged();
      const posted = await stage.post();
      const claim = stage.claimFor(1n, posted.commitment);
      await openMatch(stage, claim, posted.entry, IN_RING);
      await hub.connect(f.sequencer).closeLine(stage.rollup);
      await passTicks(CLAIM_LIFE + SPARE);
      await hub.connect(f.sequencer).withdrawLine(stage.rollup, f.sequencer.address);
      return { f, hub, stage, claim, entry: posted.entry };
    }

    it("takes no deposit and slashes nothing: both were released", async () => {
      const { f, hub, stage } = await outlived();
      const reserved = await f.vault.reserved(f.sequencer.address);
      await expect(hub.loseLine(stage.rollup, f.sequencer.address))
        .to.emit(hub, "LineLost")
        .withArgs(stage.rollup, f.sequencer.address, 2, 0, 0)
        .and.not.to.emit(hub, "SlashExecuted");
      expect(await f.vault.slashed(f.sequencer.address)).to.equal(0n);
      expect(await f.vault.reserved(f.sequencer.address)).to.equal(reserved);
      expect(await ethers.provider.getBalance(hub)).to.equal(DEPOSIT_D); // the rival's
    });

    it("holds nothing up any more: longer than a match can take nobody waits for one", async () => {
      const { stage } = await outlived();
      await stage.finalize(1n);
    });

    it("doesn't reach the line opened after it [a match of a closed line that hits the newer one]", async () => {
      const { f, hub, stage, claim, entry } = await outlived();
      await stage.openLine(f.sequencer);
      expect((await hub.lineOf(stage.rollup, f.sequencer.address)).nonce).to.equal(entry.nonce + 1n);
      await expect(openMatch(stage, claim, entry, IN_RING))
        .to.be.revertedWithCustomError(hub, "ClaimUnbacked")
        .withArgs(f.sequencer.address, 1);
      // The old match counts against the old nonce: of the new claim it holds up nothing.
      const renewed = await stage.claim(f.sequencer, claim);
      expect((await hub.lineOf(stage.rollup, f.sequencer.address)).openMatches).to.equal(0n);
      await passTicks(WINDOW);
      await stage.finalize(1n, { claim, entry: renewed });
    });
  });

  describe("[a correct claim thrown by its own asserter]", () => {
    it("delays nobody: another's claim of the same becomes final when its own window has passed", async () => {
      const { f, hub, stage } = await staged();
      const posted = await stage.post();
      const claim = stage.claimFor(1n, posted.commitment);
      await openMatch(stage, claim, posted.entry, IN_RING);
      const entry = await stage.claim(f.rival, claim);
      await hub.loseLine(stage.rollup, f.sequencer.address);
      await mine(WINDOW / 12n - 2n, { interval: 12 });
      await time.setNextBlockTimestamp(entry.backedTime + WINDOW - 1n);
      await expect(stage.finalize(1n, { claim, entry })).to.be.revertedWithCustomError(hub, "NotFinalizable");
      await time.setNextBlockTimestamp(entry.backedTime + WINDOW);
      await stage.finalize(1n, { claim, entry });
      expect((await hub.lastFinal(stage.rollup)).commitment).to.equal(posted.commitment);
    });
  });

  describe("[a claim index reused after a reorg]", () => {
    it("a claim of the batch that was reorged away says nothing about the one that took its index", async () => {
      const { f, hub, stage } = await staged();
      const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
      const lost = await stage.post({ data: "0x01" });
      const claim = stage.claimFor(1n, LIE);
      await stage.claim(f.rival, claim);
      await ethers.provider.send("evm_revert", [snapshot]);
      stage.forgetLast();
      const kept = await stage.post({ data: "0x02" });
      expect(kept.batchHash).to.not.equal(lost.batchHash);
      await expect(stage.sendClaim(f.rival, claim, lost.entry)).to.be.revertedWithCustomError(
        hub,
        "EntryMismatch",
      );
      // With the new batch's entry it is a claim about the new batch: the key follows the entry, not the sender's word.
      const { claimKey } = await stage.claim(f.rival, stage.claimFor(1n, LIE));
      expect(await hub.claimEntryOf(claimKey, f.rival.address, 1)).to.not.equal(0n);
    });
  });

  describe("[a getter that reverts and so freezes finalisation]", () => {
    const EDGES: Record<string, readonly unknown[]> = {
      uint8: [0, 255],
      uint32: [0, 1, 0xffffffff],
      uint64: [0n, 1n, 2n, 3n, 4n, (1n << 64n) - 1n],
      uint256: [0n, 1n, 63n, 64n, 111n, 112n, MaxUint256],
      address: [ZeroAddress, `0x${"ff".repeat(20)}`],
      bytes32: [ZeroHash, id("anything"), `0x${"ff".repeat(32)}`],
    };

    function products(types: readonly string[]): unknown[][] {
      return types.reduce<unknown[][]>(
        (found, type) => found.flatMap((head) => (EDGES[type] ?? []).map((edge) => [...head, edge])),
        [[]],
      );
    }

    it("no view reverts, whatever it is asked, of rollups in every state [Hub 12]", async () => {
      const { f, hub, stage } = await staged();
      await stage.force(3);
      await stage.post();
      const swept = await Stage.create(f);
      await swept.openLine();
      await swept.close();
      const fields = {
        stateRoot: id("state"),
        exitRoot: id("exits"),
        block: 5n,
        timestamp: 1_000n,
        messagesConsumed: 0n,
        transactions: 100n,
        phase: SWEPT_PHASE,
      };
      await swept.advance({ flags: MESSAGE_ONLY | SWEEP, commitment: commitmentHash(fields) });
      await hub.retire(swept.rollup, fields.stateRoot, fields.exitRoot, packCommitment(fields));
      const escaped = await Stage.create(f);
      await hub.connect(f.owner).drain(escaped.rollup);
      await time.increase(91 * DAY);
      await hub.escape(escaped.rollup);
      EDGES.address = [...EDGES.address!, f.sequencer.address];

      const views = hub.interface.fragments.filter(
        (fragment): fragment is FunctionFragment =>
          fragment.type === "function" && (fragment as FunctionFragment).constant,
      );
      expect(views.length).to.be.greaterThan(25);
      for (const view of views) {
        const cases = products(view.inputs.map(({ baseType }) => baseType));
        expect(cases, `${view.name} takes a type that has no edge values here`).to.not.be.empty;
        for (const args of cases) await hub.getFunction(view.selector).staticCall(...args);
      }
    });
  });

  describe("[rules that change under way]", () => {
    it("whatever owner and governance do, a record keeps all but its end, a pause and its sequencer [Hub 13]", async () => {
      const { f, hub, stage } = await staged();
      const recorded = async () =>
        ((await hub.record(stage.rollup)) as unknown as Result).toObject() as Record<string, string | bigint>;
      const before = await recorded();
      const owned = hub.connect(f.owner);
      await owned.announceSequencer(stage.rollup, f.rival.address);
      await owned.pauseDeposits(stage.rollup, BigInt(await time.latest()) + SPARE);
      await hub.markModuleObsolete(SINGLE_MODULE);
      await hub.markProgramObsolete(f.program.programHash);
      await time.increase(2n * FORCE_DELAY + CLAIM_LIFE + 7n * SPARE);
      await hub.rotateSequencer(stage.rollup, f.sequencer.address, f.rival.address);
      await owned.drain(stage.rollup);
      const { status, drainAt, pausedUntil, ...after } = await recorded();
      expect([status, drainAt! < before.drainAt!, pausedUntil !== 0n]).to.deep.equal([3n, true, true]);
      expect({ ...before, ...after }).to.deep.equal(before);
      expect(Object.keys(after)).to.have.length(Object.keys(before).length - 3);
    });
  });

  describe("[an operator in two rollups]", () => {
    it("loses in one what stands behind his claims there, and nothing in the other", async () => {
      const { f, hub, stage } = await staged();
      const other = await Stage.create(f);
      await other.openLine(f.sequencer);
      await stage.post();
      await other.post();
      await hub.loseLine(stage.rollup, f.sequencer.address);
      await passTicks(WINDOW);
      await expect(stage.finalize(1n))
        .to.be.revertedWithCustomError(hub, "NotFinalizable")
        .withArgs(0, 0x0101);
      await other.finalize(1n);
      await other.post(); // with a claim, which his line there still backs
    });
  });
});
