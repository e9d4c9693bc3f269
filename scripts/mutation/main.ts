import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { reset } from "@nomicfoundation/hardhat-network-helpers";
import hre from "hardhat";
import type { Artifact } from "hardhat/types";
import Mocha from "mocha";
import { Random } from "../../test/Random";
import { SteadyTime } from "../../test/SteadyTime";
import { type Code, compileWith } from "./compile";
import { type Mutant, mutantsOf } from "./mutants";

/**
 * `npm run mutation -- machine|dispute [--sample N] [--part K/N] [--seed N] [--json FILE]`: changes one thing of a contract at a time and runs its tests, which
 * must fail. Prints the share that does, and every change that no test noticed. Nothing is written to `artifacts`.
 */

/** Contracts that hold the code, with their files, and the tests that call these contracts, the quickest first. */
interface Stage {
  readonly contracts: Readonly<Record<string, string>>;
  readonly tests: readonly string[];
}

interface Target {
  readonly folders: readonly string[];
  /** one after the other, until a mutant dies: compiling takes longer than most tests */
  readonly stages: readonly Stage[];
}

const root = join(__dirname, "..", "..");
const filesOf = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);

/** Tests of disputes on the whole hub; the others call it with verbs that set it up. */
const WHOLE = /Model\.contracts/;
/** The model alone, and the list of attacks, call no contract. */
const disputes = filesOf("test/dispute", /^(?!Model\.histories|attacks).*\.test\.ts$/);

const TARGETS: Readonly<Record<string, Target>> = {
  machine: {
    folders: ["contracts/machine"],
    stages: [
      {
        contracts: { Machine: "contracts/machine/Machine.sol" },
        tests: ["test/machine/Machine.step.test.ts", "test/machine/Machine.read.test.ts"],
      },
    ],
  },
  dispute: {
    folders: ["contracts/dispute"],
    stages: [
      {
        contracts: {
          Verdicts: "contracts/dispute/Verdicts.sol",
          HubMock: "contracts/mocks/HubMock.sol",
        },
        tests: disputes.filter((file) => !WHOLE.test(file)),
      },
      {
        contracts: {
          Verdicts: "contracts/dispute/Verdicts.sol",
          RollupHub: "contracts/hub/RollupHub.sol",
        },
        tests: disputes.filter((file) => WHOLE.test(file)),
      },
    ],
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

/** A test that failed. */
interface Failure {
  readonly title: string;
  readonly message: string;
  readonly file: string;
}

/** Runs test files from scratch until the first failure, all tests of them or those with one of the titles. */
async function firstFailure(
  files: readonly string[],
  titles?: readonly string[],
): Promise<Failure | undefined> {
  await reset();
  for (const path of Object.keys(require.cache))
    if (path.startsWith(join(root, "test")) && !path.endsWith("SteadyTime.ts")) delete require.cache[path];
  const mocha = new Mocha({ bail: true, timeout: 120_000, reporter: class Silent {} as never });
  if (titles !== undefined)
    mocha.grep(
      new RegExp(`^(?:${titles.map((title) => title.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|")})$`),
    );
  for (const file of files) mocha.addFile(join(root, file));
  return new Promise((resolve) => {
    let failed: Failure | undefined;
    mocha
      .run(() => resolve(failed))
      .on("fail", (test: { fullTitle(): string; file?: string }, error: Error) => {
        const file = test.file === undefined ? "" : relative(root, test.file);
        failed ??= { title: test.fullTitle(), message: error.message, file };
      });
  });
}

/** Tests that killed mutants of one source, the latest first: neighbours die by the same tests. */
class Killers {
  private static readonly most = 8;
  private readonly bySource = new Map<string, Failure[]>();

  of(source: string, files: readonly string[]): readonly Failure[] {
    return (this.bySource.get(source) ?? []).filter(({ file }) => files.includes(file));
  }

  add(source: string, failure: Failure): void {
    const others = (this.bySource.get(source) ?? []).filter(({ title }) => title !== failure.title);
    this.bySource.set(source, [failure, ...others].slice(0, Killers.most));
  }
}

/** Runs a stage's tests, those first that killed neighbours. */
async function killer(stage: Stage, source: string, killers: Killers): Promise<Failure | undefined> {
  const known = killers.of(source, stage.tests);
  if (known.length > 0) {
    const files = [...new Set(known.map(({ file }) => file))];
    const failed = await firstFailure(
      files,
      known.map(({ title }) => title),
    );
    if (failed !== undefined) return failed;
  }
  return firstFailure(stage.tests);
}

/** The contracts that a mutant may change. A library that others call is linked, not built into them. */
function changedBy({ file }: Mutant, { contracts }: Stage): Stage["contracts"] {
  const own = Object.entries(contracts).filter(([, place]) => place === file);
  return own.length === 0 ? contracts : Object.fromEntries(own);
}

async function fateOf(
  target: Target,
  mutant: Mutant,
  originals: readonly Readonly<Record<string, Code>>[],
  killers: Killers,
): Promise<Fate> {
  let isSame = true;
  for (const [at, stage] of target.stages.entries()) {
    const code = compileWith(changedBy(mutant, stage), mutant);
    if (code === undefined) return "doesn't compile";
    if (Object.entries(code).every(([name, { bytecode }]) => bytecode === originals[at]?.[name]?.bytecode))
      continue;
    isSame = false;
    const restore = serve(code);
    try {
      const failed = await killer(stage, mutant.file, killers);
      if (failed === undefined) continue;
      killers.add(mutant.file, failed);
      return "killed";
    } finally {
      restore();
    }
  }
  return isSame ? "same code" : "survived";
}

/** So many items at random, in a random order: those tried until somebody stops it are a fair sample too. */
function sampled<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = new Random(seed);
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ item }) => item);
}

