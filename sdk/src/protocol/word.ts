import { getBigInt, toBeHex, type BigNumberish, type BytesLike, hexlify } from "ethers";

/** A field of a packed word, from the most significant one down. */
export type Field = readonly [bits: number, value: BigNumberish];

/** Raised when a value doesn't fit its field, or the fields don't fill the word. */
export class FieldOverflowError extends Error {
  constructor(
    readonly value: bigint,
    readonly bits: number,
  ) {
    super(`${value} doesn't fit ${bits} bits`);
  }
}

/** Packs fields into 32 bytes, the first in the highest bits; the bits left over at the end are zero. */
export function packWord(...fields: Field[]): string {
  let word = 0n;
  let used = 0;
  for (const [bits, value] of fields) {
    const number = getBigInt(value);
    if (number < 0n || number >> BigInt(bits) !== 0n) throw new FieldOverflowError(number, bits);
    word = (word << BigInt(bits)) | number;
    used += bits;
  }
  if (used > 256) throw new RangeError(`${used} bits don't fit a word`);
  return toBeHex(word << BigInt(256 - used), 32);
}

/** Takes a word apart: `bits` of each field, the first from the highest bits. */
export function unpackWord(word: BytesLike, ...bits: number[]): bigint[] {
  let rest = 256;
  const value = getBigInt(hexlify(word));
  return bits.map((width) => {
    rest -= width;
    if (rest < 0) throw new RangeError("the fields are longer than a word");
    return (value >> BigInt(rest)) & ((1n << BigInt(width)) - 1n);
  });
}

/** The address in a field of 160 bits. */
export function addressOf(field: bigint): string {
  return toBeHex(field, 20);
}
