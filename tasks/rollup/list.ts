import { z } from "zod";
import { countRollups, getRollup } from "../../sdk/src/actions/getRollup";
import type { Action } from "../command";
import { check } from "../problems";
import { Settlement } from "../settlement";

const COUNT = "a whole number from 1 to 1000 was expected";
const schema = z.object({
  last: z
    .string()
    .regex(/^\d{1,4}$/, { error: COUNT })
    .transform(BigInt)
    .refine((count) => count >= 1n && count <= 1_000n, { error: COUNT })
    .default(20n),
});

const list: Action = async (args, hre) => {
  const { last } = check(schema, args);
  const settlement = await Settlement.open(hre);
  const hub = settlement.address("hub");
  const count = await countRollups(hre.ethers.provider, hub);
  const shown = count < last ? count : last;
  const ids = Array.from({ length: Number(shown) }, (_, at) => count - BigInt(at));
  const names = new Map(Object.entries(settlement.book.rollups).map(([name, { id }]) => [id, name]));
  const found = await Promise.all(ids.map((id) => getRollup(hre.ethers.provider, hub, id)));
  const rollups = found.map((rollup) => ({ name: names.get(`${rollup.rollup}`) ?? "", ...rollup }));
  return {
    facts: { count, rollups },
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
      count === 0n
        ? `${settlement.hardhat} rollup create --preset owned --name my-rollup`
        : `${settlement.hardhat} rollup show --rollup ${count}`,
  };
};

export default list;
