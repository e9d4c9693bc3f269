import { z } from "zod";
import { listMatches, type PlayedMatch } from "../../sdk/src/actions/getMatch";
import type { Action } from "../command";
import { check } from "../problems";
import { existing } from "../rollup/existing";
import { Settlement } from "../settlement";
import { count } from "../values";

const schema = z.object({
  rollup: z.string().optional(),
  last: count,
  live: z.boolean().default(false),
});

const list: Action = async (args, hre) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const rollup = given.rollup === undefined ? undefined : await existing(settlement, given.rollup);
  const { fromBlock } = settlement.book;
  const all = await listMatches(hre.ethers.provider, settlement.address("hub"), fromBlock);
  const found = all
    .filter(({ match }) => rollup === undefined || match.terms.rollup === rollup.rollup)
    .filter(({ outcome }) => !given.live || outcome === "live")
    .reverse();
  const shown = found.slice(0, given.last);
  const newest = shown[0];
  return {
    facts: { count: found.length, matches: shown.map(factsOf) },
    print: (terminal) =>
      terminal.columns(
        ["match", "rollup", "batch", "asserter", "challenger", "outcome", "clock left", "moves", "gas"],
        shown.map((played) => [
          played.match.id.slice(0, 18),
          played.match.terms.rollup,
          played.match.terms.index,
          short(played.match.asserter),
          short(played.match.challenger),
          played.turn === undefined ? played.outcome : `${played.turn.by}'s turn`,
          clockLeft(played),
          played.moves.length,
          gasOf(played),
        ]),
      ),
    next:
      newest === undefined
        ? `${settlement.hardhat} rollup list`
        : `${settlement.hardhat} dispute show --match ${newest.match.id.slice(0, 18)}`,
  };
};

export default list;

export const short = (address: string): string => `${address.slice(0, 8)}…${address.slice(-4)}`;

/** All transactions of a match so far, both sides', payments included. */
export function gasOf({ moves }: PlayedMatch): bigint {
  return moves.reduce((sum, { gas }) => sum + gas, 0n);
}

function clockLeft({ turn }: PlayedMatch): string {
  if (turn === undefined) return "";
  return turn.used > turn.clock ? "expired" : `${turn.clock - turn.used} ticks`;
}

/** What `--json` says of a match. */
export function factsOf(played: PlayedMatch): Readonly<Record<string, unknown>> {
  const { match, moves, outcome, turn, payout, burned, isPaid } = played;
  const { id, terms, asserter, challenger, claimKey, position } = match;
  return {
    match: id,
    rollup: terms.rollup,
    batch: terms.index,
    mode: terms.mode,
    bond: terms.bond,
    claimKey,
    asserter,
    challenger,
    outcome,
    turn,
    clocks: { asserter: position.clocks[0], challenger: position.clocks[1] },
    log2len: position.log2len,
    payout,
    burned,
    isPaid,
    gas: gasOf(played),
    moves,
  };
}
