import type { Provider } from "ethers";
import { IRollupHub__factory } from "../typechain";

/** Where a rollup stands in its life; the hub's `Status`, in order. */
export const STATUSES = ["None", "Active", "Dormant", "Draining", "Retired", "Escaped"] as const;
export type RollupStatus = (typeof STATUSES)[number];

export interface Rollup {
  readonly rollup: bigint;
  readonly status: RollupStatus;
  /** Undefined: immutable for life. */
  readonly owner: string | undefined;
  readonly program: string;
  readonly l2ChainId: bigint;
  readonly sequencing: string;
  readonly window: bigint;
  readonly claimLife: bigint;
  readonly deposit: bigint;
  readonly slash: bigint;
  readonly forceDelay: bigint;
  /** When Draining begins [s since 1970]; undefined: never by itself. */
  readonly drainAt: bigint | undefined;
  readonly messageBound: bigint;
  readonly posted: bigint;
  readonly finalIndex: bigint;
  readonly finalCommitment: string;
  readonly messages: bigint;
  /** Time of the last batch [s since 1970]; of the creation before the first. */
  readonly lastPost: bigint;
}

/** The hub's word for no end. */
const NEVER = (1n << 34n) - 1n;

/** Returns a rollup's record and how far it has come; status None if there is no such rollup. */
export async function getRollup(provider: Provider, hub: string, rollup: bigint): Promise<Rollup> {
  const contract = IRollupHub__factory.connect(hub, provider);
  const [record, progress] = await Promise.all([contract.record(rollup), contract.progress(rollup)]);
  return {
    rollup,
    status: STATUSES[Number(record.status)] ?? "None",
    owner: BigInt(record.owner) === 0n ? undefined : record.owner,
    program: record.program,
    l2ChainId: record.l2ChainId,
    sequencing: record.sequencing,
    window: record.window,
    claimLife: record.claimLife,
    deposit: record.deposit,
    slash: record.slash,
    forceDelay: record.forceDelay,
    drainAt: record.drainAt >= NEVER ? undefined : record.drainAt,
    messageBound: record.messageBound,
    posted: progress.posted,
    finalIndex: progress.finalIndex,
    finalCommitment: progress.finalCommitment,
    messages: progress.count,
    lastPost: progress.lastPost,
  };
}

/** Returns how many rollups a hub has; their ids run from 1 to it. */
export async function countRollups(provider: Provider, hub: string): Promise<bigint> {
  return IRollupHub__factory.connect(hub, provider).rollupCount();
}
