import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { id } from "ethers";
import { splitAbout } from "../../sdk/src/errors/about";

/**
 * Writes `docs/errors.md` (every custom error of the contracts, its selector, when it is raised and what to do) and
 * `sdk/src/errors/declared.json`, the table by which the SDK puts a revert into words.
 */

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
  /** As ethers reads it: `error Name(uint64 first, address second)`. */
  readonly signature: string;
  readonly about: string;
  readonly file: string;
}

/** What a declaration's comment says. */
function aboutOf(comment: string): string {
  return comment
    .split("\n")
    .map((line) =>
      line
        .replace(/^\s*\/\/\/ ?/, "")
        .replace(/^@(notice|dev) /, "")
        .trim(),
    )
    .filter((line) => line !== "" && !line.startsWith("@param"))
    .join(" ");
}

/** Interfaces of other projects that errors name. */
const FOREIGN = ["IERC20", "IERC721", "IERC1155", "IERC20Permit"];

/** User-defined types and enums as the ABI names them. */
function abiType(type: string, aliases: ReadonlyMap<string, string>): string {
  const brackets = /(\[\d*\])*$/.exec(type)?.[0] ?? "";
  const base = type.slice(0, type.length - brackets.length).replace(/^.*\./, "");
  const known = aliases.get(base) ?? (/^[a-z]/.test(base) ? base : undefined);
  if (known === undefined)
    throw new Error(`An error names the type ${type}, which isn't declared in contracts/.`);
  return known + brackets;
}

function declaredErrors(): Declared[] {
  const files = sources(join(root, "contracts")).map((path) => ({ path, text: readFileSync(path, "utf8") }));
  const aliases = new Map<string, string>([
    ["uint", "uint256"],
    ["int", "int256"],
    ...FOREIGN.map((name): [string, string] => [name, "address"]),
  ]);
  for (const { text } of files) {
    for (const [, name, base] of text.matchAll(/\btype (\w+) is (\w+);/g))
      aliases.set(name ?? "", base ?? "");
    for (const [, name] of text.matchAll(/\benum (\w+)\b/g)) aliases.set(name ?? "", "uint8");
    for (const [, name] of text.matchAll(/\b(?:contract|interface) (\w+)\b/g))
      aliases.set(name ?? "", "address");
  }
  return files.flatMap(({ path, text }) => {
    return [...text.matchAll(/((?:^[ \t]*\/\/\/.*\n)*)^[ \t]*error (\w+)\(([^)]*)\);\n?/gm)].map((match) => {
      const name = match[2] ?? "";
      const parameters = (match[3] ?? "")
        .split(",")
        .map((part) => part.trim().replace(/\s+/g, " "))
        .filter(Boolean);
      const about = aboutOf(match[1] ?? "");
      const typed = parameters.map((parameter) => {
        const [type = "", named = ""] = parameter.split(" ");
        return { type: abiType(type, aliases), named };
      });
      return {
        name,
        types: typed.map(({ type }) => type).join(","),
        parameters: parameters.join(", "),
        signature: `error ${name}(${typed.map(({ type, named }) => `${type} ${named}`.trim()).join(", ")})`,
        about,
        file: relative(root, path),
      };
    });
  });
}

/** Every error says what was wrong and, in another sentence, what to do: a revert in words needs both. */
function requireWords(errors: readonly Declared[]): void {
  const wordless = errors.filter(({ about }) => {
    const { cause, next } = splitAbout(about);
    return !cause.startsWith("Raised when ") || !/^[A-Z`].*\.$/.test(next);
  });
  if (wordless.length > 0) {
    const names = wordless.map(({ name, file }) => `${name} (${file})`).join(", ");
    throw new Error(`Errors whose documentation isn't "Raised when … . What to do.": ${names}`);
  }
}

export function errorDocuments(): Record<string, string> {
  const errors = declaredErrors().sort(
    (a, b) => a.name.localeCompare(b.name) || a.file.localeCompare(b.file),
  );
  requireWords(errors);
  const lines = [
    "# Errors",
    "",
    "Every custom error of the contracts. Generated from their documentation by `npm run docs`.",
    "",
    "| error | selector | when | what to do | where |",
    "|---|---|---|---|---|",
    ...errors.map(({ name, types, parameters, about, file }) => {
      const { cause, next } = splitAbout(about.replaceAll("|", "\\|"));
      const selector = id(`${name}(${types})`).slice(0, 10);
      return `| \`${name}(${parameters})\` | \`${selector}\` | ${cause} | ${next} | ${file} |`;
    }),
  ];
  const declared = errors.map(({ signature, about }) => JSON.stringify({ signature, about }));
  return {
    "docs/errors.md": lines.join("\n") + "\n",
    "sdk/src/errors/declared.json": declared.length === 0 ? "[]\n" : `[\n  ${declared.join(",\n  ")}\n]\n`,
  };
}
