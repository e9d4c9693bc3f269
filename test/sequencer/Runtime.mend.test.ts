import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { id } from "ethers";
import { HUB } from "../../sequencer/src/l1/contracts";
import { hashingReady } from "../../sequencer/src/hashing";
import type { L1Log } from "../../sequencer/src/l1/watcher";
import { postLie } from "./bluffer";
import { Rollup, Settlement, Status } from "./fixture";
import { LoneRuntime } from "./LoneRuntime";

describe("RollupRuntime > mending", function () {
  this.timeout(120_000);
  let settlement: Settlement;
  let rollup: Rollup;
  let node: LoneRuntime;

  beforeEach(async () => {
    await hashingReady;
    settlement = await Settlement.start();
    rollup = await settlement.createRollup(settlement.anvil.wallet(2));
  });

  afterEach(async () => {
    await node?.stop();
    await settlement?.stop();
  });

  it("asks for logs that are missing, and goes on once it has them", async () => {
    const [alice, bob] = [settlement.anvil.wallet(5).address, settlement.anvil.wallet(6).address];
    await rollup.deposit(alice, bob);
    const count = async () => (await node.status<Status>()).messages.count;
    let isPartial = true;
    const isFirst = ({ topics }: L1Log) => {
      const [topic, , index] = topics;
      return topic === HUB.getEvent("MessageEnqueued")!.topicHash && BigInt(index!) === 0n;
    };
    node = await LoneRuntime.start(settlement, rollup, {
      wallet: settlement.anvil.wallet(3),
      leavesOut: (log) => isPartial && isFirst(log),
    });
    await node.step();
    expect(node.missing.length).to.be.above(0);
    expect(await count()).to.equal(0);

    isPartial = false;
    const [created] = await settlement.hub.queryFilter(settlement.hub.filters.Created(rollup.id));
    await node.readAgain(created!.blockNumber);
    await node.step();
    await node.step();
    expect(await count()).to.equal(2);
  });

  it("goes on with a gap that shows in a reorg or at its start, and is halted by neither", async () => {
    const directory = mkdtempSync(join(tmpdir(), "rollworks-gap-"));
    const [alice, bob] = [settlement.anvil.wallet(5).address, settlement.anvil.wallet(6).address];
    await rollup.deposit(alice, bob, alice);
    let isPartial = true;
    const isFirst = ({ topics }: L1Log) => {
      const [topic, , index] = topics;
      return topic === HUB.getEvent("MessageEnqueued")!.topicHash && BigInt(index!) === 0n;
    };
    const wallet = settlement.anvil.wallet(3);
    const start = () =>
      LoneRuntime.start(settlement, rollup, {
        wallet,
        directory,
        leavesOut: (log) => isPartial && isFirst(log),
      });
    node = await start();
    await node.step();
    const head = await settlement.anvil.provider.getBlockNumber();
    expect(await node.runtime.rewind(head - 1)).to.equal("done");
    await node.stop();

    node = await start();
    await node.step();
    expect((await node.status<Status>()).messages.count).to.equal(0);
    expect(node.missing.length).to.be.above(0);

    isPartial = false;
    const [created] = await settlement.hub.queryFilter(settlement.hub.filters.Created(rollup.id));
    await node.readAgain(created!.blockNumber);
    await node.step();
    await node.step();
    expect((await node.status<Status>()).messages.count).to.equal(3);
    rmSync(directory, { recursive: true, force: true });
  });

  it("shows a batch that it can't read, skips nothing, and goes on when it can", async () => {
    const { provider } = settlement.anvil;
    await postLie(settlement, rollup, settlement.anvil.wallet(2), id("a lie"));
    let isBlind = true;
    node = await LoneRuntime.start(settlement, rollup, {
      wallet: settlement.anvil.wallet(3),
      call: (method, params) => {
        if (isBlind && method === "eth_getBlockByNumber") return Promise.reject(new Error("no such block"));
        return provider.send(method, params);
      },
    });
    type Shown = Status & { alarms: string[] };
    for (let round = 0; round < 3; round++) await node.step();
    const stuck = await node.status<Shown>();
    expect(stuck.batch.derived).to.equal(0);
    expect(stuck.alarms.join()).to.contain("batch 1 can't be derived");

    isBlind = false;
    await node.step();
    const after = await node.status<Shown>();
    expect([after.batch.derived, after.alarms]).to.deep.equal([1, []]);
  });
});
