import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import { parametersOf, parsePreset } from "../../../sdk/src/presets";
import { CALLDATA_MODULE, OPEN_MODULE, SINGLE_MODULE } from "../../../sdk/src/protocol";
import { mined } from "../chain";
import { signAction } from "../signing";
import type { StoryRollup, World } from "../world";

const presets = join(__dirname, "..", "..", "..", "config", "presets");

/** Three rollups from presets, one transaction each; the node that is running answers for each by itself. */
export async function create(
  world: Omit<World, "rollups">,
  programHash: string,
): Promise<Record<StoryRollup["name"], StoryRollup>> {
  const { stage, chain, protocol, cast, sequencer } = world;
  const { hub } = protocol;
  const made: Partial<Record<StoryRollup["name"], StoryRollup>> = {};
  for (const name of ["immutable", "owned", "flash"] as const) {
    const { preset, problems } = parsePreset(JSON.parse(readFileSync(join(presets, `${name}.json`), "utf8")));
    if (preset === undefined) throw new Error(`config/presets/${name}.json: ${JSON.stringify(problems)}`);
    const {
      chain: modules,
      security,
      lifetime,
    } = parametersOf(
      preset,
      {
        program: programHash,
        availability: CALLDATA_MODULE,
        sequencing: preset.chain.sequencing === "single" ? SINGLE_MODULE : OPEN_MODULE,
      },
      {
        owner: cast.creator.address,
        sequencer: cast.honest.hot.address,
        feeRecipient: cast.feeRecipient.address,
      },
      BigInt(await chain.now()),
    );
    const began = performance.now();
    const receipt = await mined(hub.connect(cast.creator).create(modules, security, lifetime));
    const [created] = receipt.logs.flatMap((log) => {
      const parsed = hub.interface.parseLog(log);
      return parsed?.name === "Created" ? [parsed.args.rollup as bigint] : [];
    });
    const id = created ?? 0n;
    const { l2ChainId } = await hub.record(id);
    const rollup: StoryRollup = { name, id, l2ChainId };
    made[name] = rollup;
    await sequencer.answers(l2ChainId);
    const answered = (performance.now() - began) / 1000;
    await mined(hub.connect(cast.honest.hot).openLine(id, { value: security.deposit }));
    let line = `${name}: id ${id}, L2 chain id ${l2ChainId}, ${receipt.gasUsed.toLocaleString("en-US")} gas, the node answers after ${answered.toFixed(2)} s`;
    if (preset.chain.gasPrice === 0n) {
      const first = performance.now();
      const action = {
        type: "CreateAsset",
        kind: 5,
        name: "First",
        symbol: "ONE",
        uri: "",
        maxSupply: 1n,
        openMint: false,
      } as const;
      const hash = await sequencer.call<string>(
        "ledger_sendTransaction",
        [signAction(new Wallet(cast.artist.privateKey), l2ChainId, action, 0n, 0n)],
        l2ChainId,
      );
      await sequencer.until("the first block", l2ChainId, ({ proposed }) => proposed.block >= 0);
      const sealed = (performance.now() - first) / 1000 + answered;
      line += `, first block after ${sealed.toFixed(2)} s (${hash.slice(0, 10)}…)`;
      stage.fact(`${name}: creation to first block [s]`, sealed);
    }
    stage.say(line);
    if (name === "immutable") stage.gas("create rollup", receipt.gasUsed, answered);
    // A second is the aim; a busy machine that takes longer breaks nothing.
    stage.promise(
      `the node answers for ${name}, told by its creation alone`,
      BigInt(await sequencer.call<string>("eth_chainId", [], l2ChainId)) === l2ChainId,
      `after ${answered.toFixed(2)} s`,
    );
  }
  return made as Record<StoryRollup["name"], StoryRollup>;
}
