import { expect } from "chai";
import { paths, text } from "./files";

const SOURCES = paths("contracts", /./);

/** Where the compiler doesn't check, somebody must have said why nothing goes wrong. */
describe("The contracts' unchecked and assembly blocks", () => {
  it("have their proof on the line above", () => {
    const blocks = SOURCES.flatMap((path) => {
      const lines = text(path).split("\n");
      return lines.flatMap((line, at) =>
        /^\s*(unchecked|assembly \("memory-safe"\)) \{/.test(line)
          ? [{ place: `${path}:${at + 1}`, above: lines[at - 1] ?? "" }]
          : [],
      );
    });
    expect(blocks.length).to.be.greaterThan(90);
    expect(blocks.filter(({ above }) => !/^\s*\/\/ \S/.test(above)).map(({ place }) => place)).to.deep.equal(
      [],
    );
  });

  it("are all of these two kinds", () => {
    for (const path of SOURCES) expect(text(path), path).not.to.match(/\bassembly (?!\("memory-safe"\) \{)/);
  });
});
