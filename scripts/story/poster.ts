import { ContractTransactionReceipt, HDNodeWallet, ZeroAddress, ZeroHash } from "ethers";
import {
  type Config,
  type Entry,
  type Header,
  NORMAL,
  allowedTargets,
  batchHash,
  calldataCommitment,
  claimKey,
  configHash,
  headerHash,
  postArguments,
} from "../../sdk/src/protocol";
import type { World } from "./world";
import type { StoryRollup } from "./world";

/** Batches and claims that no node makes: by hand, from L1's own figures, as anybody could. */

export interface Posted {
  readonly index: bigint;
  readonly header: Header;
  readonly batchHash: string;
  readonly receipt: ContractTransactionReceipt;
  /** The ring entry that the post made. */
  readonly entry: Entry;
}

export interface Batch {
  readonly data?: string;
  readonly flags?: number;
  /** Less than the rule asks for, to see it refused. */
  readonly target?: bigint;
  readonly claim?: { readonly parent: string; readonly commitment: string };
}

/** Returns the config of a rollup's batches, from its creation event and its program's catalogue entry. */
export async function configOf(
  { protocol, chainId }: Pick<World, "protocol" | "chainId">,
  rollup: StoryRollup,
): Promise<Config> {
  const { hub } = protocol;
  const [created] = await hub.queryFilter(hub.filters.Created(rollup.id));
  if (created === undefined)
    throw new Error(`The hub ${await hub.getAddress()} on chain ${chainId} has no rollup ${rollup.id}.`);
  const { chain, security } = created.args;
  const entry = await hub.programEntry(chain.program);
  return {
    programHash: chain.program,
    l2ChainId: rollup.l2ChainId,
    batchGas: entry.batchGas,
    messageGas: chain.messageGas,
    messageBound: chain.messageBound,
    logSteps: entry.logSteps,
    policyMask: security.policy >> 8n,
    policyThreshold: security.policy & 0xffn,
    availability: chain.availability,
    clock: security.clock,
    extension: security.extension,
    bond: security.bond,
    window: security.window,
    feeRecipient: chain.feeRecipient,
    gasPrice: chain.gasPrice,
  };
}

/** Builds the next batch as the hub will see it when `poster` posts it now. */
export async function build(
  world: World,
  rollup: StoryRollup,
  poster: string,
  batch: Batch,
): Promise<{ terms: Parameters<typeof postArguments>[0]; header: Header; hash: string }> {
  const { protocol, chain } = world;
  const progress = await protocol.hub.progress(rollup.id);
  const config = await configOf(world, rollup);
  const block = await chain.provider.getBlock("latest");
  if (block === null) throw new Error("The chain has no latest block.");
  const [farthest] = allowedTargets({ ...progressOf(progress), messageBound: config.messageBound });
  const target = batch.target ?? farthest ?? progress.due;
  const targetHash =
    target === progress.count ? progress.head : target === progress.due ? progress.dueHead : ZeroHash;
  const header: Header = {
    flags: batch.flags ?? 0,
    index: progress.posted + 1n,
    poster,
    target,
    targetHash,
    dataCommitment: calldataCommitment(batch.data ?? "0x"),
    l1Hash: block.hash ?? ZeroHash,
    l1Number: BigInt(block.number),
    timestamp: BigInt(block.timestamp),
  };
  const hash = batchHash(headerHash(header), configHash(config));
  const terms = {
    rollup: rollup.id,
    index: header.index,
    target,
    l1Number: header.l1Number,
    timestamp: header.timestamp,
    flags: header.flags,
    mode: 0,
  };
  return { terms, header, hash };
}

function progressOf({ count, due, target }: { count: bigint; due: bigint; target: bigint }): {
  count: bigint;
  due: bigint;
  target: bigint;
} {
  return { count, due, target };
}

export async function post(
  world: World,
  rollup: StoryRollup,
  poster: HDNodeWallet,
  batch: Batch,
): Promise<Posted> {
  const { hub } = world.protocol;
  const config = await configOf(world, rollup);
  const { lastPost } = await hub.progress(rollup.id);
  const { nonce } = await hub.lineOf(rollup.id, poster.address);
  const { terms, header, hash } = await build(world, rollup, poster.address, batch);
  const sent = await hub.connect(poster).post(...postArguments(terms, hash, batch.data ?? "0x", batch.claim));
  const receipt = await sent.wait();
  const block = await receipt?.getBlock();
  if (receipt === null || block === undefined) throw new Error("The post was replaced before it was mined.");
  const unclaimed: Entry = {
    batchHash: hash,
    claimKey: ZeroHash,
    asserter: ZeroAddress,
    nonce: 0n,
    window: config.window,
    policyMask: Number(config.policyMask),
    policyThreshold: Number(config.policyThreshold),
    flags: header.flags,
    backedTime: BigInt(block.timestamp),
    backedBlock: BigInt(block.number),
    postTime: BigInt(block.timestamp),
    gap: BigInt(block.timestamp) - lastPost,
  };
  const key =
    batch.claim &&
    claimKey({ rollup: rollup.id, index: header.index, batchHash: hash, mode: NORMAL, ...batch.claim });
  const entry =
    key === undefined ? unclaimed : { ...unclaimed, claimKey: key, asserter: poster.address, nonce };
  return { index: header.index, header, batchHash: hash, receipt, entry };
}
