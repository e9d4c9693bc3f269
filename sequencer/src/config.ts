import { existsSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";

export const ROLES = ["sequencer", "claimer", "challenger", "follower"] as const;
export type Role = (typeof ROLES)[number];

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "an address: 0x and 40 hexadecimal digits");
const url = z
  .string()
  .refine((value) => /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value), "an http(s) URL")
  .refine((value) => !URL.canParse(value) || new URL(value).username === "", "a URL without a user name");
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").filter((part) => part !== "") : value),
    z.array(item),
  );
const flag = z.preprocess(
  (value) => (value === "true" || value === "" ? true : value === "false" ? false : value),
  z.boolean(),
);

export const SCHEMA = z
  .object({
    role: list(z.enum(ROLES))
      .pipe(z.array(z.enum(ROLES)).min(1))
      .default(["follower"])
      .describe("sequencer, claimer, challenger, follower; several with commas"),
    l1: list(url)
      .pipe(z.array(url).min(1))
      .describe("L1 endpoints, several with commas; the node rotates on failure"),
    hub: address.describe("address of the RollupHub"),
    bridge: address.optional().describe("address of the CanonicalBridge"),
    startBlock: count(0, 2 ** 48)
      .default(0)
      .describe("L1 block of the hub's deployment"),
    data: z.string().min(1).describe("data directory"),
    minFreeMib: count(16, 2 ** 30)
      .default(1_024)
      .describe(
        "free disk space below which the node takes no transactions, then builds no batches, then derives none [MiB]",
      ),
    keyFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        "file with the hot key, 64 hexadecimal digits with or without 0x; needed by all roles but follower",
      ),
    rollups: list(count(1, 2 ** 48))
      .default([])
      .describe("ids of the rollups to serve; none: all"),
    host: z.string().min(1).default("127.0.0.1").describe("address the JSON-RPC server listens on"),
    port: count(0, 65_535).default(8650).describe("port of the JSON-RPC server; 0 takes a free one"),
    workers: count(1, 64)
      .default(Math.max(1, availableParallelism() - 1))
      .describe("worker threads for the rollups' runtimes"),
    pollMs: count(20, 60_000).default(300).describe("pause between two looks at L1 [ms]"),
    l1Depth: count(0, 200).default(0).describe("blocks below the head that a batch's L1 context lies"),
    blockMs: count(1, 60_000).default(50).describe("longest wait of a transaction for its block [ms]"),
    batchMs: count(1, 86_400_000).default(12_000).describe("longest wait of a block for its batch [ms]"),
    batchBytes: count(1_024, 120_000).default(100_000).describe("data of a batch [bytes]"),
    bumpMs: count(100, 3_600_000)
      .default(30_000)
      .describe("wait before a transaction on L1 gets a higher fee [ms]"),
    maxFeeGwei: z.coerce
      .number()
      .positive()
      .max(1_000_000)
      .default(500)
      .describe("most the node pays for L1 gas [gwei]"),
    urgentFeeGwei: z.coerce
      .number()
      .positive()
      .max(1_000_000)
      .default(5_000)
      .describe("most it pays for what a match's clock waits for, once half of the time is over [gwei]"),
    l1LagBlocks: count(1, 1_000)
      .default(3)
      .describe("blocks behind the best at which an L1 endpoint is left"),
    l1HealthMs: count(100, 3_600_000)
      .default(15_000)
      .describe("pause between two comparisons of the L1 endpoints [ms]"),
    stepped: flag
      .default(false)
      .describe("act only when told by host_step; for development chains, on loopback"),
    logLevel: z
      .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
      .default("info")
      .describe("least severe log line written"),
    json: flag.default(false).describe("print one JSON line with the endpoint on stdout once ready"),
  })
  .strict();

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

export type Config = z.infer<typeof SCHEMA>;
export type ConfigInput = z.input<typeof SCHEMA>;

/** What is wrong with a configuration: every problem at once, each with its path, what was got and the rule. */
export class ConfigInvalid extends Error {
  override readonly name = "ConfigInvalid";

  constructor(readonly problems: readonly string[]) {
    super(
      `the configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n  ${problems.join("\n  ")}`,
    );
  }
}

