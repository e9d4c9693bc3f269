import { statfsSync } from "node:fs";

/** What stops when the disk gets full, in this order; the numbers are the parts of the reserve that must be free. */
const NEEDS = {
  /** taking transactions in */
  promises: 1,
  /** building batches of one's own */
  batches: 1 / 2,
  /** deriving the batches of others: without it no new lie is seen */
  results: 1 / 4,
} as const;

/** What may stop for want of space. What L1 says, and what the key signs, is written until the disk takes no more. */
export type Work = keyof typeof NEEDS;

/** Raised when the disk is too full for some work. It goes on by itself once there is space. */
export class DiskFull extends Error {
  override readonly name = "DiskFull";

  constructor(path: string, work: Work, free: number, needed: number) {
    super(`${path} has ${mebibytes(free)} free, and ${work} need ${mebibytes(needed)}: free some space`);
  }
}

/** A look is taken at most so often [ms]. */
const LOOK_MS = 1_000;

/** The free space under a path, and what it is enough for. */
export class DiskSpace {
  private free = 0;
  private lookedAt = -Infinity;

  constructor(
    private readonly path: string,
    /** free space below which the node stops doing things, one after the other [bytes] */
    private readonly reserve: number,
    private readonly look: (path: string) => number = freeBytes,
    private readonly now: () => number = () => performance.now(),
  ) {}

  allows(work: Work): boolean {
    return this.measured() >= this.reserve * NEEDS[work];
  }

  require(work: Work): void {
    if (!this.allows(work)) throw new DiskFull(this.path, work, this.free, this.reserve * NEEDS[work]);
  }

  private measured(): number {
    const now = this.now();
    if (now - this.lookedAt >= LOOK_MS) [this.free, this.lookedAt] = [this.look(this.path), now];
    return this.free;
  }
}

/** [bytes] */
function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
