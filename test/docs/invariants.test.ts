import { expect } from "chai";
import { paths, text } from "./files";

/** Invariants of parts that aren't there yet, and one whose test belongs to another part. */
const ELSEWHERE: Record<string, number[]> = { Staking: [11, 14] };

describe("docs/invariants.md", () => {
  const page = text("docs/invariants.md");
  const tests = paths("test", /\.test\.ts$|\.t\.sol$/)
    .map(text)
    .join("\n");

  for (const section of page.split(/^## /m).slice(1)) {
    const part = section.slice(0, section.indexOf("\n"));
    const numbers = [...section.matchAll(/^\| (\d+) +\|/gm)].map(([, number]) => Number(number));

    it(`${part}: each number stands in a test's name`, () => {
      const named = new Set<number>();
      for (const [, list = ""] of tests.matchAll(new RegExp(`\\[${part} ([\\d, ]+)\\]`, "g")))
        for (const number of list.split(", ")) named.add(Number(number));
      for (const [, list = ""] of tests.matchAll(new RegExp(`${part}((?:\\d+_)+)`, "g")))
        for (const number of list.split("_").filter(Boolean)) named.add(Number(number));
      const missing = numbers.filter((number) => !named.has(number) && !ELSEWHERE[part]?.includes(number));
      expect(numbers.length).to.be.greaterThan(0);
      expect(missing).to.deep.equal([]);
    });
  }
});
