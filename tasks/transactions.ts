import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import type { ContractTransaction, TransactionReceipt } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { Switches } from "./command";
import { Failed, failureOf } from "./failure";
import { type Problem, refuseIfAny } from "./problems";
import { type Terminal, grouped, units } from "./terminal";

/** One transaction of a task. */
export interface Step {
  /** An imperative: "Approve 5 TKN for the bridge". */
  readonly label: string;
  readonly transaction: ContractTransaction;
  /** It works only when the steps before it are mined: it is simulated then, and its gas is this until then. */
  readonly gasAfterThose?: bigint;
  /** Called when the transaction is sent, before it is mined: what a second run must know. */
  readonly sent?: (hash: string) => void;
}

/** A step that is mined. */
export interface Done {
  readonly label: string;
  readonly hash: string;
  readonly gas: bigint;
  readonly fee: bigint;
  readonly receipt: TransactionReceipt;
}

export interface Quote {
  readonly label: string;
  readonly gas: bigint;
  readonly simulated: boolean;
}

export interface Performed {
  readonly quotes: readonly Quote[];
  /** Empty after a dry run. */
  readonly done: readonly Done[];
}

interface Setting {
  readonly hre: HardhatRuntimeEnvironment;
  readonly sender: HardhatEthersSigner;
  readonly terminal: Terminal;
  readonly switches: Switches;
  /** What the task's own preflight found; reported together with what is found here. */
  readonly problems?: readonly Problem[];
}

/** Leaves room for what changes between the simulation and the block. */
const GAS_MARGIN = 120n; // [%]

async function estimate(sender: HardhatEthersSigner, step: Step): Promise<bigint> {
  return sender.estimateGas({ ...step.transaction, from: sender.address });
}

/** A payment for gas that nobody can make shows up as a refused simulation: the balance is checked first. */
async function quote({ sender, problems = [], terminal }: Setting, steps: readonly Step[]): Promise<Quote[]> {
  const provider = sender.provider;
  const [balance, fees] = await Promise.all([provider.getBalance(sender.address), provider.getFeeData()]);
  const value = steps.reduce((sum, { transaction }) => sum + (transaction.value ?? 0n), 0n);
  const found: Problem[] = [...problems];
  if (balance < value) {
    found.push({
      path: `balance of ${sender.address}`,
      got: units(balance, "ETH"),
      rule: `${units(value, "ETH")} are sent, and gas comes on top: fund the account or lower the amount`,
    });
  }
  refuseIfAny(found);

  const quotes: Quote[] = [];
  for (const step of steps) {
    const simulated = step.gasAfterThose === undefined;
    quotes.push({ label: step.label, gas: step.gasAfterThose ?? (await estimate(sender, step)), simulated });
  }
  const price = fees.maxFeePerGas ?? fees.gasPrice ?? 0n;
  const gas = quotes.reduce((sum, { gas: one }) => sum + one, 0n);
  if (balance < value + gas * price) {
    refuseIfAny([
      {
        path: `balance of ${sender.address}`,
        got: units(balance, "ETH"),
        rule: `${units(value + gas * price, "ETH")} are needed: ${units(value, "ETH")} to send and up to ${units(gas * price, "ETH")} for gas`,
      },
    ]);
  }
  for (const { label, gas: one, simulated } of quotes) {
    terminal.say(`  ${label}: ${simulated ? "" : "about "}${grouped(one)} gas`);
  }
  terminal.say(
    `  from ${sender.address}: ${units(value, "ETH")} sent, at most ${units(gas * price, "ETH")} for gas at the price of now`,
  );
  return quotes;
}

/** Returns a transaction's place in the explorer, or its hash where there is none. */
export function linkOf(hre: HardhatRuntimeEnvironment, hash: string): string {
  const { explorerUrl } = hre.config.rollworks;
  return explorerUrl === undefined ? hash : `${explorerUrl}/tx/${hash}`;
}

/**
 * Checks, simulates, shows the cost, asks, and sends a task's transactions, one after another.
 *
 * Stops at the first that fails and says which ones are mined: a second run goes on from there, because each task leaves
 * out what the chain shows to be done.
 */
export async function perform(setting: Setting, steps: readonly Step[]): Promise<Performed> {
  const { hre, sender, terminal, switches } = setting;
  const quotes = await quote(setting, steps);
  if (switches.dryRun) {
    terminal.say("  Dry run: nothing was sent, nothing was written.");
    return { quotes, done: [] };
  }
  await confirm(terminal, switches, steps.length);

  const done: Done[] = [];
  for (const step of steps) {
    try {
      const gasLimit = ((await estimate(sender, step)) * GAS_MARGIN) / 100n;
      const sent = await sender.sendTransaction({ ...step.transaction, gasLimit });
      step.sent?.(sent.hash);
      const receipt = await sent.wait();
      if (receipt === null) throw new Error("the transaction left the chain before it was mined");
      done.push({ label: step.label, hash: receipt.hash, gas: receipt.gasUsed, fee: receipt.fee, receipt });
      terminal.say(`  ✓ ${step.label}  ${grouped(receipt.gasUsed)} gas  ${linkOf(hre, receipt.hash)}`);
    } catch (thrown) {
      const failure = failureOf(thrown);
      terminal.say(`  ✗ ${step.label}: ${failure.message}`);
      if (done.length === 0) throw thrown;
      throw new Failed(
        `${step.label}: ${failure.message}`,
        failure.cause ?? "The transaction failed.",
        `${failure.next ?? "Find out why."} Mined before it: ${done.map(({ label }) => label).join(", ")}; running the task again goes on from there.`,
      );
    }
  }
  return { quotes, done };
}

/** Asks before anything is sent, unless --yes was given. Raised when nobody is there to answer, or the answer is no. */
export async function confirm(
  terminal: Terminal,
  { yes }: Pick<Switches, "yes">,
  count: number,
): Promise<void> {
  if (yes || count === 0) return;
  if (!terminal.interactive) {
    throw new Failed(
      "Nobody is there to confirm",
      "The task sends transactions and its input is no terminal.",
      "Add --yes to send, or --dry-run to look.",
    );
  }
  if (!(await terminal.confirm(count === 1 ? "Send it?" : `Send these ${count} transactions?`))) {
    throw new Failed("Nothing was sent", "It wasn't confirmed.", "Run it again when you are ready.");
  }
}

/** Returns what a report says about transactions. */
export function transactionFacts({ quotes, done }: Performed): Readonly<Record<string, unknown>> {
  if (done.length === 0) return { dryRun: true, transactions: quotes };
  return { transactions: done.map(({ label, hash, gas, fee }) => ({ label, hash, gas, fee })) };
}
