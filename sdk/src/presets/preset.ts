import { z } from "zod";
import { type Problem, problemsOf } from "../problem";
import { AVAILABILITY, SEQUENCING } from "./modules";
import { amount, duration, whole } from "./quantity";

/** A named set of parameters for `create`: everything but the people, who are named when a rollup is made of it. */

const oneOf = (names: readonly string[]): z.ZodString => {
  const rule = `one of ${names.map((name) => `"${name}"`).join(", ")} was expected`;
  return z.string({ error: rule }).refine((name) => names.includes(name), { error: rule });
};

const partName = (rule: string): z.ZodString =>
  z.string({ error: rule }).regex(/^[a-z][a-z0-9-]*$/, { error: rule });

const chain = z.strictObject({
  /** What the rollup computes: a program's name in the address book. */
  program: partName('the name of a program in the catalogue was expected, like "ledger"'),
  /** Where its data goes. */
  availability: oneOf(Object.keys(AVAILABILITY)),
  /** Who orders it. */
  sequencing: oneOf(Object.keys(SEQUENCING)),
  /** What users pay [wei per L2 gas]. */
  gasPrice: amount(["wei", "gwei"], 96),
  /** Gas that one message may use [L2 gas]. */
  messageGas: whole(0, 2 ** 32 - 1),
  /** Messages that one batch consumes at most. */
  messageBound: whole(1, 2_048),
});

const security = z.strictObject({
  policy: z.strictObject({
    /** Which bits count: bit 0 is the fault proof. */
    mask: whole(1, 255),
    /** How many of them make a commitment final. */
    threshold: whole(1, 8),
  }),
  /** W, in which a claim can be disputed [ticks]; a tick passes per second while the chain is alive. */
  window: duration,
  /** C, each side's time in a match [ticks]. */
  clock: duration,
  /** E, what a mover has at least [ticks]. */
  extension: duration,
  /** B, a challenger's bond. */
  bond: amount(["wei", "gwei", "ETH"], 96),
  /** D, what an asserter deposits per line. */
  deposit: amount(["wei", "gwei", "ETH"], 80),
  /** X, the stake that an operator reserves per line. */
  slash: amount(["wei", "ALT"], 96),
  /** After which bit 0 alone makes a commitment final, whatever the policy. */
  fallbackDelay: duration,
});

const lifetime = z.strictObject({
  /** `creator`: who creates it owns it unless somebody else is named; `none`: nobody ever can change it. */
  owner: z.enum(["creator", "none"], { error: '"creator" or "none" was expected' }),
  /** How long it lives before it drains by itself; `forever`, or a duration from its creation. */
  lasts: z.union([z.literal("forever"), duration], {
    error: '"forever" or a duration like "1h" was expected',
  }),
  /** How long transactions go on in Draining. */
  unwind: duration,
  /** Without a batch for so long, posting opens to everyone. */
  forceDelay: duration,
  /** Dormant for longer, anyone may drain it. */
  maxDormant: duration,
  /** log2 of the number of batches that can be pending. */
  ringLog2: whole(0, 255),
});

const schema = z.strictObject({
  about: z.string({ error: "a sentence that says what the preset is for was expected" }).min(1),
  chain,
  security,
  lifetime,
});

export type Preset = z.output<typeof schema>;
/** A preset as its file says it. */
export type PresetSource = z.input<typeof schema>;

export type PresetResult =
  | { readonly preset: Preset; readonly problems: readonly [] }
  | { readonly preset: undefined; readonly problems: readonly Problem[] };

/**
 * Reads a preset, with every problem at once.
 *
 * @param value what a preset's JSON file holds
 */
export function parsePreset(value: unknown): PresetResult {
  const result = schema.safeParse(value);
  return result.success
    ? { preset: result.data, problems: [] }
    : { preset: undefined, problems: problemsOf(result.error, value) };
}
