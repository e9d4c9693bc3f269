import { z } from "zod";
import { listMatches, type MatchMove, type PlayedMatch } from "../../sdk/src/actions/getMatch";
import type { Action } from "../command";
import { Refused, check } from "../problems";
import { Settlement } from "../settlement";
import { grouped, type Terminal, units } from "../terminal";
import { factsOf, gasOf } from "./list";

const MATCH = "a match's id, or its first digits: 0x and 4 to 64 hexadecimal digits";
const schema = z.object({
  match: z.string({ error: MATCH }).regex(/^0x[0-9a-fA-F]{4,64}$/, { error: MATCH }),
});

const show: Action = async (args, hre) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const { fromBlock } = settlement.book;
  const only = given.match.length === 66 ? given.match.toLowerCase() : undefined;
  const all = await listMatches(hre.ethers.provider, settlement.address("hub"), fromBlock, only);
  const found = all.filter(({ match }) => match.id.startsWith(given.match.toLowerCase()));
  const [played] = found;
  if (played === undefined || found.length > 1) {
    const rule =
      played === undefined
        ? "the hub has no match whose id begins so"
        : `${found.length} matches begin so: give more digits`;
    throw new Refused([{ path: "--match", got: given.match, rule }]);
  }
  return {
    facts: factsOf(played),
    print: (terminal) => draw(played, terminal),
    next: `${settlement.hardhat} dispute list --rollup ${played.match.terms.rollup}`,
  };
};

export default show;

/** The match as a tree: each dissection lies inside the segment that the one before it left in dispute. */
function draw(played: PlayedMatch, terminal: Terminal): void {
  const { match, moves, turn, outcome } = played;
  const { rollup, index, nonce, bond } = match.terms;
  terminal.result(`  match ${match.id}`);
  terminal.result(`  rollup ${rollup}, batch ${index}, claim ${match.claimKey}`);
  terminal.result(`  asserter   ${match.asserter} (nonce ${nonce} of his line)`);
  terminal.result(`  challenger ${match.challenger} (bond ${units(bond, "ETH")})`);
  terminal.result("");
  const lines = moves.map((move, at) => [treeOf(move, at), move] as const);
  const width = Math.max(...lines.map(([text]) => text.length));
  for (const [text, { gas, block }] of lines)
    terminal.result(`  ${text.padEnd(width)}  ${grouped(gas).padStart(9)} gas  L1 block ${block}`);
  terminal.result(`  ${branch(moves.length)}${turn === undefined ? ending(played) : waiting(turn)}`);
  terminal.result("");
  terminal.table([
    ["outcome", outcome],
    ["clocks", `asserter ${clock(played, 0)}, challenger ${clock(played, 1)}`],
    ...(["asserter", "challenger", "anyone"] as const)
      .map((who) => [who, moves.filter(({ by }) => by === who)] as const)
      .filter(([, own]) => own.length > 0)
      .map(
        ([who, own]) =>
          [
            `gas, ${who}`,
            `${grouped(own.reduce((sum, { gas }) => sum + gas, 0n))} in ${own.length}`,
          ] as const,
      ),
    ["gas, all", grouped(gasOf(played))],
  ]);
}

function treeOf({ by, verb, segment, range: [from, to] }: MatchMove, depth: number): string {
  const steps = `${grouped(from)} … ${grouped(to)}`;
  if (verb === "open") return `${by} opens: steps ${steps}`;
  if (verb === "dissect") return `${branch(depth)}${by}: segment ${segment ?? 0}, steps ${steps}`;
  const words = {
    settle: "settles at one instruction",
    timeOut: "ends it: the other clock ran out",
    dropMatch: "drops it: the claim has lost its backing",
    collect: "takes what is owed",
  };
  return `${branch(depth)}${by} ${words[verb]}`;
}

function branch(depth: number): string {
  return depth === 0 ? "" : `${"   ".repeat(depth - 1)}└─ `;
}

function waiting({ by, used, clock: all }: NonNullable<PlayedMatch["turn"]>): string {
  return used > all
    ? `${by}'s clock has run out: anyone may end it`
    : `${by}'s turn, ${grouped(used)} of ${grouped(all)} ticks used`;
}

function ending({ outcome, payout = 0n, burned = 0n, isPaid }: PlayedMatch): string {
  const paid = payout === 0n ? "" : `, ${units(payout, "ETH")} ${isPaid ? "paid" : "to be collected"}`;
  return `${outcome}${paid}${burned === 0n ? "" : `, ${units(burned, "ETH")} burned`}`;
}

/** What is left on a side's clock [ticks]. */
function clock({ match, turn }: PlayedMatch, side: 0 | 1): string {
  const all = match.position.clocks[side];
  const isRunning = turn !== undefined && match.position.turn === side;
  if (!isRunning) return `${grouped(all)} ticks`;
  return `${grouped(turn.used > all ? 0n : all - turn.used)} ticks (running)`;
}
