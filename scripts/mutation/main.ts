import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { reset } from "@nomicfoundation/hardhat-network-helpers";
import hre from "hardhat";
import type { Artifact } from "hardhat/types";
import Mocha from "mocha";
import { type Code, compileWith } from "./compile";
import { type Mutant, mutantsOf } from "./mutants";

/**
 * `npm run mutation -- machine|dispute [--sample N] [--seed N] [--json FILE]`: changes one thing of a contract at a time and runs its tests, which
 * must fail. Prints the share that does, and every change that no test noticed. Nothing is written to `artifacts`.
 */

interface Target {
  readonly folders: readonly string[];
  /** contracts that hold the code, with their files */
  readonly contracts: Readonly<Record<string, string>>;
  /** test files, the quickest first */
  readonly tests: readonly string[];
}

const root = join(__dirname, "..", "..");
const filesOf = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);

const TARGETS: Readonly<Record<string, Target>> = {
  machine: {
    folders: ["contracts/machine"],
    contracts: { Machine: "contracts/machine/Machine.sol" },
    tests: ["test/machine/Machine.step.test.ts", "test/machine/Machine.read.test.ts"],
  },
  dispute: {
    folders: ["contracts/dispute"],
    contracts: {
      Verdicts: "contracts/dispute/Verdicts.sol",
      HubMock: "contracts/mocks/HubMock.sol",
      RollupHub: "contracts/hub/RollupHub.sol",
    },
    tests: filesOf("test/dispute", /\.test\.ts$/),
  },
};

type Fate = "killed" | "survived" | "same code" | "doesn't compile";

/** Replaces artefacts in this process alone. */
function serve(code: Readonly<Record<string, Code>>): () => void {
  const original = hre.artifacts.readArtifact.bind(hre.artifacts);
  hre.artifacts.readArtifact = async (name: string): Promise<Artifact> => {
    const artifact = await original(name);
    const replaced = code[artifact.contractName];
    return replaced === undefined ? artifact : Object.assign({}, artifact, replaced);
  };
  return () => {
    hre.artifacts.readArtifact = original;
  };
}

/** Runs test files from scratch until the first failure; returns the failed test's title. */
async function firstFailure(files: readonly string[]): Promise<string | undefined> {
  await reset();
  for (const path of Object.keys(require.cache))
    if (path.startsWith(join(root, "test"))) delete require.cache[path];
  const mocha = new Mocha({ bail: true, timeout: 120_000, reporter: class Silent {} as never });
  for (const file of files) mocha.addFile(join(root, file));
  return new Promise((resolve) => {
    let failed: string | undefined;
    mocha
      .run(() => resolve(failed))
      .on("fail", (test, error: Error) => {
        failed ??= `${test.fullTitle()}: ${error.message}`;
      });
  });
}

/** The last files that killed a mutant stand first: neighbours die by the same tests. */
function reordered(files: readonly string[], killer: string | undefined): readonly string[] {
  return killer === undefined ? files : [killer, ...files.filter((file) => file !== killer)];
}

async function fateOf(
  target: Target,
  mutant: Mutant,
  original: Readonly<Record<string, Code>>,
  order: { files: readonly string[] },
): Promise<Fate> {
  const code = compileWith(target.contracts, mutant);
  if (code === undefined) return "doesn't compile";
  const isSame = Object.entries(code).every(([name, { bytecode }]) => bytecode === original[name]?.bytecode);
  if (isSame) return "same code";
  const restore = serve(code);
  try {
    for (const file of order.files) {
      if ((await firstFailure([file])) === undefined) continue;
      order.files = reordered(order.files, file);
      return "killed";
    }
    return "survived";
  } finally {
    restore();
  }
}

/** A small generator (mulberry32): the seed repeats the choice. */
function sampled<T>(items: readonly T[], count: number, seed: number): T[] {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return items
    .map((item, place) => ({ item, place, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

async function main(): Promise<void> {
  process.setMaxListeners(0); // mocha leaves two behind at each run
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { sample: { type: "string" }, seed: { type: "string" }, json: { type: "string" } },
  });
  const name = positionals[0] ?? "";
  const target = TARGETS[name];
  if (target === undefined)
    throw new Error(`"${name}" is no target: name one of ${Object.keys(TARGETS).join(", ")}.`);
  await hre.run("compile", { quiet: true });
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  const all = target.folders
    .flatMap((folder) => filesOf(folder, /\.sol$/))
    .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), "utf8")));
  const chosen = values.sample === undefined ? all : sampled(all, Number(values.sample), seed);
  console.log(`${name}: ${chosen.length} of ${all.length} mutants, seed ${seed}`);

  const original = compileWith(target.contracts);
  if (original === undefined) throw new Error("The sources don't compile.");
  const restore = serve(original);
  const broken = await firstFailure(target.tests);
  restore();
  if (broken !== undefined) throw new Error(`Without any change this test fails already: ${broken}`);

  const counts: Record<Fate, number> = { killed: 0, survived: 0, "same code": 0, "doesn't compile": 0 };
  const survivors: Omit<Mutant, "source">[] = [];
  const order = { files: target.tests };
  for (const [at, mutant] of chosen.entries()) {
    const fate = await fateOf(target, mutant, original, order);
    counts[fate] += 1;
    const { file, line, before, after } = mutant;
    if (fate === "survived") survivors.push({ file, line, before, after });
    process.stderr.write(`${at + 1}/${chosen.length} ${fate}: ${file}:${line} ${before} → ${after}\n`);
  }
  const decided = counts.killed + counts.survived;
  const score = decided === 0 ? 0 : counts.killed / decided;
  for (const { file, line, before, after } of survivors)
    console.log(`survived  ${file}:${line}  ${before} → ${after}`);
  console.log(
    `${counts.killed} killed of ${decided} (${(100 * score).toFixed(1)} %); left out: ${counts["same code"]} with the same code, ${counts["doesn't compile"]} that don't compile`,
  );
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ name, seed, counts, survivors }, undefined, 2)}\n`);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
