import { z } from "zod";
import { WHOLE } from "../../sdk/src/actions/allocateStake";
import { getStake } from "../../sdk/src/actions/getStake";
import type { Action } from "../command";
import { check, refuseIfAny } from "../problems";
import { Settlement } from "../settlement";
import { units } from "../terminal";
import { address } from "../values";

const schema = z.object({ operator: address, owner: address.optional() });

const percent = (part: bigint): string => `${Number((part * 1_000_000n) / WHOLE) / 10_000} %`;

const show: Action = async (args, hre) => {
  const { operator, owner = operator } = check(schema, args);
  const settlement = await Settlement.open(hre);
  const service = settlement.address("hub");
  const stake = await getStake(hre.ethers.provider, {
    vault: settlement.address("vault"),
    operator,
    service,
    owner,
  });
  refuseIfAny(
    stake.isOperator
      ? []
      : [{ path: "--operator", got: operator, rule: "no operator has registered under this address" }],
  );
  return {
    facts: { operator, owner, service, ...stake },
    rows: [
      ["operator", operator],
      ["pool, active", units(stake.active, "ALT")],
      ["pool, leaving", units(stake.unbonding, "ALT")],
      ["left by slashes", percent(stake.magnitude)],
      ["allocated to the hub", percent(stake.allocated)],
      ["backs lines", units(stake.backing, "ALT")],
      ["reserved by lines", units(stake.reserved, "ALT")],
      ["jailed", stake.isJailed ? "yes" : "no"],
      [owner === operator ? "his own part" : `part of ${owner}`, units(stake.amount, "ALT")],
    ],
    next: `${settlement.hardhat} stake deposit --operator ${operator} --amount 1000`,
  };
};

export default show;
