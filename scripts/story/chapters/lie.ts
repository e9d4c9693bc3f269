import { Wallet, formatEther, id as hashOf } from "ethers";
import { encodeBatch } from "../../../sdk/src/ledger";
import { mined } from "../chain";
import { PACE } from "./deposit";
import { playLiar } from "../match";
import { configOf, post } from "../poster";
import { signAction } from "../signing";
import type { Stage } from "../stage";
import { finalise, settle, type World } from "../world";

/** A false claim on the immutable rollup. The watchman wins the match; the honest operator's claim doesn't wait for it. */
export async function lie(world: World): Promise<void> {
  const { chain, protocol, cast, rollups, sequencer, watchman } = world;
  const stage: Stage = world.stage;
  const { hub, vault, altToken } = protocol;
  const { id, l2ChainId } = rollups.immutable;
  const liar = cast.crooked.hot;
  const { deposit, slash } = await hub.record(id);
  // Where anyone may sequence, batches are paced: the liar waits for his turn like everybody.
  await sequencer.until(
    "its own batches on L1",
    l2ChainId,
    ({ batch, proposed, stateRoot }) => batch.derived === batch.posted && proposed.stateRoot === stateRoot,
  );
  await chain.pass(PACE);
  await mined(hub.connect(liar).openLine(id, { value: deposit }));
  await settle({ sequencer, watchman }, l2ChainId);
  const { commitment: parent } = await sequencer.status(l2ChainId);
  const action = {
    type: "CreateAsset",
    kind: 5,
    name: "Bait",
    symbol: "BAIT",
    uri: "",
    maxSupply: 1_000n,
    openMint: true,
  } as const;
  const transaction = signAction(new Wallet(liar.privateKey), l2ChainId, action, 0n, 0n);
  const data = encodeBatch([{ timestamp: BigInt(await chain.now()), transactions: [transaction] }]);
  const [stakeBefore, supplyBefore] = [
    await vault.poolOf(cast.crooked.cold.address),
    await altToken.totalSupply(),
  ];

  const from = await chain.provider.getBlockNumber();
  const { index } = await post(world, rollups.immutable, liar, {
    data,
    claim: { parent, commitment: hashOf("a false commitment") },
  });
  stage.say(
    `the liar posts batch ${index} and claims a false commitment, backed by ${formatEther(slash)} ALT and ${formatEther(deposit)} ETH`,
  );
  const told = await playLiar(world, liar, from);
  for (const { by, what, gas } of told.moves)
    stage.say(`  ${by.padEnd(10)} ${what.padEnd(28)} ${gas.toLocaleString("en-US").padStart(9)} gas`);
  const total = told.moves.reduce((sum, { gas }) => sum + gas, 0n);
  stage.gas("open match", told.moves[0]?.gas ?? 0n);
  stage.gas("move", told.moves[1]?.gas ?? 0n);
  stage.gas(
    "a whole dispute over the ledger's 2^36 steps, both sides",
    total,
    undefined,
    "whole dispute over 2^30 steps",
  );
  stage.require("the watchman wins the match", told.winner === cast.challenger.address, told.winner);
  if (told.instruction !== undefined) {
    const { pc, word, before, claimedAfter } = told.instruction;
    stage.say(
      `decided by the instruction 0x${word.toString(16).padStart(8, "0")} at pc 0x${pc.toString(16)}`,
    );
    stage.say(`  state before   ${before}\n  the lie after  ${claimedAfter}`);
  }
  stage.promise("one RISC-V instruction decided it, on chain", told.instruction !== undefined);
  const stakeAfter = await vault.poolOf(cast.crooked.cold.address);
  stage.promise(
    "exactly the line's stake is slashed",
    stakeBefore.active - stakeAfter.active === slash,
    `${formatEther(stakeBefore.active - stakeAfter.active)} ALT`,
  );
  stage.promise("half of it is burned", supplyBefore - (await altToken.totalSupply()) === slash / 2n);
  stage.say(
    `the challenger gets ${formatEther(told.payout)} ETH (his bond, and as much again from the liar's deposit), ${formatEther(told.burned)} ETH are burned`,
  );

  const [claimed] = await hub.queryFilter(hub.filters.Claimed(id, index, cast.honest.hot.address), from);
  stage.require("the honest operator claimed the truth beside the lie", claimed !== undefined);
  await finalise(world, rollups.immutable, Number(index));
  const { bond } = await configOf(world, rollups.immutable);
  const [paid] = await hub.queryFilter(hub.filters.MatchPaid(told.match.id), from);
  stage.promise(
    "the challenger has his bond back, and as much again of the liar's deposit",
    paid?.args.to === cast.challenger.address && paid.args.amount === 2n * bond,
    `${formatEther(paid?.args.amount ?? 0n)} ETH`,
  );
  const [final] = await hub.queryFilter(hub.filters.Finalized(id, index), from);
  const [claimBlock, finalBlock] = await Promise.all([claimed.getBlock(), final?.getBlock()]);
  const { window } = await hub.record(id);
  const late = (finalBlock?.timestamp ?? Infinity) - claimBlock.timestamp - Number(window);
  stage.promise(
    "the truth is final a window after it was claimed: the lie delayed nobody",
    final?.args.asserter === cast.honest.hot.address && late < Number(window) / 7,
    `${late} s after the earliest moment, by steps of ${Math.ceil(Number(window) / 8)} s`,
  );
}
