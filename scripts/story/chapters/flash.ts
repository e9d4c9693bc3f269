import { Wallet } from "ethers";
import { assetAddress } from "../../../sdk/src/ledger";
import { users } from "../cast";
import { mined } from "../chain";
import { kindOf, leafWords, metadata, proofArgument, proveRun, tokenOf } from "../exits";
import { signAction } from "../signing";
import type { World } from "../world";
import { send } from "./burst";

const WALLETS = 500;
const PIECES = 1_200;
const RUN_HEIGHT = 5; // 2^5 exits in one call
const COLLECTION = { name: "Night Market", symbol: "NIGHT", uri: "ipfs://night-market/" };
const POINTS = { name: "Market Points", symbol: "PTS", uri: "" };

/** An NFT drop on a rollup that lives for an hour: minted in one burst. */
export async function drop({
  stage,
  sequencer,
  rollups,
  cast,
  mnemonic,
}: World): Promise<{ collection: string; points: string }> {
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
        .slice(0, 40)
        .map(({ address }) => own({ type: "Mint", token: points, id: 0n, to: address, amount: 100n })),
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
  return { collection, points };
}

/** The flash rollup's hour is over: swept, retired, and everything paid out on L1 with its sequencer switched off. */
export async function comeHome(world: World, assets: { collection: string; points: string }): Promise<void> {
  const { stage, chain, protocol, cast, watchman, rollups } = world;
  const { hub, bridge } = protocol;
  const { id, l2ChainId } = rollups.flash;
  const status = await watchman.until("the sweep", l2ChainId, ({ phase }) => phase === 2);
  stage.say(`${status.exits.toLocaleString("en-US")} exits: every coin, token and NFT of every account`);
  const total = status.exits;
  const escrow = { coins: await bridge.balanceOf(id, `0x${"00".repeat(32)}`, 0n) };

  const bar = stage.bar("paying exits", total);
  const paidBy = { coins: 0n, tokens: 0n, pieces: 0, points: 0n };
  let runs = 0;
  let fullRunGas = 0n;
  for (let first = 0; first < total;) {
    let height = RUN_HEIGHT;
    while (first + 2 ** height > total || first % 2 ** height !== 0) height--;
    const run = await proveRun(watchman, l2ChainId, first, height);
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
      .exitBatch(leaves, proofArgument(id, run), [...run.proof], needed ? extra : [], {
        gasLimit: 16_000_000,
      });
    const receipt = await mined(sent);
    for (const leaf of leaves) {
      const kind = kindOf(leaf);
      if (kind === 0) paidBy.coins += leaf.amount;
      else if (kind === 1) paidBy.tokens += leaf.amount;
      else if (kind === 6) paidBy.pieces++;
      else paidBy.points += leaf.amount;
    }
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
  stage.promise("all NFTs came home", paidBy.pieces === PIECES, `${paidBy.pieces} pieces`);
  const left = await bridge.balanceOf(id, `0x${"00".repeat(32)}`, 0n);
  stage.promise(
    "the flash rollup's escrow is empty, to the wei",
    left === 0n && escrow.coins === paidBy.coins,
    `${paidBy.coins} wei paid`,
  );
  const { status: final } = await hub.record(id);
  stage.promise("the rollup is retired", Number(final) === 4);
  void chain;
}
