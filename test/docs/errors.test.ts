import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Interface, type ErrorFragment } from "ethers";
import declared from "../../sdk/src/errors/declared.json";

const TESTS = join(__dirname, "..");
const CONTRACTS = join(__dirname, "..", "..", "contracts");
const AREAS = ["availability", "bridge", "dispute", "hub", "machine", "sequencing", "staking"];

function texts(folder: string, wanted: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "mocks" ? [] : texts(path, wanted);
    return wanted.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

/** Every error that these contracts declare is raised on purpose in some test, and its arguments are looked at. */
describe("The contracts' errors", () => {
  const sources = AREAS.flatMap((area) => texts(join(CONTRACTS, area), /\.sol$/)).join("\n");
  const tests = texts(TESTS, /\.ts$|\.t\.sol$/).join("\n");
  const errors = declared
    .map(({ signature }) => new Interface([signature]).fragments[0] as ErrorFragment)
    .filter(({ name }) => sources.includes(`error ${name}(`));

  /**
   * In TypeScript an error stands in quotes, followed by `.withArgs` or, in a table or as an argument, by more of the row; in Solidity
   * its selector does.
   */
  function isAsserted({ name, inputs }: ErrorFragment): boolean {
    if (tests.includes(`${name}.selector`)) return true;
    if (inputs.length === 0) return tests.includes(`"${name}"`);
    return new RegExp(`"${name}"\\s*(,?\\s*\\)\\s*\\.withArgs\\(|,\\s*[^)\\s])`).test(tests);
  }

  it("are each asserted by name and arguments", () => {
    expect(errors.length).to.be.greaterThan(100);
    expect(errors.filter((error) => !isAsserted(error)).map(({ name }) => name)).to.deep.equal([]);
  });
});
