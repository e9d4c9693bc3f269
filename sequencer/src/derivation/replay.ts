import { MESSAGE_ONLY } from "@rollworks/sdk/src/protocol";
import { ExecutedBlock, Executor, Products } from "../executor/executor";
import { BatchArgument, CloseResult, OpenResult, Program } from "../programs/program";

/** What a batch came to, step by step. */
export interface Replay {
  readonly opened: OpenResult & Products;
  readonly executed: readonly ExecutedBlock[];
  readonly closed: CloseResult & Products;
}

/**
 * Executes a batch as its program would as a whole, whatever its poster wrote: blocks are executed as their bytes, and while there
 * is work left before them. A batch that this can't execute nobody could challenge.
 */
export function replay(
  executor: Executor,
  program: Program,
  {
    argument,
    data,
    timestamp,
  }: { readonly argument: BatchArgument; readonly data: Uint8Array; readonly timestamp: number },
): Replay {
  const opened = executor.open(argument);
  const executed: ExecutedBlock[] = [];
  let { workLeft } = opened;
  for (const block of argument.flags & MESSAGE_ONLY ? [] : program.decodeData(data)) {
    if (workLeft === 0n) break;
    const result = executor.execute(block);
    executed.push(result);
    ({ workLeft } = result);
  }
  return { opened, executed, closed: executor.close(timestamp) };
}
