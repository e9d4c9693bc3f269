import { approveToken } from "../../sdk/src/actions/approveToken";
import { depositStake } from "../../sdk/src/actions/depositStake";
import { getToken } from "../../sdk/src/actions/getToken";
import type { Problem } from "../problems";
import type { Settlement } from "../settlement";
import { units } from "../terminal";
import type { Step } from "../transactions";

/** What a deposit takes at most after its approval [gas]. */
const DEPOSIT_GAS = 100_000n;

/** Returns the transactions that stake an amount: an approval where one is missing, and the deposit. */
export async function stakingSteps(
  settlement: Settlement,
  sender: string,
  operator: string,
  amount: bigint,
): Promise<{ steps: Step[]; problems: Problem[] }> {
  const vault = settlement.address("vault");
  const token = settlement.address("altToken");
  const { balance, allowance } = await getToken(settlement.hre.ethers.provider, token, sender, vault);
  const problems: Problem[] = [];
  if (balance < amount) {
    problems.push({
      path: `balance of ${sender}`,
      got: units(balance, "ALT"),
      rule: `${units(amount, "ALT")} are to be staked: fund the account or stake less`,
    });
  }
  const approval = {
    label: `Approve ${units(amount, "ALT")}`,
    transaction: approveToken({ token, spender: vault, amount }),
  };
  const deposit = {
    label: `Stake ${units(amount, "ALT")} on ${operator}`,
    transaction: depositStake({ vault, operator, amount }),
  };
  return allowance >= amount
    ? { steps: [deposit], problems }
    : { steps: [approval, { ...deposit, gasAfterThose: DEPOSIT_GAS }], problems };
}
