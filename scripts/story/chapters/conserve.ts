import { MirrorERC20__factory, MirrorERC721__factory } from "../../../sdk/src/typechain";
import { users } from "../cast";
import { kindOf, leafWords, tokenOf } from "../exits";
import { type Assets, assetWord, balancesOn, holdingsOnRollup } from "../holdings";
import type { StoryRollup, World } from "../world";

const COIN = `0x${"00".repeat(32)}`;
const AT_ONCE = 100;

/**
 * For every rollup and asset: what the bridge holds for it = balances on the rollup + exits that weren't taken yet. For what was born on a rollup: its
 * supply = balances there + exits that weren't taken yet + supply of the mirror on L1.
 */
export async function conserve(world: World, born: Assets): Promise<void> {
  const { stage, protocol, cast, watchman, rollups, mnemonic } = world;
  const { bridge, altToken } = protocol;
  const token = await altToken.getAddress();
  const owners = [
    ...users(mnemonic, 500),
    cast.feeRecipient,
    cast.artist,
    cast.creator,
    cast.crooked.hot,
  ].map(({ address }) => address);
  for (const rollup of Object.values(rollups)) {
    const { id, name, l2ChainId } = rollup;
    const unspent = await unspentExits(world, rollup, owners);
    for (const [asset, kind, address, what] of [
      [COIN, 0, undefined, "wei"],
      [assetWord(1, token), 1, token, "ALT wei"],
    ] as const) {
      const balances = await balancesOn(watchman, l2ChainId, owners, kind, address);
      const onRollup = balances.reduce((sum, one) => sum + one, 0n);
      const exits = unspent(kind, address);
      const held = await bridge.balanceOf(id, asset, 0n);
      stage.promise(
        `${name}: escrow = balances + unspent exits`,
        held === onRollup + exits,
        `${held} = ${onRollup} + ${exits} ${what}`,
      );
    }
    if (name !== "flash") continue;
    const there = await holdingsOnRollup(watchman, l2ChainId, owners, born);
    for (const [kind, address, what, onRollup] of [
      [5, born.points, "points", there.points.reduce((sum, one) => sum + one, 0n)],
      [6, born.collection, "NFTs", BigInt(there.holders.filter((holder) => holder !== "nobody").length)],
    ] as const) {
      const { supply } = await watchman.call<{ supply: string | number }>(
        "ledger_getAsset",
        [address],
        l2ChainId,
      );
      const mirrored = await mirrorSupply(world, id, kind, address);
      const exits = unspent(kind, address);
      stage.promise(
        `${name}: supply = balances + unspent exits + mirrors on L1`,
        BigInt(supply) === onRollup + exits + mirrored,
        `${BigInt(supply)} = ${onRollup} + ${exits} + ${mirrored} ${what}`,
      );
    }
  }
  const coins = await Promise.all(Object.values(rollups).map(({ id }) => bridge.balanceOf(id, COIN, 0n)));
  const balance = await world.chain.provider.getBalance(await bridge.getAddress());
  stage.promise(
    "the bridge's coins are the sum of its accounts",
    balance === coins.reduce((sum, one) => sum + one, 0n),
    `${balance} wei`,
  );
}

/** Finds the exits of some owners that nobody has taken; returns their sum for an asset. */
async function unspentExits(
  { watchman, protocol: { bridge } }: World,
  { id, l2ChainId }: StoryRollup,
  owners: readonly string[],
): Promise<(kind: number, token?: string) => bigint> {
  const exits = new Map<number, string>();
  for (let at = 0; at < owners.length; at += AT_ONCE) {
    const calls = owners
      .slice(at, at + AT_ONCE)
      .map((owner) => ({ method: "rollup_exits", params: [owner, 0] }));
    for (const found of await watchman.batch<{ index: number; leaf: string }[]>(calls, l2ChainId))
      for (const { index, leaf } of found) exits.set(index, leaf);
  }
  const unspent: string[] = [];
  for (const [index, leaf] of exits) if (!(await bridge.isSpent(id, index))) unspent.push(leaf);
  return (kind, token) =>
    unspent
      .filter((leaf) => kindOf(leafWords(leaf)) === kind)
      .filter((leaf) => token === undefined || tokenOf(leaf) === token.toLowerCase())
      .reduce((sum, leaf) => sum + leafWords(leaf).amount, 0n);
}

/** The supply of a mirror; of a collection, the pieces that somebody holds. */
async function mirrorSupply(
  { chain, protocol: { bridge } }: World,
  rollup: bigint,
  kind: 5 | 6,
  token: string,
): Promise<bigint> {
  const mirror = await bridge.mirrorOf(rollup, assetWord(kind, token));
  if ((await chain.provider.getCode(mirror)) === "0x") return 0n;
  if (kind === 5) return MirrorERC20__factory.connect(mirror, chain.provider).totalSupply();
  const gallery = MirrorERC721__factory.connect(mirror, chain.provider);
  const [born, burned] = await Promise.all([
    gallery.queryFilter(gallery.filters.Transfer(`0x${"00".repeat(20)}`)),
    gallery.queryFilter(gallery.filters.Transfer(undefined, `0x${"00".repeat(20)}`)),
  ]);
  return BigInt(born.length - burned.length);
}
