import { existsSync } from "node:fs";
import { Wallet, ZeroAddress } from "ethers";
import { z } from "zod";
import { readKey } from "../../config/environment";
import { addKey } from "../../sdk/src/actions/addKey";
import { WHOLE, allocateStake } from "../../sdk/src/actions/allocateStake";
import { type Rollup } from "../../sdk/src/actions/getRollup";
import { type Stake, getStake } from "../../sdk/src/actions/getStake";
import { openLine } from "../../sdk/src/actions/openLine";
import { refreshLine } from "../../sdk/src/actions/refreshLine";
import { registerOperator } from "../../sdk/src/actions/registerOperator";
import { SEQUENCING } from "../../sdk/src/presets";
import { keyConsent } from "../../sdk/src/staking";
import { IRollupHub__factory, IVault__factory } from "../../sdk/src/typechain";
import type { Action } from "../command";
import { type Problem, check, refuseIfAny } from "../problems";
import { existing } from "../rollup/existing";
import { Settlement, senderOf } from "../settlement";
import { stakingSteps } from "../stake/steps";
import { units } from "../terminal";
import { type Step, perform, transactionFacts } from "../transactions";
import { address, amount, rollupName } from "../values";

const PERCENT = "a whole number from 1 to 100 was expected";
const schema = z.object({
  rollup: rollupName,
  stake: amount(18).optional(),
  allocation: z
    .string()
    .regex(/^(100|[1-9]\d?)$/, { error: PERCENT })
    .transform(BigInt)
    .default(100n),
  hotKeyFile: z.string().refine(existsSync, { error: "there is no such file" }).optional(),
  bond: z.boolean().default(false),
  from: address.optional(),
});
type Given = z.output<typeof schema>;
type LineView = Awaited<ReturnType<ReturnType<typeof IRollupHub__factory.connect>["lineOf"]>>;

/** What each takes at most once those before it are mined [gas]. */
const GAS = { allocate: 80_000n, openLine: 160_000n };
/** A line is refreshed when less than this is left of it [s]. */
const REFRESH_BELOW = 7n * 86_400n;

const join: Action = async (args, hre, terminal) => {
  const given = check(schema, args);
  const settlement = await Settlement.open(hre);
  const sender = await senderOf(hre, given.from);
  const rollup = await existing(settlement, given.rollup);
  const hot =
    given.hotKeyFile === undefined ? undefined : new Wallet(readKey(given.hotKeyFile, "--hot-key-file"));
  const key = hot?.address ?? sender.address;
  const plan = new Plan(settlement, sender.address, rollup, given, hot);
  const { steps, problems } = await plan.make();
  refuseIfAny(problems);
  if (steps.length === 0) terminal.say("  Everything is in place: nothing to do.");
  const performed = await perform({ hre, sender, terminal, switches: args }, steps);
  const line = await plan.line();
  const isDry = args.dryRun && steps.length > 0;
  return {
    facts: {
      operator: sender.address,
      key,
      rollup: rollup.rollup,
      line: { deposit: line.deposit, nonce: line.nonce, validUntil: line.validUntil, isAlt: line.isAlt },
      ...(steps.length === 0 ? { transactions: [] } : transactionFacts(performed)),
    },
    rows: [
      ["rollup", rollup.rollup],
      ["key", key],
      ["line", line.deposit === 0n ? "none yet" : line.isAlt ? "stake and coins" : "coins alone"],
      ["deposited", units(line.deposit, "ETH")],
      ["can claim until", endOf(line)],
    ],
    next: isDry ? undefined : await nextOf(settlement, rollup, key, line, given),
  };
};

export default join;

function endOf({ deposit, isAlt, validUntil }: LineView): string {
  if (deposit === 0n) return "it can't before it has a line";
  return isAlt ? new Date(Number(validUntil) * 1_000).toISOString() : "it is closed";
}

