import { id as hashOf } from "ethers";
import { type Match, endArguments, openedMatch, openingOf, readMatchSlot } from "../../../sdk/src/dispute";
import {
  NORMAL,
  ON_ITS_OWN,
  type Entry,
  claimArguments,
  claimKey,
  headerHash,
} from "../../../sdk/src/protocol";
import { mined } from "../chain";
import { configOf, post } from "../poster";
import { finalise, settle, type World } from "../world";

/** The crooked operator claims the truth, lets an accomplice challenge it, and doesn't answer. The honest operator claimed the same. */
export async function throwAway(world: World): Promise<void> {
  const { stage, chain, protocol, cast, rollups, sequencer, watchman } = world;
  const { hub } = protocol;
  const { id, l2ChainId } = rollups.immutable;
  const thrower = cast.crooked.hot;
  const { deposit } = await hub.record(id);
  await mined(hub.connect(thrower).openLine(id, { value: deposit }));
  const from = await chain.provider.getBlockNumber();
  const posted = await post(world, rollups.immutable, cast.passerBy, { flags: 1 });
  const truth = await watchman
    .until("the batch", l2ChainId, ({ batch }) => BigInt(batch.derived) >= posted.index)
    .then(() =>
      watchman.call<{ parent: string; commitment: string }>(
        "rollup_getBatch",
        [Number(posted.index)],
        l2ChainId,
      ),
    );

  const claim = {
    rollup: id,
    index: posted.index,
    mode: NORMAL,
    parent: truth.parent,
    commitment: truth.commitment,
  };
  const claimed = await mined(hub.connect(thrower).claim(...claimArguments(claim, posted.entry)));
  const block = await claimed.getBlock();
  const { nonce } = await hub.lineOf(id, thrower.address);
  const entry: Entry = {
    ...posted.entry,
    claimKey: claimKey({ ...claim, batchHash: posted.batchHash }),
    asserter: thrower.address,
    nonce,
    backedTime: BigInt(block.timestamp),
    backedBlock: BigInt(block.number),
  };
  const config = await configOf(world, rollups.immutable);
  const opening = openingOf({
    ...claim,
    place: ON_ITS_OWN,
    ringLog2: 0,
    entry,
    headerHash: headerHash(posted.header),
    config,
    program: world.program,
    states: Array.from({ length: 7 }, (_, i) => hashOf(`sham ${i}`)),
    finalState: `0x${"11".repeat(288)}`,
  });
  const opened = await mined(hub.connect(cast.passerBy).openMatch(opening, { value: config.bond }));
  const [event] = opened.logs.flatMap((log) => {
    const parsed = hub.interface.parseLog(log);
    return parsed?.name === "MatchOpened" ? [parsed.args.toObject()] : [];
  });
  const match: Match = openedMatch(event as Parameters<typeof openedMatch>[0], world.program.codeRoot);
  stage.say("an accomplice opens a sham match against the true claim; its asserter stays silent");
  for (let step = 0; step < 8 && readMatchSlot(await hub.matchOf(match.id)).kind === "live"; step++) {
    await chain.pass(Number(config.clock) / 4);
    await settle({ sequencer, watchman }, l2ChainId);
  }
  if (readMatchSlot(await hub.matchOf(match.id)).kind === "live")
    await mined(hub.connect(cast.passerBy).timeOut(...endArguments(match)));
  const line = await hub.lineOf(id, thrower.address);
  stage.promise("the thrower loses line and stake by time-out", line.deposit === 0n && line.nonce > nonce);

  await finalise(world, rollups.immutable, Number(posted.index));
  const [mine] = await hub.queryFilter(hub.filters.Claimed(id, posted.index, cast.honest.hot.address), from);
  const [final] = await hub.queryFilter(hub.filters.Finalized(id, posted.index), from);
  const [claimBlock, finalBlock] = await Promise.all([mine?.getBlock(), final?.getBlock()]);
  const late = (finalBlock?.timestamp ?? Infinity) - (claimBlock?.timestamp ?? 0) - Number(config.window);
  stage.promise(
    "the same commitment is final by the honest operator's claim, in its own window",
    final?.args.commitment === truth.commitment &&
      final.args.asserter === cast.honest.hot.address &&
      late < Number(config.window) / 7,
    `${late} s after the earliest moment`,
  );
}
