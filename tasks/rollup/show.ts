import { z } from "zod";
import type { Rollup } from "../../sdk/src/actions/getRollup";
import type { Action } from "../command";
import { check } from "../problems";
import { Settlement } from "../settlement";
import { type Rows, grouped, units } from "../terminal";
import { rollupName } from "../values";
import { existing } from "./existing";

const schema = z.object({ rollup: rollupName });

const show: Action = async (args, hre) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const rollup = await existing(settlement, given.rollup);
  return {
    facts: { ...rollup },
    rows: rowsOf(rollup),
    next: `${settlement.hardhat} bridge deposit --rollup ${given.rollup} --amount 1`,
  };
};

export default show;

const time = (seconds: bigint): string => new Date(Number(seconds) * 1_000).toISOString().replace(".000", "");

function rowsOf(rollup: Rollup): Rows {
  return [
    ["rollup", rollup.rollup],
    ["status", rollup.status],
    ["owner", rollup.owner ?? "nobody: immutable for life"],
    ["L2 chain id", rollup.l2ChainId],
    ["program", rollup.program],
    ["drains", rollup.drainAt === undefined ? "never by itself" : time(rollup.drainAt)],
    ["batches", `${grouped(rollup.posted)} posted, ${grouped(rollup.finalIndex)} final`],
    ["messages", grouped(rollup.messages)],
    ["last batch", rollup.posted === 0n ? "none yet" : time(rollup.lastPost)],
    ["final commitment", rollup.finalCommitment],
    ["window", `${grouped(rollup.window)} ticks; a claim ends within ${grouped(rollup.claimLife)}`],
    ["line", `${units(rollup.deposit, "ETH")} deposited, ${units(rollup.slash, "ALT")} reserved`],
    ["posting opens to all", `${grouped(rollup.forceDelay)} s after the last batch`],
  ];
}
