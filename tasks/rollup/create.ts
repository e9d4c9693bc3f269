import { ZeroAddress, formatEther } from "ethers";
import { z } from "zod";
import { createRollup } from "../../sdk/src/actions/createRollup";
import { getRollup } from "../../sdk/src/actions/getRollup";
import {
  AVAILABILITY,
  type Preset,
  type RollupParameters,
  SEQUENCING,
  parametersOf,
  problemsOfParameters,
} from "../../sdk/src/presets";
import { ICatalogue__factory, IRollupHub__factory } from "../../sdk/src/typechain";
import type { NamedRollup } from "../addressBook";
import type { Action, Report } from "../command";
import { Failed } from "../failure";
import { type Problem, check, refuseIfAny, shown } from "../problems";
import { Settlement, senderOf } from "../settlement";
import { perform, transactionFacts } from "../transactions";
import { address, duration, name } from "../values";
import { choosePreset } from "./preset";

const FOREVER_OR = 'it is "forever", or a whole number followed by s, m, h or d';
const schema = z.object({
  preset: z.string({ error: "the name of a preset, or the path of its file" }),
  name,
  owner: address.optional(),
  sequencer: address.optional(),
  feeRecipient: address.optional(),
  lasts: z.union([z.literal("forever"), duration], { error: FOREVER_OR }).optional(),
  from: address.optional(),
});
type Given = z.output<typeof schema>;

const create: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const chosen = choosePreset(hre, given.preset);
  refuseIfAny(chosen.problems);
  const settlement = await Settlement.open(hre);
  const known = await resume(settlement, given.name);
  if (known !== undefined) {
    terminal.say(`  ${given.name} exists already: nothing to do.`);
    const { slash } = await getRollup(hre.ethers.provider, settlement.address("hub"), BigInt(known.id ?? 0));
    return reportOf(settlement, given.name, known, slash, {});
  }
  const preset = withLifetime(chosen.preset, given);
  const sender = await senderOf(hre, given.from);
  const { parameters, problems } = await assemble(settlement, preset, given, sender.address);
  refuseIfAny(problems);

  const call = createRollup({ hub: settlement.address("hub"), ...parameters });
  const remember = (transaction: string, more: Partial<NamedRollup>): NamedRollup => {
    const entry = { preset: chosen.name, transaction, ...more };
    settlement.addressBook.update((book) => ({ ...book, rollups: { ...book.rollups, [given.name]: entry } }));
    return entry;
  };
  const step = {
    label: `Create the rollup ${given.name}`,
    transaction: call,
    sent: (transaction: string) => void remember(transaction, {}),
  };
  const performed = await perform({ hre, sender, terminal, switches: args }, [step]);
  const [created] = performed.done;
  if (created === undefined) {
    return { facts: { name: given.name, preset: chosen.name, parameters, ...transactionFacts(performed) } };
  }
  const { rollup } = call.resultOf(created.receipt);
  const { l2ChainId, slash } = await getRollup(hre.ethers.provider, settlement.address("hub"), rollup);
  const entry = remember(created.hash, {
    id: `${rollup}`,
    l2ChainId: `${l2ChainId}`,
    block: created.receipt.blockNumber,
  });
  const report = reportOf(settlement, given.name, entry, slash, transactionFacts(performed));
  return { ...report, files: [settlement.addressBook.shownPath] };
};

export default create;

function withLifetime(preset: Preset | undefined, { lasts }: Given): Preset {
  if (preset === undefined) throw new Error("a preset without problems was expected");
  if (lasts === undefined) return preset;
  return { ...preset, lifetime: { ...preset.lifetime, lasts: lasts === "forever" ? lasts : Number(lasts) } };
}

