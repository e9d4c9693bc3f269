import { expect } from "chai";
import { id } from "ethers";
import { clockInTurn, dissectArguments } from "../../sdk/src/dispute";
import { encodeFinalize, IN_RING, NORMAL } from "../../sdk/src/protocol";
import type { Examiner } from "../../sequencer/src/challenger/analyst";
import type { RollupContext } from "../../sequencer/src/rollup/context";
import { postBatch, randomStates, victory } from "./bluffer";
import { Duel } from "./Duel";
import { BOND, eventually } from "./fixture";
import { ringEntryOf } from "./posting";

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

  it("keeps the gas for the moves of every match that it opens or plays [bonds that eat the gas of their moves]", async () => {
    const { settlement, rollup } = duel;
    for (const account of [5, 6]) {
      const another = settlement.anvil.wallet(account);
      await (await settlement.hub.connect(another).openLine(rollup.id, { value: 2n * BOND })).wait();
      await duel.claim(id(`lie of ${account}`), another);
    }
    const kept = () =>
      duel.node.sent.filter(({ id: name }) => name.startsWith("challenge/")).map(({ keepGas }) => keepGas);
    await (await duel.open({ challenges: true })).step();
    expect(kept()).to.deep.equal([400_000n, 800_000n, 1_200_000n]);

    const fourth = settlement.anvil.wallet(7);
    await (await settlement.hub.connect(fourth).openLine(rollup.id, { value: 2n * BOND })).wait();
    await duel.claim(id("a fourth"), fourth);
    await duel.node.step();
    expect(kept().slice(3)).to.deep.equal([1_600_000n]);
  });

  it("moves before it opens another match, and until its clock is over", async () => {
    const { settlement, rollup, liar } = duel;
    const node = await duel.open({ challenges: true });
    for (let round = 0; round < 2; round++) await node.step();
    const match = (await duel.bluffer().match())!;
    const hub = settlement.hub.connect(liar);
    await (await hub.dissect(...dissectArguments(match, 0, randomStates(8)))).wait();
    const another = settlement.anvil.wallet(5);
    await (await settlement.hub.connect(another).openLine(rollup.id, { value: 2n * BOND })).wait();
    await duel.claim(id("another's lie"), another);
    const moved = (await duel.bluffer().match())!;
    node.sent.length = 0;
    await node.step();
    const [move, opening] = node.sent;
    expect(move?.id).to.contain("move/");
    expect(move?.deadline).to.equal(Number(moved.position.lastMove.time + clockInTurn(moved)));
    expect(opening?.id).to.contain("challenge/");
  });

  it("reads no batch from disk where no window is open", async () => {
    const node = await duel.open({ challenges: true });
    await duel.settlement.anvil.pass(4_000);
    await node.step();
    type Parts = { challenger: { look(): void }; context: { results: { executed(index: number): unknown } } };
    const { challenger, context } = node.runtime as unknown as Parts;
    let reads = 0;
    const { results } = context;
    const executed = results.executed.bind(results);
    results.executed = (index) => (reads++, executed(index));
    challenger.look();
    expect(reads).to.equal(0);
  });

  it("says so when a lie became final, and neither bonds nor proves anything on its own result", async () => {
    const { settlement, rollup, liar } = duel;
    const entry = await ringEntryOf(settlement, rollup);
    await settlement.anvil.pass(4_000);
    const terms = { rollup: rollup.id, index: 1n, mode: NORMAL, place: IN_RING, commitment: id("lie 0") };
    const data = encodeFinalize(terms, entry);
    await (await liar.sendTransaction({ to: await settlement.hubAddress(), data })).wait();
    await postBatch(settlement, rollup, liar, { index: 2n, parent: id("lie 0"), commitment: id("a heir") });
    const node = await duel.open({ challenges: true });
    for (let round = 0; round < 3; round++) await node.step();
    const { alarms } = await node.status<{ alarms: string[] }>();
    expect(alarms).to.have.length(1);
    expect(alarms[0]).to.contain("batch 1").and.to.contain(id("lie 0"));
    expect(node.sent).to.deep.equal([]);
    let refusal: unknown;
    await node.runtime.answer("rollup_exitProof", [0]).catch((error: unknown) => (refusal = error));
    expect((refusal as Error).message).to.contain("L1 made another result final");
  });

  it("shows no clock of a match whose claim has lost its backing", async () => {
    const { settlement, liar } = duel;
    const node = await duel.open({ challenges: true });
    for (let round = 0; round < 2; round++) await node.step();
    const match = (await duel.bluffer().match())!;
    const hub = settlement.hub.connect(liar);
    await (await hub.dissect(...dissectArguments(match, 0, randomStates(8)))).wait();
    const examiner: Examiner = { examine: () => Promise.reject(new Error("out of order")) };
    const stuck = await duel.open({ challenges: true, examiner });
    await stuck.step();
    expect(stuck.runtime.vitals().clock).to.be.above(0);
    const { context } = stuck.runtime as unknown as { context: RollupContext };
    context.view.lineNonces.set(match.asserter.toLowerCase(), 1 + Number(match.terms.nonce));
    expect(stuck.runtime.vitals().clock).to.equal(undefined);
  });
});
