import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Mutant } from "./mutants";
import type { Fate } from "./report";

/** What a worker says: that it can begin, what became of its mutant, or why it can't go on. */
export type Answer = { readonly isReady: true } | { readonly fate: Fate } | { readonly error: string };

/**
 * Tries mutants in processes of their own side by side: a chain, a compiler and a memory of killers each.
 * Tells the fates in the order of the mutants, so that a run that is stopped can go on behind the last one told.
 */
export async function tryAll(
  mutants: readonly Mutant[],
  { name, withForge, jobs }: { readonly name: string; readonly withForge: boolean; readonly jobs: number },
  tell: (mutant: Mutant, fate: Fate) => void,
): Promise<void> {
  const fates: (Fate | undefined)[] = [];
  let [given, told] = [0, 0];

  const work = (worker: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      let mine = -1;
      worker.on("exit", (code) => reject(new Error(`A worker ended by itself, with exit code ${code}.`)));
      worker.on("message", (answer: Answer) => {
        if ("error" in answer) return reject(new Error(answer.error));
        if ("fate" in answer) fates[mine] = answer.fate;
        for (let fate = fates[told]; fate !== undefined; fate = fates[told])
          tell(mutants[told++] as Mutant, fate);
        mine = given++;
        const mutant = mutants[mine];
        if (mutant === undefined) resolve();
        else worker.send(mutant);
      });
    });

  const workers = Array.from({ length: Math.min(jobs, mutants.length) }, () =>
    fork(join(__dirname, "worker.ts"), [name, String(withForge)]),
  );
  try {
    await Promise.all(workers.map(work));
  } finally {
    for (const worker of workers) {
      worker.removeAllListeners();
      if (worker.connected) worker.disconnect();
    }
  }
}
