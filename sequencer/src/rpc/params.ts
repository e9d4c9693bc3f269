import { RpcError } from "./errors";

const HEX = /^0x[0-9a-fA-F]*$/;

/** Reads a method's parameters by position; everything wrong is InvalidParams with the name and the rule. */
export class Params {
  constructor(
    private readonly values: readonly unknown[],
    max: number,
  ) {
    if (values.length > max) throw new RpcError("InvalidParams", { parameters: values.length, limit: max });
  }

  has(position: number): boolean {
    return this.values[position] !== undefined && this.values[position] !== null;
  }

  raw(position: number): unknown {
    return this.values[position];
  }

  bytes(position: number, name: string, length?: number): Uint8Array {
    return parseBytes(this.values[position], name, length);
  }

  integer(position: number, name: string, fallback?: number): number {
    const value = this.values[position];
    if ((value === undefined || value === null) && fallback !== undefined) return fallback;
    const number =
      typeof value === "string" && /^(0x[0-9a-fA-F]{1,13}|\d{1,15})$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
      throw new RpcError("InvalidParams", { parameter: name, rule: "an integer from 0 to 2^53-1" });
    }
    return number;
  }

  word(position: number, name: string, fallback?: bigint): bigint {
    const value = this.values[position];
    if ((value === undefined || value === null) && fallback !== undefined) return fallback;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
    if (typeof value === "string" && /^(0x[0-9a-fA-F]{1,64}|\d{1,78})$/.test(value)) {
      const word = BigInt(value);
      if (word < 1n << 256n) return word;
    }
    throw new RpcError("InvalidParams", { parameter: name, rule: "an unsigned integer of 256 bits" });
  }
}

export function parseBytes(value: unknown, name: string, length?: number): Uint8Array {
  if (typeof value !== "string" || value.length % 2 !== 0 || !HEX.test(value)) {
    throw new RpcError("InvalidParams", {
      parameter: name,
      rule: "0x and an even number of hexadecimal digits",
    });
  }
  const bytes = Buffer.from(value.slice(2), "hex");
  if (length !== undefined && bytes.length !== length) {
    throw new RpcError("InvalidParams", { parameter: name, bytes: bytes.length, rule: `${length} bytes` });
  }
  return bytes;
}
