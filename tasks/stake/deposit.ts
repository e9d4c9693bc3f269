import { z } from "zod";
import { getStake } from "../../sdk/src/actions/getStake";
import type { Action } from "../command";
import { type Problem, check } from "../problems";
import { Settlement, senderOf } from "../settlement";
import { units } from "../terminal";
import { perform, transactionFacts } from "../transactions";
import { address, amount } from "../values";
import { stakingSteps } from "./steps";

const schema = z.object({ operator: address, amount: amount(18), from: address.optional() });

const deposit: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const sender = await senderOf(hre, given.from);
  const { steps, problems } = await stakingSteps(settlement, sender.address, given.operator, given.amount);
  const place = {
    vault: settlement.address("vault"),
    service: settlement.address("hub"),
    operator: given.operator,
    owner: sender.address,
  };
  const before = await getStake(hre.ethers.provider, place);
  const unknown: Problem = {
    path: "--operator",
    got: given.operator,
    rule: "no operator has registered under this address",
  };
  const setting = {
    hre,
    sender,
    terminal,
    switches: args,
    problems: [...problems, ...(before.isOperator ? [] : [unknown])],
  };
  const performed = await perform(setting, steps);
  const after = await getStake(hre.ethers.provider, place);
  return {
    facts: { ...place, staked: after.amount, pool: after.active, ...transactionFacts(performed) },
    rows: [
      ["operator", given.operator],
      ["your stake", units(after.amount, "ALT")],
      ["his pool", units(after.active, "ALT")],
    ],
    next: `${settlement.hardhat} stake show --operator ${given.operator} --owner ${sender.address}`,
  };
};

export default deposit;
