import { encodeInput, inputHash, type RunInput } from "@rollworks/sdk/src/protocol";
import { Oracle } from "../executor/instance";
import { fromHex, keccak, toHex } from "../hashing";
import { RollupContext } from "../rollup/context";
import { BatchRecord } from "../store/rollup";

/** Raised when two executions of one batch have different results. Nothing may be bonded on either; an engineer must look. */
export class ExecutionsDisagree extends Error {
  override readonly name = "ExecutionsDisagree";

  constructor(
    readonly batch: number,
    first: string,
    second: string,
  ) {
    super(`batch ${batch}: one execution says ${first}, another ${second}`);
  }
}

/** All that a machine needs to run a batch. */
export interface RunMaterial {
  readonly batch: number;
  /** the program's whole input */
  readonly input: string;
  /** what the run returns, according to two executions in WebAssembly */
  readonly commitment: string;
  readonly preimages: readonly Uint8Array[];
}

const CHUNK_BYTES = 4_096;
const PREIMAGE = 0;
const PRECOMPILE_KEY = 2;

/**
 * Runs the batch again as a dispute does, from its input hash alone, and collects every preimage that it reads. The result
 * must be what building or deriving it gave.
 */
export function gatherMaterial(context: RollupContext, record: BatchRecord): RunMaterial {
  const { config, program, store } = context;
  const given = new Map<string, Uint8Array>();
  const give = (bytes: Uint8Array) => void given.set(toHex(keccak(bytes)), bytes);
  const fields = fieldsOf(context, record);
  const input = inputHash(fields);
  give(fromHex(encodeInput(fields)));
  give(record.header);
  give(config);
  const hashes: Uint8Array[] = [];
  const data = context.results.dataOf(record.index);
  for (let at = 0; at < data.length; at += CHUNK_BYTES) {
    const chunk = data.subarray(at, at + CHUNK_BYTES);
    hashes.push(keccak(chunk));
    give(chunk);
  }
  give(Buffer.concat(hashes));
  const read = new Map<string, Uint8Array>();
  const oracle: Oracle = {
    preimage: (hash) => {
      const key = toHex(hash);
      const bytes = given.get(key) ?? store.preimages.get(hash);
      if (bytes !== undefined) read.set(key, bytes);
      return bytes;
    },
    recovered: () => undefined,
  };
  const { result, log } = program.instantiate().run(oracle, fromHex(input));
  const commitment = toHex(result);
  if (commitment !== toHex(record.commitment))
    throw new ExecutionsDisagree(record.index, toHex(record.commitment), commitment);
  for (const { kind, bytes } of log)
    if (kind === PREIMAGE || kind === PRECOMPILE_KEY) read.set(toHex(keccak(bytes)), bytes);
  return { batch: record.index, input, commitment, preimages: [...read.values()] };
}

/** The program's whole input in a run of a batch. */
export function inputOf(context: RollupContext, record: BatchRecord): string {
  return inputHash(fieldsOf(context, record));
}

function fieldsOf({ place, config }: RollupContext, record: BatchRecord): RunInput {
  return {
    chainId: place.l1ChainId,
    hub: place.hub,
    rollup: BigInt(place.id),
    index: BigInt(record.index),
    parent: toHex(record.parent),
    headerHash: toHex(keccak(record.header)),
    configHash: toHex(keccak(config)),
  };
}
