import type { Mnemonic } from "ethers";
import type { Protocol } from "../../deploy/protocol";
import type { Cast } from "./cast";
import type { Chain } from "./chain";
import type { StoryNode } from "./node";
import type { Stage } from "./stage";

/** A rollup of the story. */
export interface StoryRollup {
  readonly name: "immutable" | "owned" | "flash";
  readonly id: bigint;
  readonly l2ChainId: bigint;
}

/** The program that all of them run, as the catalogue lists it. */
export interface LedgerProgram {
  readonly hash: string;
  readonly codeRoot: string;
  readonly memoryRoot0: string;
  readonly entry: bigint;
}

/** What the chapters share. */
export interface World {
  readonly stage: Stage;
  readonly chain: Chain;
  readonly chainId: bigint;
  readonly protocol: Protocol;
  readonly cast: Cast;
  readonly mnemonic: Mnemonic;
  readonly program: LedgerProgram;
  readonly folder: string;
  /** Runs the honest operator's node: sequences, claims, finalises. */
  sequencer: StoryNode;
  /** A second node, by somebody else: follows L1 and challenges. */
  watchman: StoryNode;
  readonly rollups: Record<StoryRollup["name"], StoryRollup>;
}

/** Lets both nodes see L1's head, one after the other, and do what follows from it. */
export async function settle(
  { sequencer, watchman }: Pick<World, "sequencer" | "watchman">,
  l2ChainId: bigint,
): Promise<void> {
  await sequencer.caughtUp(l2ChainId);
  if (watchman !== sequencer) await watchman.caughtUp(l2ChainId);
}

const STEPS = 8;
const PATIENCE = 60_000; // [ms]

/** Lets a rollup's window pass in steps, with both nodes keeping up, until a batch is final. Returns the seconds of chain time it took. */
export async function finalise(
  { chain, sequencer, watchman, protocol }: Pick<World, "chain" | "sequencer" | "watchman" | "protocol">,
  { id, l2ChainId }: StoryRollup,
  batch: number,
): Promise<number> {
  const { window } = await protocol.hub.record(id);
  const began = await chain.now();
  for (let step = 0; step < 4 * STEPS; step++) {
    const { finalIndex } = await protocol.hub.progress(id);
    if (finalIndex >= BigInt(batch)) return (await chain.now()) - began;
    await chain.pass(Math.ceil(Number(window) / STEPS));
    await settle({ sequencer, watchman }, l2ChainId);
    if (!chain.isSteady) await new Promise((resolve) => setTimeout(resolve, 150));
  }
  // Nodes that act by themselves let an asserter who is gone go first, batch by batch: that takes their time, not the chain's.
  const deadline = performance.now() + (chain.isSteady ? 0 : PATIENCE);
  while (performance.now() < deadline) {
    if ((await protocol.hub.progress(id)).finalIndex >= BigInt(batch)) return (await chain.now()) - began;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Batch ${batch} of rollup ${id} isn't final after four windows.`);
}
