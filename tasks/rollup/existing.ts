import { type Rollup, getRollup } from "../../sdk/src/actions/getRollup";
import { Refused } from "../problems";
import type { Settlement } from "../settlement";

/** Returns a rollup that must exist, by its id or its name in the address book. */
export async function existing(settlement: Settlement, given: string): Promise<Rollup> {
  const id = settlement.rollupId(given);
  const rollup = await getRollup(settlement.hre.ethers.provider, settlement.address("hub"), id);
  if (rollup.status !== "None") return rollup;
  throw new Refused([{ path: "--rollup", got: `${id}`, rule: "the hub has no rollup with this id" }]);
}
