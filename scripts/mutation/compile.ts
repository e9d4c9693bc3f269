import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

interface Linkable {
  readonly object: string;
  readonly linkReferences: unknown;
}
interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Record<
    string,
    Record<string, { readonly evm: { readonly bytecode: Linkable; readonly deployedBytecode: Linkable } }>
  >;
}
interface Compiler {
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string;
}

/** Code of a contract, as an artifact holds it. */
export interface Code {
  readonly bytecode: string;
  readonly deployedBytecode: string;
  readonly linkReferences: unknown;
  readonly deployedLinkReferences: unknown;
}

const CODE = [
  "evm.bytecode.object",
  "evm.bytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.linkReferences",
];

const root = join(__dirname, "..", "..");
// The package has no types of its own.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const compiler = require("solc") as Compiler;

/**
 * Compiles contracts by their files, with one source replaced. Returns undefined if that doesn't compile.
 * Settings are the project's, but for the metadata: mutants that compile to the same code must be seen to be the same.
 */
export function compileWith(
  targets: Readonly<Record<string, string>>,
  replaced?: { readonly file: string; readonly source: string },
): Record<string, Code> | undefined {
  const read = (path: string): string | undefined => {
    if (path === replaced?.file) return replaced.source;
    const place = [join(root, path), join(root, "node_modules", path)].find((candidate) =>
      existsSync(candidate),
    );
    return place === undefined ? undefined : readFileSync(place, "utf8");
  };
  const sources = Object.fromEntries(
    Object.values(targets).map((file) => [relative(root, join(root, file)), { content: read(file) ?? "" }]),
  );
  const input = {
    language: "Solidity",
    sources,
    settings: {
      evmVersion: "prague",
      viaIR: true,
      optimizer: { enabled: true, runs: 200 },
      outputSelection: Object.fromEntries(
        Object.entries(targets).map(([name, file]) => [file, { [name]: CODE }]),
      ),
      metadata: { bytecodeHash: "none", appendCBOR: false },
    },
  };
  const output = JSON.parse(
    compiler.compile(JSON.stringify(input), {
      import: (path) => {
        const contents = read(path);
        return contents === undefined ? { error: `${path} isn't there` } : { contents };
      },
    }),
  ) as Output;
  if (output.errors?.some(({ severity }) => severity === "error")) return undefined;
  return Object.fromEntries(
    Object.entries(targets).map(([name, file]) => {
      const evm = output.contracts?.[file]?.[name]?.evm;
      if (evm === undefined) throw new Error(`${file} has no contract ${name}.`);
      return [
        name,
        {
          bytecode: `0x${evm.bytecode.object}`,
          deployedBytecode: `0x${evm.deployedBytecode.object}`,
          linkReferences: evm.bytecode.linkReferences,
          deployedLinkReferences: evm.deployedBytecode.linkReferences,
        },
      ];
    }),
  );
}
