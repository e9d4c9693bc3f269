import { readFileSync } from "node:fs";
import JSON5 from "json5";
import { z } from "zod";
import { type Problem, problemsOf } from "../sdk/src/problem";
import { amount, duration } from "../sdk/src/presets/quantity";

/** What a deployment of the protocol is told: the files in `deploy/parameters`. */

const ADDRESS = "an address was expected: 0x and 40 hexadecimal digits";
const address = z.string({ error: ADDRESS }).regex(/^0x[0-9a-fA-F]{40}$/, { error: ADDRESS });

const DAY = 86_400;

const schema = z.strictObject({
  /** τ, the settlement chain's nominal block time: what a tick is measured against. */
  blockTime: duration.refine((seconds) => seconds >= 1 && seconds <= 60, { error: "1s to 60s was expected" }),
  /** The gas price at which a challenger's bond pays for 1.2 M gas. */
  bondGasPrice: amount(["wei", "gwei"], 64).refine((wei) => wei > 0n, { error: "more than 0 was expected" }),
  /** How long stake stays slashable after its owner has left. */
  unbondingDelay: duration.refine((seconds) => seconds >= DAY && seconds <= 60 * DAY, {
    error: "1d to 60d was expected",
  }),
  /** Who is offered governance; the deployer keeps it when nobody is named. */
  governance: address.optional(),
  /** Who gets what belongs to nobody; the deployer when nobody is named. */
  treasury: address.optional(),
  /** Who gets the whole supply of ALT; the deployer when nobody is named. */
  altHolder: address.optional(),
});

export type ProtocolParameters = z.output<typeof schema>;

export type ParametersResult =
  | { readonly parameters: ProtocolParameters; readonly problems: readonly [] }
  | { readonly parameters: undefined; readonly problems: readonly Problem[] };

/** Reads a deployment's parameters, with every problem at once. */
export function parseParameters(value: unknown): ParametersResult {
  const result = schema.safeParse(value);
  return result.success
    ? { parameters: result.data, problems: [] }
    : { parameters: undefined, problems: problemsOf(result.error, value) };
}

/** Reads a file of parameters. Raised when it can't be read or isn't JSON5. */
export function readParameters(path: string): ParametersResult {
  return parseParameters(JSON5.parse(readFileSync(path, "utf8")));
}
