import { ZeroAddress, ZeroHash } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { z } from "zod";
import { forceTransaction } from "../../sdk/src/actions/forceTransaction";
import { getExit } from "../../sdk/src/actions/getExit";
import { type Rollup } from "../../sdk/src/actions/getRollup";
import { getToken } from "../../sdk/src/actions/getToken";
import { payExit } from "../../sdk/src/actions/payExit";
import { getLedgerReceipt, sendLedgerTransaction } from "../../sdk/src/actions/sendLedgerTransaction";
import {
  AssetKind,
  type Exit,
  STATUS_TEXTS,
  type Status,
  gasOf,
  signTransaction,
} from "../../sdk/src/ledger";
import { RollupNode } from "../../sdk/src/node";
import type { Action, Arguments, Report, Switches } from "../command";
import { Failed } from "../failure";
import { type Problem, Refused, check, refuseIfAny, shown } from "../problems";
import { existing } from "../rollup/existing";
import { Settlement, senderOf } from "../settlement";
import type { Terminal } from "../terminal";
import { confirm, perform, transactionFacts } from "../transactions";
import { address, endpoint, index, parseAmount, rollupName } from "../values";

const KIND = "a whole number from 0 to 7 was expected, without 4";
const schema = z.object({
  rollup: rollupName,
  amount: z.string().optional(),
  token: address.optional(),
  kind: z
    .string()
    .regex(/^[0-35-7]$/, { error: KIND })
    .transform(Number)
    .optional(),
  id: z
    .string()
    .regex(/^\d{1,78}$/, { error: "a whole number was expected" })
    .transform(BigInt)
    .default(0n),
  to: address.optional(),
  index: index.optional(),
  forced: z.boolean().default(false),
  node: endpoint,
  from: address.optional(),
});
type Given = z.output<typeof schema>;

/** How long the task waits for the node to seal the transaction [ms]. */
const SEALING = 15_000;
const PAUSE = 100;

interface Setting {
  readonly settlement: Settlement;
  readonly sender: HardhatEthersSigner;
  readonly rollup: Rollup;
  readonly node: RollupNode;
  readonly given: Given;
  readonly terminal: Terminal;
  readonly switches: Arguments & Switches;
}

const exit: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const asks = given.forced || (given.amount ?? given.token ?? given.to) !== undefined;
  const unclear = given.index !== undefined && asks;
  if (unclear || (given.index === undefined && given.amount === undefined)) {
    const rule =
      "either --amount (with --token, --to …) to ask for an exit, or --index to pay one, was expected";
    throw new Refused([{ path: "--amount, --index", got: unclear ? "both" : "neither", rule }]);
  }
  const settlement = await Settlement.open(hre);
  const sender = await senderOf(hre, given.from);
  const rollup = await existing(settlement, given.rollup);
  const node = new RollupNode(given.node, rollup.l2ChainId);
  const setting = { settlement, sender, rollup, node, given, terminal, switches: args };
  return given.index === undefined ? request(setting) : pay(setting, given.index);
};

export default exit;

/** Signs the exit for the rollup and hands it to the node. */
async function request({
  settlement,
  sender,
  rollup,
  node,
  given,
  terminal,
  switches,
}: Setting): Promise<Report> {
  const action = await actionOf(settlement, sender.address, given);
  const problems: Problem[] = [];
  if (rollup.status === "Retired" || rollup.status === "Escaped") {
    problems.push({
      path: "--rollup",
      got: `${rollup.rollup}, ${rollup.status}`,
      rule: "it takes no transactions any more; what was yours is an exit already: see bridge status --owner",
    });
  }
  const [held, { gasPrice }] = await Promise.all([
    node.request<string>("ledger_getBalance", sender.address, action.kind, action.token, `${action.id}`),
    node.request<{ gasPrice: string }>("rollup_status"),
  ]);
  const fee = BigInt(gasOf(action)) * BigInt(gasPrice);
  const needed = action.amount + (action.kind === AssetKind.Coin && !given.forced ? fee : 0n);
  if (BigInt(held) < needed) {
    const rule = `${needed} are needed, the fee of ${fee} wei included where coins are taken home`;
    problems.push({ path: `balance of ${sender.address} on the rollup`, got: `${BigInt(held)}`, rule });
  }
  refuseIfAny(problems);
  if (given.forced) return force({ settlement, sender, rollup, node, given, terminal, switches }, action);
  terminal.say(
    `  Exit ${action.amount} of the smallest unit from rollup ${rollup.rollup}: a fee of ${fee} wei there, no gas here`,
  );
  if (switches.dryRun) {
    terminal.say("  Dry run: nothing was signed, nothing was sent.");
    return { facts: { dryRun: true, action, fee } };
  }
  await confirm(terminal, switches, 1);
  const hash = await sendLedgerTransaction(node, sender, action);
  terminal.say(`  ✓ accepted by the node  ${hash}`);
  const number = await sealed(node, hash);
  const status = `${settlement.hardhat} bridge status --rollup ${given.rollup}`;
  return {
    facts: { rollup: rollup.rollup, transaction: hash, index: number, action, fee },
    rows: [
      ["rollup", rollup.rollup],
      ["transaction", hash],
      ["exit", number ?? "not in a block yet"],
      ["paid to", action.to],
    ],
    next: number === undefined ? `${status} --owner ${action.to}` : `${status} --exit ${number}`,
  };
}

