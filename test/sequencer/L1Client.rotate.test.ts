import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createLog } from "../../sequencer/src";
import { Eip1193, L1Client } from "../../sequencer/src/l1/client";
import { L1Watcher } from "../../sequencer/src/l1/watcher";
import { HostStore } from "../../sequencer/src/store/host";

const log = createLog("silent");
const HUB = `0x${"11".repeat(20)}`;

/** An L1 without transactions, whose end and whose past a test may change. */
class FakeL1 implements Eip1193 {
  fork = "aa";
  forkedAt = 0;
  isGone = false;

  constructor(
    public height: number,
    readonly chainId = "0x7a69",
  ) {}

  async request({ method, params = [] }: { method: string; params?: unknown[] }): Promise<unknown> {
    if (this.isGone) throw new Error("gone");
    if (method === "eth_chainId") return this.chainId;
    if (method === "eth_blockNumber") return `0x${this.height.toString(16)}`;
    if (method === "eth_getLogs") return [];
    const [tag] = params as [string];
    const number = tag === "latest" ? this.height : Number(tag);
    if (number > this.height) return null;
    const fork = number >= this.forkedAt ? this.fork : "aa";
    const hash = `0x${fork}${number.toString(16).padStart(62, "0")}`;
    return { number: `0x${number.toString(16)}`, hash, timestamp: `0x${(12 * number).toString(16)}` };
  }
}

describe("L1 client > checkHealth", () => {
  const client = (...endpoints: FakeL1[]) => new L1Client({ endpoints, lagBlocks: 3 }, { log });

  it("stays where an endpoint is a little behind, and leaves one that lags", async () => {
    const [first, second] = [new FakeL1(100), new FakeL1(103)];
    const both = client(first, second);
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
    second.height = 104;
    await both.checkHealth();
    expect(both.endpoint).to.equal(1);
    first.height = 105;
    await both.checkHealth();
    expect(both.endpoint).to.equal(1);
    expect(await both.call("eth_blockNumber", [])).to.equal("0x68");
  });

  it("leaves an endpoint that is gone, and comes back when the other one goes", async () => {
    const [first, second] = [new FakeL1(100), new FakeL1(100)];
    const both = client(first, second);
    first.isGone = true;
    await both.checkHealth();
    expect(both.endpoint).to.equal(1);
    first.isGone = false;
    second.isGone = true;
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
  });

  it("never takes an endpoint of another chain, however far it is", async () => {
    const [first, other] = [new FakeL1(100), new FakeL1(9_000, "0x1")];
    const both = client(first, other);
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
  });

  it("stays where nobody answers, and with one endpoint", async () => {
    const [first, second] = [new FakeL1(1), new FakeL1(1)];
    first.isGone = second.isGone = true;
    const both = client(first, second);
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
    await client(first).checkHealth();
  });
});

describe("L1 watcher > an endpoint that lags", () => {
  let folder: string;
  let store: HostStore;
  let l1: FakeL1;
  let watcher: L1Watcher;
  const told: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollworks-watcher-"));
    store = new HostStore(folder);
    told.length = 0;
    l1 = new FakeL1(10);
    watcher = new L1Watcher(
      { addresses: [HUB], startBlock: 1, pollMs: 1_000 },
      {
        client: new L1Client({ endpoints: [l1] }, { log }),
        seen: store.seen,
        log,
        listener: {
          rewind: async (block) => void told.push(`rewind ${block}`),
          advance: async (_logs, head) => void told.push(`advance ${head.number}`),
        },
      },
    );
  });

  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("isn't taken for a reorg", async () => {
    await watcher.look();
    l1.height = 8;
    for (let look = 0; look < 5; look++) await watcher.look();
    l1.height = 12;
    await watcher.look();
    expect(told).to.deep.equal(["advance 10", "advance 12"]);
  });

  it("is believed when it shows another block", async () => {
    await watcher.look();
    l1.height = 12;
    await watcher.look();
    Object.assign(l1, { height: 11, fork: "bb", forkedAt: 10 });
    for (let look = 0; look < 10; look++) await watcher.look();
    expect(told.slice(2)[0]).to.match(/^rewind \d+$/);
    expect(told.at(-1)).to.equal("advance 11");
  });

  it("is believed in the end: L1 may have lost its last blocks", async () => {
    await watcher.look();
    l1.height = 8;
    for (let look = 0; look < 12; look++) await watcher.look();
    expect(told).to.include("rewind 0");
    expect(told.at(-1)).to.equal("advance 8");
  });
});
