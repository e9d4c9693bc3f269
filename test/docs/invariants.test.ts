import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "..", "..");

function tests(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return tests(path);
    return /\.test\.ts$|\.t\.sol$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

/** Invariants of parts that aren't there yet, and one whose test belongs to another part. */
const ELSEWHERE: Record<string, number[]> = { Staking: [11, 14] };

describe("docs/invariants.md", () => {
  const page = readFileSync(join(root, "docs", "invariants.md"), "utf8");
  const text = tests(join(root, "test")).join("\n");

  for (const section of page.split(/^## /m).slice(1)) {
    const part = section.slice(0, section.indexOf("\n"));
    const numbers = [...section.matchAll(/^\| (\d+) +\|/gm)].map(([, number]) => Number(number));

    it(`${part}: each number stands in a test's name`, () => {
      const named = new Set<number>();
      for (const [, list = ""] of text.matchAll(new RegExp(`\\[${part} ([\\d, ]+)\\]`, "g")))
        for (const number of list.split(", ")) named.add(Number(number));
      for (const [, list = ""] of text.matchAll(new RegExp(`${part}((?:\\d+_)+)`, "g")))
        for (const number of list.split("_").filter(Boolean)) named.add(Number(number));
      const missing = numbers.filter((number) => !named.has(number) && !ELSEWHERE[part]?.includes(number));
      expect(numbers.length).to.be.greaterThan(0);
      expect(missing).to.deep.equal([]);
    });
  }
});
