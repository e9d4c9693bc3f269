import { ZeroAddress, concat } from "ethers";
import { MirrorERC20__factory, MirrorERC721__factory } from "../../sdk/src/typechain";
import type { StoryNode } from "./node";
import type { World } from "./world";

/** What people own: on a rollup before it ends, and on L1 after. Nothing here looks at exits, so that it can tell whether they did their work. */

const AT_ONCE = 100;

export interface Assets {
  /** ERC-20 of L1, deposited */
  readonly token: string;
  /** fungible, born on the rollup */
  readonly points: string;
  /** NFTs, born on the rollup */
  readonly collection: string;
  readonly pieces: number;
}

/** Amounts by owner, in the order of the owners; holders by piece, from piece 1 on. */
export interface Holdings {
  readonly coins: readonly bigint[];
  readonly tokens: readonly bigint[];
  readonly points: readonly bigint[];
  readonly holders: readonly string[];
}

async function inBatches<T, R>(
  items: readonly T[],
  ask: (part: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    answers.push(...(await ask(items.slice(at, at + AT_ONCE))));
  return answers;
}

export async function balancesOn(
  node: StoryNode,
  l2ChainId: bigint,
  owners: readonly string[],
  kind = 0,
  token = ZeroAddress,
): Promise<bigint[]> {
  const balances = await inBatches(owners, (part) =>
    node.batch<string>(
      part.map((owner) => ({ method: "ledger_getBalance", params: [owner, kind, token, "0x0"] })),
      l2ChainId,
    ),
  );
  return balances.map(BigInt);
}

export async function holdingsOnRollup(
  node: StoryNode,
  l2ChainId: bigint,
  owners: readonly string[],
  { token, points, collection, pieces }: Assets,
): Promise<Holdings> {
  const holders = await inBatches(idsOf(pieces), (part) =>
    node.batch<string | null>(
      part.map((id) => ({ method: "ledger_getHolder", params: [6, collection, id] })),
      l2ChainId,
    ),
  );
  return {
    coins: await balancesOn(node, l2ChainId, owners),
    tokens: await balancesOn(node, l2ChainId, owners, 1, token),
    points: await balancesOn(node, l2ChainId, owners, 5, points),
    holders: holders.map((holder) => holder ?? "nobody"),
  };
}

export type Balances = Pick<Holdings, "coins" | "tokens">;

/** What L1 knows without a bridge: coins, and ALT. */
export async function balancesOnL1(
  { chain, protocol }: Pick<World, "chain" | "protocol">,
  owners: readonly string[],
): Promise<Balances> {
  return {
    coins: await inBatches(owners, (part) =>
      Promise.all(part.map((owner) => chain.provider.getBalance(owner))),
    ),
    tokens: await inBatches(owners, (part) =>
      Promise.all(part.map((owner) => protocol.altToken.balanceOf(owner))),
    ),
  };
}

export async function holdingsOnL1(
  world: Pick<World, "chain" | "protocol">,
  rollup: bigint,
  owners: readonly string[],
  { points, collection, pieces }: Assets,
): Promise<Holdings> {
  const { provider } = world.chain;
  const { bridge } = world.protocol;
  const mirrored = MirrorERC20__factory.connect(
    await bridge.mirrorOf(rollup, assetWord(5, points)),
    provider,
  );
  const gallery = MirrorERC721__factory.connect(
    await bridge.mirrorOf(rollup, assetWord(6, collection)),
    provider,
  );
  return {
    ...(await balancesOnL1(world, owners)),
    points: await inBatches(owners, (part) => Promise.all(part.map((owner) => mirrored.balanceOf(owner)))),
    holders: await inBatches(idsOf(pieces), (part) => Promise.all(part.map((id) => gallery.ownerOf(id)))),
  };
}

/** `kind u8 ‖ zero(11) ‖ address`, as the bridge names an asset. */
export function assetWord(kind: number, address: string): string {
  return concat([Uint8Array.of(kind), new Uint8Array(11), address]);
}

/** Pieces are numbered from 0. */
function idsOf(pieces: number): number[] {
  return Array.from({ length: pieces }, (_, index) => index);
}

/** How many owners don't have on L1 what they had there before and on the rollup; pieces with another holder than there. */
export function missing(
  before: { readonly rollup: Holdings; readonly l1: Balances },
  after: Holdings,
): { readonly [what in keyof Holdings]: number } {
  const short = (what: "coins" | "tokens" | "points"): number => {
    const earlier: readonly bigint[] = what === "points" ? [] : before.l1[what];
    return after[what].filter((now, at) => now !== (earlier[at] ?? 0n) + (before.rollup[what][at] ?? 0n))
      .length;
  };
  return {
    coins: short("coins"),
    tokens: short("tokens"),
    points: short("points"),
    holders: before.rollup.holders.filter(
      (holder, at) => holder === "nobody" || holder.toLowerCase() !== after.holders[at]?.toLowerCase(),
    ).length,
  };
}
