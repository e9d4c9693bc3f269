import { z } from "zod";
import { getExit, listExits } from "../../sdk/src/actions/getExit";
import { RollupNode } from "../../sdk/src/node";
import type { Action } from "../command";
import { Refused, check } from "../problems";
import { existing } from "../rollup/existing";
import { Settlement } from "../settlement";
import { address, endpoint, index, rollupName } from "../values";

const schema = z.object({
  rollup: rollupName,
  message: index.optional(),
  exit: index.optional(),
  owner: address.optional(),
  node: endpoint,
});

const status: Action = async (args, hre) => {
  const { message, exit, owner, ...given } = check(schema, args);
  const chosen = [message, exit, owner].filter((value) => value !== undefined).length;
  if (chosen !== 1) {
    const rule = "one of --message (a deposit), --exit and --owner was expected";
    throw new Refused([{ path: "--message, --exit, --owner", got: `${chosen} of them`, rule }]);
  }
  const settlement = await Settlement.open(hre);
  const rollup = await existing(settlement, given.rollup);
  const node = new RollupNode(given.node, rollup.l2ChainId);
  const bridge = settlement.address("bridge");
  const task = `${settlement.hardhat} bridge`;

  if (message !== undefined) {
    if (message >= rollup.messages) {
      throw new Refused([
        {
          path: "--message",
          got: `${message}`,
          rule: `the rollup has ${rollup.messages} messages, counted from 0`,
        },
      ]);
    }
    const { messages } = await node.request<{ messages: { consumed: number } }>("rollup_status");
    const stands =
      BigInt(messages.consumed) > message ? "consumed: it is in the rollup's state" : "waiting for a batch";
    return {
      facts: { rollup: rollup.rollup, message, consumed: BigInt(messages.consumed) > message },
      rows: [
        ["rollup", rollup.rollup],
        ["message", message],
        ["status", stands],
      ],
      next: `${task} exit --rollup ${given.rollup} --amount 1`,
    };
  }
  if (exit !== undefined) {
    const found = await getExit({
      provider: hre.ethers.provider,
      node,
      bridge,
      rollup: rollup.rollup,
      index: exit,
    });
    return {
      facts: { rollup: rollup.rollup, ...found, payment: undefined },
      rows: [
        ["rollup", rollup.rollup],
        ["exit", exit],
        ["status", found.status],
        ...(found.leaf === undefined
          ? []
          : ([
              ["amount", found.leaf.amount],
              ["to", found.leaf.to],
            ] as const)),
      ],
      next:
        found.status === "payable"
          ? `${task} exit --rollup ${given.rollup} --index ${exit}`
          : `${task} status --rollup ${given.rollup} --exit ${exit}`,
    };
  }
  const exits = await listExits(node, owner ?? "");
  const last = exits.at(-1);
  return {
    facts: { rollup: rollup.rollup, owner, exits },
    print: (terminal) =>
      terminal.columns(
        ["exit", "finality", "kind", "token", "id", "amount", "to"],
        exits.map(({ index: number, finality, leaf }) => [
          number,
          finality,
          leaf.kind,
          leaf.token,
          `${leaf.id}`,
          `${leaf.amount}`,
          leaf.to,
        ]),
      ),
    next:
      last === undefined
        ? `${task} exit --rollup ${given.rollup} --amount 1`
        : last.finality === "final"
          ? `${task} exit --rollup ${given.rollup} --index ${last.index}`
          : `${task} status --rollup ${given.rollup} --exit ${last.index}`,
  };
};

export default status;
