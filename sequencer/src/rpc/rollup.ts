import { Builder } from "../builder/builder";
import { exitProof } from "../exits/tree";
import { toHex } from "../hashing";
import { ProgramState } from "../programs/program";
import { RollupContext } from "../rollup/context";
import { Door } from "../rollup/door";
import { readCommitment } from "../rollup/commitment";
import { finalElsewhere } from "../rollup/finality";
import { ReceiptRecord } from "../store/rollup";
import { RpcError } from "./errors";
import { Params, parseBytes } from "./params";

export interface RollupParts {
  readonly context: RollupContext;
  readonly door: Door;
  readonly builder: Builder;
  /** what the operator must look at */
  readonly alarms: readonly string[];
  state(): ProgramState;
}

type Method = (params: readonly unknown[], parts: RollupParts, arrived: () => void) => unknown;

const MAX_TRANSACTIONS = 200;
const MAX_EXITS = 1_000;
const MAX_RUN = 128;
/** exits' commitments: the hub keeps the last so many */
const KEPT = 64;
const METADATA_AT = 192;

/** Answers a method of one rollup: the node's own, or its program's. `arrived` is told of each new transaction. */
export async function answerRollup(
  method: string,
  params: readonly unknown[],
  parts: RollupParts,
  arrived: () => void,
): Promise<unknown> {
  const own = METHODS.get(method);
  if (own !== undefined) return own(params, parts, arrived);
  const { context } = parts;
  const answered = context.program.answer(method, params, {
    state: parts.state(),
    preimage: (hash) => context.executor.read(hash),
    pendingNonce: (sender) => context.mempool.nextNonce(sender),
  });
  if (answered === undefined) throw new RpcError("MethodNotFound", { method: method.slice(0, 64) });
  return answered.result;
}

const HANDLERS: Readonly<Record<string, Method>> = {
  /** One transaction, answered with its hash once it is on disk; or an array, answered one by one. */
  ledger_sendTransaction: async (values, { door }, arrived) => {
    const params = new Params(values, 1);
    const admit = async (value: unknown) => {
      const hash = await door.admit(parseBytes(value, "transaction"));
      arrived();
      return hash;
    };
    const value = params.raw(0);
    if (!Array.isArray(value)) return admit(value);
    if (value.length > MAX_TRANSACTIONS)
      throw new RpcError("BatchTooLarge", { transactions: value.length, limit: MAX_TRANSACTIONS });
    const settled = await Promise.allSettled(value.map(admit));
    return settled.map((one) => {
      if (one.status === "fulfilled") return { hash: one.value };
      if (one.reason instanceof RpcError) return { error: one.reason.body() };
      throw one.reason;
    });
  },

  /** hash; null while the node doesn't know the transaction */
  ledger_getReceipt: (values, { context }) => {
    const hash = new Params(values, 1).bytes(0, "hash", 32);
    const record = context.store.receipts.get(hash);
    if (record !== undefined) return describeReceipt(record, context);
    return context.mempool.find(hash) === undefined ? null : { finality: "waiting" };
  },

  rollup_status: (values, { context, builder, alarms }) => {
    new Params(values, 0);
    const { view, results, place, program, mempool, head } = context;
    const parts = readCommitment(results.tip.parts);
    return {
      id: place.id,
      chainId: hexNumber(place.l2ChainId),
      program: program.name,
      programHash: program.hash,
      gasPrice: hexNumber(BigInt(view.created!.gasPrice)),
      l1: { number: head.number, hash: head.hash, timestamp: head.timestamp },
      state: view.ended ?? (head.timestamp >= view.drainsAt() ? "draining" : "active"),
      phase: parts.phase,
      messages: { count: view.count, consumed: parts.messagesConsumed },
      transactions: parts.transactions,
      batch: { posted: view.postedIndex, derived: results.tip.index, final: view.finalIndex },
      commitment: toHex(results.tip.commitment),
      stateRoot: toHex(results.tip.parts.subarray(0, 32)),
      proposed: { stateRoot: toHex(builder.stateRoot), block: results.lastBlock() },
      waiting: mempool.size,
      exits: results.tip.exitCount,
      matches: [...view.matches.values()].filter(({ over }) => over === undefined).length,
      alarms,
    };
  },

  /** height, or none for the last one */
  rollup_getBlock: (values, { context }) => {
    const params = new Params(values, 1);
    const last = context.results.lastBlock();
    const height = params.integer(0, "height", Math.max(0, last));
    const block = context.store.blocks.get(height);
    if (block === undefined) throw new RpcError("BlockUnknown", { height, last });
    return {
      height,
      batch: block.batch,
      timestamp: block.timestamp,
      transactions: block.hashes.map(toHex),
      stateRoot: toHex(block.stateRoot),
      finality: finality(block.batch, context),
    };
  },

  /** index of a batch that stands on L1 */
  rollup_getBatch: (values, { context }) => {
    const index = new Params(values, 1).integer(0, "index", context.results.tip.index);
    const batch = context.results.executed(index);
    if (batch === undefined) throw new RpcError("BatchUnknown", { index, last: context.results.tip.index });
    const posted = context.view.posted.get(index);
    return {
      index,
      parent: toHex(batch.parent),
      commitment: toHex(batch.commitment),
      ...describeParts(batch.parts),
      blocks: { first: batch.firstBlock, end: batch.endBlock },
      bytes: batch.bytes,
      exits: batch.exitCount,
      l1: posted && {
        block: posted.block.number,
        transaction: posted.transaction,
        poster: posted.poster,
        batchHash: posted.batchHash,
      },
      claims:
        context.view.claims
          .get(index)
          ?.map(({ asserter, commitment, mode }) => ({ asserter, commitment, mode })) ?? [],
      finality: finality(index, context),
    };
  },

  /** owner, first index: the exits that are his to take (as receiver or as sender on the rollup) */
  rollup_exits: (values, { context }) => {
    const params = new Params(values, 2);
    const owner = toHex(params.bytes(0, "owner", 20));
    const first = params.integer(1, "first", 0);
    const { exitOwners, exits } = context.store;
    const range = exitOwners.getKeys({
      start: [owner, first],
      end: [owner, Number.MAX_SAFE_INTEGER],
      limit: MAX_EXITS,
    });
    return [...range].map(([, index]) => {
      const { leaf, batch } = exits.get(index)!;
      return { index, leaf: toHex(leaf), batch, finality: finality(batch, context) };
    });
  },

  /**
   * first exit, number of exits (1): proof of a run that fills a subtree, under the last final commitment. The number is a
   * power of two that divides the first index, or the run ends the tree and starts at a multiple of the next power of two.
   */
  rollup_exitProof: (values, { context }) => {
    const params = new Params(values, 2);
    const first = params.integer(0, "first");
    const length = params.integer(1, "length", 1);
    const { store, view, results } = context;
    const fault = finalElsewhere(context);
    if (fault !== undefined) throw new RpcError("FinalElsewhere", { fault });
    if (length === 0 || length > MAX_RUN)
      throw new RpcError("ExitRunInvalid", { first, length, limit: MAX_RUN });
    const last = store.exits.get(first + length - 1);
    if (last === undefined)
      throw new RpcError("ExitUnknown", { index: first + length - 1, count: results.tip.exitCount });
    const final = view.finalIndex === 0 ? undefined : store.batches.get(view.finalIndex);
    if (final === undefined || final.exitCount < first + length) {
      throw new RpcError("ExitNotFinal", {
        index: first + length - 1,
        batch: last.batch,
        final: view.finalIndex,
      });
    }
    const size = 2 ** Math.ceil(Math.log2(length));
    if (first % size !== 0 || (length !== size && first + length !== final.exitCount)) {
      throw new RpcError("ExitRunInvalid", { first, length, count: final.exitCount });
    }
    const leaves = Array.from({ length }, (_, at) => store.exits.get(first + at)!.leaf);
    return {
      first,
      length,
      leaves: leaves.map(toHex),
      metadata: leaves.map((leaf) => metadataOf(leaf, context)),
      siblings: exitProof(results.exitNodes, first, final.exitCount, size).map(toHex),
      count: final.exitCount,
      batch: final.index,
      /** where the bridge finds the commitment: the hub's ring of the last 64 */
      slot: final.index % KEPT,
      commitment: toHex(final.commitment),
      ...describeParts(final.parts),
    };
  },
};

