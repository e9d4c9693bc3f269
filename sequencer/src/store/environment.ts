import { mkdirSync, statfsSync } from "node:fs";
import { open, RootDatabase } from "lmdb";

/** Raised when the disk is nearly full: the node writes nothing more, so that what it acknowledged stays readable. */
export class DiskFull extends Error {
  override readonly name = "DiskFull";

  constructor(path: string, freePercent: number) {
    super(
      `${path} has ${freePercent.toFixed(1)} % free, the node needs ${MIN_FREE_PERCENT} %: free some space and start it again`,
    );
  }
}

export const MIN_FREE_PERCENT = 5;

/**
 * Opens an LMDB environment. A write's promise resolves when the write is on disk (`overlappingSync: false` commits and
 * syncs as one), so awaiting it is all that a promise to the outside needs.
 */
export function openEnvironment(path: string): RootDatabase {
  mkdirSync(path, { recursive: true });
  refuseWhenFull(path);
  return open({ path, maxDbs: 16, overlappingSync: false, noMemInit: true });
}

export function refuseWhenFull(path: string): void {
  const { bavail, blocks } = statfsSync(path);
  const freePercent = (100 * bavail) / blocks;
  if (freePercent < MIN_FREE_PERCENT) throw new DiskFull(path, freePercent);
}
