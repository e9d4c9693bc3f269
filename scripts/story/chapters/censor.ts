import { Wallet } from "ethers";
import { users } from "../cast";
import { mined } from "../chain";
import { post } from "../poster";
import { signAction } from "../signing";
import type { World } from "../world";
import { send } from "./burst";

const MESSAGE_ONLY = 1;
const GAS_PRICE = 1_000_000_000n; // [wei], the preset's

/** Revert data, however deep the endpoint and ethers wrapped it. */
function revertData(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { data, error: inner, info } = error as { data?: unknown; error?: unknown; info?: unknown };
  if (typeof data === "string" && data.length >= 10) return data;
  return revertData(data) ?? revertData(inner) ?? revertData(info);
}

/** Runs a call that must be refused, and returns the name of the error that refused it. */
export async function refused(
  hubInterface: { parseError(data: string): { name: string } | null },
  call: () => Promise<unknown>,
): Promise<string> {
  try {
    await call();
  } catch (error) {
    const data = revertData(error);
    return data === undefined ? (error as Error).message : (hubInterface.parseError(data)?.name ?? data);
  }
  return "nothing";
}

/** A sequencer that won't include somebody's transaction: he can't go on without it, and others go on without him. */
export async function censor(world: World, restart: () => Promise<void>): Promise<void> {
  const { stage, chain, protocol, cast, sequencer, watchman, rollups, mnemonic } = world;
  const { hub } = protocol;
  const { id, l2ChainId } = rollups.owned;
  const victim = users(mnemonic, 1)[0] as Wallet;
  // A last honest batch, so that the sequencer's time to be silent begins now.
  const { posted: last } = await hub.progress(id);
  const ping = { type: "SendCoin", to: victim.address, amount: 1n } as const;
  const banker = users(mnemonic, 2)[1] as Wallet;
  const bankerNonce = BigInt(await sequencer.call<number>("ledger_getNonce", [banker.address], l2ChainId));
  await send(
    sequencer,
    l2ChainId,
    [signAction(banker, l2ChainId, ping, bankerNonce, GAS_PRICE)],
    () => undefined,
  );
  await sequencer.until(
    "an honest batch",
    l2ChainId,
    ({ batch, waiting, proposed, stateRoot }) =>
      waiting === 0 && BigInt(batch.derived) > last && proposed.stateRoot === stateRoot,
  );
  await watchman.caughtUp(l2ChainId);
  await sequencer.stop("SIGKILL");
  const nonce = BigInt(await watchman.call<number>("ledger_getNonce", [victim.address], l2ChainId));
  const before = BigInt(await watchman.call<string>("ledger_getBalance", [victim.address], l2ChainId));
  const action = { type: "SendCoin", to: cast.feeRecipient.address, amount: 12_345n } as const;
  const signed = signAction(victim, l2ChainId, action, nonce, GAS_PRICE);
  const forced = await mined(hub.connect(cast.passerBy).force(id, signed));
  stage.gas("forced transaction", forced.gasUsed);

  // What had arrived when a batch was posted, the next one must consume: this one notes the message, the next can't do without it.
  const progress = await hub.progress(id);
  await post(world, rollups.owned, cast.honest.hot, { target: progress.due });
  const stuck = await refused(hub.interface, () =>
    post(world, rollups.owned, cast.honest.hot, { target: progress.due }),
  );
  stage.promise("a batch that leaves a forced transaction out is refused", stuck === "TargetWrong", stuck);
  const early = await refused(hub.interface, () =>
    post(world, rollups.owned, cast.passerBy, { flags: MESSAGE_ONLY }),
  );
  stage.promise(
    "a passer-by can't post while the sequencer still has time",
    early === "PosterNotAdmitted",
    early,
  );

  const { forceDelay } = await hub.record(id);
  const { posted: postedBefore, count } = await hub.progress(id);
  await chain.pass(Number(forceDelay) + 12);
  const overruled = await watchman.until(
    "a batch by somebody else",
    l2ChainId,
    ({ batch, messages }) => BigInt(batch.derived) > postedBefore && BigInt(messages.consumed) >= count,
  );
  const [event] = await hub.queryFilter(hub.filters.Posted(id, cast.challenger.address));
  stage.say(
    `the sequencer was silent for ${Number(forceDelay) / 3600} h: ${event?.args.poster} posted batch ${postedBefore + 1n} in his place`,
  );
  stage.promise("posting opened to everyone", event?.args.poster === cast.challenger.address);
  const after = BigInt(await watchman.call<string>("ledger_getBalance", [victim.address], l2ChainId));
  stage.promise(
    "the censored transaction is executed, free of L2 fees",
    before - after === action.amount,
    `${before - after} wei sent`,
  );

  await restart();
  const [mine, theirs] = await Promise.all([
    world.sequencer.until("its own past", l2ChainId, ({ batch }) => batch.derived >= overruled.batch.derived),
    watchman.status(l2ChainId),
  ]);
  stage.promise(
    "the sequencer that was killed comes back to the root everybody derived from L1",
    mine.stateRoot === theirs.stateRoot,
  );
}
