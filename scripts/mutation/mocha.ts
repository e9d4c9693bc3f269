import { join, relative } from "node:path";
import { reset } from "@nomicfoundation/hardhat-network-helpers";
import hre from "hardhat";
import type { Artifact } from "hardhat/types";
import Mocha from "mocha";
import type { Code } from "./compile";
import type { Mutant } from "./mutants";
import { root, type Stage } from "./targets";

/** A test that failed. */
export interface Failure {
  readonly title: string;
  readonly message: string;
  readonly file: string;
}

/** Replaces artifacts in this process alone. Returns what puts them back. */
export function serve(code: Readonly<Record<string, Code>>): () => void {
  const original = hre.artifacts.readArtifact.bind(hre.artifacts);
  hre.artifacts.readArtifact = async (name: string): Promise<Artifact> => {
    const artifact = await original(name);
    const replaced = code[artifact.contractName];
    return replaced === undefined ? artifact : Object.assign({}, artifact, replaced);
  };
  return () => {
    hre.artifacts.readArtifact = original;
  };
}

/** Runs test files from scratch until the first failure, all tests of them or those with one of the titles. */
export async function firstFailure(
  files: readonly string[],
  titles?: readonly string[],
): Promise<Failure | undefined> {
  await reset();
  // Mocha registers tests as their files are loaded. What these share keeps no state but fixtures, which the reset forgets.
  const isTest = (path: string): boolean => path.startsWith(join(root, "test")) && path.endsWith(".test.ts");
  for (const path of Object.keys(require.cache)) if (isTest(path)) delete require.cache[path];
  // Who loaded a file keeps it otherwise, with all that its tests hold: gigabytes after some hundred mutants.
  for (const loaded of Object.values(require.cache))
    if (loaded !== undefined) loaded.children = loaded.children.filter(({ id }) => !isTest(id));
  const mocha = new Mocha({ bail: true, timeout: 120_000, reporter: class Silent {} as never });
  if (titles !== undefined)
    mocha.grep(
      new RegExp(`^(?:${titles.map((title) => title.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|")})$`),
    );
  for (const file of files) mocha.addFile(join(root, file));
  return new Promise((resolve) => {
    let failed: Failure | undefined;
    mocha
      .run(() => resolve(failed))
      .on("fail", (test: { fullTitle(): string; file?: string }, error: Error) => {
        const file = test.file === undefined ? "" : relative(root, test.file);
        failed ??= { title: test.fullTitle(), message: error.message, file };
      });
  });
}

/** Tests that killed mutants of one source. The nearest are tried first: neighbours die by the same tests. */
export class Killers {
  private static readonly most = 6;
  private readonly bySource = new Map<string, { readonly line: number; readonly failure: Failure }[]>();

  /** Runs a stage's tests, those first that killed neighbours. Returns the first that fails. */
  async tryOn({ file, line }: Mutant, { tests }: Stage): Promise<Failure | undefined> {
    const known = this.nearest(file, line).filter((failure) => tests.includes(failure.file));
    const files = [...new Set(known.map((failure) => failure.file))];
    const titles = known.map(({ title }) => title);
    const failed =
      (known.length > 0 ? await firstFailure(files, titles) : undefined) ?? (await firstFailure(tests));
    if (failed !== undefined) this.bySource.set(file, [...this.of(file), { line, failure: failed }]);
    return failed;
  }

  private of(source: string): { readonly line: number; readonly failure: Failure }[] {
    return this.bySource.get(source) ?? [];
  }

  private nearest(source: string, line: number): Failure[] {
    const byDistance = [...this.of(source)].sort((a, b) => Math.abs(a.line - line) - Math.abs(b.line - line));
    const seen = new Set<string>();
    return byDistance
      .filter(({ failure: { title } }) => !seen.has(title) && seen.add(title))
      .map(({ failure }) => failure)
      .slice(0, Killers.most);
  }
}
