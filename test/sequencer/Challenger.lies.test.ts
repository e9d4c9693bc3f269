import { expect } from "chai";
import { id, Wallet } from "ethers";
import { claimArguments, type Entry, NORMAL } from "../../sdk/src/protocol";
import hashes from "../../programs/artifacts/hashes.json";
import { hashingReady } from "../../sequencer/src/hashing";
import { Bluffer, postBatch, victory } from "./bluffer";
import { eventually, Rollup, Settlement } from "./fixture";
import { LoneRuntime } from "./LoneRuntime";
import { ringEntryOf } from "./posting";

const LIES = 12;
const { genesis: parent } = hashes.ledger;

describe("Challenger > many lies of one asserter", function () {
  this.timeout(240_000);
  let settlement: Settlement;
  let rollup: Rollup;
  let liar: Wallet;
  let honest: Wallet;
  let node: LoneRuntime;

  beforeEach(async () => {
    await hashingReady;
    settlement = await Settlement.start();
    liar = settlement.anvil.wallet(2);
    honest = settlement.anvil.wallet(3);
    rollup = await settlement.createRollup(liar);
    await postBatch(settlement, rollup, liar, { commitment: id("lie 0") });
    const entry: Entry = await ringEntryOf(settlement, rollup);
    for (let lie = 1; lie < LIES; lie++) {
      const claim = { rollup: rollup.id, index: 1n, mode: NORMAL, parent, commitment: id(`lie ${lie}`) };
      await (await settlement.hub.connect(liar).claim(...claimArguments(claim, entry))).wait();
    }
  });

  afterEach(async () => {
    await node?.stop();
    await settlement?.stop();
  });

  const opened = async () =>
    (await settlement.hub.queryFilter(settlement.hub.filters.MatchOpened(undefined, rollup.id))).length;

  it("opens one match, which takes the backing of them all [lies that drown the emulator]", async () => {
    node = await LoneRuntime.start(settlement, rollup, { wallet: honest, challenges: true });
    for (let round = 0; round < 4; round++) await node.step();
    expect(await opened()).to.equal(1);
    // Their windows end while the match is open, and none becomes final.
    node.run();
    const match = await new Bluffer(settlement, liar, rollup).play();
    expect((await victory(settlement, match, liar)).winner).to.equal(honest.address);
    await settlement.anvil.pass(4_000);
    for (let round = 0; round < 4; round++) await eventually("a step", async () => true);
    expect(await opened()).to.equal(1);
    expect((await settlement.hub.lastFinal(rollup.id)).index).to.equal(0n);
    expect((await settlement.hub.lineOf(rollup.id, liar.address)).deposit).to.equal(0n);
  });
});
