import { expect } from "chai";
import { Interface, type ErrorFragment } from "ethers";
import declared from "../../sdk/src/errors/declared.json";
import { paths, text } from "./files";

const AREAS = ["availability", "bridge", "dispute", "hub", "machine", "sequencing", "staking"];

/** Every error that these contracts declare is raised on purpose in some test, and its arguments are looked at. */
describe("The contracts' errors", () => {
  const sources = AREAS.flatMap((area) => paths(`contracts/${area}`, /\.sol$/).map(text)).join("\n");
  const tests = paths("test", /\.ts$|\.t\.sol$/)
    .map(text)
    .join("\n");
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
