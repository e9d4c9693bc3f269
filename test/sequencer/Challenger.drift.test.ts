import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import { type CallResult, type Oracle, ProgramInstance } from "../../sequencer/src/executor/instance";
import { hashingReady } from "../../sequencer/src/hashing";
import { LedgerProgram } from "../../sequencer/src/programs/ledger/ledger";
import type { Program } from "../../sequencer/src/programs/program";
import { Bluffer, postLie, victory } from "./bluffer";
import { eventually, Rollup, Settlement } from "./fixture";
import { LoneRuntime } from "./LoneRuntime";

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
  let settlement: Settlement;
  let rollup: Rollup;
  let liar: Wallet;
  let honest: Wallet;
  let node: LoneRuntime;
  let directory: string;

  beforeEach(async () => {
    await hashingReady;
    settlement = await Settlement.start();
    liar = settlement.anvil.wallet(2);
    honest = settlement.anvil.wallet(3);
    rollup = await settlement.createRollup(liar);
    await postLie(settlement, rollup, liar, id("a lie"));
    directory = mkdtempSync(join(tmpdir(), "rollworks-drift-"));
  });

  afterEach(async () => {
    await node?.stop();
    await settlement?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const alarms = async () => (await node.status<{ alarms: string[] }>()).alarms;

  it("bonds nothing", async () => {
    node = await LoneRuntime.start(settlement, rollup, {
      ...{ wallet: honest, challenges: true, programs: drifting, directory },
    });
    for (let round = 0; round < 3; round++) await node.step();
    expect(node.sent).to.deep.equal([]);
    expect(await alarms()).to.have.length(1);
  });

  it("plays a match that is open to its end all the same, from the emulator's run [a match given up for a doubt]", async () => {
    node = await LoneRuntime.start(settlement, rollup, { wallet: honest, challenges: true, directory });
    const bluffer = new Bluffer(settlement, liar, rollup);
    node.run();
    await eventually("the match", async () => bluffer.match(), 30_000);
    await node.stop();
    node = await LoneRuntime.start(settlement, rollup, {
      ...{ wallet: honest, challenges: true, programs: drifting, directory },
    });
    node.run();
    const match = await bluffer.play();
    expect((await victory(settlement, match, liar)).winner).to.equal(honest.address);
  });

  it("doesn't challenge a claim of the node's own key, but says so loudly", async () => {
    node = await LoneRuntime.start(settlement, rollup, { wallet: liar, challenges: true, directory });
    for (let round = 0; round < 3; round++) await node.step();
    expect(node.sent.filter(({ id: duty }) => duty.startsWith("challenge/"))).to.deep.equal([]);
    const raised = await alarms();
    expect(raised).to.have.length(1);
    expect(raised[0]).to.contain(id("a lie"));
  });
});
