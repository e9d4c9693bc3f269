import { users } from "../cast";
import { kindOf, leafWords, tokenOf } from "../exits";
import type { World } from "../world";

const COIN = `0x${"00".repeat(32)}`;

/** For every rollup and asset: what the bridge holds for it = balances on the rollup + exits that weren't taken yet. */
export async function conserve(world: World): Promise<void> {
  const { stage, protocol, cast, watchman, rollups, mnemonic } = world;
  const { bridge, altToken } = protocol;
  const token = await altToken.getAddress();
  const erc20 = `0x01${"00".repeat(11)}${token.slice(2)}`;
  const owners = [
    ...users(mnemonic, 500),
    cast.feeRecipient,
    cast.artist,
    cast.creator,
    cast.crooked.hot,
  ].map(({ address }) => address);
  for (const { id, name, l2ChainId } of Object.values(rollups)) {
    const exits = new Map<number, string>();
    for (let at = 0; at < owners.length; at += 100) {
      const calls = owners
        .slice(at, at + 100)
        .map((owner) => ({ method: "rollup_exits", params: [owner, 0] }));
      for (const found of await watchman.batch<{ index: number; leaf: string }[]>(calls, l2ChainId)) {
        for (const { index, leaf } of found) exits.set(index, leaf);
      }
    }
    for (const [asset, what, params] of [
      [COIN, "wei", []],
      [erc20, "ALT wei", [1, token, "0x0"]],
    ] as const) {
      let onRollup = 0n;
      for (let at = 0; at < owners.length; at += 100) {
        const calls = owners
          .slice(at, at + 100)
          .map((owner) => ({ method: "ledger_getBalance", params: [owner, ...params] }));
        for (const balance of await watchman.batch<string>(calls, l2ChainId)) onRollup += BigInt(balance);
      }
      let unspent = 0n;
      for (const [index, found] of exits) {
        const leaf = leafWords(found);
        const isSame =
          asset === COIN ? kindOf(leaf) === 0 : kindOf(leaf) === 1 && tokenOf(found) === token.toLowerCase();
        if (isSame && !(await bridge.isSpent(id, index))) unspent += leaf.amount;
      }
      const held = await bridge.balanceOf(id, asset, 0n);
      stage.promise(
        `${name}: escrow = balances + unspent exits`,
        held === onRollup + unspent,
        `${held} = ${onRollup} + ${unspent} ${what}`,
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
