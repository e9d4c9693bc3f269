import { Wallet, ZeroAddress } from "ethers";
import { assetAddress } from "../../../sdk/src/ledger";
import { users } from "../cast";
import { mined } from "../chain";
import { kindOf, leafWords, metadata, proofArgument, proveRun, tokenOf } from "../exits";
import {
  type Assets,
  type Balances,
  type Holdings,
  assetWord,
  balancesOnL1,
  holdingsOnL1,
  holdingsOnRollup,
  missing,
} from "../holdings";
import { signAction } from "../signing";
import { finalise, type World } from "../world";
import { send } from "./burst";

const WALLETS = 500;
const PIECES = 1_200;
const POINTED = 40; // wallets that get points
const POINTS_EACH = 100n;
const RUN_HEIGHT = 5; // 2^5 exits in one call
const NAMES = {
  coins: "the coins he had there",
  tokens: "the ALT he had there",
  points: "the rollup's own tokens, as mirrors",
  holders: "his NFTs, as mirrors",
} as const;
const COLLECTION = { name: "Night Market", symbol: "NIGHT", uri: "ipfs://night-market/" };
const POINTS = { name: "Market Points", symbol: "PTS", uri: "" };

/** An NFT drop on a rollup that lives for an hour: minted in one burst. */
export async function drop({ stage, sequencer, rollups, cast, mnemonic, protocol }: World): Promise<Assets> {
  const { l2ChainId } = rollups.flash;
  const artist = new Wallet(cast.artist.privateKey);
  const wallets = users(mnemonic, WALLETS);
  let nonce = BigInt(await sequencer.call<number>("ledger_getNonce", [artist.address], l2ChainId));
  // The artist's first asset was made when the rollup was; these are the second and third.
  const collection = assetAddress(l2ChainId, artist.address, nonce);
  const points = assetAddress(l2ChainId, artist.address, nonce + 1n);
  const own = (action: Parameters<typeof signAction>[2]): string =>
    signAction(artist, l2ChainId, action, nonce++, 0n);
  await send(
    sequencer,
    l2ChainId,
    [
      own({ type: "CreateAsset", kind: 6, ...COLLECTION, maxSupply: BigInt(PIECES), openMint: true }),
      own({ type: "CreateAsset", kind: 5, ...POINTS, maxSupply: 1_000_000n, openMint: false }),
      ...wallets
        .slice(0, POINTED)
        .map(({ address }) => own({ type: "Mint", token: points, id: 0n, to: address, amount: POINTS_EACH })),
    ],
    () => undefined,
  );
  await sequencer.until("the collection", l2ChainId, ({ waiting }) => waiting === 0);
  const nonces = await sequencer.batch<number>(
    wallets.slice(0, 100).map(({ address }) => ({ method: "ledger_getNonce", params: [address] })),
    l2ChainId,
  );
  const mints = wallets.map((wallet, index) =>
    signAction(
      wallet,
      l2ChainId,
      { type: "MintNft", collection, to: wallet.address, count: index < 200 ? 3 : 2 },
      BigInt(nonces[index] ?? 0),
      0n,
    ),
  );
  const began = performance.now();
  await send(sequencer, l2ChainId, mints, () => undefined);
  await sequencer.until("the drop", l2ChainId, ({ waiting }) => waiting === 0);
  const seconds = (performance.now() - began) / 1000;
  const asset = await sequencer.call<{ minted: number }>("ledger_getAsset", [collection], l2ChainId);
  stage.promise(
    `${PIECES} NFTs are minted by ${WALLETS} wallets in one burst`,
    asset.minted === PIECES,
    `${seconds.toFixed(2)} s`,
  );
  stage.row({
    step: `flash drop: ${PIECES} NFTs from ${WALLETS} wallets`,
    figure: `${Math.round(PIECES / seconds)}/s`,
    seconds,
  });
  const token = await protocol.altToken.getAddress();
  return { token, collection, points, pieces: PIECES };
}

const DAY = 86_400;

/** What everybody owns before the end: on the rollup, and on L1 already. */
export interface Before {
  readonly owners: readonly string[];
  readonly rollup: Holdings;
  readonly l1: Balances;
}

