import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

/** What went wrong elsewhere, or would here: each has a test whose title carries its name. Described in docs/security/attacks.md. */
const ATTACKS = [
  "stores into code",
  "unmasked shifts",
  "untruncated 32-bit operations",
  "unknown system calls that succeed",
  "out-of-gas inside a precompile taken as a result",
  "a step without a clock check",
  "a move without a clock check",
  "a step after settlement",
  "clock-extension overflow",
  "a claim index reused after a reorg",
  "a recipient that reverts blocks the match",
  "a bond paid twice",
  "freeloading for profit",
  "self-challenging for profit",
  "a getter that reverts and so freezes finalisation",
  "a claim for batch 2^64−1",
  "zero commitments accepted as results",
  "a shared slot front-run so that an honest open reverts",
  "a correct claim thrown by its own asserter",
  "a SKIP claim with a foreign commitment",
  "a match of a closed line that hits the newer one",
  "a lie told late",
  "a true trace that hides a false result",
  "a cap on matches filled by a liar",
];

const HERE = join(__dirname, "..");

describe("Attacks on disputes", () => {
  const titles = ["dispute", "machine"].flatMap((area) =>
    readdirSync(join(HERE, area))
      .filter((file) => file.endsWith(".test.ts") && file !== "attacks.test.ts")
      .flatMap((file) => readFileSync(join(HERE, area, file), "utf8").match(/it\(\s*["`].*["`]/g) ?? []),
  );
  const page = readFileSync(join(HERE, "..", "docs", "security", "attacks.md"), "utf8");

  for (const attack of ATTACKS)
    it(`have a test: ${attack}`, () => {
      expect(titles.filter((title) => title.includes(`[${attack}]`))).not.to.deep.equal([]);
      expect(page).to.contain(attack);
    });
});
