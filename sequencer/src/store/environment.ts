import { mkdirSync } from "node:fs";
import { open, RootDatabase } from "lmdb";

/**
 * Opens an LMDB environment. A write's promise resolves when the write is on disk (`overlappingSync: false` commits and
 * syncs as one), so awaiting it is all that a promise to the outside needs.
 */
export function openEnvironment(path: string): RootDatabase {
  mkdirSync(path, { recursive: true });
  return open({ path, maxDbs: 16, overlappingSync: false, noMemInit: true });
}
