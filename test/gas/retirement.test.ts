import { expect } from "chai";
import { keccak256, parseEther, toUtf8Bytes } from "ethers";
import { ethers } from "hardhat";
import bounds from "../../config/peers/bounds.json";
import hashes from "../../programs/artifacts/hashes.json";
import { encodeExitPlace, exitLeafWords } from "../../sdk/src/bridge";
import { type ExitLeaf, ExitTree, encodeExit, exitLeafHash } from "../../sdk/src/ledger";
import { MESSAGE_ONLY, SWEEP, commitmentHash, packCommitment } from "../../sdk/src/protocol";
import { bridgeOnHub } from "../bridge/onHub";
import { WINDOW, blockOf, passTicks } from "../hub/fixture";
import { Batches, coinDeposit } from "../programs/Batches";
import { GasSnapshot } from "./GasSnapshot";

const ACCOUNTS = 10_000;
const COINS = parseEther("0.001");
const SWEEP_FLAGS = MESSAGE_ONLY | SWEEP;
const SWEPT = 2;

/** What the ledger's program makes of the end of a rollup with so many accounts: one batch, and its exits. */
function sweptLedger(first: string): { stateRoot: string; leaves: readonly ExitLeaf[] } {
  const batches = new Batches();
  const limits = { batchGas: hashes.ledger.batchGas, messageBound: ACCOUNTS };
  batches.message(coinDeposit(first, COINS));
  for (let i = 1; i < ACCOUNTS; i++)
    batches.message(coinDeposit(keccak256(toUtf8Bytes(`account ${i}`)).slice(0, 42), COINS));
  batches.post([], limits);
  const { phase } = batches.post([], limits, SWEEP_FLAGS);
  expect(phase, "one batch sweeps everybody").to.equal(SWEPT);
  return { stateRoot: `0x${batches.closed.slice(66, 130)}`, leaves: batches.exits };
}

describe("Gas of retirement", () => {
  const snapshot = new GasSnapshot("retirement");

  before(async function () {
    if (!GasSnapshot.isMeasurable) this.skip();
    await GasSnapshot.freshChain();
  });
  after(() => {
    if (GasSnapshot.isMeasurable) snapshot.finish();
  });

  function headline(key: keyof typeof bounds.rows, gas: bigint): void {
    expect(snapshot.headline(key, gas), key).to.be.at.most(bounds.rows[key].most);
  }

  it("brings 10,000 accounts home", async () => {
    const { hub: f, bridge, stage } = await bridgeOnHub();
    const [deployer, , , , , user] = await ethers.getSigners();
    if (deployer === undefined || user === undefined) throw new Error("accounts are needed");
    await bridge.depositNative(stage.rollup, user, "0x", { value: COINS * BigInt(ACCOUNTS) });
    stage.heads.push((await f.hub.inboxOf(stage.rollup)).head);
    await stage.advance();
    await stage.close();

    const { stateRoot, leaves } = sweptLedger(user.address);
    expect(leaves.length).to.equal(ACCOUNTS);
    const tree = new ExitTree(leaves.map((leaf) => exitLeafHash(encodeExit(leaf))));
    // The program took its accounts from messages; the hub of this test has one, which funds the bridge. Only their number differs.
    const fields = {
      stateRoot,
      exitRoot: tree.exitRoot(),
      block: 3n,
      timestamp: 1_000n,
      messagesConsumed: 1n,
      transactions: 0n,
      phase: SWEPT,
    };
    const packed = packCommitment(fields);
    const built = await stage.build({ flags: SWEEP_FLAGS, commitment: commitmentHash(fields) });
    const sent = await f.hub.connect(built.poster).post(...built.args);
    const posted = await stage.notePost(built, await blockOf(sent));
    await passTicks(WINDOW);
    const { index } = posted.header;
    let gas = await GasSnapshot.of(Promise.resolve(sent));
    gas += await GasSnapshot.of(stage.finalize(index));
    gas += await GasSnapshot.of(f.hub.retire(stage.rollup, stateRoot, fields.exitRoot, packed));
    headline(
      "sweep to L1 per account, 10,000 accounts in one batch",
      (gas + BigInt(ACCOUNTS) - 1n) / BigInt(ACCOUNTS),
    );

    const proof = (first: number) => ({
      place: encodeExitPlace({
        slot: Number(index % 64n),
        rollup: stage.rollup,
        count: BigInt(ACCOUNTS),
        index: BigInt(first),
      }),
      stateRoot,
      packed,
    });
    const words = (first: number, count: number) =>
      leaves.slice(first, first + count).map((leaf) => exitLeafWords(leaf));
    const exit = (at: number) => {
      const [leaf] = words(at, 1);
      if (leaf === undefined) throw new Error(`no exit ${at}`);
      return [leaf, tree.runProof(at, 1), proof(at)] as const;
    };
    const own = leaves.findIndex(({ to }) => to.toLowerCase() === user.address.toLowerCase());
    const beside = own ^ 1;
    const run = ((own >> 5) ^ 1) << 5;
    for (const { to } of [...leaves.slice(run, run + 32), ...leaves.slice(beside, beside + 1)])
      await deployer.sendTransaction({ to, value: 1n });
    const pushed = await GasSnapshot.of(bridge.connect(deployer).exit(...exit(beside)));
    snapshot.row("exit after retirement, ETH, first of 256, pushed by another", pushed);
    headline("exit after retirement, ETH", await GasSnapshot.of(bridge.connect(user).exit(...exit(own))));
    const batch = [words(run, 32), tree.runProof(run, 32), proof(run), [] as string[]] as const;
    headline(
      "exit after retirement in a batch of 32, each",
      (await GasSnapshot.of(bridge.connect(deployer).exitBatch(...batch))) / 32n,
    );
    expect(await ethers.provider.getBalance(leaves[run]?.to ?? "")).to.equal(COINS + 1n);
  });
});
