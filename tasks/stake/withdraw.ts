import { z } from "zod";
import { claimStake } from "../../sdk/src/actions/claimStake";
import { type Stake, getStake } from "../../sdk/src/actions/getStake";
import { type Ticket, getTickets } from "../../sdk/src/actions/getTickets";
import { unbondStake } from "../../sdk/src/actions/unbondStake";
import { startOfDay } from "../../sdk/src/staking";
import type { Action } from "../command";
import { type Problem, check, refuseIfAny } from "../problems";
import { Settlement, senderOf } from "../settlement";
import { units } from "../terminal";
import { type Step, perform, transactionFacts } from "../transactions";
import { address, amount } from "../values";

const ALL = "all";
const schema = z.object({
  operator: address,
  amount: z.union([z.literal(ALL), amount(18)]).optional(),
  from: address.optional(),
});

/** What claiming a ticket takes at most once those before it are mined [gas]. */
const CLAIM_GAS = 100_000n;

/** Claims the sender's tickets that have matured, and lets an amount leave where one is given. */
const withdraw: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const sender = await senderOf(hre, given.from);
  const vault = settlement.address("vault");
  const place = {
    vault,
    service: settlement.address("hub"),
    operator: given.operator,
    owner: sender.address,
  };
  const { provider } = hre.ethers;
  const tickets = (): Promise<Ticket[]> =>
    getTickets(provider, { ...place, fromBlock: settlement.book.fromBlock });
  const [stake, before] = await Promise.all([getStake(provider, place), tickets()]);
  const shares = given.amount === undefined ? 0n : sharesFor(stake, given.amount);
  const steps = [
    ...(shares === 0n
      ? []
      : [{ label: labelOf(stake, given.amount), transaction: unbondStake({ ...place, shares }) }]),
    ...before
      .filter(({ isMature }) => isMature)
      .map(({ maturity, amount: worth }) => ({
        label: `Claim ${units(worth, "ALT")}`,
        transaction: claimStake({ ...place, maturity }),
      })),
  ].map((step, at): Step => (at === 0 ? step : { ...step, gasAfterThose: CLAIM_GAS }));
  refuseIfAny(problemsOf(stake, given));
  if (steps.length === 0) terminal.say("  Nothing has matured: nothing to do.");
  const performed =
    steps.length === 0 ? undefined : await perform({ hre, sender, terminal, switches: args }, steps);
  const [after, left] = await Promise.all([getStake(provider, place), tickets()]);
  const waiting = left.find(({ isMature }) => !isMature);
  return {
    facts: {
      ...place,
      staked: after.amount,
      tickets: left,
      ...(performed === undefined ? { transactions: [] } : transactionFacts(performed)),
    },
    rows: [
      ["operator", given.operator],
      ["still staked", units(after.amount, "ALT")],
      ...left.map(({ maturity, amount: worth, isMature }) => {
        const from = new Date(Number(startOfDay(maturity)) * 1_000).toISOString().slice(0, 10);
        return [
          "leaving",
          `${units(worth, "ALT")}, ${isMature ? "to be claimed" : `from ${from} on`}`,
        ] as const;
      }),
    ],
    next:
      waiting === undefined
        ? `${settlement.hardhat} stake show --operator ${given.operator} --owner ${sender.address}`
        : `${settlement.hardhat} stake withdraw --operator ${given.operator}`,
  };
};

export default withdraw;

/** Shares worth an amount, rounded up, so that no less than it leaves; never more than there are. */
function sharesFor(stake: Stake, wanted: bigint | typeof ALL): bigint {
  if (wanted === ALL || stake.amount === 0n) return stake.shares;
  const shares = (wanted * stake.shares + stake.amount - 1n) / stake.amount;
  return shares < stake.shares ? shares : stake.shares;
}

function labelOf({ amount: staked }: Stake, wanted: bigint | typeof ALL | undefined): string {
  return `Let ${units(typeof wanted === "bigint" ? wanted : staked, "ALT")} leave`;
}

function problemsOf(stake: Stake, given: z.output<typeof schema>): Problem[] {
  if (!stake.isOperator) {
    return [
      { path: "--operator", got: given.operator, rule: "no operator has registered under this address" },
    ];
  }
  if (given.amount === undefined) return [];
  const isTooMuch = given.amount === ALL ? stake.amount === 0n : given.amount > stake.amount;
  if (!isTooMuch) return [];
  const got = given.amount === ALL ? ALL : units(given.amount, "ALT");
  return [{ path: "--amount", got, rule: `you have ${units(stake.amount, "ALT")} staked on him` }];
}
