import { encodeInput, inputHash, type RunInput } from "@rollworks/sdk/src/protocol";
import { Oracle, ProgramTrapped } from "../executor/instance";
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

/** A batch as a run begins with it. */
export interface Subject extends Pick<BatchRecord, "index" | "header" | "parent"> {
  readonly data: Uint8Array;
}

/** All that a machine needs to run a batch. */
export interface RunMaterial {
  readonly batch: number;
  /** the program's whole input */
  readonly input: string;
  /** what the run returned in WebAssembly; undefined where it trapped there or returned zero */
  readonly commitment: string | undefined;
  readonly preimages: readonly Uint8Array[];
  /** Another preimage, which the run in WebAssembly didn't read: it may have trapped before. */
  find(key: string): Uint8Array | undefined;
}

const CHUNK_BYTES = 4_096;
const PREIMAGE = 0;
const PRECOMPILE_KEY = 2;
const ZERO = `0x${"00".repeat(32)}`;

/**
 * Runs a batch again as a dispute does, from its input hash alone, and collects every preimage that it reads, whatever comes
 * out: what that means is for whoever asked.
 */
export function gatherMaterial(context: RollupContext, subject: Subject): RunMaterial {
  const { config, program, store } = context;
  const given = new Map<string, Uint8Array>();
  const give = (bytes: Uint8Array) => void given.set(toHex(keccak(bytes)), bytes);
  const fields = fieldsOf(context, subject);
  const input = inputHash(fields);
  give(fromHex(encodeInput(fields)));
  give(subject.header);
  give(config);
  const hashes: Uint8Array[] = [];
  const { data } = subject;
  for (let at = 0; at < data.length; at += CHUNK_BYTES) {
    const chunk = data.subarray(at, at + CHUNK_BYTES);
    hashes.push(keccak(chunk));
    give(chunk);
  }
  give(Buffer.concat(hashes));
  const read = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array) => void read.set(toHex(keccak(bytes)), bytes);
  const oracle: Oracle = {
    preimage: (hash) => {
      const key = toHex(hash);
      const bytes = given.get(key) ?? store.preimages.get(hash);
      if (bytes !== undefined) read.set(key, bytes);
      return bytes;
    },
    recovered: () => undefined,
    asked: (address, gas, bytes) => keep(precompileRequest(address, gas, bytes)),
  };
  let commitment: string | undefined;
  try {
    const { result, log } = program.instantiate().run(oracle, fromHex(input));
    if (toHex(result) !== ZERO) commitment = toHex(result);
    for (const { kind, bytes } of log) if (kind === PREIMAGE || kind === PRECOMPILE_KEY) keep(bytes);
  } catch (error) {
    if (!(error instanceof ProgramTrapped)) throw error;
  }
  return {
    batch: subject.index,
    input,
    commitment,
    preimages: [...read.values()],
    find: (key) => given.get(key) ?? store.preimages.get(fromHex(key)),
  };
}

/** The program's whole input in a run of a batch. */
export function inputOf(context: RollupContext, subject: Omit<Subject, "data">): string {
  return inputHash(fieldsOf(context, subject));
}

/** The preimage of the key under which the machine reads a precompile's answer. */
function precompileRequest(address: number, gas: number, input: Uint8Array): Uint8Array {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(address);
  head.writeUInt32BE(gas >>> 0, 2);
  return Buffer.concat([head, input]);
}

function fieldsOf({ place, config }: RollupContext, subject: Omit<Subject, "data">): RunInput {
  return {
    chainId: place.l1ChainId,
    hub: place.hub,
    rollup: BigInt(place.id),
    index: BigInt(subject.index),
    parent: toHex(subject.parent),
    headerHash: toHex(keccak(subject.header)),
    configHash: toHex(keccak(config)),
  };
}
