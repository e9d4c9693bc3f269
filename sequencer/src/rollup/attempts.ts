import { toUtf8Bytes } from "ethers";
import { keccak } from "../hashing";
import { isDone, refusalOf } from "../l1/refusal";
import { describe } from "../log";
import { RollupContext } from "./context";

/** A duty that L1 didn't take is looked at again at its next block, or after this [ms]; each time it fails again, after twice as much. */
const RETRY_MS = 2_000;
const MOST_RETRY_BLOCKS = 64;
/** Nodes that may do the same thing go one after the other: after one to so many L1 blocks, each of them at least so long [ms] … */
const RANKS = 8;
const RANK_MS = 500;
/** … and where no block comes, after so long for each [ms]. */
const IDLE_RANK_MS = 1_000;
const REMEMBERED = 4_096;
/** Of the time that is left, so much passes at most before a duty with a deadline is looked at again, and at least so long [ms]. */
const DEADLINE_SHARE = 16;
const LEAST_RETRY_MS = 1_000;

/** What a duty sends to L1. */
export interface Duty {
  readonly data: string;
  readonly value?: bigint;
  /** after this it is of no use [s since 1970, by L1] */
  readonly deadline?: number;
  /** so much gas must be left to pay for what has to follow, and for what is under way */
  readonly keepGas?: bigint;
}

export interface DutyOptions {
  /** after this it is of no use [s since 1970, by L1] */
  readonly deadline?: number;
  /** Others may do it as well as this node: it lets those of a lower rank go first. */
  readonly isShared?: boolean;
  /** May take an error for itself by returning true. */
  readonly failed?: (error: unknown) => boolean;
}

interface Attempt {
  isUnderWay: boolean;
  failures: number;
  /** It isn't looked at before L1 has this block, or the process's clock shows this [ms]; */
  block: number;
  time: number;
  /** nor before that clock shows this [ms], */
  least: number;
  /** nor before L1's clock shows this [s since 1970]. */
  notBefore: number;
  /** after this it is of no use: by L1's clock [s since 1970], and by the process's [ms], in case that L1 can't be seen */
  deadline: number;
  until: number;
}

/**
 * Duties on L1 of one rollup: one at a time per id, simulated first. What isn't possible now is tried again later, at the moment
 * that the hub names if it names one; what somebody else has done is done; what became of it is read from L1's events.
 */
export class Attempts {
  private readonly known = new Map<string, Attempt>();
  private readonly preparing = new Set<Promise<unknown>>();
  private stopped = false;

  constructor(
    private readonly context: RollupContext,
    private readonly deps: { wakeIn: (ms: number) => void },
  ) {}

  isDue(id: string): boolean {
    const attempt = this.known.get(id);
    if (attempt === undefined) return true;
    const { head } = this.context;
    if (attempt.isUnderWay || head.timestamp < attempt.notBefore) return false;
    const now = Date.now();
    return now >= attempt.least && (head.number >= attempt.block || now >= attempt.time);
  }

  /** Whether this node should let others go first with what any node may do. Asked for the first time, it sets the wait. */
  yields(id: string): boolean {
    if (this.known.has(id)) return !this.isDue(id);
    const attempt = this.remember(id);
    const [high, low] = keccak(toUtf8Bytes(`${id}/${this.context.l1.address}`)) as unknown as [
      number,
      number,
    ];
    const rank = 1 + ((RANKS - 1) * (256 * high + low)) / 65_536;
    this.wait(attempt, Math.ceil(rank), (IDLE_RANK_MS * rank) / Math.ceil(rank));
    if (!this.context.timing.isStepped) attempt.least = Date.now() + RANK_MS * rank;
    this.deps.wakeIn(RANK_MS * rank);
    return true;
  }

