import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TASK_COMPILE } from "hardhat/builtin-tasks/task-names";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { z } from "zod";
import { DeploymentStopped, type MinedStep } from "../../deploy/ignition";
import type { ProtocolParameters } from "../../deploy/parameters";
import { programEntries } from "../../deploy/programs";
import { AddressBook, type Book, isLocal } from "../addressBook";
import type { Action, Report } from "../command";
import { Failed } from "../failure";
import { check, refuseIfAny } from "../problems";
import { describes, senderOf } from "../settlement";
import { type Terminal, grouped, units } from "../terminal";
import { confirm, linkOf } from "../transactions";
import { address } from "../values";
import { paceProblems } from "./pace";
import { chooseParameters } from "./parameters";

const schema = z.object({ parameters: z.string().optional(), from: address.optional() });

interface Mined extends MinedStep {
  readonly gas: bigint;
}

const deploy: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const { chainId } = await hre.ethers.provider.getNetwork();
  const local = isLocal(chainId);
  const { parameters, file } = chooseParameters(hre, given.parameters, local);
  const sender = await senderOf(hre, given.from);
  const addressBook = AddressBook.of(hre, chainId);
  const journal = addressBook.journal(hre, chainId);

  const known = addressBook.read();
  if (known !== undefined && (await describes(hre, known))) {
    terminal.say("  The protocol is deployed here already: nothing to do.");
    return reportOf(hre, addressBook, known, [], parameters.governance);
  }
  if (known !== undefined && !local) throw replaced(addressBook, chainId);
  // Chains on one machine mine when they are told to; nothing on them is worth a halt.
  if (!local) refuseIfAny(await paceProblems(hre.ethers.provider, parameters.blockTime));

  await hre.run(TASK_COMPILE, { quiet: true });
  const { rehearse } = await import("../../deploy/rehearsal");
  const steps = await rehearse(hre, parameters);
  await preflight(hre, terminal, sender.address, steps);
  if (args.dryRun) {
    terminal.say("  Dry run: nothing was sent, nothing was written.");
    return {
      facts: { dryRun: true, chainId, parameters: file, transactions: steps },
      print: (out) =>
        out.columns(
          ["transaction", "gas"],
          steps.map(({ step, gas }) => [step, gas]),
        ),
    };
  }
  await confirm(terminal, args, steps.length);
  // A local chain that was started again has none of the contracts that its journal tells of.
  if (local) rmSync(journal, { recursive: true, force: true });
  const { book, mined } = await send(hre, terminal, parameters, sender.address, journal);
  addressBook.write(book);
  return {
    ...(await reportOf(hre, addressBook, book, mined, parameters.governance)),
    files: [addressBook.shownPath],
  };
};

export default deploy;

function replaced(addressBook: AddressBook, chainId: bigint): Failed {
  return new Failed(
    `${addressBook.shownPath} speaks of another chain with the id ${chainId}`,
    "The block in which it was deployed isn't there.",
    "Correct the endpoint. If the chain really was replaced, move the file and its journal in deploy/deployments away.",
  );
}

async function preflight(
  hre: HardhatRuntimeEnvironment,
  terminal: Terminal,
  sender: string,
  steps: readonly { readonly gas: bigint }[],
): Promise<void> {
  const [fees, balance] = await Promise.all([
    hre.ethers.provider.getFeeData(),
    hre.ethers.provider.getBalance(sender),
  ]);
  const gas = steps.reduce((sum, step) => sum + step.gas, 0n);
  const cost = gas * (fees.maxFeePerGas ?? fees.gasPrice ?? 0n);
  terminal.say(
    `  ${steps.length} transactions from ${sender}: ${grouped(gas)} gas, at most ${units(cost, "ETH")} at the price of now`,
  );
  refuseIfAny(
    balance >= cost
      ? []
      : [
          {
            path: `balance of ${sender}`,
            got: units(balance, "ETH"),
            rule: `${units(cost, "ETH")} are needed for gas`,
          },
        ],
  );
}

