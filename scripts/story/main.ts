import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Mnemonic, id } from "ethers";
import hre from "hardhat";
import { deployProtocol } from "../../deploy/protocol";
import { readParameters } from "../../deploy/parameters";
import { castOf } from "./cast";
import { Chain } from "./chain";
import { burst } from "./chapters/burst";
import { censor } from "./chapters/censor";
import { conserve } from "./chapters/conserve";
import { create } from "./chapters/create";
import { deposit } from "./chapters/deposit";
import { leave } from "./chapters/leave";
import { lie } from "./chapters/lie";
import { comeHome, drop, shutDown } from "./chapters/flash";
import { record } from "./chapters/record";
import { stake } from "./chapters/stake";
import { throwAway } from "./chapters/throw";
import { writeAddressBook } from "./keep";
import { type NodeOptions, StoryNode } from "./node";
import { Stage } from "./stage";
import type { World } from "./world";

const USAGE = `The whole story of Rollworks on an embedded L1: npm start [-- options]

  --json      print the story as JSON on stdout, its course on stderr
  --seed N    derive every key from N (0 … 2^53 − 1; default 1); the same seed gives the same batches, commitments and gas
  --live      let the nodes act by their own timers, as operators run them: figures then differ from run to run
  --keep      leave the chain and the nodes running, and print how to reach them
  --help      this text
`;

interface Options {
  readonly json: boolean;
  readonly keep: boolean;
  readonly live: boolean;
  readonly seed: bigint;
}

function readOptions(): Options | undefined {
  let values: { json?: boolean; keep?: boolean; live?: boolean; seed?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      options: {
        json: { type: "boolean" },
        keep: { type: "boolean" },
        live: { type: "boolean" },
        seed: { type: "string" },
        help: { type: "boolean" },
      },
    }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
  if (values.help === true) {
    process.stdout.write(USAGE);
    return undefined;
  }
  const seed = values.seed ?? "1";
  if (!/^\d{1,16}$/.test(seed) || Number(seed) > Number.MAX_SAFE_INTEGER) {
    process.stderr.write(
      `--seed: got "${seed}", a whole number from 0 to ${Number.MAX_SAFE_INTEGER} was expected.\n`,
    );
    process.exitCode = 2;
    return undefined;
  }
  return {
    json: values.json ?? false,
    keep: values.keep ?? false,
    live: values.live ?? false,
    seed: BigInt(seed),
  };
}

const root = join(__dirname, "..", "..");

