import { z } from "zod";
import { closeLine } from "../../sdk/src/actions/closeLine";
import { type LineState, getLine } from "../../sdk/src/actions/getLine";
import { getStake } from "../../sdk/src/actions/getStake";
import { withdrawLine } from "../../sdk/src/actions/withdrawLine";
import { IVault__factory } from "../../sdk/src/typechain";
import type { Action } from "../command";
import { check } from "../problems";
import { existing } from "../rollup/existing";
import { Settlement, senderOf } from "../settlement";
import { grouped, units } from "../terminal";
import { type Step, perform, transactionFacts } from "../transactions";
import { address, rollupName } from "../values";

const schema = z.object({ rollup: rollupName, to: address.optional(), from: address.optional() });

/** Closes the sender's line, or pays it out where it was closed long enough ago. Nothing is to do in between. */
const leave: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const sender = await senderOf(hre, given.from);
  const { rollup } = await existing(settlement, given.rollup);
  const { provider } = hre.ethers;
  const hub = settlement.address("hub");
  const place = { hub, rollup, key: sender.address };
  const before = await getLine(provider, place);
  const step = stepFor(before, { hub, rollup, to: given.to ?? sender.address });
  if (step === undefined) terminal.say(`  Nothing to do: ${stateOf(before)}.`);
  const performed = step && (await perform({ hre, sender, terminal, switches: args }, [step]));
  const line = await getLine(provider, place);
  const wasPaid = before.deposit > 0n && line.deposit === 0n;
  return {
    facts: {
      key: sender.address,
      rollup,
      line,
      ...(performed === undefined ? { transactions: [] } : transactionFacts(performed)),
    },
    rows: [
      ["rollup", rollup],
      ["key", sender.address],
      ["line", wasPaid ? `paid out, ${units(before.deposit, "ETH")}` : stateOf(line)],
    ],
    next:
      line.deposit === 0n
        ? await nextOf(settlement, sender.address, before.isAlt)
        : `${settlement.hardhat} operator leave --rollup ${given.rollup}`,
  };
};

export default leave;

/** The stake behind the line is free; all of it, where no other line has reserved any. */
async function nextOf(settlement: Settlement, key: string, hadStake: boolean): Promise<string> {
  const { hre, hardhat } = settlement;
  const vault = settlement.address("vault");
  const service = settlement.address("hub");
  if (!hadStake) return `${hardhat} rollup list`;
  const [operator] = await IVault__factory.connect(vault, hre.ethers.provider).keyOf(key);
  const { reserved } = await getStake(hre.ethers.provider, { vault, service, operator, owner: operator });
  return reserved === 0n
    ? `${hardhat} stake withdraw --operator ${operator} --amount all`
    : `${hardhat} stake show --operator ${operator}`;
}

function stepFor(line: LineState, place: { hub: string; rollup: bigint; to: string }): Step | undefined {
  if (line.deposit === 0n) return undefined;
  if (!line.isClosing)
    return { label: `Close the line in rollup ${place.rollup}`, transaction: closeLine(place) };
  if (line.releasedIn !== 0n) return undefined;
  const label = `Withdraw ${units(line.deposit, "ETH")} of the line in rollup ${place.rollup} to ${place.to}`;
  return { label, transaction: withdrawLine(place) };
}

function stateOf({ deposit, isClosing, releasedIn = 0n }: LineState): string {
  if (deposit === 0n) return "there is no line";
  if (!isClosing) return "open";
  return releasedIn === 0n
    ? "closed, to be withdrawn"
    : `closed; liable for ${grouped(releasedIn)} more ticks, then withdraw it by the same command`;
}