/** Signs the exit and sends it through L1, where no sequencer can leave it out; there it costs gas, and no fee on the rollup. */
async function force(
  { settlement, sender, rollup, node, given, terminal, switches }: Setting,
  action: Exit,
): Promise<Report> {
  const nonce = BigInt(await node.request<number>("ledger_getNonce", sender.address));
  const transaction = await signTransaction(sender, rollup.l2ChainId, { action, maxFee: 0n, nonce });
  const call = forceTransaction({ hub: settlement.address("hub"), rollup: rollup.rollup, transaction });
  const label = `Force an exit of ${action.amount} of the smallest unit from rollup ${rollup.rollup}`;
  const performed = await perform({ hre: settlement.hre, sender, terminal, switches }, [
    { label, transaction: call },
  ]);
  const last = performed.done.at(-1);
  const facts = { rollup: rollup.rollup, action, transaction, ...transactionFacts(performed) };
  if (last === undefined) return { facts };
  const { messageIndex } = call.resultOf(last.receipt);
  return {
    facts: { ...facts, messageIndex },
    rows: [
      ["rollup", rollup.rollup],
      ["message", messageIndex],
      ["paid to", action.to],
      [
        "in a batch",
        `at the latest the one after the next; without any for ${rollup.forceDelay} s, anybody may post`,
      ],
    ],
    next: `${settlement.hardhat} bridge status --rollup ${given.rollup} --message ${messageIndex}`,
  };
}

async function actionOf(settlement: Settlement, sender: string, given: Given): Promise<Exit> {
  const {
    kind = given.token === undefined ? AssetKind.Coin : AssetKind.Erc20,
    token = ZeroAddress,
    id,
  } = given;
  const decimals =
    kind === AssetKind.Coin
      ? 18
      : kind === AssetKind.Erc20
        ? (await getToken(settlement.hre.ethers.provider, token, sender, settlement.address("bridge")))
            .decimals
        : 0;
  const amount = parseAmount(given.amount ?? "", decimals) ?? 0n;
  const problems: Problem[] = [];
  if (amount === 0n) {
    problems.push({
      path: "--amount",
      got: shown(given.amount),
      rule: `more than 0, with at most ${decimals} decimals`,
    });
  }
  if ((kind === AssetKind.Coin) !== (token === ZeroAddress)) {
    problems.push({
      path: "--kind",
      got: `${kind}`,
      rule: "kind 0 is the coin, without --token; every other kind has one",
    });
  }
  refuseIfAny(problems);
  const to = given.to ?? sender;
  return { type: "Exit", kind, token, id, amount, targetRollup: 0n, to, fallbackTo: to, dataHash: ZeroHash };
}

/** Waits until the node has put the transaction into a block; returns the exit's index, undefined when it takes longer. */
async function sealed(node: RollupNode, hash: string): Promise<bigint | undefined> {
  for (const end = Date.now() + SEALING; Date.now() < end;) {
    const receipt = await getLedgerReceipt(node, hash);
    if (receipt?.applied === true) return BigInt(receipt.output ?? "0x0");
    if (receipt?.applied === false) {
      const status = (receipt.status ?? "Malformed") as Status;
      throw new Failed(
        `The rollup skipped the exit: ${status}`,
        STATUS_TEXTS[status],
        "Put that right and run the task again.",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return undefined;
}

/** Pays an exit that is under a final commitment. */
async function pay(
  { settlement, sender, rollup, node, given, terminal, switches }: Setting,
  number: bigint,
): Promise<Report> {
  const { hre } = settlement;
  const place = {
    provider: hre.ethers.provider,
    node,
    bridge: settlement.address("bridge"),
    rollup: rollup.rollup,
  };
  const found = await getExit({ ...place, index: number });
  const status = `${settlement.hardhat} bridge status --rollup ${given.rollup} --exit ${number}`;
  if (found.status === "paid") {
    terminal.say("  This exit is paid already: nothing to do.");
    return {
      facts: { rollup: rollup.rollup, index: number, status: "paid", transactions: [] },
      next: status,
    };
  }
  if (found.payment === undefined) {
    throw new Failed(
      `Exit ${number} isn't payable yet`,
      "The batch that it is in isn't final: its claim's window is still open.",
      `Look again later: ${status}`,
    );
  }
  const call = payExit(found.payment);
  const performed = await perform({ hre, sender, terminal, switches }, [
    { label: `Pay exit ${number} of rollup ${rollup.rollup} to ${found.payment.leaf.to}`, transaction: call },
  ]);
  const last = performed.done.at(-1);
  const isPaid = last !== undefined && call.resultOf(last.receipt).isPaid;
  return {
    facts: { rollup: rollup.rollup, index: number, isPaid, leaf: found.leaf, ...transactionFacts(performed) },
    rows: [
      ["rollup", rollup.rollup],
      ["exit", number],
      ["paid to", found.payment.leaf.to],
      [
        "status",
        isPaid
          ? "paid"
          : last === undefined
            ? "not sent"
            : "queued by the rollup's limiter; run it again later",
      ],
    ],
    next: status,
  };
}
