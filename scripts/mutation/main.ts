import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import hre from "hardhat";
import { Random } from "../../test/Random";
import { SteadyTime } from "../../test/SteadyTime";
import { type Code, compileWith } from "./compile";
import { Forge } from "./forge";
import { firstFailure, Killers, serve } from "./mocha";
import { type Mutant, mutantsOf } from "./mutants";
import {
  type Fate,
  placeOf,
  readReport,
  type Report,
  withFate,
  withoutSurvivors,
  writeReport,
} from "./report";
import { filesOf, root, type Stage, type Target, TARGETS } from "./targets";

const USAGE = `npm run mutation -- machine|dispute [options]: changes one thing of a contract at a time and runs its tests, which must fail.
Nothing is written to artifacts. The tests are run from this folder: edit none while it works.

  --sample N   try N mutants only (all, else)
  --seed N     of their order
  --keep       keep the report in snapshots/mutation, after each mutant
  --resume     go on where the kept report ends, in its order
  --again      try the kept report's survivors again, with forge's tests too, which compile for minutes each time`;

/** The contracts that a mutant may change. A library that others call is linked, not built into them. */
function changedBy({ file }: Mutant, { contracts }: Stage): Stage["contracts"] {
  const own = Object.entries(contracts).filter(([, place]) => place === file);
  return own.length === 0 ? contracts : Object.fromEntries(own);
}

/** Tries the mutants of one target. */
class Trial {
  private readonly killers = new Killers();
  private readonly forge: Forge | undefined;
  private readonly originals: readonly Readonly<Record<string, Code>>[];

  constructor(
    private readonly target: Target,
    withForge: boolean,
  ) {
    this.forge = withForge ? new Forge(target) : undefined;
    this.originals = target.stages.map(({ contracts }) => {
      const code = compileWith(contracts);
      if (code === undefined) throw new Error("The sources don't compile.");
      return code;
    });
  }

  /** Throws if a test fails without any change. */
  async requireGreen(): Promise<void> {
    for (const [at, { tests }] of this.target.stages.entries()) {
      const restore = serve(this.originals[at] ?? {});
      const broken = await firstFailure(tests);
      restore();
      if (broken !== undefined)
        throw new Error(`Without any change this test fails already: ${broken.title}: ${broken.message}`);
    }
    if (this.forge?.passes() === false)
      throw new Error("Without any change a test of forge fails already: npm run test:forge");
  }

  async fateOf(mutant: Mutant): Promise<Fate> {
    let isSame = true;
    for (const [at, stage] of this.target.stages.entries()) {
      const code = compileWith(changedBy(mutant, stage), mutant);
      if (code === undefined) return "doesn't compile";
      const original = this.originals[at] ?? {};
      if (Object.entries(code).every(([name, { bytecode }]) => bytecode === original[name]?.bytecode))
        continue;
      isSame = false;
      const restore = serve(code);
      try {
        if ((await this.killers.tryOn(mutant.file, stage)) !== undefined) return "killed";
      } finally {
        restore();
      }
    }
    if (isSame) return "same code";
    return this.forge?.passes(mutant) === false ? "killed" : "survived";
  }

  end(): void {
    this.forge?.remove();
  }
}

/** Returns all items in a random order: those tried until somebody stops it are a fair sample. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = new Random(seed);
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function optionsOf(): {
  name: string;
  sample: number;
  seed: number;
  keep: boolean;
  resume: boolean;
  again: boolean;
} {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string" },
      seed: { type: "string" },
      keep: { type: "boolean", default: false },
      resume: { type: "boolean", default: false },
      again: { type: "boolean", default: false },
    },
  });
  const whole = (option: "sample" | "seed", otherwise: number): number => {
    const text = values[option];
    if (text === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(text))
      throw new Error(`--${option}: got "${text}", a whole number of at most nine digits was expected.`);
    return Number(text);
  };
  const [name = "", ...more] = positionals;
  if (!(name in TARGETS) || more.length > 0)
    throw new Error(
      `"${positionals.join(" ")}" is no target: name one of ${Object.keys(TARGETS).join(", ")}.\n\n${USAGE}`,
    );
  if (values.again && (values.resume || values.sample !== undefined))
    throw new Error("--again tries all survivors: it goes with neither --resume nor --sample.");
  const { keep, resume, again } = values;
  return {
    name,
    sample: whole("sample", Infinity),
    seed: whole("seed", Date.now() % 1e9),
    keep,
    resume,
    again,
  };
}

/** Returns where to start from, and what is to be tried. */
function planOf(
  { name, sample, seed, resume, again }: ReturnType<typeof optionsOf>,
  all: readonly Mutant[],
): [Report, Mutant[]] {
  const counts = { killed: 0, survived: 0, "same code": 0, "doesn't compile": 0 };
  const fresh: Report = { name, seed, tried: 0, of: all.length, counts, survivors: [] };
  if (!resume && !again) return [fresh, shuffled(all, seed).slice(0, sample)];

  const kept = readReport(placeOf(name));
  if (kept === undefined) throw new Error(`There is no kept report of ${name}: run once with --keep.`);
  if (kept.of !== all.length)
    throw new Error(`The kept report is of ${kept.of} mutants, there are ${all.length} now: begin anew.`);
  if (resume) return [kept, shuffled(all, kept.seed).slice(kept.tried).slice(0, sample)];
  const isSurvivor = (mutant: Mutant): boolean =>
    kept.survivors.some(
      ({ file, line, column, after }) =>
        mutant.file === file && mutant.line === line && mutant.column === column && mutant.after === after,
    );
  const survivors = all.filter(isSurvivor);
  if (survivors.length !== kept.survivors.length)
    throw new Error("The kept report has survivors that the sources don't have: begin anew.");
  return [withoutSurvivors(kept), survivors];
}

async function main(): Promise<void> {
  process.setMaxListeners(0); // mocha leaves two behind at each run
  const options = optionsOf();
  const { name } = options;
  const target = TARGETS[name] as Target;
  await hre.run("compile", { quiet: true });
  SteadyTime.start();
  const all = filesOf(target.folder, /\.sol$/).flatMap((file) =>
    mutantsOf(file, readFileSync(join(root, file), "utf8")),
  );
  const [start, chosen] = planOf(options, all);
  console.log(`${name}: ${chosen.length} of ${all.length} mutants, seed ${start.seed}`);

  const trial = new Trial(target, options.again);
  let report = start;
  try {
    await trial.requireGreen();
    for (const [at, mutant] of chosen.entries()) {
      const fate = await trial.fateOf(mutant);
      report = withFate(report, fate, mutant);
      // After each, as it takes hours and may be stopped. Survivors are only whole at the end.
      if (options.keep || options.resume || (options.again && at === chosen.length - 1))
        writeReport(placeOf(name), report);
      const { file, line, before, after } = mutant;
      process.stderr.write(`${at + 1}/${chosen.length} ${fate}: ${file}:${line} ${before} → ${after}\n`);
    }
  } finally {
    trial.end();
  }
  const { counts, survivors } = report;
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
