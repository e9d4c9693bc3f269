import { concat, getBytes, recoverAddress, ripemd160, sha256, toBeHex, zeroPadValue } from "ethers";

/** Limits of READ kind 2: beyond them a read is an error halt. */
export const MAX_INPUT = 4096;
export const MAX_GAS = 3_000_000n;
export const MAX_MODEXP_OPERAND = 1024n;

const words = (bytes: Uint8Array) => BigInt(Math.ceil(bytes.length / 32));
/** Bytes as a big-endian integer. */
export const integerOf = (bytes: Uint8Array) =>
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
  return address !== 5 || [0, 32, 64].every((at) => integerOf(slice(input, at, 32)) <= MAX_MODEXP_OPERAND);
}

/** The result of an allowed precompile called with `gas`, undefined when the call fails. */
export function execute(address: number, gas: bigint, input: Uint8Array): Uint8Array | undefined {
  const [cost, run] = callOf(address, input);
  return gas < cost ? undefined : run();
}

function callOf(address: number, input: Uint8Array): Call {
  switch (address) {
    case 1:
      return ecrecover(input);
    case 2:
      return digest(60n, 12n, (bytes) => getBytes(sha256(bytes)), input);
    case 3:
      return digest(600n, 120n, (bytes) => getBytes(zeroPadValue(ripemd160(bytes), 32)), input);
    case 4:
      return digest(15n, 3n, (bytes) => bytes, input);
    case 5:
      return modexp(input);
    default:
      throw new Error(`precompile ${address} is not allowed`);
  }
}

type Call = [cost: bigint, run: () => Uint8Array];

function digest(
  base: bigint,
  perWord: bigint,
  hash: (input: Uint8Array) => Uint8Array,
  input: Uint8Array,
): Call {
  return [base + perWord * words(input), () => hash(input)];
}

function ecrecover(input: Uint8Array): Call {
  const hash = slice(input, 0, 32);
  const parity = integerOf(slice(input, 32, 32));
  const r = slice(input, 64, 32);
  const s = integerOf(slice(input, 96, 32));
  return [
    3000n,
    () => {
      if (parity !== 27n && parity !== 28n) return new Uint8Array();
      try {
        // The precompile, unlike a transaction, takes a high s: bring it down and flip the parity.
        const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
        const high = s > n / 2n;
        if (s >= n) return new Uint8Array();
        const low = high ? n - s : s;
        const flipped = high ? 55n - parity : parity;
        const signer = recoverAddress(hash, concat([r, toBeHex(low, 32), toBeHex(flipped, 1)]));
        return getBytes(zeroPadValue(signer, 32));
      } catch {
        return new Uint8Array();
      }
    },
  ];
}

function modexp(input: Uint8Array): Call {
  const b = Number(integerOf(slice(input, 0, 32)));
  const e = Number(integerOf(slice(input, 32, 32)));
  const m = Number(integerOf(slice(input, 64, 32)));
  const base = integerOf(slice(input, 96, b));
  const exponent = integerOf(slice(input, 96 + b, e));
  const modulus = integerOf(slice(input, 96 + b + e, m));
  const head = integerOf(slice(input, 96 + b, Math.min(e, 32)));
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
