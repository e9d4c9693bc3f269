import { z } from "zod";
import { countRollups, getRollup } from "../../sdk/src/actions/getRollup";
import type { Action } from "../command";
import { check } from "../problems";
import { Settlement } from "../settlement";
import { count } from "../values";

const schema = z.object({ last: count });

const list: Action = async (args, hre) => {
  const { last } = check(schema, args);
  const settlement = await Settlement.open(hre);
  const hub = settlement.address("hub");
  const all = await countRollups(hre.ethers.provider, hub);
  const shown = all < last ? Number(all) : last;
  const ids = Array.from({ length: shown }, (_, at) => all - BigInt(at));
  const names = new Map(Object.entries(settlement.book.rollups).map(([name, { id }]) => [id, name]));
  const found = await Promise.all(ids.map((id) => getRollup(hre.ethers.provider, hub, id)));
  const rollups = found.map((rollup) => ({ name: names.get(`${rollup.rollup}`) ?? "", ...rollup }));
  return {
    facts: { count: all, rollups },
    print: (terminal) =>
      terminal.columns(
        ["rollup", "name", "status", "L2 chain id", "posted", "final", "messages"],
        rollups.map(({ rollup, name, status, l2ChainId, posted, finalIndex, messages }) => [
          rollup,
          name,
          status,
          `${l2ChainId}`,
          posted,
          finalIndex,
          messages,
        ]),
      ),
    next:
      all === 0n
        ? `${settlement.hardhat} rollup create --preset owned --name my-rollup`
        : `${settlement.hardhat} rollup show --rollup ${all}`,
  };
};

export default list;
