import { SteadyTime } from "../../test/SteadyTime";
import type { Mutant } from "./mutants";
import type { Answer } from "./workers";
import { type Target, TARGETS } from "./targets";
import { Trial } from "./trial";

/** What `workers.ts` starts: takes the name of a target and whether forge's tests run too, then mutants, and answers with their fates. */
function answer(what: Answer): void {
  process.send?.(what);
}

async function main(): Promise<void> {
  process.setMaxListeners(0); // mocha leaves two behind at each run
  const [name = "", withForge] = process.argv.slice(2);
  SteadyTime.start();
  const trial = new Trial(TARGETS[name] as Target, withForge === "true");
  process.on("exit", () => trial.end());
  process.on("disconnect", () => process.exit());
  await trial.requireGreen();
  process.on("message", (mutant: Mutant) => {
    trial.fateOf(mutant).then((fate) => answer({ fate }), fail);
  });
  answer({ isReady: true });
}

function fail(error: unknown): void {
  answer({ error: error instanceof Error ? error.message : String(error) });
}

main().catch(fail);
