import { type Code, compileWith } from "./compile";
import { Forge } from "./forge";
import { firstFailure, Killers, serve } from "./mocha";
import type { Mutant } from "./mutants";
import type { Fate } from "./report";
import type { Stage, Target } from "./targets";

/** The contracts that a mutant may change. A library that others call is linked, not built into them. */
function changedBy({ file }: Mutant, { contracts }: Stage): Stage["contracts"] {
  const own = Object.entries(contracts).filter(([, place]) => place === file);
  return own.length === 0 ? contracts : Object.fromEntries(own);
}

/** Tries the mutants of one target, one after the other. */
export class Trial {
  private readonly killers = new Killers();
  private readonly forge: Forge | undefined;
  private isForgeGreen: boolean | undefined;
  private readonly originals: readonly Readonly<Record<string, Code>>[];

  constructor(
    private readonly target: Target,
    withForge: boolean,
  ) {
    this.forge = withForge ? new Forge(target) : undefined;
    this.originals = target.stages.map(({ contracts }) => {
      const code = compileWith(contracts);
      if (code === undefined) throw new Error("The sources don't compile.");
      return code;
    });
  }

  /** Throws if a test of Hardhat fails without any change. */
  async requireGreen(): Promise<void> {
    for (const [at, { tests }] of this.target.stages.entries()) {
      const restore = serve(this.originals[at] ?? {});
      const broken = await firstFailure(tests);
      restore();
      if (broken !== undefined)
        throw new Error(`Without any change this test fails already: ${broken.title}: ${broken.message}`);
    }
  }

  async fateOf(mutant: Mutant): Promise<Fate> {
    let isSame = true;
    for (const [at, stage] of this.target.stages.entries()) {
      const code = compileWith(changedBy(mutant, stage), mutant);
      if (code === undefined) return "doesn't compile";
      const original = this.originals[at] ?? {};
      if (Object.entries(code).every(([name, { bytecode }]) => bytecode === original[name]?.bytecode))
        continue;
      isSame = false;
      const restore = serve(code);
      try {
        if ((await this.killers.tryOn(mutant, stage)) !== undefined) return "killed";
      } finally {
        restore();
      }
    }
    if (isSame) return "same code";
    return this.livesThroughForge(mutant) ? "survived" : "killed";
  }

  /** Forge compiles for minutes: it is asked last, and about the unchanged sources only where it is asked at all. */
  private livesThroughForge(mutant: Mutant): boolean {
    if (this.forge === undefined) return true;
    this.isForgeGreen ??= this.forge.passes();
    if (!this.isForgeGreen)
      throw new Error("Without any change a test of forge fails already: npm run test:forge");
    return this.forge.passes(mutant);
  }

  end(): void {
    this.forge?.remove();
  }
}
