import { AbiCoder, concat, keccak256, type BytesLike } from "ethers";
import { packWord, unpackWord, addressOf } from "./word";

/** What a program and a dispute need of a rollup's parameters; the hub keeps its hash (docs/encodings.md, "config"). */
export interface Config {
  programHash: string;
  l2ChainId: bigint;
  /** [L2 gas] */
  batchGas: bigint;
  /** [L2 gas] */
  messageGas: bigint;
  messageBound: bigint;
  /** L: a run has 2^L steps */
  logSteps: bigint;
  policyMask: bigint;
  policyThreshold: bigint;
  availability: string;
  /** C [ticks] */
  clock: bigint;
  /** E [ticks] */
  extension: bigint;
  /** B [wei] */
  bond: bigint;
  /** W [ticks] */
  window: bigint;
  feeRecipient: string;
  /** [wei per L2 gas] */
  gasPrice: bigint;
}

const VERSION = 1;
/** Nobody is excluded: the only access rule there is. */
const ACCESS_OPEN = 0;

/** Returns the six words of a config. */
export function configWords(config: Config): string[] {
  return [
    config.programHash,
    packWord(
      [64, config.l2ChainId],
      [64, config.batchGas],
      [32, config.messageGas],
      [16, config.messageBound],
      [8, config.logSteps],
      [8, ACCESS_OPEN],
      [8, config.policyMask],
      [8, config.policyThreshold],
      [16, VERSION],
    ),
    packWord([160, config.availability]),
    packWord([32, config.clock], [32, config.extension], [96, config.bond], [32, config.window]),
    packWord([160, config.feeRecipient], [96, config.gasPrice]),
    packWord(),
  ];
}

/** Returns the 192 bytes of a config. */
export function encodeConfig(config: Config): string {
  return concat(configWords(config));
}

export function configHash(config: Config): string {
  return keccak256(encodeConfig(config));
}

/** Reads a config from its six words. */
export function decodeConfig(words: readonly BytesLike[]): Config {
  const [program, limits, availability, times, fees] = words as [string, string, string, string, string];
  const [l2ChainId, batchGas, messageGas, messageBound, logSteps, , policyMask, policyThreshold] = unpackWord(
    limits,
    64,
    64,
    32,
    16,
    8,
    8,
    8,
    8,
  ) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  const [clock, extension, bond, window] = unpackWord(times, 32, 32, 96, 32) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const [feeRecipient, gasPrice] = unpackWord(fees, 160, 96) as [bigint, bigint];
  return {
    programHash: program,
    l2ChainId,
    batchGas,
    messageGas,
    messageBound,
    logSteps,
    policyMask,
    policyThreshold,
    availability: addressOf(unpackWord(availability, 160)[0]!),
    clock,
    extension,
    bond,
    window,
    feeRecipient: addressOf(feeRecipient),
    gasPrice,
  };
}

/** Returns the id that a rollup's transactions are signed for: 2^51 + uint50(keccak(chainid, hub, rollup)). */
export function l2ChainId(chainId: bigint, hub: string, rollup: bigint): bigint {
  const digest = keccak256(
    AbiCoder.defaultAbiCoder().encode(["uint256", "address", "uint64"], [chainId, hub, rollup]),
  );
  return (1n << 51n) + (BigInt(digest) & ((1n << 50n) - 1n));
}
