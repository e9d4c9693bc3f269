import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { HDNodeWallet, Mnemonic, parseEther } from "ethers";
import { TASK_COMPILE } from "hardhat/builtin-tasks/task-names";
import type { HardhatNetworkHDAccountsConfig, HardhatRuntimeEnvironment } from "hardhat/types";
import { z } from "zod";
import { AddressBook } from "../addressBook";
import type { Action } from "../command";
import { Failed } from "../failure";
import { check } from "../problems";
import { NodeProcess } from "../node/process";
import { Settlement } from "../settlement";
import { port } from "../values";
import { LocalChain } from "./chain";

const schema = z.object({
  port: port.default(8545),
  nodePort: port.default(8650),
  preset: z.string().default("devnet"),
  withoutNode: z.boolean().default(false),
});

/** What the devnet's operator stakes [ALT]. */
const STAKE = "1000000";
const ROLLUP = "dev";
const BLOCK_TIME = 1; // [s]; deploy/parameters/local.json5 says the same

const up: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  if (hre.network.name !== "hardhat") {
    throw new Failed(
      `devnet up starts a chain of its own, but --network ${hre.network.name} names another`,
      "The selected network is not the in-process one.",
      "Leave --network out; to deploy there: npx hardhat --network … protocol deploy",
    );
  }
  await hre.run(TASK_COMPILE, { quiet: true });
  AddressBook.serve(hre);
  const chain = await LocalChain.start(hre, given.port);
  try {
    // By its port, which nobody else has: another devnet keeps what it has.
    const folder = join(hre.config.paths.deployments, "local", `devnet-${chain.port}`);
    rmSync(folder, { recursive: true, force: true });
    await hre.run({ scope: "protocol", task: "deploy" }, silent({ parameters: "local" }));
    const operator = given.withoutNode ? undefined : await makeOperator(hre, folder, given.preset);
    await chain.tick(hre, BLOCK_TIME);
    const settlement = await Settlement.open(hre);
    const node =
      operator &&
      (await NodeProcess.start({
        root: hre.config.paths.root,
        l1: chain.url,
        hub: settlement.address("hub"),
        bridge: settlement.address("bridge"),
        startBlock: settlement.book.fromBlock,
        data: join(folder, "data"),
        role: "sequencer,claimer,challenger",
        port: given.nodePort,
        keyFile: operator.keyFile,
        batchMs: 2_000,
      }));
    const hardhat =
      chain.port === 8545
        ? "npx hardhat --network localhost"
        : `ROLLWORKS_RPC_URL=${chain.url} npx hardhat --network settlement`;
    return {
      facts: {
        chain: chain.url,
        node: node?.endpoint,
        contracts: settlement.book.contracts,
        rollup: settlement.book.rollups[ROLLUP],
        operator: operator?.address,
      },
      rows: [
        ["settlement chain", chain.url],
        ...Object.entries(settlement.book.contracts),
        ...(node && operator
          ? ([
              ["node", node.endpoint],
              ["rollup", `${ROLLUP}, id ${settlement.book.rollups[ROLLUP]?.id ?? ""}`],
              [
                "operator",
                `${operator.address}, key in ${relative(hre.config.paths.root, operator.keyFile)}`,
              ],
            ] as const)
          : []),
      ],
      files: [settlement.addressBook.shownPath],
      next:
        node === undefined
          ? `${hardhat} rollup create --preset owned --name my-rollup`
          : `${hardhat} bridge deposit --rollup ${ROLLUP} --amount 1`,
      running: untilInterrupted(node).finally(() => chain.stop(hre)),
    };
  } catch (error) {
    await chain.stop(hre);
    throw error;
  } finally {
    terminal.say("");
  }
};

export default up;

/** The other tasks' progress is of interest here, their tables aren't. */
function silent(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { json: false, dryRun: false, yes: true, quiet: true, ...args };
}

/** Makes the chain's second account an operator with a rollup to serve, through the tasks that anybody would use. */
async function makeOperator(
  hre: HardhatRuntimeEnvironment,
  folder: string,
  preset: string,
): Promise<{ address: string; keyFile: string }> {
  const accounts = hre.network.config.accounts as unknown as HardhatNetworkHDAccountsConfig;
  const wallet = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(accounts.mnemonic), `${accounts.path}/1`);
  mkdirSync(folder, { recursive: true });
  const keyFile = join(folder, "operator.key");
  writeFileSync(keyFile, `${wallet.privateKey}\n`);
  chmodSync(keyFile, 0o600);

  const settlement = await Settlement.open(hre);
  const { AltToken__factory } = await import("../../sdk/src/typechain");
  const [deployer] = await hre.ethers.getSigners();
  const altToken = AltToken__factory.connect(settlement.address("altToken"), deployer);
  await (await altToken.transfer(wallet.address, parseEther(STAKE))).wait();
  await hre.run(
    { scope: "rollup", task: "create" },
    silent({ preset, name: ROLLUP, sequencer: wallet.address }),
  );
  await hre.run(
    { scope: "operator", task: "join" },
    silent({ rollup: ROLLUP, stake: STAKE, from: wallet.address }),
  );
  return { address: wallet.address, keyFile };
}

function untilInterrupted(node: NodeProcess | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void =>
      void (node === undefined ? Promise.resolve() : node.stop()).then(resolve, reject);
    process.once("SIGINT", stop).once("SIGTERM", stop);
    node?.ended.then(resolve, reject);
  });
}