/** A map, so that no caller reaches what every object inherits. */
const METHODS: ReadonlyMap<string, Method> = new Map(Object.entries(HANDLERS));

/** The node's own methods of a rollup; its program has more. */
export const ROLLUP_METHODS: readonly string[] = [...METHODS.keys()];

/** What a mirror on L1 needs to know of an asset that was born on the rollup; empty for others. */
function metadataOf(leaf: Uint8Array, context: RollupContext): string {
  const metadata = context.store.preimages.get(leaf.subarray(METADATA_AT, METADATA_AT + 32));
  return metadata === undefined ? "0x" : toHex(metadata);
}

function describeReceipt(
  { height, batch, position, receipt }: ReceiptRecord,
  context: RollupContext,
): unknown {
  const place = height >= 0 ? { block: height, position } : position >= 0 ? { message: position } : {};
  return {
    ...receipt,
    ...place,
    batch,
    finality: receipt.applied || height >= 0 ? finality(batch, context) : "rejected",
  };
}

function describeParts(preimage: Uint8Array): Record<string, string | number> {
  const { stateRoot, exitRoot, packed, block, timestamp, messagesConsumed, transactions, phase } =
    readCommitment(preimage);
  return {
    stateRoot: toHex(stateRoot),
    exitRoot: toHex(exitRoot),
    packed: toHex(packed),
    block,
    timestamp,
    messagesConsumed,
    transactions,
    phase,
  };
}

/** How sure a batch's results are: still here alone, ordered on L1, or final there. */
function finality(batch: number, { view, results }: RollupContext): "sealed" | "posted" | "final" {
  if (batch > results.tip.index) return "sealed";
  return batch <= view.finalIndex ? "final" : "posted";
}

function hexNumber(value: bigint): string {
  return `0x${value.toString(16)}`;
}
