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

/** What the chapters share. */
export interface World {
  readonly stage: Stage;
  readonly chain: Chain;
  readonly chainId: bigint;
  readonly protocol: Protocol;
  readonly cast: Cast;
  readonly mnemonic: Mnemonic;
  readonly folder: string;
  /** Runs the honest operator's node: sequences, claims, finalises. */
  sequencer: StoryNode;
  /** A second node, by somebody else: follows L1 and challenges. */
  watchman: StoryNode;
  readonly rollups: Record<StoryRollup["name"], StoryRollup>;
}
