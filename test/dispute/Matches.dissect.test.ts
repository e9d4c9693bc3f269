import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroHash, id } from "ethers";
import {
  type Match,
  currentSteps,
  dissectArguments,
  dissectionSteps,
  endArguments,
  matchSlot,
  packPosition,
} from "../../sdk/src/dispute";
import { CLOCK, EXTENSION, passTicks } from "../hub/fixture";
import { Arena, atTicks } from "./arena";

const FALSEHOOD = id("a commitment that nothing leads to");

async function opened() {
  const arena = await Arena.create();
  const target = await arena.post(() => ({ commitment: FALSEHOOD }));
  const lie = arena.lie(target, FALSEHOOD);
  return { arena, target, lie, match: await arena.open(target) };
}

describe("Matches", () => {
  describe("dissect", () => {
    const states = (match: Match, segment: number, run: { stateBefore(step: bigint): string }) =>
      dissectionSteps(match, segment).map((step) => run.stateBefore(step));

    it("rejects a segment beyond the eighth", async () => {
      const { arena, match, lie } = await loadFixture(opened);
      const args = dissectArguments(match, 0, states(match, 0, lie));
      for (const segment of [8, 255]) {
        args[2] = packPosition(match.position, segment);
        await expect(arena.hub.connect(arena.asserter).dissect(...args))
          .to.be.revertedWithCustomError(arena.hub, "SegmentOutOfRange")
          .withArgs(segment);
      }
    });

    it("rejects a match that doesn't exist", async () => {
      const { arena, match, lie } = await loadFixture(opened);
      const args = dissectArguments(match, 0, states(match, 0, lie));
      args[0] = id("no match");
      await expect(arena.hub.connect(arena.asserter).dissect(...args))
        .to.be.revertedWithCustomError(arena.hub, "MatchUnknown")
        .withArgs(id("no match"));
    });

    it("rejects a match that is over, paid or not", async () => {
      const { arena, match, lie } = await loadFixture(opened);
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(...endArguments(match), { gasLimit: 1_000_000 });
      const move = () =>
        expect(arena.sendMove(match, lie))
          .to.be.revertedWithCustomError(arena.hub, "MatchOver")
          .withArgs(match.id);
      await move();
      await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
      await move();
    });

    it("rejects the side that waits, by name [Dispute 3]", async () => {
      const { arena, match, target } = await loadFixture(opened);
      const args = dissectArguments(match, 3, states(match, 3, target.truth));
      args[1] = arena.asserter.address;
      await expect(arena.hub.connect(arena.challenger).dissect(...args))
        .to.be.revertedWithCustomError(arena.hub, "TurnWrong")
        .withArgs(arena.challenger.address, arena.asserter.address);
      // And the one who has just moved.
      const moved = await arena.move(match, arena.lie(target, FALSEHOOD));
      const again = dissectArguments(moved, 0, states(moved, 0, target.truth));
      again[1] = arena.challenger.address;
      await expect(arena.hub.connect(arena.asserter).dissect(...again))
        .to.be.revertedWithCustomError(arena.hub, "TurnWrong")
        .withArgs(arena.asserter.address, arena.challenger.address);
    });

    it("rejects strangers and everything that isn't the match's state", async () => {
      const { arena, match, lie } = await loadFixture(opened);
      const right = dissectArguments(match, 0, states(match, 0, lie));
      const stored = await arena.hub.matchOf(match.id);
      const refused = async (args: typeof right, signer = arena.asserter) =>
        expect(arena.hub.connect(signer).dissect(...args))
          .to.be.revertedWithCustomError(arena.hub, "MatchStateWrong")
          .withArgs(
            (computed: string) => BigInt(computed) !== stored,
            (actual: string) => BigInt(actual) === stored,
          );
      await refused(right, arena.f.stranger);
      const { position } = match;
      const other = (change: Partial<Match["position"]>, segment = 0) =>
        packPosition({ ...position, ...change }, segment);
      for (const word of [
        other({ clocks: [CLOCK + 1n, CLOCK] }),
        other({ clocks: [CLOCK, CLOCK - 1n] }),
        other({ extension: EXTENSION + 1n }),
        other({ lastMove: { ...position.lastMove, time: position.lastMove.time + 1n } }),
        other({ lastMove: { ...position.lastMove, block: position.lastMove.block + 1n } }),
        other({ log2len: 24 }),
        other({ log2len: 0 }),
        other({ turn: 1 }),
        other({}, 1),
        packPosition(position, 0).replace(/00000000000000(..)$/, "00000000000001$1"),
      ])
        await refused([...right.slice(0, 2), word, ...right.slice(3)] as typeof right);
      await refused([right[0], arena.f.stranger.address, ...right.slice(2)] as typeof right);
      await refused([...right.slice(0, 3), id("start"), ...right.slice(4)] as typeof right);
      await refused([...right.slice(0, 4), id("end"), ...right.slice(5)] as typeof right);
      for (let i = 0; i < 3; i++) {
        const siblings = [...right[6]] as (typeof right)[6];
        siblings[i] = id("sibling");
        await refused([...right.slice(0, 6), siblings] as typeof right);
      }
    });

    it("rejects the state before a move that was made", async () => {
      const { arena, match, lie, target } = await loadFixture(opened);
      const moved = await arena.move(await arena.move(match, lie), target.truth);
      expect(moved.position.turn).to.equal(match.position.turn);
      await expect(arena.sendMove(match, lie)).to.be.revertedWithCustomError(arena.hub, "MatchStateWrong");
    });

    it("rejects going on below single steps", async () => {
      const { arena, match, lie, target } = await loadFixture(opened);
      const last = await arena.play(match, { asserter: lie, challenger: target.truth });
      expect(last.position.log2len).to.equal(0);
      await expect(
        arena.hub
          .connect(arena.challenger)
          .dissect(...dissectArguments(last, 0, Array<string>(8).fill(ZeroHash))),
      )
        .to.be.revertedWithCustomError(arena.hub, "StepReached")
        .withArgs(match.id);
    });

    it("takes a move on the clock's last tick and none after it [a move without a clock check] [Dispute 3]", async () => {
      const { arena, match, lie } = await loadFixture(opened);
      await atTicks(match, CLOCK + 1n);
      await expect(arena.sendMove(match, lie))
        .to.be.revertedWithCustomError(arena.hub, "ClockExpired")
        .withArgs(CLOCK + 1n, CLOCK);
    });

    it("rejects a last state that isn't disputed [Dispute 2]", async () => {
      const { arena, match, lie } = await loadFixture(opened);
      const agreed = states(match, 2, lie);
      agreed[7] = match.states[2] ?? "";
      await expect(arena.hub.connect(arena.asserter).dissect(...dissectArguments(match, 2, agreed)))
        .to.be.revertedWithCustomError(arena.hub, "EndUndisputed")
        .withArgs(agreed[7]);
    });

    it("narrows down to the segment, hands over the turn and keeps the rest", async () => {
      const { arena, target } = await loadFixture(opened);
      for (let segment = 0; segment < 8; segment++) {
        const signer = arena.others[segment];
        if (signer === undefined) throw new Error("too few signers");
        const fresh = await arena.open(target, target.truth, signer);
        const answer = Array.from({ length: 8 }, (_, i) => id(`answer ${i}`));
        const sent = await arena.hub
          .connect(arena.asserter)
          .dissect(...dissectArguments(fresh, segment, answer));
        const moved = await arena.moved(fresh, sent);
        const block = await sent.getBlock();
        expect(moved).to.deep.equal({
          ...fresh,
          from: BigInt(segment) << 27n,
          start: segment === 0 ? fresh.start : fresh.states[segment - 1],
          states: answer,
          position: {
            ...fresh.position,
            clocks: moved.position.clocks,
            lastMove: { time: BigInt(block?.timestamp ?? 0), block: BigInt(block?.number ?? 0) },
            log2len: 24,
            turn: 1,
          },
        });
        expect(await arena.hub.matchOf(fresh.id)).to.equal(matchSlot(moved));
        expect(currentSteps(moved)[7]).to.equal(BigInt(segment + 1) << 27n);
        await expect(sent)
          .to.emit(arena.hub, "MatchMoved")
          .withArgs(fresh.id, packPosition(moved.position, segment), answer);
      }
    });

    describe("clocks", () => {
      const after = async (ticks: bigint) => {
        const { arena, match, lie } = await loadFixture(opened);
        await atTicks(match, ticks);
        return { arena, match: await arena.move(match, lie) };
      };

      it("charges the mover alone", async () => {
        expect((await after(100n)).match.position.clocks).to.deep.equal([CLOCK - 100n, CLOCK]);
      });

      it("leaves at least the extension, also after a move on the last tick", async () => {
        expect((await after(CLOCK - EXTENSION - 1n)).match.position.clocks[0]).to.equal(EXTENSION + 1n);
        expect((await after(CLOCK - EXTENSION)).match.position.clocks[0]).to.equal(EXTENSION);
        expect((await after(CLOCK - EXTENSION + 1n)).match.position.clocks[0]).to.equal(EXTENSION);
        expect((await after(CLOCK)).match.position.clocks[0]).to.equal(EXTENSION);
      });

      it("doesn't let extensions add up: time is never gained [clock-extension overflow] [Dispute 4]", async () => {
        const { arena, target, lie, match } = await loadFixture(opened);
        let current = match;
        while (current.position.log2len > 0) {
          const side = current.position.turn;
          const before = current.position.clocks[side];
          await atTicks(current, before);
          current = await arena.move(current, side === 0 ? lie : target.truth);
          expect(current.position.clocks[side]).to.equal(EXTENSION);
        }
      });
    });
  });
});
