import { placeOf, readReport } from "../mutation/report";
import { reasonOf } from "../mutation/survivors";
import { TARGETS } from "../mutation/targets";

/** Writes `docs/security/mutation.md` from the last runs of `npm run mutation`. */
export function mutationDocuments(): Record<string, string> {
  const scores = Object.keys(TARGETS).flatMap((name) => readReport(placeOf(name)) ?? []);
  const lines = [
    "# Mutants",
    "",
    "Tests that pass say little of code that they don't look at. `npm run mutation -- machine` and `npm run mutation -- dispute` change one thing of",
    "`contracts/machine` or `contracts/dispute` at a time (an operator, a number, a requirement, a statement), compile it, and run the tests, which must",
    "fail. A run takes hours: `--jobs 2` tries two at a time, `--keep` keeps the score in `snapshots/mutation`, from which `npm run docs` writes this page,",
    "`--resume` goes on with a run that was stopped, `--again` tries survivors that aren't explained below against forge's tests as well and against what was written since. The",
    "gas rows aren't among the tests: any other code costs other gas, so they would kill every mutant and prove nothing.",
    "",
    "| of | tried | killed | survived | the same code | don't compile | score |",
    "|---|---:|---:|---:|---:|---:|---:|",
    ...scores.map(({ name, tried, of, counts, seed }) => {
      const { killed, survived } = counts;
      const score = ((100 * killed) / Math.max(1, killed + survived)).toFixed(1);
      const sample = tried === of ? `all ${of}` : `${tried} of ${of}, seed ${seed}`;
      return `| \`contracts/${name}\` | ${sample} | ${killed} | ${survived} | ${counts["same code"]} | ${counts["doesn't compile"]} | ${score} % |`;
    }),
    "",
    "The score is the share of killed ones among those that compile to other code. They are tried in a random order, which the seed names.",
  ];
  const survivors = scores.flatMap(({ survivors: found }) => found);
  if (survivors.length > 0)
    lines.push(
      "",
      "## Survivors",
      "",
      "| where | change | why no test can tell, or what is left |",
      "|---|---|---|",
      ...survivors.map((survivor) => {
        const { file, line, before, after } = survivor;
        const shown = (text: string) => `\`${text.replace(/\|/g, "\\|")}\``;
        return `| \`${file}:${line}\` | ${shown(before)} → ${shown(after)} | ${reasonOf(survivor) ?? "not looked at yet"} |`;
      }),
    );
  return { "docs/security/mutation.md": `${lines.join("\n")}\n` };
}
