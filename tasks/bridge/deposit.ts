import { z } from "zod";
import { approveToken } from "../../sdk/src/actions/approveToken";
import { type Deposited, depositNative } from "../../sdk/src/actions/depositNative";
import { depositToken } from "../../sdk/src/actions/depositToken";
import { getToken } from "../../sdk/src/actions/getToken";
import type { Call } from "../../sdk/src/call";
import type { Action } from "../command";
import { type Problem, check, refuseIfAny, shown } from "../problems";
import { existing } from "../rollup/existing";
import { Settlement, senderOf } from "../settlement";
import { units } from "../terminal";
import { type Step, perform, transactionFacts } from "../transactions";
import { address, parseAmount, rollupName } from "../values";

const AMOUNT = 'a positive number like 1.5, or a whole number of the smallest unit like "1500wei"';
const schema = z.object({
  rollup: rollupName,
  amount: z.string({ error: AMOUNT }).regex(/^\d{1,60}(\.\d{1,60}| ?wei)?$/, { error: AMOUNT }),
  token: address.optional(),
  to: address.optional(),
  from: address.optional(),
});

/** What a token's deposit takes at most after its approval [gas]. */
const DEPOSIT_GAS = 150_000n;

interface Place {
  readonly bridge: string;
  readonly hub: string;
  readonly rollup: bigint;
  readonly to: string;
}

interface Plan {
  readonly call: Call<Deposited>;
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
  readonly inUnits: (amount: bigint) => string;
}

const deposit: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const sender = await senderOf(hre, given.from);
  const rollup = await existing(settlement, given.rollup);
  const problems: Problem[] = [];
  if (rollup.status !== "Active") {
    problems.push({
      path: "--rollup",
      got: `${rollup.rollup}, ${rollup.status}`,
      rule: "only an Active rollup takes deposits",
    });
  }
  const place = {
    bridge: settlement.address("bridge"),
    hub: settlement.address("hub"),
    rollup: rollup.rollup,
    to: given.to ?? sender.address,
  };
  const plan =
    given.token === undefined
      ? coins(place, given.amount)
      : await tokens(settlement, { ...place, token: given.token }, given.amount, sender.address);
  refuseIfAny([...problems, ...plan.problems]);
  const performed = await perform({ hre, sender, terminal, switches: args }, plan.steps);
  const last = performed.done.at(-1);
  const next = `${settlement.hardhat} bridge status --rollup ${given.rollup}`;
  if (last === undefined) return { facts: { ...place, ...transactionFacts(performed) } };
  const { messageIndex, amount } = plan.call.resultOf(last.receipt);
  return {
    facts: { ...place, messageIndex, amount, ...transactionFacts(performed) },
    rows: [
      ["rollup", rollup.rollup],
      ["credited to", place.to],
      ["amount", plan.inUnits(amount)],
      ["message", messageIndex],
    ],
    next: `${next} --message ${messageIndex}`,
  };
};

export default deposit;

function wrongAmount(given: string, decimals: number): Problem {
  return { path: "--amount", got: shown(given), rule: `more than 0, with at most ${decimals} decimals` };
}

function coins(place: Place, given: string): Plan {
  const amount = parseAmount(given, 18) ?? 0n;
  const call = depositNative({ ...place, amount });
  const inUnits = (value: bigint): string => units(value, "ETH");
  return {
    call,
    steps: [{ label: `Deposit ${inUnits(amount)} on rollup ${place.rollup}`, transaction: call }],
    problems: amount > 0n ? [] : [wrongAmount(given, 18)],
    inUnits,
  };
}

async function tokens(
  settlement: Settlement,
  place: Place & { readonly token: string },
  given: string,
  sender: string,
): Promise<Plan> {
  const { provider } = settlement.hre.ethers;
  if ((await provider.getCode(place.token)) === "0x") {
    refuseIfAny([
      { path: "--token", got: place.token, rule: "no contract is there: check the address and the network" },
    ]);
  }
  const { symbol, decimals, balance, allowance } = await getToken(
    provider,
    place.token,
    sender,
    place.bridge,
  );
  const inUnits = (value: bigint): string => units(value, symbol, decimals);
  const amount = parseAmount(given, decimals) ?? 0n;
  const problems: Problem[] = [];
  if (amount === 0n) problems.push(wrongAmount(given, decimals));
  if (balance < amount) {
    problems.push({
      path: `balance of ${sender}`,
      got: inUnits(balance),
      rule: `${inUnits(amount)} are to be deposited`,
    });
  }
  const call = depositToken({ ...place, amount });
  const step = { label: `Deposit ${inUnits(amount)} on rollup ${place.rollup}`, transaction: call };
  const approval = {
    label: `Approve ${inUnits(amount)} for the bridge`,
    transaction: approveToken({ token: place.token, spender: place.bridge, amount }),
  };
  const steps = allowance >= amount ? [step] : [approval, { ...step, gasAfterThose: DEPOSIT_GAS }];
  return { call, steps, problems, inUnits };
}
