import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { getMatch } from "../../sdk/src/actions/getMatch";
import { type Match, endArguments } from "../../sdk/src/dispute";
import type { Arena } from "../dispute/arena";
import { FALSEHOOD, lapse, lied, puppetFor, timeOut } from "../dispute/scenes";

/** What is drawn of a match that somebody ended through a contract: the hub's own call isn't in the transaction. */
describe("getMatch", () => {
  const endOf = async (arena: Arena, { id }: Match) => {
    const played = await getMatch(ethers.provider, await arena.hub.getAddress(), 0, id);
    const { outcome, moves } = played!;
    return [outcome, moves.at(-1)?.verb];
  };

  it("tells a time-out through a contract", async () => {
    const { arena, target } = await loadFixture(lied);
    const { puppet, open } = await puppetFor(arena);
    const match = await open(target);
    await lapse();
    const call = arena.hub.interface.encodeFunctionData("timeOut", endArguments(match));
    await puppet.act(arena.hub, call, { gasLimit: 2_000_000 });
    expect(await endOf(arena, match)).to.deep.equal(["challenger won", "timeOut"]);
  });

  it("tells a step, and a match that goes on", async () => {
    const { arena, target } = await loadFixture(lied);
    const match = await arena.play(await arena.open(target), {
      asserter: arena.lie(target, FALSEHOOD, 0n),
      challenger: target.truth,
    });
    expect(await endOf(arena, match)).to.deep.equal(["live", "dissect"]);
    await arena.sendSettlement(match, target.truth);
    expect(await endOf(arena, match)).to.deep.equal(["challenger won", "settle"]);
  });

  it("tells a drop through a contract", async () => {
    const { arena, target } = await loadFixture(lied);
    const { puppet, open } = await puppetFor(arena);
    const [dropped, won] = [await open(target), await arena.open(target)];
    await lapse();
    await timeOut(arena, won);
    await puppet.act(arena.hub, arena.hub.interface.encodeFunctionData("dropMatch", endArguments(dropped)));
    expect(await endOf(arena, dropped)).to.deep.equal(["dropped", "dropMatch"]);
    expect(await endOf(arena, won)).to.deep.equal(["challenger won", "timeOut"]);
  });
});