async function main(): Promise<void> {
  process.setMaxListeners(0); // mocha leaves two behind at each run
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string" },
      part: { type: "string" },
      seed: { type: "string" },
      json: { type: "string" },
    },
  });
  const name = positionals[0] ?? "";
  const target = TARGETS[name];
  if (target === undefined)
    throw new Error(`"${name}" is no target: name one of ${Object.keys(TARGETS).join(", ")}.`);
  await hre.run("compile", { quiet: true });
  SteadyTime.start();
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  const all = target.folders
    .flatMap((folder) => filesOf(folder, /\.sol$/))
    .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), "utf8")));
  const picked = values.sample === undefined ? all : sampled(all, Number(values.sample), seed);
  const [part = 1, parts = 1] = (values.part ?? "1/1").split("/").map(Number);
  const chosen = picked.filter((_, at) => at % parts === part - 1);
  console.log(`${name}: ${chosen.length} of ${all.length} mutants, seed ${seed}`);

  const originals = target.stages.map(({ contracts }) => compileWith(contracts) ?? {});
  for (const [at, { contracts, tests }] of target.stages.entries()) {
    const original = originals[at] ?? {};
    if (Object.keys(original).length < Object.keys(contracts).length)
      throw new Error("The sources don't compile.");
    const restore = serve(original);
    const broken = await firstFailure(tests);
    restore();
    if (broken !== undefined)
      throw new Error(`Without any change this test fails already: ${broken.title}: ${broken.message}`);
  }

  const counts: Record<Fate, number> = { killed: 0, survived: 0, "same code": 0, "doesn't compile": 0 };
  const survivors: Omit<Mutant, "source">[] = [];
  const killers = new Killers();
  for (const [at, mutant] of chosen.entries()) {
    const fate = await fateOf(target, mutant, originals, killers);
    counts[fate] += 1;
    const { file, line, before, after } = mutant;
    if (fate === "survived") survivors.push({ file, line, before, after });
    // After each, as it takes hours and may be stopped.
    if (values.json !== undefined)
      writeFileSync(
        values.json,
        `${JSON.stringify({ name, seed, tried: at + 1, of: all.length, counts, survivors }, undefined, 2)}\n`,
      );
    process.stderr.write(`${at + 1}/${chosen.length} ${fate}: ${file}:${line} ${before} → ${after}\n`);
  }
  const decided = counts.killed + counts.survived;
  const score = decided === 0 ? 0 : counts.killed / decided;
  for (const { file, line, before, after } of survivors)
    console.log(`survived  ${file}:${line}  ${before} → ${after}`);
  console.log(
    `${counts.killed} killed of ${decided} (${(100 * score).toFixed(1)} %); left out: ${counts["same code"]} with the same code, ${counts["doesn't compile"]} that don't compile`,
  );
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
