import { concat, keccak256, toBeHex, zeroPadValue } from "ethers";

/** A program as the machine sees it before its first step, and the hashes that identify it (docs/encodings.md, "Machine"). */
export interface ProgramIdentity {
  programHash: string;
  codeRoot: string;
  memoryRoot0: string;
  /** The 11 siblings that lead from codeRoot to memoryRoot0, upwards: the catalogue checks them. */
  siblings: string[];
  /** Address of the first instruction. */
  entry: string;
}

const TEXT_LIMIT = 2 * 1024 * 1024;
const TEXT_DEPTH = 16;
const MEMORY_DEPTH = 27;
const LEAF = 32;

interface Segment {
  address: number;
  bytes: Uint8Array;
  memorySize: number;
  executable: boolean;
}

/** Returns the hashes of an RV64 executable. Throws when its segments lie outside the machine's rules. */
export function identify(elf: Uint8Array): ProgramIdentity {
  const { entry, segments } = parse(elf);
  const leaves = new Map<number, Uint8Array>();
  for (const segment of segments) {
    const end = segment.address + segment.memorySize;
    if (segment.executable ? end > TEXT_LIMIT : segment.address < TEXT_LIMIT)
      throw new Error(
        `segment at 0x${segment.address.toString(16)}: executable ones end below 2 MiB, others start above`,
      );
    for (let i = 0; i < segment.bytes.length; i++) {
      const address = segment.address + i;
      const index = Math.floor(address / LEAF);
      const leaf = leaves.get(index) ?? new Uint8Array(LEAF);
      // a leaf is the little-endian integer of its bytes
      leaf[LEAF - 1 - (address % LEAF)] = segment.bytes[i] ?? 0;
      leaves.set(index, leaf);
    }
  }
  const words = new Map([...leaves].map(([index, leaf]) => [index, "0x" + Buffer.from(leaf).toString("hex")]));
  const code = new Map([...words].filter(([index]) => index < TEXT_LIMIT / LEAF));
  const codeRoot = climb(code, TEXT_DEPTH).root;
  const { root: memoryRoot0, siblings } = climb(words, MEMORY_DEPTH);
  const word = zeroPadValue(toBeHex(entry), 32);
  const programHash = keccak256(concat([codeRoot, memoryRoot0, word]));
  return { programHash, codeRoot, memoryRoot0, siblings: siblings.slice(TEXT_DEPTH), entry: word };
}

/** Returns the root of a binary keccak tree of which only the leaves given aren't zero, and the siblings of leaf 0. */
function climb(leaves: Map<number, string>, depth: number): { root: string; siblings: string[] } {
  const siblings: string[] = [];
  let zero = "0x" + "00".repeat(LEAF);
  let level = leaves;
  for (let i = 0; i < depth; i++) {
    siblings.push(level.get(1) ?? zero);
    const above = new Map<number, string>();
    for (const index of level.keys()) {
      const parent = Math.floor(index / 2);
      if (above.has(parent)) continue;
      const pair = [level.get(2 * parent) ?? zero, level.get(2 * parent + 1) ?? zero];
      above.set(parent, keccak256(concat(pair)));
    }
    zero = keccak256(concat([zero, zero]));
    level = above;
  }
  return { root: level.get(0) ?? zero, siblings };
}

function parse(elf: Uint8Array): { entry: bigint; segments: Segment[] } {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  const magic = elf.length >= 64 && view.getUint32(0, false) === 0x7f454c46;
  if (!magic || elf[4] !== 2 || elf[5] !== 1 || view.getUint16(18, true) !== 243)
    throw new Error("not a little-endian RV64 executable");
  const entry = view.getBigUint64(24, true);
  const table = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  const segments: Segment[] = [];
  for (let i = 0; i < view.getUint16(56, true); i++) {
    const at = table + i * size;
    if (view.getUint32(at, true) !== 1) continue;
    const offset = Number(view.getBigUint64(at + 8, true));
    const length = Number(view.getBigUint64(at + 32, true));
    segments.push({
      address: Number(view.getBigUint64(at + 16, true)),
      bytes: elf.subarray(offset, offset + length),
      memorySize: Number(view.getBigUint64(at + 40, true)),
      executable: (view.getUint32(at + 4, true) & 1) === 1,
    });
  }
  return { entry, segments };
}