async function tell(options: Options): Promise<void> {
  const { rows: bounds } = JSON.parse(readFileSync(join(root, "config/peers/bounds.json"), "utf8")) as {
    rows: Record<string, { peer: number | null; who: string }>;
  };
  const stage = new Stage({ json: options.json, bars: process.stderr.isTTY, bounds });
  const folder = mkdtempSync(join(tmpdir(), "rollworks-"));
  const mnemonic = Mnemonic.fromEntropy(id(`rollworks story ${options.seed}`));
  const isSteady = !options.live && !options.keep;
  const chain = await Chain.start(mnemonic, { isSteady });
  const nodes: StoryNode[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop("SIGKILL")));
    await chain.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  let failure: Error | undefined;
  try {
    stage.title("Rollworks: a rollup's life on an embedded L1");
    const chainId = (await chain.provider.getNetwork()).chainId;
    stage.noted = () => chain.head();
    const cast = await castOf(chain);
    const protocol = await stage.chapter("The protocol is deployed", async () => {
      const { parameters, problems } = readParameters(join(root, "deploy/parameters/story.json5"));
      if (parameters === undefined)
        throw new Error(`deploy/parameters/story.json5: ${JSON.stringify(problems)}`);
      const deployed = await deployProtocol(hre, { parameters });
      stage.say(
        `hub ${await deployed.hub.getAddress()}, bridge ${await deployed.bridge.getAddress()}, vault ${await deployed.vault.getAddress()}`,
      );
      return deployed;
    });
    const hub = await protocol.hub.getAddress();
    const bridge = await protocol.bridge.getAddress();
    const start = async (node: Omit<NodeOptions, "folder" | "isStepped">): Promise<StoryNode> => {
      const started = await StoryNode.start(chain, hub, bridge, { ...node, isStepped: isSteady, folder });
      nodes.push(started);
      return started;
    };
    const startSequencer = (): Promise<StoryNode> =>
      start({ name: "sequencer", roles: ["sequencer", "claimer"], key: cast.honest.hot.privateKey });

    const artifacts = JSON.parse(readFileSync(join(root, "programs/artifacts/hashes.json"), "utf8")) as {
      ledger: { programHash: string; codeRoot: string; memoryRoot0: string; entry: string };
    };
    const { programHash: hash, codeRoot, memoryRoot0, entry } = artifacts.ledger;
    const program = { hash, codeRoot, memoryRoot0, entry: BigInt(entry) };
    const early = { stage, chain, chainId, protocol, cast, mnemonic, folder, program };
    await stage.chapter("ALT is staked: two operators, two delegators", () => stake(early));
    const [sequencer, watchman] = await stage.chapter(
      "Two nodes start: the honest operator's, and a watchman's",
      async () => {
        const started = await Promise.all([
          startSequencer(),
          start({ name: "watchman", roles: ["challenger", "claimer"], key: cast.challenger.privateKey }),
        ]);
        for (const { name, endpoint } of started) stage.say(`${name}: ${endpoint}`);
        return started;
      },
    );
    const opening = { ...early, sequencer, watchman };
    const rollups = await stage.chapter("Three rollups are made from presets, one transaction each", () =>
      create(opening, program.hash),
    );
    const world: World = { ...opening, rollups };
    await stage.chapter("Deposits: coins and an ERC-20", () => deposit(world, ["owned", "flash"]));
    await stage.chapter("A burst of 10,000 signed transfers", () => burst(world));
    const assets = await stage.chapter("A flash rollup's drop: 1,200 NFTs", () => drop(world));
    const before = await stage.chapter("The flash rollup's hour is over: drained, swept, retired", () =>
      shutDown(world, assets),
    );
    await stage.chapter("Everything comes home, with the sequencer switched off", () =>
      comeHome(world, assets, before),
    );
    world.sequencer = await startSequencer();
    await stage.chapter("A sequencer that censors is overruled", () =>
      censor(world, async () => {
        world.sequencer = await startSequencer();
      }),
    );
    await stage.chapter("Deposits into the immutable rollup", () => deposit(world, ["immutable"]));
    await stage.chapter("An operator lies, and loses at one instruction", () => lie(world));
    await stage.chapter("An operator throws his own true claim, and delays nobody", () => throwAway(world));
    await stage.chapter("Finality, and exits from a living rollup", () => leave(world));
    await stage.chapter("Value is conserved", () => conserve(world, assets));
    await record(world);
    if (options.keep && stage.broken.length === 0) {
      stage.close();
      stage.say(`\nL1 ${chain.url}, chain id ${chainId}; hub ${hub}; bridge ${bridge}`);
      for (const { name, endpoint } of [world.sequencer, world.watchman]) stage.say(`${name} ${endpoint}`);
      for (const { name, id: number, l2ChainId } of Object.values(rollups))
        stage.say(`rollup ${name}: id ${number}, /r/${l2ChainId}`);
      stage.say("accounts, whose keys are worth nothing anywhere else:");
      for (const [who, { address, privateKey }] of Object.entries({
        creator: cast.creator,
        depositor: cast.depositor,
        "operator, cold": cast.honest.cold,
        "operator, hot": cast.honest.hot,
        "passer-by": cast.passerBy,
      }))
        stage.say(`  ${who.padEnd(14)} ${address}  ${privateKey}`);
      const books = await writeAddressBook(world);
      const settings = `ROLLWORKS_RPC_URL=${chain.url} ROLLWORKS_DEPLOYMENTS=${books}`;
      stage.say("next:");
      stage.say(`  ${settings} npx hardhat --network settlement rollup list`);
      stage.say(`  ${settings} npx hardhat --network settlement rollup show --rollup owned`);
      stage.say(
        `  ${settings} ROLLWORKS_KEY=${cast.depositor.privateKey} npx hardhat --network settlement bridge deposit --rollup owned --amount 1`,
      );
      stage.say("Ctrl-C ends everything.");
      await new Promise((resolve) => process.once("SIGINT", resolve));
      await stopAll();
      return;
    }
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    if (process.env.STORY_LOG !== undefined) process.stderr.write(`${failure.stack}\n`);
  }
  stage.close(failure);
  await stopAll();
  process.exitCode = failure !== undefined || stage.broken.length > 0 ? 1 : 0;
}

const options = readOptions();
if (options !== undefined) {
  tell(options).then(
    () => process.exit(),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
}
