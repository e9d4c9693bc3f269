import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Mutant } from "./mutants";
import { filesOf, root, type Target } from "./targets";

/** Forge's own tests, on a copy of the sources in a temporary folder, where one of them may be replaced. */
export class Forge {
  private readonly folder = mkdtempSync(join(tmpdir(), "mutation-"));

  constructor(private readonly target: Target) {
    const helpers = filesOf(dirname(target.forge[0] ?? ""), /^[^.]*\.sol$/);
    for (const path of [
      "contracts",
      "foundry.toml",
      "scripts/toolchain",
      "test/foundry",
      ...target.forge,
      ...helpers,
    ])
      cpSync(join(root, path), join(this.folder, path), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Returns whether every test passes, with this mutant's source in its place. The seed is one, so that the same run says the same. */
  passes(mutant?: Mutant): boolean {
    if (mutant !== undefined) this.write(mutant.file, mutant.source);
    try {
      const { status } = spawnSync(
        "forge",
        ["test", "--fail-fast", "--fuzz-seed", "0x1", "--match-path", `{${this.target.forge.join(",")}}`],
        { cwd: this.folder, stdio: "ignore", timeout: 30 * 60_000 },
      );
      return status === 0;
    } finally {
      if (mutant !== undefined) cpSync(join(root, mutant.file), join(this.folder, mutant.file));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }
}
