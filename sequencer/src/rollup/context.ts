import { Executor } from "../executor/executor";
import { L1Outcome, L1Request } from "../l1/queue";
import { L1Block } from "../l1/watcher";
import { Log } from "../log";
import { Mempool } from "../mempool/mempool";
import { Program } from "../programs/program";
import { RollupStore } from "../store/rollup";
import { Activity } from "./activity";
import { ChainView } from "./chain";
import { Results } from "./results";

/** The way to L1: reads by any endpoint, writes by the one queue of the node's key. */
export interface L1Access {
  /** the node's key, lower case; undefined on a node that only follows */
  readonly address: string | undefined;
  call<T>(method: string, params: unknown[]): Promise<T>;
  submit(request: L1Request): Promise<L1Outcome>;
  /** Looks at L1 now instead of at the next interval. */
  look(): void;
  /** What L1 says of a rollup has a gap: a fact of block `shown` doesn't follow on those up to block `last`. Reads it again. */
  missing?(rollup: number, last: number, shown: number): void;
}

export interface RollupPlace {
  readonly id: number;
  /** chain id of the rollup */
  readonly l2ChainId: bigint;
  readonly l1ChainId: bigint;
  readonly hub: string;
}

export interface RollupTiming {
  /** longest wait of a transaction for its block [ms] */
  readonly blockMs: number;
  /** longest wait of a block for its batch [ms] */
  readonly batchMs: number;
  /** data of a batch [bytes] */
  readonly batchBytes: number;
  /** blocks below the head that a batch's L1 context lies */
  readonly l1Depth: number;
  /** the hub's nominal block time [s] */
  readonly blockTime: number;
  /** no timer makes the node act, only its driver's steps: for development chains */
  readonly isStepped: boolean;
}

/** What the parts of a rollup's runtime share. */
export interface RollupContext {
  readonly place: RollupPlace;
  readonly timing: RollupTiming;
  readonly log: Log;
  readonly l1: L1Access;
  readonly store: RollupStore;
  readonly program: Program;
  readonly executor: Executor;
  readonly results: Results;
  readonly mempool: Mempool;
  readonly activity: Activity;
  /** encoded config of the rollup's batches, and its hash */
  readonly config: Uint8Array;
  /** W + T_match: how long a claim lives at most [ticks] */
  readonly claimLife: number;
  /** L1's word; replaced by another after a reorg */
  view: ChainView;
  head: L1Block;
}
