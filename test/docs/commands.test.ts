import { expect } from "chai";
import hre from "hardhat";
import type { TaskDefinition } from "hardhat/types";
import { scripts } from "../../package.json";
import { PAGES, paths, text } from "./files";

/** A command on a page that can't be typed as it stands there: what is wrong with it. */
interface Wrong {
  readonly page: string;
  readonly command: string;
  readonly what: string;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
/** Without those of Hardhat and its plugins. */
const SCOPES = Object.keys(hre.scopes).filter((scope) => scope !== "vars" && scope !== "ignition");
/** Words of a command line up to what ends it on a page. */
const REST = "([^`\\n#|;…]*)";

describe("What the pages say to type", () => {
  it("are scripts of package.json", () => {
    const wrong = PAGES.flatMap((page) =>
      [...text(page).matchAll(/npm run(?: -s| --silent)? ([a-z][a-z:]*)(?! -w)\b/g)]
        .map(([command, name = ""]) => ({ page, command, name }))
        .filter(({ name }) => !(name in scripts)),
    ).filter(({ page, name }) => !(name === "build" && text(page).includes("npm run build -w sdk")));
    expect(wrong).to.deep.equal([]);
  });

  it("leaves out no script of package.json", () => {
    const pages = ["README.md", "CONTRIBUTING.md", "docs/testing.md"].map(text).join("\n");
    const named = (name: string): boolean =>
      new RegExp(`(npm |npm run |npm run -s |\`)${name}(?![\\w:])`).test(pages);
    expect(Object.keys(scripts).filter((name) => !named(name))).to.deep.equal([]);
  });

  it("are tasks and options that exist", () => {
    const wrong: Wrong[] = [];
    let count = 0;
    const check = (page: string, scope: string, name: string, rest: string): void => {
      const command = `${scope} ${name}${rest}`;
      const task: TaskDefinition | undefined =
        scope === "node" ? hre.tasks["node"] : hre.scopes[scope]?.tasks[name];
      if (task === undefined) return void wrong.push({ page, command, what: "no such task" });
      count++;
      const known = new Set(Object.keys(task.paramDefinitions).map(kebab));
      for (const [, option = ""] of rest.matchAll(/(?<!\S)--([a-z0-9-]+)/g))
        if (!known.has(option)) wrong.push({ page, command, what: `no option --${option}` });
    };
    for (const page of PAGES) {
      const whole = new RegExp(`npx hardhat(?: --network \\S+)? ([a-z]+) ([a-z]+)${REST}`, "g");
      for (const [, scope = "", name = "", rest = ""] of text(page).matchAll(whole))
        if (SCOPES.includes(scope) || scope === "node") check(page, scope, name, rest);
        else if (hre.tasks[scope] === undefined) check(page, scope, name, rest);
      // in a sentence, without what goes before them
      const short = new RegExp(`\`(${SCOPES.join("|")}) ([a-z]+)((?: --[^\`\\n]*)?)\``, "g");
      for (const [, scope = "", name = "", rest = ""] of text(page).matchAll(short))
        check(page, scope, name, rest);
    }
    expect(wrong).to.deep.equal([]);
    expect(count).to.be.greaterThan(15);
  });

  it("names every task in some page, and every scope in the README", () => {
    const pages = PAGES.map(text).join("\n");
    for (const scope of SCOPES) expect(text("README.md")).to.contain(`\`${scope}\``);
    const missing = SCOPES.flatMap((scope) =>
      Object.keys(hre.scopes[scope]?.tasks ?? {})
        .map((name) => `${scope} ${name}`)
        .filter((command) => !pages.includes(command)),
    );
    expect(missing).to.deep.equal([]);
  });

  it("are variables that some test or script reads, and all of them", () => {
    const page = text("docs/testing.md");
    const sources = [
      ...paths("test", /\.ts$/),
      ...paths("scripts", /\.ts$/),
      ...paths("programs/ledger/tests", /\.rs$/),
    ]
      .map(text)
      .join("\n");
    const read = [...sources.matchAll(/process\.env(?:\.|\[")([A-Z_]+)|env::var\("([A-Z_]+)"\)/g)]
      .map(([, inScript, inProgram]) => inScript ?? inProgram ?? "")
      .filter((name) => !["PATH", "CARGO_HOME", "HTTPS_PROXY"].includes(name));
    expect([...new Set(read)].filter((name) => !page.includes(`\`${name}\``))).to.deep.equal([]);
    const rows = [...page.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) +\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name = ""]) => name),
    );
    expect(rows).to.have.length.greaterThan(10);
    expect(rows.filter((name) => name !== "FOUNDRY_PROFILE" && !read.includes(name))).to.deep.equal([]);
  });
});
