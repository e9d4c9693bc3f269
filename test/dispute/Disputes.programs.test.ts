import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Arena } from "./arena";
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
