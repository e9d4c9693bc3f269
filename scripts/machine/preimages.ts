import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { dataSlice, hexlify, sha256, toBigInt } from "ethers";
import { type Oracle, PreimageTable } from "../../sequencer/src/machine";

const OPENING = /^(?:0x)?([0-9a-f]{64})\.(\d+)$/;
/** y (32) ‖ commitment (48) ‖ proof (48) [bytes] */
const OPENING_SIZE = 128;
/** The order of BLS12-381's scalar field. */
const MODULUS = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** Throws where an opening can't be one of this blob. Whether its proof holds, the chain alone says. */
function requireOpening(file: string, versionedHash: string, bytes: Uint8Array): void {
  if (bytes.length !== OPENING_SIZE)
    throw new Error(
      `${file} has ${bytes.length} bytes, its name says that it opens a blob's word: ${OPENING_SIZE} bytes (y, commitment, proof) were expected`,
    );
  if (toBigInt(bytes.subarray(0, 32)) >= MODULUS)
    throw new Error(`${file}: y isn't below the order of the field, ${MODULUS}`);
  const computed = `0x01${dataSlice(sha256(bytes.subarray(32, 80)), 1).slice(2)}`;
  if (computed !== versionedHash)
    throw new Error(`${file}: its commitment has the versioned hash ${computed}, not the one in its name`);
}

/** Returns an oracle over the files of a folder; over nothing if none is given. */
export function oracleOf(folder: string | undefined): Oracle {
  const table = new PreimageTable();
  const openings = new Map<string, Uint8Array>();
  for (const name of folder === undefined ? [] : readdirSync(folder)) {
    const file = join(folder ?? "", name);
    if (!statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    const [, hash, index] = OPENING.exec(name.toLowerCase()) ?? [];
    if (hash === undefined) table.add(bytes);
    else {
      requireOpening(file, `0x${hash}`, bytes);
      openings.set(`0x${hash}.${Number(index)}`, bytes);
    }
  }
  return {
    preimage: (kind, key) => table.preimage(kind, key),
    blobWord: (versionedHash, index) => openings.get(`${hexlify(versionedHash)}.${index}`),
  };
}
