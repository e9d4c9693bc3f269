import { TASK_NODE } from "hardhat/builtin-tasks/task-names";
import { task, types } from "hardhat/config";
import type { ConfigurableTaskDefinition, RunSuperFunction } from "hardhat/types";
import { type Arguments, actionOf } from "../command";

/**
 * `node run` runs a node of ours. Hardhat has a task `node` itself (its chain), and no scope can share a task's name, so that
 * task gets a word behind it, and goes on as it was without one.
 */
const node = task(
  TASK_NODE,
  "Starts a chain on loopback; `node run` runs a rollup node against the selected network instead",
) as ConfigurableTaskDefinition & { readonly parentTaskDefinition: ConfigurableTaskDefinition };

const option = (name: string, about: string): unknown =>
  node.parentTaskDefinition.addOptionalParam(name, `node run: ${about}`, undefined, types.string);

node.parentTaskDefinition.addOptionalPositionalParam("command", "run, or nothing", undefined, types.string);
option("role", "sequencer, claimer, challenger, follower; several with commas (default: follower)");
option("rollups", "ids of the rollups to serve, with commas (default: all)");
option("keyFile", "a file with the hot key, for all roles but follower (default: ROLLWORKS_KEY_FILE)");
option(
  "l1",
  "endpoints of the settlement chain, with commas; it changes over when one fails (default: the network's)",
);
option("data", "where it keeps its data (default: .rollworks/<chain id>)");
option("nodePort", "the port of its JSON-RPC server on loopback (default: 8650)");
node.parentTaskDefinition.addFlag("json", "node run: print the result as JSON on stdout");

const run = actionOf(() => import("./run"));

node.setAction(async (args: Arguments, hre, runSuper): Promise<unknown> =>
  args.command === undefined ? runSuper(args) : run(args, hre, runSuper as RunSuperFunction<Arguments>),
);