/** Looks up what an earlier run with the same name has done, also when it ended before its transaction was mined. */
async function resume(settlement: Settlement, rollup: string): Promise<NamedRollup | undefined> {
  const entry = settlement.book.rollups[rollup];
  if (entry === undefined || entry.id !== undefined) return entry;
  const { provider } = settlement.hre.ethers;
  const receipt = await provider.getTransactionReceipt(entry.transaction);
  if (receipt?.status === 1) {
    const hub = settlement.address("hub");
    const contract = IRollupHub__factory.createInterface();
    const event = receipt.logs.map((log) => contract.parseLog(log)).find((log) => log?.name === "Created");
    const id = event?.args.getValue("rollup") as bigint;
    const { l2ChainId } = await getRollup(provider, hub, id);
    const found = { ...entry, id: `${id}`, l2ChainId: `${l2ChainId}`, block: receipt.blockNumber };
    settlement.addressBook.update((book) => ({ ...book, rollups: { ...book.rollups, [rollup]: found } }));
    return found;
  }
  if (receipt === null && (await provider.getTransaction(entry.transaction)) !== null) {
    throw new Failed(
      `${rollup} is being created`,
      `An earlier run sent ${entry.transaction}, which isn't mined yet.`,
      "Wait until it is, then run the task again: it notes the result.",
    );
  }
  return undefined;
}

/** Puts the parameters together, with all that is wrong with them. */
async function assemble(
  settlement: Settlement,
  preset: Preset,
  given: Given,
  sender: string,
): Promise<{ parameters: RollupParameters; problems: Problem[] }> {
  const { provider } = settlement.hre.ethers;
  const { book } = settlement;
  const problems: Problem[] = [];
  const refuse = (path: string, got: unknown, rule: string): void =>
    void problems.push({ path, got: shown(got), rule });

  if (given.owner !== undefined && preset.lifetime.owner === "none") {
    refuse("--owner", given.owner, "this preset has no owner: leave it out, or take another preset");
  }
  if (given.sequencer !== undefined && preset.chain.sequencing !== "single") {
    refuse(
      "--sequencer",
      given.sequencer,
      `this preset's sequencing is "${preset.chain.sequencing}": leave it out`,
    );
  }
  const program = book.programs[preset.chain.program];
  if (program === undefined) {
    const names = Object.keys(book.programs).join(", ") || "none";
    refuse("chain.program", preset.chain.program, `a program of the address book was expected (${names})`);
  }
  const parts = {
    program: program ?? `0x${"00".repeat(32)}`,
    availability: AVAILABILITY[preset.chain.availability] ?? ZeroAddress,
    sequencing: SEQUENCING[preset.chain.sequencing] ?? ZeroAddress,
  };
  const catalogue = ICatalogue__factory.connect(settlement.address("hub"), provider);
  const hub = IRollupHub__factory.connect(settlement.address("hub"), provider);
  const [entry, availability, sequencing, blockTime, leastBond, latest] = await Promise.all([
    catalogue.programEntry(parts.program),
    catalogue.moduleEntry(parts.availability),
    catalogue.moduleEntry(parts.sequencing),
    hub.blockTime(),
    hub.leastBond(),
    provider.getBlock("latest"),
  ]);
  if (program !== undefined && (entry.number === 0n || entry.isObsolete)) {
    refuse("chain.program", preset.chain.program, "the hub's catalogue doesn't list it for new rollups");
  }
  if (availability.kind !== 1n || availability.isObsolete) {
    refuse("chain.availability", preset.chain.availability, "the hub's catalogue lists no such data layer");
  }
  if (sequencing.kind !== 2n || sequencing.isObsolete) {
    refuse(
      "chain.sequencing",
      preset.chain.sequencing,
      "the hub's catalogue lists no such sequencing module",
    );
  }
  const people = {
    owner: given.owner ?? sender,
    sequencer: given.sequencer ?? sender,
    feeRecipient: given.feeRecipient ?? sender,
  };
  const now = BigInt(latest?.timestamp ?? 0);
  const parameters = parametersOf(preset, parts, people, now);
  const batchGas = entry.number === 0n ? undefined : entry.batchGas;
  problems.push(
    ...problemsOfParameters(parameters, { blockTime, leastBond, batchGas, logSteps: entry.logSteps, now }),
  );
  return { parameters, problems };
}

function reportOf(
  { hardhat }: Settlement,
  rollup: string,
  entry: NamedRollup,
  slash: bigint,
  facts: Readonly<Record<string, unknown>>,
): Report {
  return {
    facts: { name: rollup, ...entry, ...facts },
    rows: [
      ["name", rollup],
      ["rollup", entry.id ?? ""],
      ["L2 chain id", entry.l2ChainId ?? ""],
      ["preset", entry.preset],
      ["transaction", entry.transaction],
    ],
    next: `${hardhat} operator join --rollup ${rollup} --stake ${formatEther(slash).replace(/\.0$/, "")}`,
  };
}