/** A hot key opens its line itself; with a line it claims, and posts where it may. */
async function nextOf(
  { hre, hardhat }: Settlement,
  rollup: Rollup,
  key: string,
  line: LineView,
  { hotKeyFile: file }: Given,
): Promise<string> {
  if (line.deposit === 0n) {
    const isHeld = (await hre.ethers.getSigners()).some(({ address: held }) => held === key);
    const task = `${hardhat} operator join --rollup ${rollup.rollup}`;
    return isHeld ? `${task} --from ${key}` : `ROLLWORKS_KEY_FILE=${file ?? "FILE"} ${task}`;
  }
  const mayPost = line.isPoster || rollup.sequencing === SEQUENCING.open;
  const role = `${mayPost ? "sequencer," : ""}claimer,challenger`;
  return `${hardhat} node run --rollups ${rollup.rollup} --role ${role} --key-file ${file ?? "FILE"}`;
}

/** What is missing for the sender to have a line, found by looking at the chain, so that a second run does only the rest. */
class Plan {
  private readonly steps: Step[] = [];
  private readonly problems: Problem[] = [];

  constructor(
    private readonly settlement: Settlement,
    private readonly sender: string,
    private readonly rollup: Rollup,
    private readonly given: Given,
    /** Acts for the sender, if it isn't he himself. */
    private readonly hot: Wallet | undefined,
  ) {}

  line(): Promise<LineView> {
    const { provider } = this.settlement.hre.ethers;
    return IRollupHub__factory.connect(this.settlement.address("hub"), provider).lineOf(
      this.rollup.rollup,
      this.hot?.address ?? this.sender,
    );
  }

  async make(): Promise<{ steps: Step[]; problems: Problem[] }> {
    if (this.rollup.status === "Retired" || this.rollup.status === "Escaped") {
      this.refuse(
        "--rollup",
        `${this.rollup.rollup}, ${this.rollup.status}`,
        "its life is over: nothing is left to serve",
      );
    }
    if (this.given.bond && this.hot !== undefined) {
      this.refuse(
        "--hot-key-file",
        this.hot.address,
        "a bond line needs no operator: send from the hot key itself",
      );
    }
    if (!this.given.bond) await this.beOperator();
    if (this.hot === undefined) await this.haveLine();
    return { steps: this.steps, problems: this.problems };
  }

  private refuse(path: string, got: string, rule: string): void {
    this.problems.push({ path, got, rule });
  }

  /** Registers, stakes and allocates what is missing; a hot key leaves that to its operator. */
  private async beOperator(): Promise<void> {
    const { provider } = this.settlement.hre.ethers;
    const vault = this.settlement.address("vault");
    const service = this.settlement.address("hub");
    const contract = IVault__factory.connect(vault, provider);
    const key = this.hot?.address ?? this.sender;
    const [operator, isRevoked] = await contract.keyOf(key);
    const path = this.hot === undefined ? "--from" : "--hot-key-file";
    if (isRevoked) this.refuse(path, key, "this key was revoked: use another one of the operator's");
    if (operator !== ZeroAddress && operator !== this.sender) {
      // A hot key that sends itself leaves stake and allocation to its operator.
      if (this.hot !== undefined)
        this.refuse(path, key, `this key acts for ${operator}, for ever: take a fresh one`);
      return;
    }
    const stake = await getStake(provider, { vault, operator: this.sender, service, owner: this.sender });
    if (operator === ZeroAddress && stake.isOperator && this.hot === undefined) {
      this.refuse(
        "--from",
        this.sender,
        "the operator acts by another hot key: send from that one, or name its file by --hot-key-file",
      );
    }
    if (operator === ZeroAddress && this.hot !== undefined)
      await this.haveKey(vault, this.hot, stake.isOperator);
    else if (!stake.isOperator) {
      const transaction = registerOperator({ vault, key });
      this.steps.push({ label: `Register ${this.sender} as an operator`, transaction });
    }
    await this.haveStake(stake);
  }

