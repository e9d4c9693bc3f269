import { expect } from "chai";
import { id, Wallet } from "ethers";
import { SKIP } from "../../sdk/src/protocol";
import hashes from "../../programs/artifacts/hashes.json";
import { Analyst, type Examiner } from "../../sequencer/src/challenger/analyst";
import { addBrittle, brittleProgram, createBrittle, poison } from "./Brittle";
import { postBatch, victory } from "./bluffer";
import { Duel } from "./Duel";
import { eventually, Rollup, Settlement, Status } from "./fixture";
import type { LoneOptions } from "./LoneRuntime";

const { codeRoot } = hashes.brittle;
const { genesis } = hashes.ledger;

describe("A batch without a result", function () {
  this.timeout(240_000);
  let duel: Duel;
  let settlement: Settlement;
  let rollup: Rollup;
  let liar: Wallet;
  let honest: Wallet;

  beforeEach(async () => {
    duel = await Duel.start(async (chain, sequencer) => {
      await addBrittle(chain);
      return createBrittle(chain, sequencer);
    });
    ({ settlement, rollup, liar, honest } = duel);
  });

  afterEach(async () => {
    await duel?.stop();
  });

  async function start(options: Partial<LoneOptions>): Promise<void> {
    (await duel.open({ programs: brittleProgram, ...options })).run();
  }

  /** Plays the liar's side to the end, and expects the honest one to win. */
  async function beat(): Promise<void> {
    const match = await duel.bluffer(liar, codeRoot).play();
    expect(match.challenger).to.equal(honest.address);
    expect((await victory(settlement, match, liar)).winner).to.equal(honest.address);
  }

  it("doesn't keep a match about an earlier one from being played [a batch that silences the challenger]", async () => {
    await postBatch(settlement, rollup, liar, { commitment: id("a lie") });
    await poison(settlement, rollup);
    await postBatch(settlement, rollup, liar, { index: 2n });
    await start({ challenges: true });
    const match = await eventually("the match", async () => duel.bluffer(liar, codeRoot).match(), 60_000);
    expect(match.terms.index).to.equal(1n);
    await beat();
  });

  it("is taken to no result that somebody claims: that is beaten [a result claimed for a skipped batch]", async () => {
    await poison(settlement, rollup);
    await postBatch(settlement, rollup, liar, { commitment: id("a lie") });
    await start({ challenges: true });
    await beat();
  });

  it("can't be feigned: a false SKIP is beaten [a result skipped by a false claim]", async () => {
    await postBatch(settlement, rollup, liar, { mode: SKIP, commitment: genesis });
    await start({ challenges: true });
    await beat();
  });

  it("is shown to the operator where the emulator can't run it, and not skipped before it can", async () => {
    await poison(settlement, rollup);
    await postBatch(settlement, rollup, liar, {});
    const analyst = new Analyst();
    let isBroken = true;
    const examiner: Examiner = {
      examine: (...question) =>
        isBroken ? Promise.reject(new Error("out of order")) : analyst.examine(...question),
    };
    type Shown = Status & { alarms: string[] };
    const node = await duel.open({ challenges: true, programs: brittleProgram, examiner });
    await node.step();
    const stuck = await node.status<Shown>();
    expect(stuck.batch.derived).to.equal(0);
    expect(stuck.alarms.join()).to.contain("out of order");

    isBroken = false;
    for (let round = 0; round < 3; round++) await node.step();
    const after = await node.status<Shown>();
    expect([after.batch.derived, after.alarms]).to.deep.equal([1, []]);
    await analyst.stop();
  });

  it("is posted where its messages are due, claimed as skipped, and becomes final", async () => {
    const { hub, anvil } = settlement;
    await poison(settlement, rollup);
    await start({ wallet: liar, sequences: true, claims: true, challenges: true }); // an honest one here
    const claimed = await eventually(
      "the claim",
      async () => (await hub.queryFilter(hub.filters.Claimed(rollup.id)))[0],
      60_000,
    );
    expect([claimed.args.index, claimed.args.mode, claimed.args.commitment]).to.deep.equal([
      1n,
      BigInt(SKIP),
      genesis,
    ]);
    await anvil.pass(4_000);
    await eventually("finality", async () => (await hub.lastFinal(rollup.id)).index === 1n, 30_000);
    expect((await hub.lastFinal(rollup.id)).commitment).to.equal(genesis);
    const { batch, alarms } = await duel.node.status<Status & { alarms: string[] }>();
    expect(batch.derived).to.be.at.least(1);
    expect(alarms).to.deep.equal([]);
    expect(await hub.queryFilter(hub.filters.MatchOpened(undefined, rollup.id))).to.deep.equal([]);
  });
});
