import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { id } from "ethers";

/** Writes `docs/errors.md`: every custom error of the contracts, its selector, when it is raised and what to do. */

const root = join(__dirname, "..", "..");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "mocks" ? [] : sources(path);
    return entry.name.endsWith(".sol") ? [path] : [];
  });
}

interface Declared {
  readonly name: string;
  readonly types: string;
  readonly parameters: string;
  readonly about: string;
  readonly file: string;
}

/** User-defined types and enums as the ABI names them. */
function abiType(type: string, aliases: ReadonlyMap<string, string>): string {
  const base = type.replace(/\[\d*\]$/, "");
  return (aliases.get(base) ?? base) + type.slice(base.length);
}

function declaredErrors(): Declared[] {
  const files = sources(join(root, "contracts")).map((path) => ({ path, text: readFileSync(path, "utf8") }));
  const aliases = new Map<string, string>([
    ["uint", "uint256"],
    ["int", "int256"],
  ]);
  for (const { text } of files) {
    for (const [, name, base] of text.matchAll(/\btype (\w+) is (\w+);/g))
      aliases.set(name ?? "", base ?? "");
    for (const [, name] of text.matchAll(/\benum (\w+)\b/g)) aliases.set(name ?? "", "uint8");
    for (const [, name] of text.matchAll(/\b(?:contract|interface) (\w+)\b/g))
      aliases.set(name ?? "", "address");
  }
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(/((?:^[ \t]*\/\/\/.*\n)*)^[ \t]*error (\w+)\(([^)]*)\);/gm)].map((match) => {
      const parameters = (match[3] ?? "")
        .split(",")
        .map((part) => part.trim().replace(/\s+/g, " "))
        .filter(Boolean);
      const about = (match[1] ?? "")
        .split("\n")
        .map((line) =>
          line
            .replace(/^\s*\/\/\/ ?/, "")
            .replace(/^@(notice|dev) /, "")
            .trim(),
        )
        .filter((line) => line !== "" && !line.startsWith("@param"))
        .join(" ");
      return {
        name: match[2] ?? "",
        types: parameters.map((parameter) => abiType(parameter.split(" ")[0] ?? "", aliases)).join(","),
        parameters: parameters.join(", "),
        about,
        file: relative(root, path),
      };
    }),
  );
}

export function errorDocuments(): Record<string, string> {
  const errors = declaredErrors().sort(
    (a, b) => a.name.localeCompare(b.name) || a.file.localeCompare(b.file),
  );
  const lines = [
    "# Errors",
    "",
    "Every custom error of the contracts. Generated from their documentation by `npm run docs`.",
    "",
    "| error | selector | when, and what to do | where |",
    "|---|---|---|---|",
    ...errors.map(
      ({ name, types, parameters, about, file }) =>
        `| \`${name}(${parameters})\` | \`${id(`${name}(${types})`).slice(0, 10)}\` | ${about.replaceAll("|", "\\|")} | ${file} |`,
    ),
  ];
  return { "docs/errors.md": lines.join("\n") + "\n" };
}
