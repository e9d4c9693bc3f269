import { AbiCoder, concat, dataSlice, getBytes, hexlify, keccak256, type BytesLike } from "ethers";
import { CALLDATA_MODULE } from "./modules";
import { addressOf, packWord, unpackWord } from "./word";

/** Flags of a batch. */
export const MESSAGE_ONLY = 1;
export const SWEEP = 2;

/** The frame of a batch as the hub builds it (docs/encodings.md, "header"). */
export interface Header {
  /** data layer; the calldata layer if absent */
  daModule?: string;
  readKind?: number;
  flags: number;
  index: bigint;
  poster: string;
  /** messages the batch knows */
  target: bigint;
  dataCommitment: string;
  /** head of the message chain after `target` messages */
  targetHash: string;
  l1Hash: string;
  l1Number: bigint;
  /** [s since 1970] */
  timestamp: bigint;
}

const VERSION = 1;
const CHUNK = 4096;

/** Returns the 192 bytes of a header. */
export function encodeHeader(header: Header): string {
  return concat([
    packWord(
      [160, header.daModule ?? CALLDATA_MODULE],
      [8, header.readKind ?? 0],
      [8, header.flags],
      [16, VERSION],
      [64, header.index],
    ),
    packWord([160, header.poster], [32, 0], [64, header.target]),
    header.dataCommitment,
    header.targetHash,
    header.l1Hash,
    packWord([128, 0], [64, header.l1Number], [64, header.timestamp]),
  ]);
}

export function headerHash(header: Header): string {
  return keccak256(encodeHeader(header));
}

/** Reads a header from its 192 bytes. */
export function decodeHeader(encoded: BytesLike): Header {
  const word = (i: number) => dataSlice(encoded, 32 * i, 32 * i + 32);
  const [daModule, readKind, flags, , index] = unpackWord(word(0), 160, 8, 8, 16, 64) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const [poster, , target] = unpackWord(word(1), 160, 32, 64) as [bigint, bigint, bigint];
  const [, l1Number, timestamp] = unpackWord(word(5), 128, 64, 64) as [bigint, bigint, bigint];
  return {
    daModule: addressOf(daModule),
    readKind: Number(readKind),
    flags: Number(flags),
    index,
    poster: addressOf(poster),
    target,
    dataCommitment: word(2),
    targetHash: word(3),
    l1Hash: word(4),
    l1Number,
    timestamp,
  };
}

/** Returns the hash that pins a batch: its header and its config. */
export function batchHash(headerHash: string, configHash: string): string {
  return keccak256(concat([headerHash, configHash]));
}

/** Returns the chunks that data is cut into on the calldata layer. */
export function calldataChunks(data: BytesLike): string[] {
  const bytes = getBytes(data); // once: slices of hex would make this quadratic in the length
  const chunks: string[] = [];
  for (let from = 0; from < bytes.length; from += CHUNK)
    chunks.push(hexlify(bytes.subarray(from, from + CHUNK)));
  return chunks;
}

/** Returns the calldata layer's commitment to data. */
export function calldataCommitment(data: BytesLike): string {
  return keccak256(concat(calldataChunks(data).map((chunk) => keccak256(chunk))));
}

/** What a program is run on: a batch on its parent, in its rollup. */
export interface RunInput {
  chainId: bigint;
  hub: string;
  rollup: bigint;
  index: bigint;
  parent: string;
  headerHash: string;
  configHash: string;
}

/** Returns the 224 bytes behind a program's input hash. */
export function encodeInput(input: RunInput): string {
  return AbiCoder.defaultAbiCoder().encode(
    ["uint256", "address", "uint64", "uint64", "bytes32", "bytes32", "bytes32"],
    [input.chainId, input.hub, input.rollup, input.index, input.parent, input.headerHash, input.configHash],
  );
}

/** Returns a program's whole input for a batch. */
export function inputHash(input: RunInput): string {
  return keccak256(encodeInput(input));
}
