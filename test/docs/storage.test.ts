import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "chai";
import { compile } from "solc";

const root = join(__dirname, "..", "..");
const CONTRACTS = [
  "contracts/hub/RollupHub.sol",
  "contracts/staking/Vault.sol",
  "contracts/staking/AltToken.sol",
  "contracts/bridge/CanonicalBridge.sol",
];

interface Item {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
}
interface Layout {
  readonly storage: readonly Item[];
  readonly types: Readonly<Record<string, { label: string; numberOfBytes: string; members?: Item[] }>>;
}

/** The storage layouts of contracts; nothing is generated, so this takes seconds. */
function layouts(): Record<string, Layout> {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(CONTRACTS.map((path) => [path, { content: read(path) }])),
    settings: { evmVersion: "prague", outputSelection: { "*": { "*": ["storageLayout"] } } },
  };
  const found = (path: string) => (existsSync(join(root, path)) ? path : join("node_modules", path));
  const answer = JSON.parse(
    compile(JSON.stringify(input), { import: (path: string) => ({ contents: read(found(path)) }) }),
  ) as {
    errors?: { severity: string; formattedMessage: string }[];
    contracts: Record<string, Record<string, { storageLayout: Layout }>>;
  };
  for (const { severity, formattedMessage } of answer.errors ?? [])
    if (severity === "error") throw new Error(formattedMessage);
  return Object.fromEntries(
    CONTRACTS.map((path) => {
      const name = basename(path, ".sol");
      return [name, answer.contracts[path]![name]!.storageLayout];
    }),
  );
}

/** Slot, bits, field and type of each item, as the page writes them. */
function rowsOf(items: readonly Item[], types: Layout["types"]): string[][] {
  return items.map(({ label, slot, offset, type }) => {
    const { label: name, numberOfBytes } = types[type]!;
    const bytes = Number(numberOfBytes);
    const isWhole = bytes >= 32 || name === "string";
    return [slot, isWhole ? "" : `${offset * 8} … ${(offset + bytes) * 8 - 1}`, label, name];
  });
}

/** The first `columns` cells of each row of the tables of the page, by the headings over them. */
function tables(page: string): Map<string, string[][]> {
  const found = new Map<string, string[][]>();
  for (const section of page.split(/^### /m).slice(1)) {
    const heading = section.slice(0, section.indexOf("\n"));
    const rows = section
      .split(/^## /m)[0]!
      .split("\n")
      .filter((row) => /^\| *[\d]/.test(row))
      .map((row) => row.split("|").map((cell) => cell.trim().replace(/\\/g, "")))
      .map((cells) => cells.slice(1, 5));
    if (rows.length > 0) found.set(heading, rows);
  }
  return found;
}

/** Bits, field and width of the packed words drawn in a source's comments. */
function drawing(text: string): string[][] {
  return [...text.matchAll(/^\/\/\/ +(\d+)(?: … +(\d+))? +(\w+) +(\d+)(?: .*)?$/gm)].map(
    ([, low = "", high, field = "", width = ""]) => [high ? `${low} … ${high}` : low, field, width],
  );
}

describe("docs/storage.md", () => {
  const found = tables(readFileSync(join(root, "docs", "storage.md"), "utf8"));

  it("has what the compiler lays out", function () {
    this.timeout(60_000);
    const expected = new Map<string, string[][]>();
    for (const [name, { storage, types }] of Object.entries(layouts())) {
      expected.set(name, rowsOf(storage, types));
      for (const { label, members } of Object.values(types))
        if (members) expected.set(label.replace("struct ", ""), rowsOf(members, types));
    }
    const drawn = new Map(
      [...found]
        .filter(([heading]) => !heading.includes(": a word"))
        .map(([h, rows]) => [h.split(" ")[0]!, rows]),
    );
    expect([...drawn.keys()].sort()).to.deep.equal([...expected.keys()].sort());
    for (const [name, rows] of expected) expect(drawn.get(name), name).to.deep.equal(rows);
  });

  it("has the packed words as their accessors' files draw them, without gaps between what is named", () => {
    const folder = "contracts/hub";
    const files = readdirSync(join(root, folder))
      .map((file) => `${folder}/${file}`)
      .filter((path) => drawing(readFileSync(join(root, path), "utf8")).length > 0);
    const words = new Map(
      [...found]
        .filter(([heading]) => heading.includes(": a word"))
        .map(([heading, rows]) => [/`(.*)`/.exec(heading)![1]!, rows.map((row) => row.slice(0, 3))]),
    );
    expect([...words.keys()].sort()).to.deep.equal(files.sort());
    for (const [path, rows] of words) {
      expect(rows, path).to.deep.equal(drawing(readFileSync(join(root, path), "utf8")));
      let next = 0;
      for (const [bits = "", field, width] of rows) {
        const [low, high = low] = bits.split(" … ").map(Number) as [number, number?];
        expect(high - low + 1, `${path} ${field}`).to.equal(Number(width));
        expect(low, `${path} ${field}`).to.be.greaterThanOrEqual(next);
        next = high + 1;
      }
      expect(next).to.be.lessThanOrEqual(256);
    }
  });
});
