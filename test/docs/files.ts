import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

export const root = join(__dirname, "..", "..");

/** Returns the paths below a folder of the repository whose names fit, without contracts that only tests use. */
export function paths(folder: string, wanted: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "mocks" ? [] : paths(path, wanted);
    return wanted.test(entry.name) ? [relative(root, join(root, path))] : [];
  });
}

/** Returns what stands in a file of the repository. */
export const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** The pages that people read: at the root, in docs, and the packages' own. */
export const PAGES = [
  ...[
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "sdk/README.md",
    "programs/emulator/README.md",
  ],
  ...paths("docs", /\.md$/),
];
