import { getBytes, hexlify, toUtf8Bytes, toUtf8String } from "ethers";

/** Raised when bytes aren't what a layout of docs/encodings/ledger.md says. */
export class EncodingError extends Error {
  override readonly name = "EncodingError";
}

/** Bytes as hexadecimal text (0x…) or as they are. */
export type Bytes = string | Uint8Array;

export function toBytes(bytes: Bytes): Uint8Array {
  return getBytes(bytes);
}

/** Writes fields one after the other. */
export class Writer {
  private readonly parts: Uint8Array[] = [];

  raw(bytes: Bytes, length?: number): this {
    const part = toBytes(bytes);
    if (length !== undefined && part.length !== length)
      throw new EncodingError(`${part.length} bytes where ${length} belong`);
    this.parts.push(part);
    return this;
  }

  /** Writes an unsigned integer of fixed size, big-endian. */
  integer(value: bigint | number, length: number): this {
    const number = BigInt(value);
    if (number < 0n || number >> BigInt(8 * length) !== 0n)
      throw new EncodingError(`${number} doesn't fit ${length} bytes`);
    const part = new Uint8Array(length);
    let rest = number;
    for (let i = length - 1; i >= 0; i--, rest >>= 8n) part[i] = Number(rest & 0xffn);
    this.parts.push(part);
    return this;
  }

  /** Writes `length u8 ‖ bytes` without leading zeros, for a field of `limit` bytes. */
  uint(value: bigint | number, limit: number): this {
    const number = BigInt(value);
    const length = number === 0n ? 0 : Math.ceil(number.toString(16).length / 2);
    if (number < 0n || length > limit) throw new EncodingError(`${number} doesn't fit ${limit} bytes`);
    return this.integer(length, 1).integer(number, length);
  }

  /** Writes text behind its length of `prefix` bytes. */
  text(text: string, prefix: 1 | 2): this {
    const part = toUtf8Bytes(text);
    return this.integer(part.length, prefix).raw(part);
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** Reads fields one after the other; throws EncodingError where bytes are missing or not canonical. */
export class Reader {
  private at = 0;

  constructor(private readonly source: Uint8Array) {}

  get left(): number {
    return this.source.length - this.at;
  }

  raw(length: number): Uint8Array {
    if (length > this.left) throw new EncodingError(`${this.left} bytes left where ${length} belong`);
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }

  hex(length: number): string {
    return hexlify(this.raw(length));
  }

  integer(length: number): bigint {
    const bytes = this.raw(length);
    return length === 0 ? 0n : BigInt(hexlify(bytes));
  }

  number(length: 1 | 2 | 4): number {
    return this.raw(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  uint(limit: number): bigint {
    const bytes = this.minimal(limit);
    return bytes.length === 0 ? 0n : BigInt(hexlify(bytes));
  }

  /** Reads the bytes of an unsigned integer: as few as it has, behind their number. */
  minimal(limit: number): Uint8Array {
    const [length = 0] = this.raw(1);
    if (length > limit) throw new EncodingError(`an integer of ${length} bytes where ${limit} fit`);
    const bytes = this.raw(length);
    if (bytes[0] === 0) throw new EncodingError("an integer with a leading zero byte");
    return bytes;
  }

  text(prefix: 1 | 2): string {
    const bytes = this.raw(this.number(prefix));
    try {
      return toUtf8String(bytes);
    } catch {
      throw new EncodingError("text that isn't UTF-8");
    }
  }

  /** Asserts that nothing is left. */
  end(): void {
    if (this.left > 0) throw new EncodingError(`${this.left} bytes too many`);
  }
}