  /** The hot key consents by a signature. */
  private async haveKey(vault: string, hot: Wallet, isOperator: boolean): Promise<void> {
    const { domain, types, value } = keyConsent({
      chainId: this.settlement.chainId,
      vault,
      operator: this.sender,
      key: hot.address,
    });
    const consent = await hot.signTypedData(domain, types, value);
    const call = { vault, key: hot.address, consent };
    this.steps.push(
      isOperator
        ? { label: `Add the hot key ${hot.address}`, transaction: addKey(call) }
        : {
            label: `Register ${this.sender} as an operator with the hot key ${hot.address}`,
            transaction: registerOperator(call),
          },
    );
  }

  private async haveStake(stake: Stake): Promise<void> {
    const vault = this.settlement.address("vault");
    const missing = (this.given.stake ?? stake.amount) - stake.amount;
    if (missing > 0n) {
      const { steps, problems } = await stakingSteps(this.settlement, this.sender, this.sender, missing);
      // The deposit needs the registration; its gas is what it takes at most.
      const after = this.steps.length > 0;
      this.steps.push(
        ...steps.map((step, at) =>
          after && at === steps.length - 1 ? { ...step, gasAfterThose: 100_000n } : step,
        ),
      );
      this.problems.push(...problems);
    }
    const wanted = ((stake.isOperator ? stake.magnitude : WHOLE) * this.given.allocation) / 100n;
    if (stake.allocated < wanted) {
      const transaction = allocateStake({
        vault,
        service: this.settlement.address("hub"),
        magnitude: wanted,
      });
      this.push({ label: `Allocate ${this.given.allocation} % to the hub`, transaction }, GAS.allocate);
    }
    const active = stake.active + (missing > 0n ? missing : 0n);
    const backing =
      (active * (stake.allocated > wanted ? stake.allocated : wanted)) /
      (stake.isOperator ? stake.magnitude : WHOLE);
    const { isAlt } = await this.line();
    const needed = stake.reserved + (isAlt ? 0n : this.rollup.slash);
    if (backing < needed) {
      this.refuse(
        "--stake",
        `${units(backing, "ALT")} behind lines`,
        `${units(needed, "ALT")} are needed: ${units(stake.reserved, "ALT")} are reserved, a line here takes ${units(this.rollup.slash, "ALT")}`,
      );
    }
  }

  private async haveLine(): Promise<void> {
    const { provider } = this.settlement.hre.ethers;
    const hub = this.settlement.address("hub");
    const { rollup, deposit } = this.rollup;
    const line = await this.line();
    if (line.closingTime !== 0n) {
      this.refuse(
        "--rollup",
        `${rollup}`,
        "your line here is closing: withdraw it when it is released, then open a new one",
      );
      return;
    }
    if (line.deposit === 0n) {
      const label = `Open a ${this.given.bond ? "bond line" : "line"} in rollup ${rollup} with ${units(deposit, "ETH")}`;
      this.push(
        { label, transaction: openLine({ hub, rollup, deposit, isBond: this.given.bond }) },
        GAS.openLine,
      );
      return;
    }
    if (line.isAlt === this.given.bond) {
      const kind = line.isAlt ? "a line with stake" : "a bond line";
      this.refuse(
        "--bond",
        `${this.given.bond}`,
        `you have ${kind} here; it changes into the other only after its release`,
      );
      return;
    }
    const now = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
    if (line.isAlt && line.validUntil < now + REFRESH_BELOW) {
      this.push(
        { label: `Refresh the line in rollup ${rollup}`, transaction: refreshLine({ hub, rollup }) },
        GAS.openLine,
      );
    }
  }

  /** Adds a step that is simulated now if it is the first, else once those before it are mined. */
  private push(step: Step, gasAfterThose: bigint): void {
    this.steps.push(this.steps.length === 0 ? step : { ...step, gasAfterThose });
  }
}
