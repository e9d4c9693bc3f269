import { type Provider, zeroPadValue } from "ethers";
import { logsOf } from "../logs";
import { startOfDay } from "../staking";
import { IVault__factory } from "../typechain";

/** Stake that leaves an operator's pool and isn't paid yet. */
export interface Ticket {
  /** Day on which it can be claimed, counted from 1970-01-01. */
  readonly maturity: bigint;
  /** What it is worth now; until its maturity a slash makes it less [ALT wei]. */
  readonly amount: bigint;
  readonly isMature: boolean;
}

const vaultInterface = IVault__factory.createInterface();

/** Returns an owner's tickets that wait in an operator's pool, the oldest first. */
export async function getTickets(
  provider: Provider,
  place: {
    readonly vault: string;
    readonly operator: string;
    readonly owner: string;
    /** Where readers of events begin. */
    readonly fromBlock: number;
  },
): Promise<Ticket[]> {
  const { vault, operator, owner, fromBlock } = place;
  const latest = await provider.getBlock("latest");
  if (latest === null) return [];
  const topics = [
    vaultInterface.getEvent("Unbonded").topicHash,
    zeroPadValue(operator, 32),
    zeroPadValue(owner, 32),
  ];
  const days = new Set<bigint>();
  for await (const log of logsOf(provider, { address: vault, topics }, fromBlock, latest.number))
    days.add(BigInt(log.topics[3] ?? 0));
  const contract = IVault__factory.connect(vault, provider);
  const found = await Promise.all(
    [...days].map(async (maturity) => {
      const { q, amount } = await contract.ticketOf(operator, owner, maturity);
      return { maturity, q, amount };
    }),
  );
  return found
    .filter(({ q }) => q > 0n)
    .sort((one, other) => Number(one.maturity - other.maturity))
    .map(({ maturity, amount }) => ({
      maturity,
      amount,
      isMature: startOfDay(maturity) <= BigInt(latest.timestamp),
    }));
}
