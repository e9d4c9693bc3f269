import { getAddress, isAddress, isHexString, parseUnits } from "ethers";
import { z } from "zod";

/** How words on a command line become values. Each says its rule in one sentence. */

const text = (rule: string): z.ZodString => z.string({ error: rule });

const ADDRESS = "an address is 0x and 40 hexadecimal digits, with a valid checksum where it mixes cases";
/** An address, returned with its checksum. */
export const address = text(ADDRESS)
  .refine((value) => isAddress(value) && value.startsWith("0x"), { error: ADDRESS })
  .transform((value) => getAddress(value));

/** An amount in whole units with at most `decimals` decimals ("1.5"), or in the smallest unit ("1500wei"). */
export function amount(decimals = 18): z.ZodType<bigint, string | undefined> {
  const rule = `an amount is a positive decimal number with at most ${decimals} decimals, or a whole number of wei ("1500wei")`;
  return text(rule).transform((value, context) => {
    const parsed = parseAmount(value, decimals);
    if (parsed === undefined || parsed <= 0n || parsed >= 1n << 256n) {
      context.issues.push({ code: "custom", message: rule, input: value });
      return z.NEVER;
    }
    return parsed;
  });
}

/** Returns an amount in the smallest unit; undefined when the words aren't one. */
export function parseAmount(value: string, decimals: number): bigint | undefined {
  const wei = /^(\d{1,78}) ?wei$/.exec(value);
  if (wei?.[1] !== undefined) return BigInt(wei[1]);
  if (!/^\d{1,78}(\.\d+)?$/.test(value) || (value.split(".")[1]?.length ?? 0) > decimals) return undefined;
  return parseUnits(value, decimals);
}

const NUMBER = "a whole number from 0 to 18446744073709551615 was expected";
/** A rollup's id, an index: 64 bits. */
export const index = text(NUMBER)
  .refine((value) => /^\d{1,20}$/.test(value) && BigInt(value) < 1n << 64n, { error: NUMBER })
  .transform((value) => BigInt(value));

const SECONDS: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, h: 3_600n, d: 86_400n };
const DURATION = 'a duration is a whole number followed by s, m, h or d ("90s", "2h", "30d")';
/** A duration [s]. */
export const duration = text(DURATION)
  .refine((value) => /^\d{1,9}[smhd]$/.test(value), { error: DURATION })
  .transform((value) => BigInt(value.slice(0, -1)) * (SECONDS[value.slice(-1)] ?? 1n));

const BYTES = "bytes are 0x and an even number of hexadecimal digits";
export const bytes = text(BYTES).refine((value) => isHexString(value) && value.length % 2 === 0, {
  error: BYTES,
});

/** A rollup: its id, or its name in the address book. */
export const rollupName = text("a rollup's id, or its name in the address book");

const COUNT = "a whole number from 1 to 1000 was expected";
/** How many of a list are shown: 20 unless told. */
export const count = z
  .string({ error: COUNT })
  .regex(/^\d{1,4}$/, { error: COUNT })
  .transform(Number)
  .refine((value) => value >= 1 && value <= 1_000, { error: COUNT })
  .default(20);

const NAME = "a name is 1 to 32 lower-case letters, digits and dashes, and begins with a letter";
/** A name in the address book. */
export const name = text(NAME).regex(/^[a-z][a-z0-9-]{0,31}$/, { error: NAME });

const PORT = "a port is a whole number from 0 to 65535 (0: any free one)";
export const port = text(PORT)
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) < 65_536, { error: PORT })
  .transform(Number);

const ENDPOINT = "an endpoint is an http or https address";
const isEndpoint = (value: string): boolean =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
/** A node's endpoint. */
export const endpoint = text(ENDPOINT)
  .refine(isEndpoint, { error: ENDPOINT })
  .default("http://127.0.0.1:8650");

const ENDPOINTS = "endpoints are http or https addresses, with commas between them";
/** One endpoint or several. */
export const endpoints = text(ENDPOINTS).refine((value) => value.split(",").every(isEndpoint), {
  error: ENDPOINTS,
});