/** The hour is over and the operator has switched his node off: a watchman with coins alone drains, sweeps and retires the rollup. */
export async function shutDown(world: World, assets: Assets): Promise<Before> {
  const { stage, chain, protocol, cast, sequencer, watchman, rollups } = world;
  const { hub } = protocol;
  const { id, l2ChainId } = rollups.flash;
  await sequencer.until(
    "all batches on L1",
    l2ChainId,
    ({ batch, waiting, proposed, stateRoot }) =>
      waiting === 0 && batch.derived === batch.posted && proposed.stateRoot === stateRoot,
  );
  await sequencer.stop();
  await watchman.caughtUp(l2ChainId);
  const owners = [...users(world.mnemonic, WALLETS), cast.feeRecipient].map(({ address }) => address);
  const before = {
    owners,
    rollup: await holdingsOnRollup(watchman, l2ChainId, owners, assets),
    l1: await balancesOnL1(world, owners),
  };
  const { deposit, drainAt, forceDelay } = await hub.record(id);
  await mined(hub.connect(cast.challenger).openBondLine(id, { value: deposit }));
  await chain.pass(Number(drainAt) - (await chain.now()) + Number(forceDelay) + 60);
  const swept = await watchman.until("the sweep batches", l2ChainId, ({ phase }) => phase === 2, 60);
  stage.say(
    `the hour is over; ${swept.batch.posted} batches in all, the last ones swept ${swept.exits.toLocaleString("en-US")} balances and tokens into exits`,
  );
  // A line of coins alone may claim what was posted a day ago.
  await chain.pass(DAY);
  await watchman.caughtUp(l2ChainId);
  if (!chain.isSteady) await new Promise((resolve) => setTimeout(resolve, 500));
  await finalise({ ...world, sequencer: watchman }, rollups.flash, swept.batch.posted);
  await watchman.until("the end", l2ChainId, ({ state }) => state === "retired");
  const [retired] = await hub.queryFilter(hub.filters.Retired(id));
  const receipt = await retired?.getTransactionReceipt();
  if (receipt !== undefined) stage.gas("retire rollup", receipt.gasUsed);
  stage.promise("the rollup is swept and retired by somebody who has coins only", retired !== undefined);
  return before;
}

/** Every exit of the retired rollup is paid on L1, pushed in runs of 32 by somebody who owns none of it. */
export async function comeHome(world: World, assets: Assets, before: Before): Promise<void> {
  const { stage, protocol, cast, watchman, rollups } = world;
  const { hub, bridge } = protocol;
  const { id, l2ChainId } = rollups.flash;
  const status = await watchman.until("the sweep", l2ChainId, ({ phase }) => phase === 2);
  stage.say(`${status.exits.toLocaleString("en-US")} exits: every coin, token and NFT of every account`);
  const total = status.exits;

  const bar = stage.bar("paying exits", total);
  let runs = 0;
  let fullRunGas = 0n;
  for (let first = 0; first < total;) {
    let height = RUN_HEIGHT;
    while (first + 2 ** height > total || first % 2 ** height !== 0) height--;
    const run = await proveRun(watchman, l2ChainId, first, 2 ** height);
    const leaves = run.leaves.map(leafWords);
    const extra = run.leaves.map((leaf, at) => {
      const words = leaves[at]!;
      if (kindOf(words) === 6)
        return metadata(COLLECTION.name, COLLECTION.symbol, `${COLLECTION.uri}${words.id}`);
      return kindOf(words) === 5 && tokenOf(leaf) === assets.points.toLowerCase()
        ? metadata(POINTS.name, POINTS.symbol, POINTS.uri)
        : "0x";
    });
    const needed = extra.some((bytes) => bytes !== "0x");
    const sent = bridge
      .connect(cast.passerBy)
      .exitBatch(leaves, [...run.siblings], proofArgument(id, run), needed ? extra : [], {
        gasLimit: 16_000_000,
      });
    const receipt = await mined(sent);
    if (height === RUN_HEIGHT && leaves.every((leaf) => kindOf(leaf) === 0)) {
      fullRunGas = receipt.gasUsed;
    }
    runs++;
    first += 2 ** height;
    bar.advance(2 ** height);
  }
  bar.end();
  if (fullRunGas !== 0n) stage.gas("exit after retirement in a batch of 32, each", fullRunGas / 32n);
  stage.say(`${total} exits pushed in ${runs} calls by a passer-by`);

  let open = 0;
  for (let index = 0; index < total; index++) if (!(await bridge.isSpent(id, index))) open++;
  stage.promise("every exit of the retired rollup is paid", open === 0, `${open} open`);
  const lost = missing(before, await holdingsOnL1(world, id, before.owners, assets));
  for (const [what, wrong] of Object.entries(NAMES).map(([key, name]) => [name, lost[key as keyof Holdings]]))
    stage.promise(`on L1, every owner has ${what}`, wrong === 0, `${wrong} of them wrong`);
  for (const [what, word] of [
    ["coins", assetWord(0, ZeroAddress)],
    ["ALT", assetWord(1, assets.token)],
  ] as const) {
    const left = await bridge.balanceOf(id, word, 0n);
    stage.promise(`the flash rollup's escrow of ${what} is empty, to the wei`, left === 0n, `${left} left`);
  }
  const { status: final } = await hub.record(id);
  stage.promise("the rollup is retired", Number(final) === 4);
}
