import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import { Analyst, type Examiner } from "../../sequencer/src/challenger/analyst";
import { type CallResult, type Oracle, ProgramInstance } from "../../sequencer/src/executor/instance";
import type { RollupContext } from "../../sequencer/src/rollup/context";
import { LedgerProgram } from "../../sequencer/src/programs/ledger/ledger";
import type { Program } from "../../sequencer/src/programs/program";
import { postLie, victory } from "./bluffer";
import { Duel, openSham } from "./Duel";
import { eventually } from "./fixture";

const { codeRoot, programHash } = hashes.ledger;

/** Runs a batch as it should, and then says something else, as a fault of the engine would. */
class DriftingInstance extends ProgramInstance {
  override run(oracle: Oracle, input: Uint8Array): CallResult {
    const { result, log } = super.run(oracle, input);
    return { result: result.map((byte) => byte ^ 1), log };
  }
}

function drifting(hash: string): Program | undefined {
  if (hash !== programHash) return undefined;
  const module = new WebAssembly.Module(
    readFileSync(join(__dirname, "../../programs/artifacts/ledger.wasm")),
  );
  return Object.create(new LedgerProgram({ hash, codeRoot }, module), {
    instantiate: { value: () => new DriftingInstance(module) },
  }) as Program;
}

describe("Challenger > when WebAssembly drifts", function () {
  this.timeout(120_000);
  let duel: Duel;

  beforeEach(async () => {
    duel = await Duel.start();
    await postLie(duel.settlement, duel.rollup, duel.liar, id("a lie"));
  });

  afterEach(async () => {
    await duel?.stop();
  });

  const alarms = async () => (await duel.node.status<{ alarms: string[] }>()).alarms;

  it("bonds nothing", async () => {
    const node = await duel.open({ challenges: true, programs: drifting });
    for (let round = 0; round < 3; round++) await node.step();
    expect(node.sent).to.deep.equal([]);
    expect(await alarms()).to.have.length(1);
  });

  it("plays a match that is open to its end all the same, from the emulator's run [a match given up for a doubt]", async () => {
    const { settlement, liar, honest } = duel;
    const bluffer = duel.bluffer();
    (await duel.open({ challenges: true })).run();
    await eventually("the match", async () => bluffer.match(), 30_000);
    (await duel.open({ challenges: true, programs: drifting })).run();
    const match = await bluffer.play();
    expect((await victory(settlement, match, liar)).winner).to.equal(honest.address);
  });

  it("ends its alarm once the batch has another result", async () => {
    const node = await duel.open({ challenges: true, programs: drifting });
    for (let round = 0; round < 3; round++) await node.step();
    expect(await alarms()).to.have.length(1);
    const { context } = node.runtime as unknown as { context: RollupContext };
    const record = context.results.executed(1)!;
    const other = { ...record, commitment: record.parent };
    await context.store.atomically(() => void context.store.batches.put(1, other)); // as another version of the node would
    expect(await alarms()).to.deep.equal([]);
  });

  it("doesn't challenge a claim of the node's own key, but says so loudly", async () => {
    const node = await duel.open({ wallet: duel.liar, challenges: true });
    for (let round = 0; round < 3; round++) await node.step();
    expect(node.sent.filter(({ id: duty }) => duty.startsWith("challenge/"))).to.deep.equal([]);
    const raised = await alarms();
    expect(raised).to.have.length(1);
    expect(raised[0]).to.contain(id("a lie"));
  });
});

describe("Challenger > in a match against the node's own claim", function () {
  this.timeout(120_000);
  let duel: Duel;
  let poster: Wallet;

  /** The first batch came with a true claim, against which somebody has opened a match. */
  beforeEach(async () => {
    duel = await Duel.start();
    poster = duel.liar; // an honest one here
    await duel.rollup.deposit(poster.address);
    const node = await duel.open({ wallet: poster, sequences: true });
    for (let round = 0; round < 3; round++) await node.step();
    await openSham(duel.settlement, duel.rollup, duel.settlement.anvil.wallet(4));
  });

  afterEach(async () => {
    await duel?.stop();
  });

  it("raises one alarm where the emulator sides with the other", async () => {
    const analyst = new Analyst();
    const examiner: Examiner = {
      examine: async (...question) => ({ ...(await analyst.examine(...question)), move: undefined }),
    };
    try {
      const node = await duel.open({ wallet: poster, claims: true, examiner });
      for (let round = 0; round < 3; round++) {
        await duel.settlement.anvil.pass(12);
        await node.step();
      }
      const { alarms } = await node.status<{ alarms: string[] }>();
      expect(alarms).to.have.length(1);
      expect(alarms[0]).to.contain("batch 1");
    } finally {
      await analyst.stop();
    }
  });

  it("ends it when the other is silent, though it doesn't execute the same any more", async () => {
    const { settlement } = duel;
    await (await duel.open({ wallet: poster, claims: true })).step();
    await settlement.anvil.pass(1_200);
    const node = await duel.open({ wallet: poster, claims: true, programs: drifting, directory: undefined });
    for (let round = 0; round < 3; round++) await node.step();
    const won = await settlement.hub.queryFilter(settlement.hub.filters.MatchWon);
    expect(won.map(({ args }) => args.winner)).to.deep.equal([poster.address]);
  });
});
