import { concat, dataSlice, sha256, toBeHex } from "ethers";

// The polynomial f(x) = x: its commitment is the setup's [τ]₁, every quotient is 1, so every proof is the generator, and each word is its own
// point. From EIP-4844's ceremony output.
const COMMITMENT =
  "0xad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28e27c8dcd8fc7cb42d25926fc0c97b336e9f0fb35e5a04c81";
const PROOF =
  "0x97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";
export const VERSIONED_HASH = concat(["0x01", dataSlice(sha256(COMMITMENT), 1)]);
export const MODULUS = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % MODULUS)
    if (e & 1n) result = (result * b) % MODULUS;
  return result;
}

/** Returns a word of the blob, in the bit-reversed order in which it lies there. */
export const wordOf = (index: number) => {
  const reversed = parseInt(index.toString(2).padStart(12, "0").split("").reverse().join(""), 2);
  return toBeHex(power(power(7n, (MODULUS - 1n) / 4096n), BigInt(reversed)), 32);
};
/** Returns a word of the blob with its commitment and proof. */
export const opening = (index: number) => concat([wordOf(index), COMMITMENT, PROOF]);