/** Checks a configuration given as an object, as a program that embeds the node does. */
export function checkConfig(input: unknown): Config {
  const parsed = SCHEMA.safeParse(input);
  const problems: string[] = [];
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = issue.path.join(".");
      problems.push(
        `${path === "" ? "configuration" : path}: got ${got(input, issue.path)}, rule: ${issue.message}`,
      );
    }
    throw new ConfigInvalid(problems);
  }
  const config = parsed.data;
  if (config.role.some((role) => role !== "follower") && config.keyFile === undefined) {
    problems.push(
      `keyFile: got nothing, rule: role ${config.role.join(",")} signs L1 transactions and needs a key`,
    );
  }
  if (config.urgentFeeGwei < config.maxFeeGwei) {
    problems.push(
      `urgentFeeGwei: got ${config.urgentFeeGwei}, rule: at least maxFeeGwei, which is ${config.maxFeeGwei}`,
    );
  }
  if (config.stepped && !LOOPBACK.has(config.host)) {
    problems.push(`host: got "${config.host}", rule: a node that is stepped listens on loopback`);
  }
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return config;
}

/** Flags win over the environment, the environment over the file, the file over the defaults. */
export function loadConfig(argv: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const keys = Object.keys(SCHEMA.shape) as (keyof Config)[];
  const flags = readFlags(argv, keys);
  const merged: Record<string, unknown> = {};
  const path = flags["config"] ?? environment["ROLLWORKS_CONFIG"];
  if (path !== undefined) Object.assign(merged, readFile(path));
  for (const key of keys) {
    const value = environment[`ROLLWORKS_${kebab(key).replaceAll("-", "_").toUpperCase()}`];
    if (value !== undefined) merged[key] = value;
    if (flags[kebab(key)] !== undefined) merged[key] = flags[kebab(key)];
  }
  return checkConfig(merged);
}

/** One line per option, for --help. */
export function describeOptions(): string {
  const width = Math.max(...Object.keys(SCHEMA.shape).map((key) => kebab(key).length));
  return Object.entries(SCHEMA.shape)
    .map(([key, field]) => `  --${kebab(key).padEnd(width)}  ${field.description ?? ""}`)
    .join("\n");
}

/** Reads a private key from a file. The key never appears in a message. */
export function readKey(path: string): string {
  if (!existsSync(path)) throw new ConfigInvalid([`keyFile: got ${path}, rule: a file that exists`]);
  const text = readFileSync(path, "utf8").trim();
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(text)) {
    throw new ConfigInvalid([
      `keyFile: got ${path}, rule: the file holds 64 hexadecimal digits, with or without 0x`,
    ]);
  }
  return text.startsWith("0x") ? text : `0x${text}`;
}

/** The mode of a file that others than its owner may read or write, such as 644; undefined where none may. */
export function openMode(path: string): string | undefined {
  const { mode } = statSync(path);
  return process.platform === "win32" || (mode & 0o077) === 0 ? undefined : (mode & 0o777).toString(8);
}

function readFlags(argv: readonly string[], keys: readonly string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(
    [...keys.map(kebab), "config"].map((name) => [
      name,
      { type: name === "json" || name === "stepped" ? "boolean" : "string" } as const,
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
  } catch (error) {
    throw new ConfigInvalid([`flags: ${(error as Error).message}`]);
  }
}

function readFile(path: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw new ConfigInvalid([
      `config: got ${path}, rule: a JSON file that can be read (${(error as Error).message})`,
    ]);
  }
  throw new ConfigInvalid([`config: got ${path}, rule: a JSON object`]);
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What was given, without what mustn't get into a log: the paths of endpoints are often keys. */
function got(input: unknown, path: readonly PropertyKey[]): string {
  if (path.length === 0)
    return typeof input === "object" && input !== null
      ? `the keys ${Object.keys(input).join(", ")}`
      : typeof input;
  const value = valueAt(input, path);
  if (path[0] !== "l1") return show(value);
  return show(Array.isArray(value) ? value.map(masked) : masked(value));
}

function masked(value: unknown): unknown {
  if (typeof value !== "string") return value === undefined ? undefined : typeof value;
  return value
    .split(",")
    .map((one) => {
      const [scheme = ""] = /^[a-z]+:\/\//i.exec(one) ?? [];
      const rest = one.slice(scheme.length);
      const host = rest
        .split("@")
        .at(-1)!
        .split(/[/?#\\]/)[0]!;
      return `${scheme}${host}${host === rest ? "" : "/…"}`;
    })
    .join(",");
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value === "string" && typeof key === "number")
      return value.split(",").filter((part) => part !== "")[key];
    return (value as Record<PropertyKey, unknown> | undefined)?.[key];
  }, input);
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
