import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { id, keccak256, toBeHex } from "ethers";
import {
  bootState,
  endArguments,
  matchId,
  matchSlot,
  packMatchTerms,
  packPosition,
  programHashOf,
} from "../../sdk/src/dispute";
import { configHash, inputHash } from "../../sdk/src/protocol";
import { CLOCK, EXTENSION, WINDOW, passTicks } from "../hub/fixture";
import { Arena, truthful } from "./arena";
import { ENDLESS, FAILING, ZERO } from "./runs";

const FALSEHOOD = id("a commitment that nothing leads to");
const false_ = () => ({ commitment: FALSEHOOD });

async function challengeable() {
  const arena = await Arena.create();
  return { arena, target: await arena.post(false_) };
}

const plain = () => Arena.create();

async function told() {
  const arena = await Arena.create();
  await arena.stage.openLine(arena.f.rival);
  return { arena, target: await arena.post(truthful) };
}

describe("Matches", () => {
  describe("openMatch", () => {
    it("rejects terms with stray bits, an unknown mode or place", async () => {
      const { arena, target } = await loadFixture(challengeable);
      const opening = arena.opening(target, target.truth);
      for (const [bits, shift] of [
        [2n, 152n],
        [2n, 144n],
        [1n, 0n],
        [1n, 127n],
      ] as const) {
        const terms = toBeHex(BigInt(String(opening.terms)) | (bits << shift), 32);
        await expect(
          arena.hub
            .connect(arena.challenger)
            .openMatch({ ...opening, terms }, { value: arena.stage.params.security.bond }),
        )
          .to.be.revertedWithCustomError(arena.hub, "WordMalformed")
          .withArgs(
            (BigInt(terms) & ~(0xffffn << 128n)) === BigInt(terms)
              ? terms
              : toBeHex(BigInt(terms) & ~(0xffffn << 128n), 32),
          );
      }
    });

    it("rejects anything that isn't the claim's entry", async () => {
      const { arena, target } = await loadFixture(challengeable);
      const value = arena.stage.params.security.bond;
      const right = arena.opening(target, target.truth);
      const stored = await arena.hub.ringEntryOf(arena.stage.rollup, 1);
      const config = [...right.config] as typeof right.config;
      config[3] = toBeHex(BigInt(String(config[3])) + 1n, 32);
      const wrong = [
        { parent: id("x") },
        { commitment: id("x") },
        { backing: toBeHex(BigInt(String(right.backing)) + (1n << 64n), 32) },
        { times: toBeHex(BigInt(String(right.times)) + 1n, 32) },
        { headerHash: id("x") },
        { config },
        { terms: toBeHex(BigInt(String(right.terms)) + (1n << 160n), 32) },
        { terms: toBeHex(BigInt(String(right.terms)) | (1n << 144n), 32) },
        { terms: toBeHex(BigInt(String(right.terms)) ^ (1n << 128n), 32) },
      ];
      for (const change of wrong)
        await expect(arena.hub.openMatch({ ...right, ...change }, { value }))
          .to.be.revertedWithCustomError(arena.hub, "EntryMismatch")
          .withArgs(
            (computed: bigint) => (computed & ~((1n << 8n) - 1n)) === computed,
            (actual: bigint) => actual === 0n || actual === stored,
          );
    });

    it("rejects an index that nobody claimed, up to the last one [a claim for batch 2^64−1]", async () => {
      const { arena, target } = await loadFixture(challengeable);
      for (const index of [2n, 2n ** 32n - 1n]) {
        const opening = arena.opening({ ...target, claim: { ...target.claim, index } }, target.truth);
        await expect(
          arena.hub.openMatch(opening, { value: arena.stage.params.security.bond }),
        ).to.be.revertedWithCustomError(arena.hub, "EntryMismatch");
      }
      // The terms have 32 bits for an index: a larger one can't even be said.
      expect(() =>
        arena.opening({ ...target, claim: { ...target.claim, index: 2n ** 64n - 1n } }, target.truth),
      ).to.throw();
    });

    it("rejects a claim whose asserter has lost his backing", async () => {
      const { arena, target } = await loadFixture(challengeable);
      await arena.hub.loseLine(arena.stage.rollup, arena.asserter.address);
      await expect(arena.sendOpening(target, target.truth))
        .to.be.revertedWithCustomError(arena.hub, "ClaimUnbacked")
        .withArgs(arena.asserter.address, 1);
    });

    it("takes a match until its claim's window ends, exclusive", async () => {
      const { arena, target } = await loadFixture(challengeable);
      await passTicks(WINDOW - 240n);
      const end = target.entry.backedTime + WINDOW;
      await time.setNextBlockTimestamp(end - 1n);
      await arena.open(target);
      await time.setNextBlockTimestamp(end);
      await expect(arena.sendOpening(target, target.truth, arena.f.stranger))
        .to.be.revertedWithCustomError(arena.hub, "WindowOver")
        .withArgs(WINDOW, WINDOW);
      await time.setNextBlockTimestamp(end + 1n);
      await expect(arena.sendOpening(target, target.truth, arena.f.stranger))
        .to.be.revertedWithCustomError(arena.hub, "WindowOver")
        .withArgs(WINDOW + 1n, WINDOW);
    });

    it("rejects any bond but B", async () => {
      const { arena, target } = await loadFixture(challengeable);
      const { bond } = arena.stage.params.security;
      for (const value of [0n, bond - 1n, bond + 1n])
        await expect(arena.hub.openMatch(arena.opening(target, target.truth), { value }))
          .to.be.revertedWithCustomError(arena.hub, "BondWrong")
          .withArgs(value, bond);
    });

    it("rejects another program", async () => {
      const { arena, target } = await loadFixture(challengeable);
      const value = arena.stage.params.security.bond;
      const right = arena.opening(target, target.truth);
      for (const change of [{ codeRoot: id("x") }, { memoryRoot: id("x") }, { entry: toBeHex(4, 32) }])
        await expect(arena.hub.openMatch({ ...right, ...change }, { value }))
          .to.be.revertedWithCustomError(arena.hub, "ProgramMismatch")
          .withArgs((computed: string) => computed !== arena.program.programHash, arena.program.programHash);
      expect(programHashOf(arena.program.entry)).to.equal(arena.program.programHash);
    });

    it("rejects a final state that confirms the claim [Dispute 2]", async () => {
      const { arena, target } = await loadFixture(challengeable);
      await expect(arena.sendOpening(target, arena.lie(target, FALSEHOOD)))
        .to.be.revertedWithCustomError(arena.hub, "ClaimConfirmed")
        .withArgs(target.entry.claimKey);
    });

    it("rejects a second match of the same challenger against the same claim, also when the first is over [Dispute 1]", async () => {
      const arena = await loadFixture(plain);
      const target = await arena.post();
      const lie = arena.lie(target, FALSEHOOD);
      const isRefused = () =>
        expect(arena.sendOpening(target, lie))
          .to.be.revertedWithCustomError(arena.hub, "MatchExists")
          .withArgs(match.id);
      const match = await arena.open(target, lie);
      await isRefused();
      const waiting = await arena.move(match, target.truth);
      await passTicks(CLOCK + 12n);
      await arena.hub.timeOut(...endArguments(waiting));
      await isRefused();
      await arena.hub.connect(arena.asserter).collect(match.id, arena.asserter);
      await isRefused();
      await arena.open(target, lie, arena.f.stranger);
    });

    it("computes the first state itself, hashes the last, and gives each side its clock, the asserter to move [Dispute 2]", async () => {
      const { arena, target } = await loadFixture(challengeable);
      const sent = await arena.sendOpening(target, target.truth);
      const match = await arena.openedBy(sent);
      const block = await sent.getBlock();
      const { bond } = arena.stage.params.security;
      const { chainId } = await arena.hub.runner!.provider!.getNetwork();
      const input = inputHash({
        chainId,
        hub: await arena.hub.getAddress(),
        rollup: arena.stage.rollup,
        index: 1n,
        parent: target.claim.parent,
        headerHash: target.headerHash,
        configHash: configHash(arena.stage.config),
      });
      expect(match.start).to.equal(
        keccak256(bootState(arena.program.entry.memoryRoot0, arena.program.entry.entry, input)),
      );
      expect(match.start).to.equal(target.truth.stateBefore(0n));
      expect(match.states[7]).to.equal(keccak256(target.truth.finalState));
      expect(match.states.slice(0, 7)).to.deep.equal(
        [1, 2, 3, 4, 5, 6, 7].map((i) => target.truth.stateBefore(BigInt(i) << 27n)),
      );
      expect(match.position).to.deep.equal({
        clocks: [CLOCK, CLOCK],
        extension: EXTENSION,
        lastMove: { time: BigInt(block!.timestamp), block: BigInt(block!.number) },
        log2len: 27,
        turn: 0,
      });
      expect(match.terms).to.deep.equal({
        rollup: arena.stage.rollup,
        index: 1n,
        mode: 0,
        place: 0,
        nonce: 1n,
        bond,
      });
      expect(match.id).to.equal(matchId(match));
      expect(await arena.hub.matchOf(match.id)).to.equal(matchSlot(match));
      await expect(sent).to.changeEtherBalances([arena.challenger, arena.hub], [-bond, bond]);
      await expect(sent)
        .to.emit(arena.hub, "MatchOpened")
        .withArgs(
          match.id,
          arena.stage.rollup,
          arena.asserter.address,
          arena.challenger.address,
          target.entry.claimKey,
          packMatchTerms(match.terms),
          packPosition(match.position),
          match.start,
          match.states.slice(0, 7),
          match.states[7],
        );
    });

    it("counts any number of matches of anybody, and opens against a slot that others wrote since [a shared slot front-run so that an honest open reverts] [Dispute 1]", async () => {
      const { arena, target } = await loadFixture(challengeable);
      // Prepared before the others', sent after theirs.
      const prepared = arena.opening(target, target.truth);
      for (const other of [arena.f.stranger, arena.f.rival, arena.asserter])
        await arena.open(target, target.truth, other);
      await arena.hub
        .connect(arena.challenger)
        .openMatch(prepared, { value: arena.stage.params.security.bond });
      const { openMatches } = await arena.hub.lineOf(arena.stage.rollup, arena.asserter.address);
      expect(openMatches).to.equal(4);
    });

    it("takes a claim made on its own, and a lie told late though the index is final by now", async () => {
      const { arena, target } = await loadFixture(told);
      await passTicks(WINDOW / 2n);
      const late = await arena.claim(arena.f.rival, target, FALSEHOOD);
      await passTicks(WINDOW / 2n);
      await arena.stage.finalize(1n);
      const match = await arena.open(late);
      expect(match.terms.place).to.equal(1);
      const { openMatches } = await arena.hub.lineOf(arena.stage.rollup, arena.f.rival.address);
      expect(openMatches).to.equal(1);
    });

    describe("against SKIP", () => {
      it("rejects a run that errs, exits with zero or never ends: SKIP is true of it", async () => {
        for (const source of [FAILING, ZERO, ENDLESS]) {
          const arena = await Arena.create(source);
          const target = await arena.post(truthful);
          expect(target.claim.mode).to.equal(1);
          await expect(arena.sendOpening(target, target.truth))
            .to.be.revertedWithCustomError(arena.hub, "ClaimConfirmed")
            .withArgs(target.entry.claimKey);
        }
      });

      it("takes a run that exits with a result, whatever it is", async () => {
        const { arena } = await loadFixture(challengeable);
        const target = await arena.post(() => ({ commitment: "", mode: 1 }));
        await arena.open(target);
        const parent = await arena.post(() => ({ commitment: "", mode: 1 }));
        await arena.open(parent, arena.lie(parent, parent.claim.parent));
      });
    });
  });
});
