import { expect } from "chai";
import { Wallet } from "ethers";
import { Duel, openSham } from "./Duel";
import { BOND, WINDOW } from "./fixture";

describe("Claimer > finalising under a sham match", function () {
  this.timeout(120_000);
  let duel: Duel;
  let poster: Wallet;

  /** The first batch stands with a true claim of its poster, against whom somebody has opened a match. */
  beforeEach(async () => {
    duel = await Duel.start();
    const { settlement, rollup, liar } = duel;
    poster = liar; // an honest one here
    await rollup.deposit(poster.address);
    const node = await duel.open({ wallet: poster, sequences: true });
    for (let round = 0; round < 3; round++) await node.step();
    await openSham(settlement, rollup, settlement.anvil.wallet(4));
  });

  afterEach(async () => {
    await duel?.stop();
  });

  const finalized = async () => {
    const { hub } = duel.settlement;
    return (await hub.queryFilter(hub.filters.Finalized(duel.rollup.id))).map(({ args }) => args.asserter);
  };
  const attempts = () => duel.node.sent.filter(({ id }) => id.startsWith("finalize/"));

  /** Lets the node look at so many blocks, one by one. */
  async function blocks(count: number): Promise<void> {
    for (let block = 0; block < count; block++) {
      await duel.settlement.anvil.pass(12);
      await duel.node.step();
    }
  }

  it("takes another's claim, against whom no match is open [one sham that delays every claim]", async () => {
    const { settlement, rollup, honest } = duel;
    await (await settlement.hub.connect(honest).openLine(rollup.id, { value: 2n * BOND })).wait();
    const node = await duel.open({ claims: true });
    await node.step();
    await settlement.anvil.pass(Number(WINDOW));
    await blocks(2);
    expect(await finalized()).to.deep.equal([honest.address]);
  });

  it("waits where there is none, until every match of the claim's window must be over", async () => {
    await duel.open({ claims: false });
    await duel.settlement.anvil.pass(Number(WINDOW));
    await blocks(12);
    expect(attempts()).to.deep.equal([]);
    const { claimLife } = await duel.settlement.hub.record(duel.rollup.id);
    await duel.settlement.anvil.pass(Number(claimLife - WINDOW));
    await blocks(12);
    expect(await finalized()).to.deep.equal([poster.address]);
  });
});
