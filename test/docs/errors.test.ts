import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Interface, type ErrorFragment } from "ethers";
import declared from "../../sdk/src/errors/declared.json";

const TESTS = join(__dirname, "..");

/** Errors that nothing can raise, with the reason; a test of them would test nothing. */
const UNREACHABLE: Record<string, string> = {};

function texts(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return texts(path);
    return /\.test\.ts$|\.t\.sol$|[^.]\.ts$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

/** Every error that the contracts declare is raised on purpose in some test, and its arguments are looked at. */
describe("The contracts' errors", () => {
  const errors = declared.map(({ signature }) => new Interface([signature]).fragments[0] as ErrorFragment);
  const text = texts(TESTS).join("\n");

  /**
   * In TypeScript an error stands in quotes, followed by `.withArgs` or, in a table or as an argument, by more of the row; in Solidity
   * its selector does.
   */
  function isAsserted({ name, inputs }: ErrorFragment): boolean {
    if (text.includes(`${name}.selector`)) return true;
    if (inputs.length === 0) return text.includes(`"${name}"`);
    return new RegExp(`"${name}"\\s*(,?\\s*\\)\\s*\\.withArgs\\(|,\\s*[^)\\s])`).test(text);
  }

  it("are each asserted by name and arguments", () => {
    expect(errors.length).to.be.greaterThan(150);
    const missing = errors.filter((error) => !isAsserted(error) && !(error.name in UNREACHABLE));
    expect(missing.map(({ name }) => name)).to.deep.equal([]);
  });

  it("that nothing can raise are still declared, and not asserted", () => {
    const names = new Map(errors.map((error) => [error.name, error]));
    for (const name of Object.keys(UNREACHABLE)) {
      const error = names.get(name);
      expect(error, `${name} is declared`).to.not.equal(undefined);
      expect(isAsserted(error!), `${name} is asserted after all`).to.equal(false);
    }
  });
});
