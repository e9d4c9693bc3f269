import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { SKIP, inputHash } from "../../sdk/src/protocol";
import { Emulator, PreimageTable } from "../../sequencer/src/machine";
import { WINDOW, passTicks } from "../hub/fixture";
import { DATA_BASE, assemble } from "../machine/assembler";
import { Arena } from "./arena";
import { EmulatedRun } from "./LedgerProgram";
import { type Program, programOf } from "./runs";
import { FALSEHOOD, lapse, lied, timeOut } from "./scenes";

/** Starts at its last instructions. */
const BACKWARDS = `
  unimp
end:
  li a7, 93
  ecall
_start:
  addi a0, a0, 7
  j end`;

/** Counts in a register and in memory for ever: no state comes twice. */
const COUNTING = `
_start:
  li t1, ${DATA_BASE}
loop:
  addi t0, t0, 1
  sd t0, 0(t1)
  j loop`;

/** A program that runs over its length, by the emulator. */
function overlong(): Program {
  const { elf } = assemble(COUNTING);
  const program = programOf(COUNTING);
  return {
    ...program,
    run: ({ input }) =>
      new EmulatedRun(
        Emulator.load(elf, new PreimageTable()),
        inputHash(input),
        2n ** program.entry.logSteps,
      ),
  };
}

describe("Disputes", () => {
  describe("on what a program is", () => {
    it("begin at its entry, wherever that lies", async () => {
      const arena = await Arena.create(BACKWARDS);
      expect(arena.program.entry.entry).to.equal(12n);
      const target = await arena.post(() => ({ commitment: FALSEHOOD }));
      const match = await arena.play(await arena.open(target), {
        asserter: arena.lie(target, FALSEHOOD, 0n),
        challenger: target.truth,
      });
      await expect(arena.sendSettlement(match, target.truth)).to.emit(arena.hub, "MatchWon");
    });
  });

  describe("on a run over 2^L steps, of which no two states are alike", () => {
    it("beat a false result, wherever the liar parts from it, and let the SKIP become final", async () => {
      const arena = await Arena.create(overlong());
      const target = await arena.post(() => ({ commitment: FALSEHOOD }));
      const { truth } = target;
      expect([truth.length, truth.output]).to.deep.equal([2n ** 30n, undefined]);
      expect(
        new Set([2n ** 30n, 2n ** 30n - 1n, 2n ** 29n].map((at) => truth.stateBefore(at))).size,
      ).to.equal(3);
      await arena.stage.openLine(arena.f.rival);
      const skip = await arena.claim(arena.f.rival, target, target.claim.parent, SKIP);
      const lie = arena.lie(target, FALSEHOOD, 987_654_321n);
      const match = await arena.play(await arena.open(target), { asserter: lie, challenger: truth });
      await expect(arena.sendSettlement(match, truth)).to.emit(arena.hub, "MatchWon");

      // The SKIP is true: who says that the run has a result can't show a step of it.
      await expect(arena.sendOpening(skip, truth)).to.be.revertedWithCustomError(arena.hub, "ClaimConfirmed");
      await passTicks(WINDOW);
      await arena.stage.finalize(1n, skip);
      expect(await arena.hub.isFinal(arena.stage.rollup, 1n)).to.equal(true);
    });
  });

  describe("on what a match's slot says", () => {
    it("is 2, the amount and the payee until it is collected", async () => {
      const { arena, target } = await loadFixture(lied);
      const match = await arena.open(target);
      await lapse();
      await timeOut(arena, match);
      const amount = 2n * arena.stage.params.security.bond;
      expect(await arena.hub.matchOf(match.id)).to.equal(
        (2n << 240n) | (amount << 160n) | BigInt(arena.challenger.address),
      );
    });
  });
});
