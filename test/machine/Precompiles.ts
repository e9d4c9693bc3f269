import { concat, getBytes, recoverAddress, ripemd160, sha256, toBeHex, zeroPadValue } from "ethers";

/** Limits of READ kind 2: beyond them a read is an error halt. */
export const MAX_INPUT = 4096;
export const MAX_GAS = 3_000_000n;
export const MAX_MODEXP_OPERAND = 1024n;

const words = (bytes: Uint8Array) => BigInt(Math.ceil(bytes.length / 32));
const integer = (bytes: Uint8Array) =>
  bytes.length === 0 ? 0n : BigInt("0x" + Buffer.from(bytes).toString("hex"));

/** `length` bytes of `bytes` from `start`, zero-padded on the right. */
function slice(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes.subarray(Math.min(start, bytes.length), Math.min(start + length, bytes.length)));
  return out;
}

/** Whether the step answers this call at all; otherwise the machine halts with an error. */
export function isAllowed(address: number, gas: bigint, input: Uint8Array): boolean {
  if (address < 1 || address > 5 || gas > MAX_GAS || input.length > MAX_INPUT) return false;
  return address !== 5 || [0, 32, 64].every((at) => integer(slice(input, at, 32)) <= MAX_MODEXP_OPERAND);
}

/** The result of a precompile called with `gas`, undefined when the call fails. */
export function execute(address: number, gas: bigint, input: Uint8Array): Uint8Array | undefined {
  const [cost, run] = [
    () => ecrecover(input),
    () => digest(60n, 12n, sha256, input),
    () => digest(600n, 120n, padded160, input),
    () => digest(15n, 3n, identity, input),
    () => modexp(input),
  ][address - 1]();
  return gas < cost ? undefined : run();
}

type Call = [cost: bigint, run: () => Uint8Array];

const identity = (input: Uint8Array) => Buffer.from(input).toString("hex");
const padded160 = (input: Uint8Array) => zeroPadValue(ripemd160(input), 32);

function digest(base: bigint, perWord: bigint, hash: (input: Uint8Array) => string, input: Uint8Array): Call {
  return [
    base + perWord * words(input),
    () => {
      const hex = hash(input);
      return getBytes(hex.startsWith("0x") ? hex : "0x" + hex);
    },
  ];
}

function ecrecover(input: Uint8Array): Call {
  const [hash, v, r, s] = [0, 32, 64, 96].map((at) => slice(input, at, 32));
  return [
    3000n,
    () => {
      const parity = integer(v);
      if (parity !== 27n && parity !== 28n) return new Uint8Array();
      try {
        // The precompile, unlike a transaction, takes a high s: bring it down and flip the parity.
        const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
        const high = integer(s) > n / 2n;
        if (integer(s) >= n) return new Uint8Array();
        const low = high ? n - integer(s) : integer(s);
        const flipped = high ? 55n - parity : parity;
        const signer = recoverAddress(
          toBeHex(integer(hash), 32),
          concat([r, toBeHex(low, 32), toBeHex(flipped, 1)]),
        );
        return getBytes(zeroPadValue(signer, 32));
      } catch {
        return new Uint8Array();
      }
    },
  ];
}

function modexp(input: Uint8Array): Call {
  const [b, e, m] = [0, 32, 64].map((at) => Number(integer(slice(input, at, 32))));
  const base = integer(slice(input, 96, b));
  const exponent = integer(slice(input, 96 + b, e));
  const modulus = integer(slice(input, 96 + b + e, m));
  const head = integer(slice(input, 96 + b, Math.min(e, 32)));
  const bits = head === 0n ? 0 : head.toString(2).length - 1;
  const iterations = BigInt(Math.max(1, (e <= 32 ? 0 : 8 * (e - 32)) + bits));
  const length = BigInt(Math.ceil(Math.max(b, m) / 8));
  const cost = (length * length * iterations) / 3n;
  return [
    cost < 200n ? 200n : cost,
    () => {
      if (m === 0) return new Uint8Array();
      return getBytes(toBeHex(modulus === 0n ? 0n : power(base, exponent, modulus), m));
    },
  ];
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % modulus;
    b = (b * b) % modulus;
  }
  return result;
}
