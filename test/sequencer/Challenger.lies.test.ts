import { expect } from "chai";
import { id } from "ethers";
import { dissectArguments } from "../../sdk/src/dispute";
import { postBatch, randomStates, victory } from "./bluffer";
import { Duel } from "./Duel";
import { eventually } from "./fixture";

const LIES = 12;

describe("Challenger > many lies of one asserter", function () {
  this.timeout(240_000);
  let duel: Duel;

  beforeEach(async () => {
    duel = await Duel.start();
    await postBatch(duel.settlement, duel.rollup, duel.liar, { commitment: id("lie 0") });
  });

  afterEach(async () => {
    await duel?.stop();
  });

  const opened = async () => (await duel.opened()).length;

  it("opens one match, which takes the backing of them all [lies that drown the emulator]", async () => {
    const { settlement, rollup, liar, honest } = duel;
    for (let lie = 1; lie < LIES; lie++) await duel.claim(id(`lie ${lie}`));
    const node = await duel.open({ challenges: true });
    for (let round = 0; round < 4; round++) await node.step();
    expect(await opened()).to.equal(1);
    // Their windows end while the match is open, and none becomes final.
    node.run();
    const match = await duel.bluffer().play();
    expect((await victory(settlement, match, liar)).winner).to.equal(honest.address);
    await settlement.anvil.pass(4_000);
    for (let round = 0; round < 4; round++) await eventually("a step", async () => true);
    expect(await opened()).to.equal(1);
    expect((await settlement.hub.lastFinal(rollup.id)).index).to.equal(0n);
    expect((await settlement.hub.lineOf(rollup.id, liar.address)).deposit).to.equal(0n);
  });

  it("opens another against a later lie when it has missed its clock in the first [a lost match that shields the next lie]", async () => {
    const { settlement, honest, liar } = duel;
    const node = await duel.open({ challenges: true });
    for (let round = 0; round < 2; round++) await node.step();
    const match = (await duel.bluffer().match())!;
    const hub = settlement.hub.connect(liar);
    await (await hub.dissect(...dissectArguments(match, 0, randomStates(8)))).wait();
    await settlement.anvil.pass(1_200); // the honest one's clock is over, and the liar doesn't say so
    await duel.claim(id("a later lie"));
    const again = await duel.open({ challenges: true });
    for (let round = 0; round < 2; round++) await again.step();
    const challengers = (await duel.opened()).map(({ args }) => args.challenger);
    expect(challengers).to.deep.equal([honest.address, honest.address]);
  });
});
