import { id } from "ethers";
import { ethers } from "hardhat";
import { type Match, endArguments } from "../../sdk/src/dispute";
import { BLOCK_TIME, CLOCK, passTicks } from "../hub/fixture";
import { Arena, type Target, truthful } from "./arena";

/** A commitment that nothing leads to. */
export const FALSEHOOD = id("a commitment that nothing leads to");

/** Gas for verbs that may slash: they keep a reserve for it. */
export const PLENTY = { gasLimit: 2_000_000 };

/** A batch whose sequencer claimed a falsehood; a rival has a line too. */
export async function lied() {
  const arena = await Arena.create();
  await arena.stage.openLine(arena.f.rival);
  return { arena, target: await arena.post(() => ({ commitment: FALSEHOOD })) };
}

/** A batch whose sequencer claimed the truth; a rival has a line too. */
export async function told() {
  const arena = await Arena.create();
  await arena.stage.openLine(arena.f.rival);
  return { arena, target: await arena.post(truthful) };
}

/** Time passes until a side that didn't move has lost. */
export const lapse = () => passTicks(CLOCK + BLOCK_TIME);

export const timeOut = (arena: Arena, match: Match) => arena.hub.timeOut(...endArguments(match), PLENTY);

/** A contract that plays, with coins of its own. */
export async function puppetFor(arena: Arena) {
  const puppet = await ethers.deployContract("Puppet");
  const open = async (target: Target): Promise<Match> => {
    const call = arena.hub.interface.encodeFunctionData("openMatch", [arena.opening(target, target.truth)]);
    const value = arena.stage.params.security.bond;
    return arena.openedBy(await puppet.act(arena.hub, call, { value }));
  };
  const collect = (matchId: string, to: string) =>
    puppet.act(arena.hub, arena.hub.interface.encodeFunctionData("collect", [matchId, to]));
  return { puppet, open, collect };
}
