import { ecdsaRecover } from "secp256k1";
import { keccak } from "../hashing";
import { precompile } from "../machine";

const ECRECOVER = 1;
/** What it costs on Ethereum [gas]; programs offer far more, since other chains charge more. */
const ECRECOVER_PRICE = 3_000;
const EMPTY = new Uint8Array(0);

/**
 * Answers a program's precompile calls as the EVM would: the output, empty on a success without output, undefined on
 * failure. `recovered` answers ecrecover by its exact input, where the signer was recovered at the door already.
 */
export function runPrecompile(
  address: number,
  gas: number,
  input: Uint8Array,
  recovered: (input: Uint8Array) => Uint8Array | undefined,
): Uint8Array | undefined {
  if (address !== ECRECOVER) return precompile(address, gas, input.slice());
  if (gas < ECRECOVER_PRICE) return undefined;
  return recovered(input) ?? ecrecover(input);
}

/** The ecrecover precompile: 32 bytes with the signer's address, or nothing when there is none. */
export function ecrecover(input: Uint8Array): Uint8Array {
  const padded = new Uint8Array(128);
  padded.set(input.subarray(0, 128));
  const v = padded[63]!;
  for (let i = 32; i < 63; i++) if (padded[i] !== 0) return EMPTY;
  if (v !== 27 && v !== 28) return EMPTY;
  const signer = recoverSigner(padded.subarray(0, 32), v - 27, padded.subarray(64, 128));
  if (signer === undefined) return EMPTY;
  const output = new Uint8Array(32);
  output.set(signer, 12);
  return output;
}

/** The address whose key signed the digest, if there is one. */
export function recoverSigner(
  digest: Uint8Array,
  parity: number,
  signature: Uint8Array,
): Uint8Array | undefined {
  try {
    const key = ecdsaRecover(signature, parity, digest, false);
    return keccak(key.subarray(1)).subarray(12);
  } catch {
    return undefined;
  }
}
