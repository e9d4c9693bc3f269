import { Wallet, parseEther } from "ethers";
import { users } from "../cast";
import { mined } from "../chain";
import { leafWords, proofArgument, proveRun } from "../exits";
import { signAction } from "../signing";
import { finalise, type World } from "../world";
import { send } from "./burst";

const GAS_PRICE = 1_000_000_000n;
const COIN = `0x${"00".repeat(32)}`;
const NO_HASH = COIN;

/** Users of the living, owned rollup take coins and tokens home once their batch is final. */
export async function leave(world: World): Promise<void> {
  const { stage, chain, protocol, cast, mnemonic, rollups } = world;
  const { hub, bridge, altToken } = protocol;
  const { id, l2ChainId } = rollups.owned;
  const token = await altToken.getAddress();
  const [coinOwner, tokenOwner] = users(mnemonic, 2) as [Wallet, Wallet];
  const coins = parseEther("3");
  const tokens = parseEther("125");
  const exitOf = async (wallet: Wallet, kind: number, asset: string, amount: bigint): Promise<string> => {
    const nonce = BigInt(await world.sequencer.call<number>("ledger_getNonce", [wallet.address], l2ChainId));
    const action = {
      type: "Exit",
      kind,
      token: asset,
      id: 0n,
      amount,
      targetRollup: 0n,
      to: wallet.address,
      fallbackTo: wallet.address,
      dataHash: NO_HASH,
    } as const;
    return signAction(wallet, l2ChainId, action, nonce, GAS_PRICE);
  };
  const zero = `0x${"00".repeat(20)}`;
  const before = await world.sequencer.status(l2ChainId);
  await send(
    world.sequencer,
    l2ChainId,
    [await exitOf(coinOwner, 0, zero, coins), await exitOf(tokenOwner, 1, token, tokens)],
    () => undefined,
  );
  const posted = await world.sequencer.until(
    "the exits on L1",
    l2ChainId,
    ({ exits, waiting }) => waiting === 0 && exits >= before.exits + 2,
  );
  const batch = posted.batch.derived;
  stage.say(
    `two exits in batch ${batch}; the window of ${(await hub.record(id)).window / 86_400n} days passes block by block`,
  );
  await finalise(world, rollups.owned, batch);

  const escrow = await bridge.balanceOf(id, COIN, 0n);
  const coinRun = await proveRun(world.sequencer, l2ChainId, before.exits);
  const coinLeaf = leafWords(coinRun.leaves[0]!);
  const was = await chain.provider.getBalance(coinOwner.address);
  const paid = await mined(
    bridge.connect(cast.passerBy).exit(coinLeaf, [...coinRun.siblings], proofArgument(id, coinRun)),
  );
  const got = (await chain.provider.getBalance(coinOwner.address)) - was;
  stage.gas("exit ETH", paid.gasUsed);
  stage.promise("an exit pushed by a passer-by pays its owner to the wei", got === coins, `${got} wei`);

  const tokensBefore = await altToken.balanceOf(tokenOwner.address);
  const tokenRun = await proveRun(world.sequencer, l2ChainId, before.exits + 1);
  const tokenPaid = await mined(
    bridge
      .connect(cast.passerBy)
      .exit(leafWords(tokenRun.leaves[0]!), [...tokenRun.siblings], proofArgument(id, tokenRun)),
  );
  stage.gas("exit ERC-20", tokenPaid.gasUsed);
  const arrived = (await altToken.balanceOf(tokenOwner.address)) - tokensBefore;
  stage.promise("the tokens arrive, to the wei", arrived === tokens, `${arrived} ALT wei`);
  stage.promise(
    "the escrow fell by exactly what was paid",
    escrow - (await bridge.balanceOf(id, COIN, 0n)) === coins,
  );
  let twice = "nothing";
  try {
    await bridge
      .connect(cast.passerBy)
      .exit.staticCall(coinLeaf, [...coinRun.siblings], proofArgument(id, coinRun));
  } catch (error) {
    twice = (error as { revert?: { name?: string } }).revert?.name ?? (error as Error).message;
  }
  stage.promise("an exit can't be paid twice", twice === "ExitSpent", twice);
}
