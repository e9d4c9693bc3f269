import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "..", "..");
const page = readFileSync(join(root, "docs", "security", "attacks.md"), "utf8");

describe("docs/security/attacks.md", () => {
  const rows = [...page.matchAll(/^\| (\[[^\]]+\]) +\|[^|]*\| `([^`]+)`(?: `(\w+)`)? +\|$/gm)];

  it("names attacks", () => {
    expect(rows.length).to.equal([...page.matchAll(/^\| \[/gm)].length);
    expect(rows.length).to.be.greaterThan(80);
  });

  for (const [, name = "", file = "", verb] of rows)
    it(`${name} has a test of that name`, () => {
      const text = readFileSync(join(root, file), "utf8");
      if (file.endsWith(".rs")) {
        const words = name.slice(1, -1).replace(/[^a-z]+/g, "_");
        expect(text).to.match(new RegExp(`#\\[test\\]\\n(#\\[.*\\]\\n)*fn ${words}\\(\\)`));
        return;
      }
      if (file.endsWith(".sol")) {
        const [, about = ""] = new RegExp(`((?: *///.*\\n)+) *function ${verb}\\(`).exec(text) ?? [];
        expect(about).to.contain(name);
        return;
      }
      expect(verb).to.equal(undefined);
      const titles = [...text.matchAll(/\b(?:it|describe)\(\s*["`].*["`]/g)];
      expect(titles.some(([title]) => title.includes(name))).to.equal(true);
    });
});