async function send(
  hre: HardhatRuntimeEnvironment,
  terminal: Terminal,
  parameters: ProtocolParameters,
  deployer: string,
  journal: string,
): Promise<{ book: Book; mined: Mined[] }> {
  const { deployAddresses } = await import("../../deploy/protocol");
  const { provider } = hre.ethers;
  const before = await provider.getBlockNumber();
  const told: Promise<Mined>[] = [];
  const tell = async ({ step, hash }: MinedStep): Promise<Mined> => {
    const gas = (await provider.getTransactionReceipt(hash))?.gasUsed ?? 0n;
    terminal.say(`  ✓ ${step}  ${grouped(gas)} gas  ${linkOf(hre, hash)}`);
    return { step, hash, gas };
  };
  try {
    const contracts = await deployAddresses(hre, {
      parameters,
      deployer,
      journal: hre.network.name === "hardhat" ? undefined : journal,
      mined: (transaction) => told.push(tell(transaction)),
    });
    const mined = await Promise.all(told);
    const { chainId } = await provider.getNetwork();
    const latest = await provider.getBlock("latest");
    if (latest?.hash == null) throw new Error("The chain has no latest block.");
    const book = {
      chainId: Number(chainId),
      fromBlock: firstBlock(journal) ?? before + 1,
      block: latest.number,
      blockHash: latest.hash,
      deployer,
      contracts: { ...contracts },
      programs: Object.fromEntries(programEntries().map(({ name, programHash }) => [name, programHash])),
      rollups: {},
    };
    return { book, mined };
  } catch (error) {
    if (!(error instanceof DeploymentStopped)) throw error;
    throw new Failed(
      error.message,
      "The deployment stopped on its way; what is mined is kept in its journal.",
      `Put the cause right and run the task again: it goes on from there. If it can't, because ${deployer} sent something else meanwhile, move ${journal} away and begin anew.`,
    );
  }
}

/** The first block in which a deployment, maybe broken off and gone on with, had a transaction mined; from its journal. */
function firstBlock(journal: string): number | undefined {
  const file = join(journal, "journal.jsonl");
  if (!existsSync(file)) return undefined;
  const blocks = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes('"TRANSACTION_CONFIRM"'))
    .map((line) => (JSON.parse(line) as { receipt: { blockNumber: number } }).receipt.blockNumber);
  return blocks.length === 0 ? undefined : Math.min(...blocks);
}

/** What the future holder of governance has to call before it is his; the deployer has it until then. */
async function acceptances(
  hre: HardhatRuntimeEnvironment,
  { contracts, deployer }: Book,
  governance: string | undefined,
): Promise<string[]> {
  if (governance === undefined || same(governance, deployer)) return [];
  const { RollupHub__factory, Vault__factory } = await import("../../sdk/src/typechain");
  const { provider } = hre.ethers;
  const [pending, governor] = await Promise.all([
    Vault__factory.connect(contracts["vault"] ?? "", provider).pendingOwner(),
    RollupHub__factory.connect(contracts["hub"] ?? "", provider).governor(),
  ]);
  return [
    ...(same(pending, governance) ? ["vault.acceptOwnership()"] : []),
    ...(same(governor, deployer) ? ["hub.acceptGovernor()"] : []),
  ];
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

async function reportOf(
  hre: HardhatRuntimeEnvironment,
  addressBook: AddressBook,
  book: Book,
  mined: readonly Mined[],
  governance: string | undefined,
): Promise<Report> {
  const toAccept = await acceptances(hre, book, governance);
  const gas = mined.reduce((sum, one) => sum + one.gas, 0n);
  return {
    facts: { ...book, file: addressBook.shownPath, transactions: mined, governance, toAccept },
    rows: [
      ["chain", book.chainId],
      ...Object.entries(book.contracts),
      ...Object.entries(book.programs).map(([name, hash]): [string, string] => [`program ${name}`, hash]),
      ...(toAccept.length === 0
        ? []
        : [
            [
              "governance",
              `${governance} has to call ${toAccept.join(" and ")}; till then it is the deployer's`,
            ] as const,
          ]),
      ...(mined.length === 0 ? [] : [["gas", grouped(gas)] as const]),
    ],
    next: AddressBook.isFleeting(hre)
      ? "npx hardhat devnet up, which goes on: this chain was in-process and ended with the command. Or name a --network."
      : `npx hardhat --network ${hre.network.name} rollup create --preset owned --name my-rollup`,
  };
}
