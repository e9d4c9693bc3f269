import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import hre from "hardhat";
import { Random } from "../../test/Random";
import { type Mutant, mutantsOf } from "./mutants";
import { placeOf, readReport, type Report, withFate, withoutSurvivors, writeReport } from "./report";
import { reasonOf } from "./survivors";
import { filesOf, root, type Target, TARGETS } from "./targets";
import { tryAll } from "./workers";

const USAGE = `npm run mutation -- machine|dispute [options]: changes one thing of a contract at a time and runs its tests, which must fail.
Nothing is written to artifacts. The tests are run from this folder: edit none while it works.

  --sample N   try N mutants only (all, else)
  --seed N     of their order
  --jobs N     how many are tried side by side, 1 without it: about one for each processor
  --keep       keep the report in snapshots/mutation, after each mutant
  --resume     go on where the kept report ends, in its order
  --again      try those survivors of the kept report again that survivors.ts doesn't explain, with forge's tests too, which compile
               for minutes each time`;

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
  jobs: number;
  keep: boolean;
  resume: boolean;
  again: boolean;
} {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string" },
      seed: { type: "string" },
      jobs: { type: "string" },
      keep: { type: "boolean", default: false },
      resume: { type: "boolean", default: false },
      again: { type: "boolean", default: false },
    },
  });
  const whole = (option: "sample" | "seed" | "jobs", otherwise: number): number => {
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
    jobs: Math.max(1, whole("jobs", 1)),
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
  const unexplained = kept.survivors.filter((survivor) => reasonOf(survivor) === undefined);
  const chosen = unexplained.map(({ file, line, column, after }) => {
    const found = all.find(
      (mutant) =>
        mutant.file === file && mutant.line === line && mutant.column === column && mutant.after === after,
    );
    if (found === undefined)
      throw new Error("The kept report has survivors that the sources don't have: begin anew.");
    return found;
  });
  return [withoutSurvivors(kept, unexplained), chosen];
}

async function main(): Promise<void> {
  const options = optionsOf();
  const { name, jobs, again } = options;
  const { folder } = TARGETS[name] as Target;
  await hre.run("compile", { quiet: true });
  const all = filesOf(folder, /\.sol$/).flatMap((file) =>
    mutantsOf(file, readFileSync(join(root, file), "utf8")),
  );
  const [start, chosen] = planOf(options, all);
  console.log(`${name}: ${chosen.length} of ${all.length} mutants, seed ${start.seed}`);

  let report = start;
  let done = 0;
  await tryAll(chosen, { name, withForge: again, jobs }, (mutant, fate) => {
    done += 1;
    report = withFate(report, fate, mutant);
    // After each, as it takes hours and may be stopped. Survivors are only whole at the end.
    if (options.keep || options.resume || (again && done === chosen.length))
      writeReport(placeOf(name), report);
    const { file, line, before, after } = mutant;
    process.stderr.write(`${done}/${chosen.length} ${fate}: ${file}:${line} ${before} → ${after}\n`);
  });
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
