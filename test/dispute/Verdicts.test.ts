import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ZeroAddress, concat, getBytes, hexlify, id } from "ethers";
import {
  type Match,
  endArguments,
  packMatchTerms,
  packPosition,
  pairRoot,
  readMatchSlot,
  settleArguments,
} from "../../sdk/src/dispute";
import { CLOCK, SLASH, passTicks } from "../hub/fixture";
import { Arena, atTicks } from "./arena";

const FALSEHOOD = id("a commitment that nothing leads to");
/** More than a settlement uses, and the floor for a slash. */
const PLENTY = { gasLimit: 2_000_000 };

/** A match against a lie, just opened. */
async function opened() {
  const arena = await Arena.create();
  await arena.stage.openLine(arena.f.rival);
  const target = await arena.post(() => ({ commitment: FALSEHOOD }));
  // Not the first of eight single steps, so that the match has agreed ones before it.
  const lie = arena.lie(target, FALSEHOOD, 21n);
  return { arena, target, lie, match: await arena.open(target) };
}

/** The same played down to single steps: the challenger, who is right, is in turn. */
async function stepped() {
  const all = await opened();
  const match = await all.arena.play(all.match, { asserter: all.lie, challenger: all.target.truth });
  return { ...all, match };
}

/** A match by a liar against a true claim of 2^33 steps, played down to single steps: the asserter, who is right, is in turn. */
async function defended() {
  const arena = await Arena.create(undefined, 33n);
  const target = await arena.post();
  const lie = arena.lie(target, FALSEHOOD);
  const match = await arena.play(await arena.open(target, lie), { asserter: target.truth, challenger: lie });
  return { arena, target, lie, match };
}

