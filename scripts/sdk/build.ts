import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `npm run build -w sdk`: compiles the sources to CommonJS with declarations and writes the package's own package.json beside
 * them, so that `sdk/dist` is what a frontend installs. In the repository the sources themselves are imported.
 */

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const sdk = join(__dirname, "..", "..", "sdk");
const dist = join(sdk, "dist");

if (!existsSync(join(sdk, "src", "typechain", "index.ts"))) {
  throw new Error("The contracts' types are missing: run `npm run compile` first.");
}
rmSync(dist, { recursive: true, force: true });
// The types are checked where the whole repository's are: by `npm run types`.
execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", sdk, "--noCheck"], {
  stdio: "inherit",
});

const { name, version, license, dependencies } = JSON.parse(
  readFileSync(join(sdk, "package.json"), "utf8"),
) as Package;
const published = {
  name,
  version,
  license,
  main: "./index.js",
  types: "./index.d.ts",
  exports: { ".": { types: "./index.d.ts", default: "./index.js" }, "./package.json": "./package.json" },
  sideEffects: false,
  dependencies,
};
writeFileSync(join(dist, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
process.stderr.write(`${name} ${version} is in ${dist}\n`);
