import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "../..");

/** What somebody who has installed the package and nothing else of this repository would write. */
const CONSUMER = `
import { type Call, contracts, createRollup, decodeRevert, depositNative, getRollup, ledger, parsePreset } from "@rollworks/sdk";

const call: Call<{ readonly messageIndex: bigint }> = depositNative({
  bridge: "0x" + "11".repeat(20),
  hub: "0x" + "33".repeat(20),
  rollup: 7n,
  to: "0x" + "22".repeat(20),
  amount: 5n,
});
const hub = contracts.IRollupHub__factory.createInterface();
const problems = parsePreset({ about: 1 }).problems.length;
const functions = [createRollup, getRollup, ledger.encodeExit].every((value) => typeof value === "function");
console.log(JSON.stringify({
  value: call.value.toString(),
  create: hub.getFunction("create").selector,
  error: decodeRevert(hub.encodeErrorResult("MessageGasTooLow", [1, 2])).name,
  problems,
  functions,
}));
`;

describe("The sdk as a package", function () {
  this.timeout(180_000);
  let folder = "";

  before(() => {
    execFileSync("npm", ["run", "--silent", "build", "--workspace", "sdk"], { cwd: root, stdio: "pipe" });
    folder = mkdtempSync(join(tmpdir(), "rollworks-consumer-"));
    const modules = join(folder, "node_modules");
    cpSync(join(root, "sdk", "dist"), join(modules, "@rollworks", "sdk"), { recursive: true });
    for (const dependency of ["ethers", "zod", "@types/node"]) {
      mkdirSync(dirname(join(modules, dependency)), { recursive: true });
      symlinkSync(join(root, "node_modules", dependency), join(modules, dependency));
    }
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
    writeFileSync(join(folder, "consumer.ts"), CONSUMER);
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  function build(file: string): void {
    const compiler = require.resolve("typescript/bin/tsc");
    const options = [
      "--strict",
      "--target",
      "es2022",
      "--module",
      "node16",
      "--moduleResolution",
      "node16",
      "--skipLibCheck",
    ];
    const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, "--types", "node", file], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(status, stdout).to.equal(0);
  }

  it("compiles and runs for a consumer that resolves it like Node does", () => {
    build("consumer.ts");
    const out = execFileSync(process.execPath, ["consumer.js"], { cwd: folder, encoding: "utf8" });
    expect(JSON.parse(out)).to.deep.include({ value: "5", error: "MessageGasTooLow", functions: true });
  });

  it("compiles what its README shows", () => {
    const readme = readFileSync(join(root, "sdk", "README.md"), "utf8");
    const blocks = [...readme.matchAll(/^```ts\n([^`]*)^```$/gm)].map(([, code = ""]) => code).join("\n");
    const imports = /^import [^;]*;\n/gm;
    expect(blocks.match(imports)).to.have.length(2);
    const code = `${(blocks.match(imports) ?? []).join("")}
      import type { Eip1193Provider } from "ethers";
      declare const window: { readonly ethereum: Eip1193Provider };
      declare const addresses: { readonly contracts: { readonly hub: string; readonly bridge: string } };
      declare const gasPrice: bigint, nonce: bigint;
      export async function shown() { ${blocks.replace(imports, "")} }`;
    writeFileSync(join(folder, "readme.ts"), code);
    build("readme.ts");
  });

  it("names its own files only", () => {
    const { main, exports } = JSON.parse(
      execFileSync(process.execPath, ["-p", "JSON.stringify(require('@rollworks/sdk/package.json'))"], {
        cwd: folder,
        encoding: "utf8",
      }),
    ) as { main: string; exports: unknown };
    expect(main).to.equal("./index.js");
    expect(JSON.stringify(exports)).to.not.contain("src/");
  });
});
