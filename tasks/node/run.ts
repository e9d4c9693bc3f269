import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROLES } from "../../sequencer/src/config";
import type { Action } from "../command";
import { Failed } from "../failure";
import { check } from "../problems";
import { Settlement } from "../settlement";
import { endpoints, port } from "../values";
import { NodeProcess } from "./process";

const ROLE = `some of ${ROLES.join(", ")}, with commas, were expected`;
const IDS = "ids of rollups, with commas, were expected";
const schema = z.object({
  command: z.literal("run", { error: '"run" was expected, or nothing for a chain on loopback' }),
  role: z
    .string()
    .refine((text) => text.split(",").every((role) => (ROLES as readonly string[]).includes(role)), {
      error: ROLE,
    })
    .default("follower"),
  rollups: z
    .string()
    .regex(/^\d+(,\d+)*$/, { error: IDS })
    .optional(),
  keyFile: z.string().refine(existsSync, { error: "there is no such file" }).optional(),
  l1: endpoints.optional(),
  data: z.string().min(1).optional(),
  nodePort: port.default(8650),
});

const run: Action = async (args, hre) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const { config } = hre.network;
  if (!("url" in config)) {
    throw new Failed(
      "A node needs a chain that it can reach",
      "The in-process chain ends with this command.",
      "npx hardhat devnet up, or name a network: npx hardhat --network localhost node run",
    );
  }
  const node = await NodeProcess.start({
    root: hre.config.paths.root,
    l1: given.l1 ?? config.url,
    hub: settlement.address("hub"),
    bridge: settlement.address("bridge"),
    startBlock: settlement.book.fromBlock,
    data: given.data ?? join(hre.config.paths.root, ".rollworks", `${settlement.chainId}`),
    role: given.role,
    port: given.nodePort,
    rollups: given.rollups,
    keyFile: given.keyFile,
  });
  const stop = (): void => void node.stop();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return {
    facts: { endpoint: node.endpoint, role: given.role, rollups: given.rollups ?? "all" },
    rows: [
      ["endpoint", node.endpoint],
      ["role", given.role],
      ["rollups", given.rollups ?? "all"],
    ],
    next: `${settlement.hardhat} rollup list`,
    running: node.ended,
  };
};

export default run;
