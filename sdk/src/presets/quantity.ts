import { parseUnits } from "ethers";
import { z } from "zod";

/** Quantities as people write them in a preset; each says its rule in one sentence. */

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const DURATION = 'a duration is a whole number followed by s, m, h or d, like "90s" or "7d"';

/** A duration, at most 2^32 - 1 seconds [s]. */
export const duration = z
  .string({ error: DURATION })
  .regex(/^\d{1,10}[smhd]$/, { error: DURATION })
  .transform((text) => Number(text.slice(0, -1)) * (SECONDS[text.slice(-1)] ?? 1))
  .refine((seconds) => seconds < 2 ** 32, { error: "a duration is shorter than 2^32 seconds (136 years)" });

const DECIMALS: Readonly<Record<string, number>> = { wei: 0, gwei: 9, ETH: 18, ALT: 18 };

/** An amount with its unit, below 2^`bits` in the smallest unit. */
export function amount(
  allowed: readonly ("wei" | "gwei" | "ETH" | "ALT")[],
  bits: number,
): z.ZodType<bigint, string> {
  const rule = `an amount is a decimal number, a space and ${allowed.join(", ")}, like "1.5 ${allowed.at(-1)}", below 2^${bits} wei`;
  return z.string({ error: rule }).transform((text, context) => {
    const [, number = "", unit = ""] = /^(\d{1,60}(?:\.\d{1,18})?) (\w+)$/.exec(text) ?? [];
    const decimals = (allowed as readonly string[]).includes(unit) ? DECIMALS[unit] : undefined;
    if (decimals !== undefined && (number.split(".")[1]?.length ?? 0) <= decimals) {
      const wei = parseUnits(number, decimals);
      if (wei < 1n << BigInt(bits)) return wei;
    }
    context.issues.push({ code: "custom", message: rule, input: text });
    return z.NEVER;
  });
}

/** A whole number in a range, both ends included. */
export function whole(least: number, most: number): z.ZodType<number, number> {
  const rule = `a whole number from ${least} to ${most} was expected`;
  return z
    .number({ error: rule })
    .int({ error: rule })
    .min(least, { error: rule })
    .max(most, { error: rule });
}
