import { ZeroAddress, formatEther } from "ethers";
import type { Problem } from "../problem";
import type { RollupParameters } from "./parameters";

/** What the rules depend on: constants of the hub, the program's bound, the chain's time. */
export interface Surroundings {
  /** The hub's nominal block time [s]. */
  readonly blockTime: bigint;
  /** The least bond that pays for a challenger's gas [wei]. */
  readonly leastBond: bigint;
  /** The program's gas per batch [L2 gas]; undefined where the program isn't known: the rules that need it are left out. */
  readonly batchGas: bigint | undefined;
  /** L: a run of the program has 2^L steps. */
  readonly logSteps: bigint;
  /** The settlement chain's time [s since 1970]. */
  readonly now: bigint;
}

const DAY = 86_400n;
const coins = (wei: bigint): string => `${formatEther(wei)} ETH`;
const seconds = (value: bigint): string => `${value} s`;

function setBits(mask: bigint): bigint {
  let count = 0n;
  for (let rest = mask; rest > 0n; rest >>= 1n) count += rest & 1n;
  return count;
}

/**
 * Returns every rule of `create` that a set of parameters breaks; the hub raises the first. The paths are those of a
 * preset's file.
 */
export function problemsOfParameters(parameters: RollupParameters, surroundings: Surroundings): Problem[] {
  const { chain, security, lifetime } = parameters;
  const { blockTime, leastBond, batchGas, logSteps, now } = surroundings;
  const problems: Problem[] = [];
  const rule = (holds: boolean, path: string, got: string, text: string): void => {
    if (!holds) problems.push({ path, got, rule: text });
  };

  rule(
    chain.gasPrice === 0n || chain.feeRecipient !== ZeroAddress,
    "chain.feeRecipient",
    "nobody",
    `somebody earns the fees while gas has a price, ${chain.gasPrice} wei`,
  );
  const leastGas = (batchGas ?? 0n) / 2_048n;
  rule(
    chain.messageGas > 0n && chain.messageGas >= leastGas,
    "chain.messageGas",
    `${chain.messageGas}`,
    `a message needs at least ${leastGas} gas of the program, so that nobody's forced transaction is refused`,
  );
  rule(
    chain.messageBound >= 1n && chain.messageBound <= 2_048n,
    "chain.messageBound",
    `${chain.messageBound}`,
    "1 to 2048 messages fit a batch",
  );
  rule(
    batchGas === undefined || chain.messageBound * chain.messageGas <= batchGas,
    "chain.messageBound",
    `${chain.messageBound} · ${chain.messageGas} gas`,
    `messageBound · messageGas must fit the program's gas per batch, ${batchGas}`,
  );

  const mask = security.policy >> 8n;
  const threshold = security.policy & 255n;
  rule(
    mask === 1n,
    "security.policy.mask",
    `${mask}`,
    "this hub knows bit 0 (the fault proof) alone: the mask is 1",
  );
  rule(
    threshold >= 1n && threshold <= setBits(mask),
    "security.policy.threshold",
    `${threshold}`,
    `at least 1 and at most the mask's bits, ${setBits(mask)}`,
  );
  rule(
    security.extension >= 20n * blockTime,
    "security.extension",
    seconds(security.extension),
    `a side needs 20 blocks to answer: at least ${seconds(20n * blockTime)}`,
  );
  rule(
    security.clock >= 4n * security.extension,
    "security.clock",
    seconds(security.clock),
    `at least four extensions, ${seconds(4n * security.extension)}`,
  );
  rule(
    security.window >= 2n * security.clock && security.window <= 60n * DAY,
    "security.window",
    seconds(security.window),
    `at least two clocks, ${seconds(2n * security.clock)}, at most 60 days`,
  );
  rule(
    security.bond >= leastBond,
    "security.bond",
    coins(security.bond),
    `it pays for a challenger's gas: at least ${coins(leastBond)} on this hub`,
  );
  rule(
    security.deposit >= 2n * security.bond && security.deposit < 1n << 80n,
    "security.deposit",
    coins(security.deposit),
    `at least two bonds, ${coins(2n * security.bond)}, below 2^80 wei`,
  );
  rule(
    security.slash > 0n && security.slash < 1n << 95n,
    "security.slash",
    `${security.slash} ALT wei`,
    "more than 0, below 2^95 ALT wei",
  );

  rule(
    lifetime.forceDelay >= 20n * blockTime && lifetime.forceDelay <= 30n * DAY,
    "lifetime.forceDelay",
    seconds(lifetime.forceDelay),
    `at least 20 blocks, ${seconds(20n * blockTime)}, at most 30 days`,
  );
  rule(
    lifetime.endTime === 0n || (lifetime.endTime > now && lifetime.endTime <= (1n << 34n) - 2n),
    "lifetime.lasts",
    `an end at ${lifetime.endTime}`,
    `the end lies after now, ${now}, and before 2^34 - 1 (the year 2514)`,
  );
  rule(lifetime.unwind <= 90n * DAY, "lifetime.unwind", seconds(lifetime.unwind), "at most 90 days");
  const matchLife = 2n * security.clock + (logSteps / 3n + 1n) * security.extension;
  const claimLife = security.window + matchLife;
  const ending = lifetime.forceDelay + DAY + claimLife;
  rule(
    ending <= 60n * DAY,
    "security.window",
    `${seconds(ending)} of forceDelay, a day, the window and the longest match`,
    "the sweep must be final long before an escape is possible: at most 60 days together",
  );
  const gap = lifetime.ringLog2 >= 2n ? claimLife >> (lifetime.ringLog2 - 2n) : claimLife;
  rule(
    gap <= lifetime.forceDelay,
    "lifetime.ringLog2",
    `${lifetime.ringLog2}, which lets others than the sequencer post once in ${seconds(gap)}`,
    `a ring so large that they may post once per forceDelay, ${seconds(lifetime.forceDelay)}`,
  );
  rule(
    lifetime.ringLog2 >= 4n && lifetime.ringLog2 <= 12n,
    "lifetime.ringLog2",
    `${lifetime.ringLog2}`,
    "4 to 12: 16 to 4096 pending batches",
  );
  return problems;
}