describe("Verdicts", () => {
  const slotOf = async (arena: Arena, match: Match) => readMatchSlot(await arena.hub.matchOf(match.id));
  const lineOf = (arena: Arena) => arena.hub.lineOf(arena.stage.rollup, arena.asserter.address);
  const openMatches = async (arena: Arena) => (await lineOf(arena)).openMatches;

  describe("settle", () => {
    const argumentsFor = ({
      match,
      target,
    }: {
      match: Match;
      target: { truth: { witness(step: bigint): string } };
    }) => {
      const segment = match.states.findIndex(
        (_, i) => match.states[i] !== undefined && i === segmentOf(match, target),
      );
      return settleArguments(match, segment, target.truth.witness(match.from + BigInt(segment)));
    };
    const segmentOf = (match: Match, target: { truth: unknown }) => {
      const truth = target.truth as { stateBefore(step: bigint): string };
      return match.states.findIndex((state, i) => state !== truth.stateBefore(match.from + BigInt(i + 1)));
    };

    it("rejects a segment beyond the eighth", async () => {
      const all = await loadFixture(stepped);
      const args = argumentsFor(all);
      args[0] = { ...args[0], position: packPosition(all.match.position, 8) };
      await expect(all.arena.hub.connect(all.arena.challenger).settle(...args))
        .to.be.revertedWithCustomError(all.arena.hub, "SegmentOutOfRange")
        .withArgs(8);
    });

    it("rejects a match that doesn't exist: every part of its id counts", async () => {
      const all = await loadFixture(stepped);
      const args = argumentsFor(all);
      const { terms } = all.match;
      for (const change of [
        { claimKey: id("x") },
        { terms: packMatchTerms({ ...terms, nonce: 2n }) },
        { terms: packMatchTerms({ ...terms, bond: terms.bond - 1n }) },
        { terms: packMatchTerms({ ...terms, rollup: 2n }) },
        { terms: packMatchTerms({ ...terms, place: 1 }) },
        { codeRoot: id("x") },
        { asserter: all.arena.f.rival.address },
        { challenger: all.arena.f.rival.address },
      ])
        await expect(
          all.arena.hub
            .connect(all.arena.challenger)
            .settle({ ...args[0], ...change }, args[1], args[2], args[3], args[4]),
        ).to.be.revertedWithCustomError(all.arena.hub, "MatchUnknown");
    });

    it("rejects a match that is over [a step after settlement]", async () => {
      const all = await loadFixture(stepped);
      const { arena, match } = all;
      const args = argumentsFor(all);
      await arena.hub.connect(arena.challenger).settle(...args, PLENTY);
      const again = () =>
        expect(arena.hub.connect(arena.challenger).settle(...args, PLENTY))
          .to.be.revertedWithCustomError(arena.hub, "MatchOver")
          .withArgs(match.id);
      await again();
      await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
      await again();
    });

    it("rejects what isn't the match's state", async () => {
      const all = await loadFixture(stepped);
      const args = argumentsFor(all);
      const { position } = all.match;
      for (const wrong of [
        [{ ...args[0], position: packPosition({ ...position, clocks: [CLOCK, CLOCK] }) }, ...args.slice(1)],
        [args[0], args[1], id("start"), ...args.slice(3)],
        [args[0], args[1], args[2], id("end"), args[4]],
        [args[0], args[1], args[2], args[3], [id("sibling"), args[4][1], args[4][2]]],
      ])
        await expect(
          all.arena.hub.connect(all.arena.challenger).settle(...(wrong as typeof args)),
        ).to.be.revertedWithCustomError(all.arena.hub, "MatchStateWrong");
    });

    it("rejects a match whose asserter lost his backing elsewhere", async () => {
      const { arena, target, lie, match } = await loadFixture(opened);
      const second = await arena.open(target, target.truth, arena.f.stranger);
      const last = await arena.play(match, { asserter: lie, challenger: target.truth });
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(...endArguments(second), PLENTY);
      await expect(arena.sendSettlement(last, target.truth))
        .to.be.revertedWithCustomError(arena.hub, "MatchObjectless")
        .withArgs(arena.asserter.address, 1, 2);
    });

    it("rejects everybody but the side in turn", async () => {
      const all = await loadFixture(stepped);
      for (const signer of [all.arena.asserter, all.arena.f.stranger])
        await expect(all.arena.hub.connect(signer).settle(...argumentsFor(all)))
          .to.be.revertedWithCustomError(all.arena.hub, "TurnWrong")
          .withArgs(signer.address, all.arena.challenger.address);
    });

    it("rejects settling before single steps are reached", async () => {
      const { arena, match, lie, target } = await loadFixture(opened);
      const moved = await arena.move(match, lie);
      await expect(
        arena.hub.connect(arena.challenger).settle(...settleArguments(moved, 0, target.truth.witness(0n))),
      )
        .to.be.revertedWithCustomError(arena.hub, "StepNotReached")
        .withArgs(24);
    });

    it("takes a step on the clock's last tick and none after it [a step without a clock check] [Dispute 3]", async () => {
      const { arena, match, target } = await loadFixture(stepped);
      const clock = match.position.clocks[1];
      await atTicks(match, clock + 1n);
      await expect(arena.sendSettlement(match, target.truth))
        .to.be.revertedWithCustomError(arena.hub, "ClockExpired")
        .withArgs(clock + 1n, clock);
      const again = await loadFixture(stepped);
      await atTicks(again.match, clock);
      await expect(again.arena.sendSettlement(again.match, again.target.truth)).to.emit(
        again.arena.hub,
        "MatchWon",
      );
    });

    it("rejects a bad witness by the machine's error", async () => {
      const all = await loadFixture(stepped);
      const machine = await ethers.getContractAt("Machine", await all.arena.hub.machine());
      const args = argumentsFor(all);
      const witness = getBytes(args[1]);
      witness[400] = (witness[400] ?? 0) ^ 1;
      await expect(
        all.arena.hub
          .connect(all.arena.challenger)
          .settle(args[0], hexlify(witness), args[2], args[3], args[4], PLENTY),
      ).to.be.revertedWithCustomError(machine, "CodeProofWrong");
      await expect(
        all.arena.hub
          .connect(all.arena.challenger)
          .settle(args[0], concat([args[1], "0x00"]), args[2], args[3], args[4], PLENTY),
      ).to.be.revertedWithCustomError(machine, "WitnessLengthWrong");
    });

    it("rejects the witness of another state", async () => {
      const all = await loadFixture(stepped);
      const { arena, match, target } = all;
      const args = argumentsFor(all);
      const other = target.truth.witness(match.from + BigInt(segmentOf(match, target)) + 1n);
      await expect(
        arena.hub.connect(arena.challenger).settle(args[0], other, args[2], args[3], args[4], PLENTY),
      )
        .to.be.revertedWithCustomError(arena.hub, "StepStartWrong")
        .withArgs((actual: string) => actual !== args[2], args[2]);
    });

    it("rejects a step that confirms the other side", async () => {
      const { arena, match, target } = await loadFixture(stepped);
      // A segment before the lie: both sides agree, and the machine with them.
      const segment = segmentOf(match, target) - 1;
      if (segment >= 0)
        await expect(
          arena.hub
            .connect(arena.challenger)
            .settle(
              ...settleArguments(match, segment, target.truth.witness(match.from + BigInt(segment))),
              PLENTY,
            ),
        )
          .to.be.revertedWithCustomError(arena.hub, "StepConfirmed")
          .withArgs(match.states[segment]);
      expect(segment).to.be.at.least(0);
    });

    it("needs gas for the slash, so that nobody starves it [Dispute 13]", async () => {
      const { arena, match, target } = await loadFixture(stepped);
      await expect(arena.sendSettlement(match, target.truth, 330_000)).to.be.revertedWithCustomError(
        arena.hub,
        "SlashGasTooLow",
      );
    });

    it("when the challenger wins: his bond and as much from the deposit, the line lost, the stake slashed for the treasury", async () => {
      const { arena, match, target } = await loadFixture(stepped);
      const { bond, deposit } = arena.stage.params.security;
      const sent = arena.sendSettlement(match, target.truth);
      await expect(sent).to.changeEtherBalances([arena.hub, arena.challenger, arena.asserter], [0, 0, 0]);
      await expect(sent)
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.challenger.address, 2n * bond, deposit - bond);
      await expect(sent)
        .to.emit(arena.hub, "LineLost")
        .withArgs(arena.stage.rollup, arena.asserter.address, 2, deposit, SLASH);
      await expect(sent).to.emit(arena.hub, "SlashExecuted").withArgs(arena.asserter.address, SLASH, SLASH);
      expect(await slotOf(arena, match)).to.deep.equal({
        kind: "payout",
        payee: arena.challenger.address.toLowerCase(),
        amount: 2n * bond,
      });
      expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
      expect(await arena.f.vault.lastBeneficiary()).to.equal(arena.f.treasury.address);
      const line = await lineOf(arena);
      expect([line.deposit, line.nonce, line.validUntil]).to.deep.equal([0n, 2n, 0n]);
      // No match carries the next nonce.
      expect(await openMatches(arena)).to.equal(0);
    });

    it("when the asserter wins: half the bond, the other half burned, one open match less, nothing slashed [Dispute 9]", async () => {
      const { arena, match, target } = await loadFixture(defended);
      const { bond, deposit } = arena.stage.params.security;
      expect(match.position.turn).to.equal(0);
      expect(await openMatches(arena)).to.equal(1);
      await expect(arena.sendSettlement(match, target.truth, 1_000_000))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.asserter.address, bond / 2n, bond - bond / 2n);
      expect(await openMatches(arena)).to.equal(0);
      expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(0);
      expect((await lineOf(arena)).deposit).to.equal(deposit);
      await expect(
        arena.hub.connect(arena.asserter).collect(match.id, arena.asserter),
      ).to.changeEtherBalances([arena.asserter, arena.hub], [bond / 2n, -(bond / 2n)]);
    });
  });

  describe("timeOut", () => {
    it("rejects a match that doesn't exist, is over, or stands elsewhere", async () => {
      const { arena, match } = await loadFixture(opened);
      const [state, root] = endArguments(match);
      await expect(arena.hub.timeOut({ ...state, claimKey: id("x") }, root)).to.be.revertedWithCustomError(
        arena.hub,
        "MatchUnknown",
      );
      await expect(arena.hub.timeOut(state, id("x"))).to.be.revertedWithCustomError(
        arena.hub,
        "MatchStateWrong",
      );
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(state, root, PLENTY);
      await expect(arena.hub.timeOut(state, root, PLENTY))
        .to.be.revertedWithCustomError(arena.hub, "MatchOver")
        .withArgs(match.id);
    });

    it("rejects a match whose asserter lost his backing elsewhere", async () => {
      const { arena, target, match } = await loadFixture(opened);
      const second = await arena.open(target, target.truth, arena.f.stranger);
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(...endArguments(second), PLENTY);
      await expect(arena.hub.timeOut(...endArguments(match), PLENTY))
        .to.be.revertedWithCustomError(arena.hub, "MatchObjectless")
        .withArgs(arena.asserter.address, 1, 2);
    });

    it("rejects before and at the deadline, and works a tick after, for anyone", async () => {
      const { arena, match } = await loadFixture(opened);
      for (const ticks of [CLOCK - 1n, CLOCK]) {
        await atTicks(match, ticks);
        await expect(arena.hub.connect(arena.f.stranger).timeOut(...endArguments(match), PLENTY))
          .to.be.revertedWithCustomError(arena.hub, "ClockRunning")
          .withArgs(ticks, CLOCK);
      }
      await atTicks(match, CLOCK + 1n);
      await expect(arena.hub.connect(arena.f.stranger).timeOut(...endArguments(match), PLENTY)).to.emit(
        arena.hub,
        "MatchWon",
      );
    });

    it("lets the side that waits win and never charges its clock", async () => {
      const { arena, match, lie } = await loadFixture(opened);
      const { bond } = arena.stage.params.security;
      const waiting = await arena.move(match, lie);
      await passTicks(CLOCK + 12n);
      await expect(arena.hub.timeOut(...endArguments(waiting)))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.asserter.address, bond / 2n, bond - bond / 2n);
      expect(await openMatches(arena)).to.equal(0);
      expect((await lineOf(arena)).nonce).to.equal(1);
    });
  });

  describe("dropMatch", () => {
    it("rejects a match whose claim is backed, one that doesn't exist, and one that is over", async () => {
      const { arena, match } = await loadFixture(opened);
      const [state, root] = endArguments(match);
      await expect(arena.hub.dropMatch(state, root))
        .to.be.revertedWithCustomError(arena.hub, "MatchAlive")
        .withArgs(match.id);
      await expect(arena.hub.dropMatch({ ...state, claimKey: id("x") }, root)).to.be.revertedWithCustomError(
        arena.hub,
        "MatchUnknown",
      );
      await expect(arena.hub.dropMatch(state, pairRoot(id("x"), match.states))).to.be.revertedWithCustomError(
        arena.hub,
        "MatchStateWrong",
      );
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(state, root, PLENTY);
      await expect(arena.hub.dropMatch(state, root))
        .to.be.revertedWithCustomError(arena.hub, "MatchOver")
        .withArgs(match.id);
    });

    it("gives the bond back, whoever was in turn, and slashes nothing", async () => {
      const { arena, target, lie, match } = await loadFixture(opened);
      const { bond } = arena.stage.params.security;
      const second = await arena.open(target, target.truth, arena.f.stranger);
      const third = await arena.move(await arena.open(target, target.truth, arena.f.rival), lie);
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(...endArguments(match), PLENTY);
      expect(await openMatches(arena)).to.equal(0);
      for (const [dropped, payee] of [
        [second, arena.f.stranger],
        [third, arena.f.rival],
      ] as const) {
        await expect(arena.hub.connect(arena.asserter).dropMatch(...endArguments(dropped)))
          .to.emit(arena.hub, "MatchDropped")
          .withArgs(dropped.id, payee.address, bond);
        await expect(arena.hub.connect(payee).collect(dropped.id, payee)).to.changeEtherBalance(payee, bond);
      }
      expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
      expect(await openMatches(arena)).to.equal(0);
    });
  });

  describe("collect", () => {
    it("rejects what owes nothing: none, live, paid", async () => {
      const { arena, match } = await loadFixture(opened);
      const refused = (matchId: string) =>
        expect(arena.hub.connect(arena.challenger).collect(matchId, arena.challenger))
          .to.be.revertedWithCustomError(arena.hub, "PayoutMissing")
          .withArgs(matchId);
      await refused(id("no match"));
      await refused(match.id);
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(...endArguments(match), PLENTY);
      await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
      await refused(match.id);
    });

    it("pays the winner only, to whomever he names but nobody", async () => {
      const { arena, match } = await loadFixture(opened);
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(...endArguments(match), PLENTY);
      await expect(arena.hub.connect(arena.asserter).collect(match.id, arena.asserter))
        .to.be.revertedWithCustomError(arena.hub, "PayeeWrong")
        .withArgs(arena.asserter.address, arena.challenger.address);
      const { hub, challenger, f } = arena;
      await expect(hub.connect(challenger).collect(match.id, ZeroAddress)).to.be.revertedWithCustomError(
        hub,
        "ReceiverZero",
      );
      const { bond } = arena.stage.params.security;
      const sent = hub.connect(challenger).collect(match.id, f.stranger);
      await expect(sent).to.changeEtherBalances([hub, f.stranger, challenger], [-2n * bond, 2n * bond, 0]);
      await expect(sent)
        .to.emit(hub, "MatchPaid")
        .withArgs(match.id, f.stranger.address, 2n * bond);
      expect(await slotOf(arena, match)).to.deep.equal({ kind: "paid" });
    });
  });
});
