import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hexlify } from "ethers";
import { type Oracle, PreimageTable } from "../../sequencer/src/machine";

const OPENING = /^(?:0x)?([0-9a-f]{64})\.(\d+)$/;
const OPENING_SIZE = 128;

/** Returns an oracle over the files of a folder; over nothing if none is given. */
export function oracleOf(folder: string | undefined): Oracle {
  const table = new PreimageTable();
  const openings = new Map<string, Uint8Array>();
  for (const entry of folder === undefined ? [] : readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(folder ?? "", entry.name));
    const opening = OPENING.exec(entry.name);
    if (opening !== null && bytes.length === OPENING_SIZE)
      openings.set(`0x${opening[1]}.${Number(opening[2])}`, bytes);
    else table.add(bytes);
  }
  return {
    preimage: (kind, key) => table.preimage(kind, key),
    blobWord: (versionedHash, index) => openings.get(`${hexlify(versionedHash)}.${index}`),
  };
}
