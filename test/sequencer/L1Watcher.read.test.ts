import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createLog } from "../../sequencer/src";
import { L1Client } from "../../sequencer/src/l1/client";
import { mayHold } from "../../sequencer/src/l1/reader";
import { L1Watcher } from "../../sequencer/src/l1/watcher";
import { HostStore } from "../../sequencer/src/store/host";
import { Anvil } from "./anvil";
import { bloomOf, FakeL1, WATCHED } from "./FakeL1";
import { eventually } from "./fixture";

const log = createLog("silent");

describe("L1 watcher", () => {
  let folder: string;
  let store: HostStore;
  let l1: FakeL1;
  /** what the listener was told, in order */
  let told: string[];
  let client: L1Client;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollworks-watcher-"));
    store = new HostStore(folder);
    told = [];
    l1 = new FakeL1(10);
  });

  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function watch(endpoints = [l1], patienceMs = 0, isMadeUp = false): L1Watcher {
    client = new L1Client({ endpoints }, { log });
    return new L1Watcher(
      { addresses: [WATCHED], startBlock: 1, pollMs: 50, patienceMs, isMadeUp },
      {
        client,
        seen: store.seen,
        log,
        listener: {
          rewind: async (block) => void told.push(`rewind ${block}`),
          advance: async (logs, head, isLatest) => {
            for (const { block } of logs) told.push(`log ${block.number}`);
            told.push(`${isLatest ? "latest" : "advance"} ${head.number}`);
          },
        },
      },
    );
  }

  const looks = async (watcher: L1Watcher, count: number) => {
    for (let look = 0; look < count; look++) await watcher.look().catch(() => undefined);
  };
  const logsTold = () => told.filter((line) => line.startsWith("log")).map((line) => Number(line.slice(4)));

  describe("an endpoint that lags", () => {
    it("isn't taken for a reorg", async () => {
      const watcher = watch();
      await watcher.look();
      l1.height = 8;
      await looks(watcher, 5);
      l1.height = 12;
      await watcher.look();
      expect(told).to.deep.equal(["latest 10", "latest 12"]);
    });

    it("isn't taken for a reorg however often it is asked, as long as endpoints may lag [an endpoint that lags a little]", async () => {
      const watcher = watch([l1], 60_000);
      await watcher.look();
      l1.height = 8;
      await looks(watcher, 30);
      expect(told).to.deep.equal(["latest 10"]);
    });

    it("is left for one that has what was read", async () => {
      const other = new FakeL1(10);
      const watcher = watch([l1, other]);
      await watcher.look();
      l1.height = 8;
      await looks(watcher, 2);
      expect(client.endpoint).to.equal(1);
      other.height = 11;
      await looks(watcher, 20);
      expect(told).to.deep.equal(["latest 10", "latest 11"]);
    });

    it("is believed when it shows another block", async () => {
      const watcher = watch([l1], 60_000);
      await watcher.look();
      l1.height = 12;
      await watcher.look();
      Object.assign(l1, { height: 11, fork: "bb", forkedAt: 10 });
      await watcher.look();
      expect(told.slice(2)).to.deep.equal(["rewind 9", "latest 11"]);
    });

    it("is believed in the end: L1 may have lost its last blocks", async () => {
      const watcher = watch();
      await watcher.look();
      l1.height = 8;
      await looks(watcher, 12);
      expect(told.slice(1)).to.deep.equal(["rewind 8", "latest 8"]);
    });

    it("isn't believed where it has an end, but not what lies below it", async () => {
      const watcher = watch();
      await watcher.look();
      l1.height = 12;
      l1.lacks.add(10);
      await looks(watcher, 3);
      expect(told).to.deep.equal(["latest 10"]);
      l1.lacks.clear();
      await watcher.look();
      expect(told).to.deep.equal(["latest 10", "latest 12"]);
    });

    it("is left where it has an end, but not what lies below it", async () => {
      const watcher = watch([l1, new FakeL1(20)]);
      await watcher.look();
      l1.height = 20;
      l1.lacks.add(10);
      await looks(watcher, 2);
      expect(told).to.deep.equal(["latest 10", "latest 20"]);
    });

    for (const hole of [15, 20])
      it(`is left when looks come to nothing, for block ${hole} of 20 is missing`, async () => {
        const watcher = watch([l1, new FakeL1(20)]);
        await watcher.look();
        l1.height = 20;
        l1.lacks.add(hole);
        await looks(watcher, 2);
        expect(client.endpoint).to.equal(0);
        await looks(watcher, 2);
        expect(told).to.deep.equal(["latest 10", "latest 20"]);
        expect(client.endpoint).to.equal(1);
      });

    it("is told of a fork again when L1 goes back to where it was before the look ended", async () => {
      const watcher = watch();
      l1.events.add(10);
      await watcher.look();
      Object.assign(l1, { fork: "bb", forkedAt: 10 });
      l1.lacks.add(10);
      // The fork's last block is there, and gone when it is read: the rewind is all that happens.
      l1.height = 11;
      l1.lacks.delete(10);
      l1.blind = 0;
      const read = l1.request.bind(l1);
      l1.request = async (question) => {
        if (question.method === "eth_getLogs") throw new Error("gone meanwhile");
        return read(question);
      };
      await looks(watcher, 1);
      l1.request = read;
      Object.assign(l1, { fork: "aa", forkedAt: 0, height: 10 });
      await looks(watcher, 1);
      expect(told).to.deep.equal(["log 10", "latest 10", "rewind 9", "log 10", "latest 10"]);
    });
  });

  describe("logs", () => {
    it("aren't believed to be missing against the block's own filter [logs that an endpoint left out]", async () => {
      const watcher = watch();
      await watcher.look();
      l1.height = 12;
      for (const block of [11, 12]) l1.events.add(block);
      l1.blind = 1;
      await watcher.look();
      expect(logsTold()).to.deep.equal([11, 12]);
    });

    it("are asked of another endpoint where one leaves them out always", async () => {
      const other = new FakeL1(12);
      l1.height = 12;
      for (const endpoint of [l1, other]) endpoint.events.add(12);
      l1.blind = Infinity;
      await watch([l1, other]).look();
      expect(logsTold()).to.deep.equal([12]);
    });

    it("are believed to be missing where the filter errs", async () => {
      l1.doubtful.add(9);
      await watch([l1, new FakeL1(3)]).look();
      expect(told).to.deep.equal(["latest 10"]);
    });

    it("of long spans are asked for in as many blocks as the endpoint lets one ask for", async () => {
      Object.assign(l1, { height: 1_000, maxSpan: 100 });
      for (const block of [1, 77, 500, 968, 969, 1_000]) l1.events.add(block);
      await watch().look();
      expect(logsTold()).to.deep.equal([1, 77, 500, 968, 969, 1_000]);
      expect(told.at(-1)).to.equal("latest 1000");
      expect(l1.spans.length).to.be.below(30);
    });

    it("are asked of the next endpoint where one refuses a single block", async () => {
      Object.assign(l1, { height: 100, maxSpan: 0 });
      const other = new FakeL1(100);
      for (const endpoint of [l1, other]) endpoint.events.add(50);
      const watcher = watch([l1, other]);
      await looks(watcher, 2);
      expect(logsTold()).to.deep.equal([50]);
      expect(told.at(-1)).to.equal("latest 100");
    });

    it("come from one endpoint in one look, whatever others make the client do", async () => {
      const other = new FakeL1(10);
      Object.assign(other, { fork: "bb", forkedAt: 3 });
      other.events.add(5);
      const read = l1.request.bind(l1);
      const watcher = watch([l1, other]);
      l1.request = async (question) => {
        client.leave(0, "somebody else's call failed");
        return read(question);
      };
      await watcher.look();
      expect(told).to.deep.equal(["latest 10"]);
    });

    it("aren't believed from blocks that don't follow each other, unless the chain makes blocks up", async () => {
      l1.isUnlinked = true;
      l1.events.add(10);
      await looks(watch(), 3);
      expect(told).to.deep.equal([]);
      await watch([l1], 0, true).look();
      expect(told).to.deep.equal(["log 10", "latest 10"]);
    });

    it("of long spans are compared with another endpoint's", async () => {
      const other = new FakeL1(300);
      l1.height = 300;
      for (const endpoint of [l1, other]) for (const block of [20, 40, 60, 290]) endpoint.events.add(block);
      l1.forgotten.add(40);
      other.forgotten.add(20);
      // A log that the chain in use has no place for.
      other.events.add(100);
      Object.assign(other, { fork: "bb", forkedAt: 60 });
      await watch([l1, other]).look();
      expect(logsTold()).to.deep.equal([20, 40, 60, 290]);
      expect(told.at(-1)).to.equal("latest 300");
    });

    it("of long spans are believed where no other endpoint can be compared with", async () => {
      const other = new FakeL1(300);
      Object.assign(l1, { height: 300, maxSpan: 50 });
      l1.events.add(40);
      other.isGone = true;
      await watch([l1, other]).look();
      expect(logsTold()).to.deep.equal([40]);
      expect(other.calls.filter((method) => method === "eth_getLogs")).to.have.length(1);
    });

    it("are read again one block after the other for somebody who misses some", async () => {
      l1.height = 3_000;
      for (const block of [20, 40]) l1.events.add(block);
      l1.forgotten.add(20);
      const watcher = watch();
      const blocks = (stretch: Awaited<ReturnType<L1Watcher["stretch"]>>) =>
        stretch?.logs.map(({ block }) => block.number);
      expect(blocks(await watcher.stretch(10, 3_000, 0))).to.deep.equal([40]);
      expect(blocks(await watcher.stretch(10, 3_000, 30))).to.deep.equal([20, 40]);
      expect(blocks(await watcher.stretch(31, 3_000, 30))).to.deep.equal([40]);
      expect(l1.spans).to.have.length(2);
    });
  });

  describe("start", () => {
    it("goes on after a first look that fails or comes to nothing, and ends once it has caught up", async () => {
      const watcher = watch();
      let isStarted = false;
      l1.lacks.add(10);
      l1.isGone = true;
      const started = watcher.start().then(() => void (isStarted = true));
      await eventually("the first look", async () => l1.calls.length > 0);
      l1.isGone = false;
      l1.calls.length = 0;
      await eventually("the second look", async () => l1.calls.length > 0);
      expect([isStarted, watcher.lastLook, told]).to.deep.equal([false, undefined, []]);
      l1.lacks.clear();
      await started;
      expect(told).to.deep.equal(["latest 10"]);
      await watcher.stop();
    });

    it("ends when it is stopped before that", async () => {
      l1.isGone = true;
      const watcher = watch();
      const started = watcher.start();
      await watcher.stop();
      await started;
      expect(watcher.lastLook).to.equal(undefined);
    });
  });

  describe("mayHold", () => {
    it("reads a block's filter as L1 writes it", async () => {
      expect(mayHold(bloomOf(WATCHED), WATCHED)).to.equal(true);
      expect(mayHold(bloomOf(WATCHED), `0x${"22".repeat(20)}`)).to.equal(false);
      expect(mayHold(undefined, WATCHED)).to.equal(false);
      const anvil = await Anvil.start();
      try {
        // Runs LOG0 when it is called.
        await anvil.provider.send("anvil_setCode", [WATCHED, "0x60006000a000"]);
        await (await anvil.wallet(0).sendTransaction({ to: WATCHED })).wait();
        const block = (await anvil.provider.send("eth_getBlockByNumber", ["latest", false])) as {
          logsBloom: string;
        };
        expect(mayHold(block.logsBloom, WATCHED)).to.equal(true);
        expect(mayHold(block.logsBloom, anvil.wallet(0).address)).to.equal(false);
      } finally {
        await anvil.stop();
      }
    });
  });
});
