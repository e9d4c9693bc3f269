import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import pino from "pino";
import { Analyst, type Examiner } from "../../sequencer/src/challenger/analyst";
import { hashingReady } from "../../sequencer/src/hashing";
import type { L1Request } from "../../sequencer/src/l1/queue";
import type { L1Block, L1Log } from "../../sequencer/src/l1/watcher";
import { Activity } from "../../sequencer/src/rollup/activity";
import { RollupRuntime } from "../../sequencer/src/rollup/runtime";
import { postLie } from "./bluffer";
import { BLOCK_TIME, Rollup, Settlement } from "./fixture";

const WRONG = `0x${"13".repeat(32)}`;

describe("Challenger > when its own executions disagree", function () {
  this.timeout(120_000);
  let settlement: Settlement;
  let rollup: Rollup;
  let liar: Wallet;
  let challenger: Wallet;
  const analyst = new Analyst();
  const folders: string[] = [];

  before(async () => {
    await hashingReady;
    settlement = await Settlement.start();
    liar = settlement.anvil.wallet(2);
    challenger = settlement.anvil.wallet(3);
    rollup = await settlement.createRollup(liar);
    await postLie(settlement, rollup, liar, id("a lie"));
  });

  after(async () => {
    await analyst.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await settlement?.stop();
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "rollworks-runtime-"));
    folders.push(folder);
    return folder;
  }

  /** The emulator, or one that ends with another result. */
  const lying: Examiner = {
    examine: async (program, material, question) => {
      const found = await analyst.examine(program, material, question);
      return { ...found, report: { ...found.report, output: WRONG } };
    },
  };
  const foreign: Examiner = {
    examine: async (program, material, question) => {
      const found = await analyst.examine(program, material, question);
      return { ...found, report: { ...found.report, programHash: WRONG } };
    },
  };

  /** Runs a challenger over all that L1 says, once; returns what it would send, what it logged and what it shows. */
  async function look(examiner: Examiner, directory = newFolder()) {
    const { provider } = settlement.anvil;
    const hub = await settlement.hubAddress();
    const latest = (await provider.getBlock("latest"))!;
    const head: L1Block = { number: latest.number, hash: latest.hash!, timestamp: latest.timestamp };
    const raw = await provider.getLogs({ address: hub, fromBlock: 0, toBlock: latest.number });
    const logs: L1Log[] = [];
    for (const { address, topics, data, transactionHash, index, blockNumber } of raw) {
      if (topics[1] !== `0x${rollup.id.toString(16).padStart(64, "0")}`) continue;
      const { hash, timestamp } = (await provider.getBlock(blockNumber))!;
      const block = { number: blockNumber, hash: hash!, timestamp };
      logs.push({ address: address.toLowerCase(), topics, data, transactionHash, logIndex: index, block });
    }
    const sent: L1Request[] = [];
    const lines: { level: number; msg: string; error?: string }[] = [];
    const log = pino(
      { level: "error" },
      { write: (line: string) => void lines.push(JSON.parse(line) as never) },
    );
    const activity = new Activity();
    const runtime = new RollupRuntime(
      {
        place: {
          id: Number(rollup.id),
          l2ChainId: rollup.chainId,
          l1ChainId: 31_337n,
          hub: hub.toLowerCase(),
        },
        timing: {
          blockMs: 0,
          batchMs: 0,
          batchBytes: 100_000,
          l1Depth: 0,
          blockTime: BLOCK_TIME,
          isStepped: true,
        },
        directory,
        minFree: 0,
        sequences: false,
        claims: false,
        challenges: true,
      },
      {
        l1: {
          address: challenger.address.toLowerCase(),
          call: (method, params) => provider.send(method, params),
          submit: (request) => {
            sent.push(request);
            return Promise.reject(new Error("this test sends nothing"));
          },
          look: () => undefined,
        },
        log,
        analyst: examiner,
        activity,
      },
    );
    await runtime.start(logs.slice(0, 1), head);
    await runtime.advance(logs, head);
    runtime.tick(head);
    for (let step = 0; step < 3; step++) {
      await runtime.step();
      await activity.quiet();
    }
    const { alarms } = (await runtime.answer("rollup_status", [])) as { alarms: string[] };
    await runtime.stop();
    const challenges = sent.filter(({ id: duty }) => duty.startsWith("challenge/"));
    return { challenges, alarms, loud: lines.filter(({ level }) => level >= 50), directory };
  }

  it("challenges where they agree, with its bond and before the window is over", async () => {
    const { challenges, alarms, loud } = await look(analyst);
    expect(challenges.length).to.be.above(0);
    expect(challenges[0]!.value).to.equal((await settlement.configOf(rollup)).bond);
    const [posted] = await settlement.hub.queryFilter(settlement.hub.filters.Posted(rollup.id));
    const { timestamp } = await posted!.getBlock();
    expect(challenges[0]!.deadline).to.equal(timestamp + 1_920);
    expect(alarms).to.deep.equal([]);
    expect(loud.filter(({ level }) => level >= 60)).to.deep.equal([]);
  });

  for (const [what, examiner] of [
    ["the emulator's result is another", lying],
    ["the emulator runs another program", foreign],
  ] as const) {
    it(`bonds nothing when ${what}, says so loudly, and doesn't forget it`, async () => {
      const { challenges, alarms, loud, directory } = await look(examiner);
      expect(challenges).to.deep.equal([]);
      expect(alarms).to.have.length(1);
      expect(alarms[0]).to.contain("batch 1").and.to.contain(WRONG);
      expect(loud.map(({ msg }) => msg).join()).to.contain("DISAGREE");

      const again = await look(analyst, directory);
      expect(again.challenges).to.deep.equal([]);
      expect(again.alarms).to.deep.equal(alarms);
    });
  }
});