  /** Starts a duty unless it is under way, was refused just now, or is somebody else's turn. */
  start(id: string, prepare: () => Promise<Duty>, options: DutyOptions = {}): void {
    if (options.isShared === true && this.yields(id)) return;
    if (!this.isDue(id)) return;
    if (this.stopped) return;
    const attempt = this.known.get(id) ?? this.remember(id);
    attempt.isUnderWay = true;
    if (options.deadline !== undefined && attempt.deadline !== options.deadline) {
      attempt.deadline = options.deadline;
      attempt.until = Date.now() + 1_000 * (options.deadline - this.context.head.timestamp);
    }
    const task = this.work(id, attempt, prepare)
      .catch((error: unknown) => {
        if (options.failed?.(error) !== true) this.refused(id, attempt, error);
        else this.wait(attempt, 2 ** attempt.failures++, RETRY_MS);
      })
      .finally(() => {
        attempt.isUnderWay = false;
      });
    void this.context.activity.track(task);
  }

  /** Begins nothing more; resolves when nothing reads the store any more. What is on its way to L1 goes on without this. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.preparing);
  }

  private async work(id: string, attempt: Attempt, prepare: () => Promise<Duty>): Promise<void> {
    const { l1, place, log } = this.context;
    const prepared = prepare();
    const quiet = prepared.catch(() => undefined);
    this.preparing.add(quiet);
    void quiet.then(() => this.preparing.delete(quiet));
    const duty = await prepared;
    if (this.stopped) return;
    const outcome = await l1.submit({ id, to: place.hub, ...duty });
    const facts = { duty: id, gas: Number(outcome.gasUsed) };
    if (!outcome.succeeded) {
      log.warn({ ...facts, hash: outcome.hash }, "a duty reverted on L1 though its simulation didn't");
      return this.wait(attempt, 2 ** attempt.failures++, RETRY_MS);
    }
    log.info(facts, "did a duty on L1");
    attempt.failures = 0;
    attempt.block = outcome.block;
    attempt.time = Infinity;
    l1.look();
  }

  private refused(id: string, attempt: Attempt, error: unknown): void {
    const { log, head } = this.context;
    const { reason, earliest } = refusalOf(error);
    const facts = { duty: id, reason, ...describe(error) };
    if (earliest !== undefined) {
      log.debug({ ...facts, earliest }, "a duty has to wait");
      attempt.notBefore = earliest;
      return this.wait(attempt, 1, RETRY_MS);
    }
    if (isDone(reason)) {
      log.debug(facts, "a duty was done already");
      attempt.block = head.number + 1;
      attempt.time = Infinity;
      return;
    }
    if ((error as Error).name === "WouldRevert") log.debug(facts, "a duty isn't possible now");
    else log.warn(facts, "a duty failed, trying again");
    this.wait(attempt, 2 ** attempt.failures++, RETRY_MS);
  }

  private wait(attempt: Attempt, blocks: number, msPerBlock: number): void {
    const { head, timing } = this.context;
    const left = Math.min(1_000 * (attempt.deadline - head.timestamp), attempt.until - Date.now());
    const share = Math.max(left / DEADLINE_SHARE, LEAST_RETRY_MS);
    const most = Math.max(1, Math.min(blocks, MOST_RETRY_BLOCKS, share / (1_000 * timing.blockTime)));
    const ms = Math.min(most * msPerBlock, share);
    attempt.block = head.number + Math.floor(most);
    attempt.time = timing.isStepped ? Infinity : Date.now() + ms;
    this.deps.wakeIn(ms);
  }

  private remember(id: string): Attempt {
    const attempt: Attempt = {
      ...{ isUnderWay: false, failures: 0, block: 0, time: 0, least: 0, notBefore: 0 },
      ...{ deadline: Infinity, until: Infinity },
    };
    this.known.set(id, attempt);
    if (this.known.size > REMEMBERED) {
      for (const [oldest, { isUnderWay }] of this.known) {
        if (isUnderWay) continue;
        this.known.delete(oldest);
        break;
      }
    }
    return attempt;
  }
}
