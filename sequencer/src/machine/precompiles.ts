import { createHash } from "node:crypto";
import { ecdsaRecover } from "secp256k1";
import { keccak256 } from "ethers";
import { PriceUncertain } from "./errors";

/** Returns what an EVM precompile answers when it is called with exactly `gas`; undefined when the call fails. */
export type Precompile = (address: number, gas: number, input: Uint8Array) => Uint8Array | undefined;

const MODEXP = 5;
const EMPTY = new Uint8Array(0);

const words = (input: Uint8Array): number => Math.ceil(input.length / 32);

/** Returns `length` bytes from `start`; what lies past the end is zero. */
function padded(input: Uint8Array, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(input.subarray(Math.min(start, input.length), Math.min(start + length, input.length)));
  return bytes;
}

function toInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function leftPadded(bytes: Uint8Array): Uint8Array {
  const word = new Uint8Array(32);
  word.set(bytes, 32 - bytes.length);
  return word;
}

/** A bad signature isn't a failure: the call succeeds and returns nothing. */
function ecrecover(input: Uint8Array): Uint8Array {
  const parity = toInteger(padded(input, 32, 32)) - 27n;
  if (parity !== 0n && parity !== 1n) return EMPTY;
  try {
    const point = ecdsaRecover(padded(input, 64, 64), Number(parity), padded(input, 0, 32), false);
    return leftPadded(Buffer.from(keccak256(point.subarray(1)).slice(-40), "hex"));
  } catch {
    return EMPTY;
  }
}

const hash = (algorithm: "sha256" | "ripemd160", input: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(algorithm).update(input).digest());

function modularPower(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (const byte of exponent)
    for (let bit = 7; bit >= 0; bit--) {
      result = (result * result) % modulus;
      if ((byte >> bit) & 1) result = (result * base) % modulus;
    }
  return result;
}

/** What modexp costs by EIP-2565, and since Osaka, by EIP-7883, which never asks for less. */
function modexpPrices(
  longest: number,
  exponentLength: number,
  headBits: number,
): [former: number, present: number] {
  const words = Math.ceil(longest / 8);
  const price = (least: number, perByte: number, complexity: number, share: number) => {
    const iterations = Math.max(1, perByte * Math.max(0, exponentLength - 32) + headBits);
    return Math.max(least, Math.floor((complexity * iterations) / share));
  };
  return [price(200, 8, words ** 2, 3), price(500, 16, longest > 32 ? 2 * words ** 2 : 16, 1)];
}

function modexp(gas: number, input: Uint8Array): Uint8Array | undefined {
  const [baseLength = 0, exponentLength = 0, modulusLength = 0] = [0, 32, 64].map((start) =>
    Number(toInteger(padded(input, start, 32))),
  );
  const exponent = padded(input, 96 + baseLength, exponentLength);
  const head = toInteger(exponent.subarray(0, 32));
  const headBits = head === 0n ? 0 : head.toString(2).length - 1;
  const [former, present] = modexpPrices(Math.max(baseLength, modulusLength), exponentLength, headBits);
  if (gas < former) return undefined;
  if (gas < present) throw new PriceUncertain(MODEXP, gas, former, present);
  if (modulusLength === 0) return EMPTY;
  const modulus = toInteger(padded(input, 96 + baseLength + exponentLength, modulusLength));
  const base = toInteger(padded(input, 96, baseLength));
  const result = modulus === 0n ? 0n : modularPower(base % modulus, exponent, modulus);
  return new Uint8Array(Buffer.from(result.toString(16).padStart(2 * modulusLength, "0"), "hex"));
}

/**
 * Answers the precompiles that the Solidity step allows (1 … 5), with Ethereum's gas costs. The machine itself keeps to the
 * limits on input, gas and operands. Throws PriceUncertain where settlement chains differ on whether the gas suffices.
 */
export const precompile: Precompile = (address, gas, input) => {
  const priced = (cost: number, answer: () => Uint8Array) => (gas < cost ? undefined : answer());
  switch (address) {
    case 1:
      return priced(3000, () => ecrecover(input));
    case 2:
      return priced(60 + 12 * words(input), () => hash("sha256", input));
    case 3:
      return priced(600 + 120 * words(input), () => leftPadded(hash("ripemd160", input)));
    case 4:
      return priced(15 + 3 * words(input), () => input);
    case MODEXP:
      return modexp(gas, input);
    default:
      throw new Error(`precompile ${address} isn't on the machine's list`);
  }
};

/** [answers] What is remembered before everything is forgotten. */
const MOST_ANSWERS = 1 << 16;

/** Returns the same function with a memory: a dispute runs the same stretch of a program again and again. */
export function remembering(answer: Precompile): Precompile {
  const known = new Map<string, Uint8Array | undefined>();
  return (address, gas, input) => {
    const call = `${address}.${gas}.${Buffer.from(input).toString("latin1")}`;
    if (known.has(call)) return known.get(call);
    if (known.size >= MOST_ANSWERS) known.clear();
    const output = answer(address, gas, input);
    known.set(call, output);
    return output;
  };
}
