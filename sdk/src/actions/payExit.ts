import { encodeExitPlace, exitLeafWords } from "../bridge";
import type { Call } from "../call";
import type { ExitLeaf } from "../ledger";
import { ICanonicalBridge__factory } from "../typechain";

export interface PayExit {
  readonly bridge: string;
  readonly rollup: bigint;
  /** The exit as the rollup's program wrote it. */
  readonly leaf: ExitLeaf;
  /** Which of the hub's kept commitments proves it. */
  readonly slot: number;
  /** Exits under that commitment, and which of them this is. */
  readonly count: bigint;
  readonly index: bigint;
  /** The commitment's other fields. */
  readonly stateRoot: string;
  readonly packed: string;
  /** From the leaf upwards. */
  readonly siblings: readonly string[];
  /** Of what was born on the rollup; else empty. */
  readonly metadata?: string;
  /** For the receiver's `onExit`, if the leaf asks for a call; else empty. */
  readonly data?: string;
}

export interface PaidExit {
  /** False if the rollup's limiter queued it: the same call pays it later. */
  readonly isPaid: boolean;
}

const bridgeInterface = ICanonicalBridge__factory.createInterface();
/** Exits of fungible assets and of items (NFTs, multi-tokens) are told by an event each. */
const PAID: ReadonlySet<string | undefined> = new Set([
  bridgeInterface.getEvent("ExitPaid").topicHash,
  bridgeInterface.getEvent("ItemExitPaid").topicHash,
]);

/** Pays an exit to whom it names. Anyone may, for anyone. */
export function payExit(exit: PayExit): Call<PaidExit> {
  const {
    bridge,
    rollup,
    slot,
    count,
    index,
    stateRoot,
    packed,
    siblings,
    metadata = "0x",
    data = "0x",
  } = exit;
  const leaf = exitLeafWords(exit.leaf);
  const proof = { place: encodeExitPlace({ slot, rollup, count, index }), stateRoot, packed };
  return {
    to: bridge,
    data:
      metadata === "0x" && data === "0x"
        ? bridgeInterface.encodeFunctionData("exit", [leaf, [...siblings], proof])
        : bridgeInterface.encodeFunctionData("exitWith", [leaf, [...siblings], proof, metadata, data]),
    value: 0n,
    resultOf: ({ logs }) => ({
      isPaid: logs.some(
        ({ address, topics }) => address.toLowerCase() === bridge.toLowerCase() && PAID.has(topics[0]),
      ),
    }),
  };
}
