import { expect } from "chai";
import { L1Queue } from "../../sequencer/src/l1/queue";
import { SigningGuard } from "../../sequencer/src/signer/guard";
import { duty, FakeChain, QueueBench, ticks } from "./FakeChain";
import { eventually } from "./fixture";

/** A process that is killed once what it signs is noted, and before anything leaves it. */
class DyingGuard extends SigningGuard {
  override async claim(...args: Parameters<SigningGuard["claim"]>): Promise<void> {
    await super.claim(...args);
    throw new Error("killed");
  }
}

describe("L1 queue > what may not be lost", () => {
  let bench: QueueBench;
  let chain: FakeChain;

  beforeEach(() => {
    bench = new QueueBench();
    chain = new FakeChain();
  });

  afterEach(() => bench.remove());

  const dataSent = () => chain.sent.map(({ nonce, data }) => `${nonce} ${data}`);
  const entry = (nonce: number, name: string) => `${nonce} ${duty(name).data}`;

  it("goes on when it was killed between the guard's word and the transaction's [a key bricked by a crash]", async () => {
    const killed = bench.open([chain], {}, new DyingGuard(bench.store.slots));
    expect(await killed.submit(duty("first")).catch((error: Error) => error.message)).to.equal("killed");
    expect(chain.sent).to.deep.equal([]);
    await bench.crash();
    const queue = bench.open([chain]);
    expect(queue.isUnderWay("first")).to.equal(true);
    const other = queue.submit(duty("second"));
    await ticks(queue, 2);
    expect(new Set(dataSent())).to.deep.equal(new Set([entry(0, "first"), entry(1, "second")]));
    chain.mine();
    await ticks(queue, 1);
    expect((await other).succeeded).to.equal(true);
    expect(chain.nonce).to.equal(2);
  });

  it("sends again after a restart what L1's pools have forgotten", async () => {
    void bench
      .open([chain])
      .submit(duty("first"))
      .catch(() => undefined);
    await eventually("the transaction", async () => chain.pool.size > 0);
    await bench.open([chain]).idle();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await bench.crash();
    chain.pool.clear();
    const queue = bench.open([chain]);
    const outcome = queue.submit(duty("first"));
    await ticks(queue, 1);
    chain.mine();
    await ticks(queue, 1);
    expect((await outcome).succeeded).to.equal(true);
    expect(chain.nonce).to.equal(1);
  });

  it("sends again what was mined in blocks that L1 lost, though nobody announced it [a nonce lost in a reorg]", async () => {
    const queue = bench.open([chain]);
    const outcome = queue.submit(duty("first"));
    await queue.idle();
    chain.mine();
    await ticks(queue, 1);
    await outcome;
    chain.lose();
    const next = queue.submit(duty("second"));
    await ticks(queue, 10);
    chain.mine();
    await ticks(queue, 1);
    expect((await next).succeeded).to.equal(true);
    expect(chain.mined.map(({ transaction }) => transaction.data)).to.deep.equal([
      duty("first").data,
      duty("second").data,
    ]);
  });

  it("takes an endpoint that is behind for a look for what it is", async () => {
    const queue = bench.open([chain]);
    void queue.submit(duty("first"));
    await queue.idle();
    chain.mine();
    await ticks(queue, 1);
    const { mined } = chain;
    chain.mined = [];
    await ticks(queue, 3);
    chain.mined = mined;
    await ticks(queue, 1);
    expect(queue.isUnderWay("first")).to.equal(false);
    expect(chain.sent).to.have.length(1);
  });

  it("sends again at once what an announced reorg threw out, and what lies below it not", async () => {
    const queue = bench.open([chain]);
    void queue.submit(duty("first"));
    await queue.idle();
    chain.mine();
    await ticks(queue, 1);
    void queue.submit(duty("second"));
    await queue.idle();
    chain.mine();
    await ticks(queue, 1);
    chain.lose();
    // While it looks, as a watcher does that doesn't know of the queue's turns.
    const looking = queue.look();
    await queue.rewind(chain.height);
    await looking;
    expect(queue.isUnderWay("first")).to.equal(false);
    await ticks(queue, 1);
    chain.mine();
    expect(chain.nonce).to.equal(2);
    await ticks(queue, 1);
    expect(queue.isUnderWay("second")).to.equal(false);
  });

  it("keeps what was overtaken by another program: a reorg may free its nonce [a nonce that only one payload fits]", async () => {
    const queue = bench.open([chain], { bumpAfterMs: 0 });
    const outcome = queue.submit(duty("first")).catch((error: Error) => error);
    await queue.idle();
    chain.pool.clear();
    chain.use();
    await ticks(queue, 10);
    expect(await outcome).to.have.property("name", "NonceTaken");
    chain.lose();
    await bench.crash();
    const again = bench.open([chain]);
    const other = again.submit(duty("second"));
    await ticks(again, 10);
    chain.mine();
    await ticks(again, 1);
    expect((await other).succeeded).to.equal(true);
    expect(chain.mined.map(({ transaction }) => transaction.data)).to.deep.equal([
      duty("first").data,
      duty("second").data,
    ]);
  });

  it("doesn't give up what is mined because one machine has no receipt yet", async () => {
    const queue = bench.open([chain]);
    const outcome = queue.submit(duty("first"));
    await queue.idle();
    chain.mine();
    chain.hidesReceipts = true;
    await ticks(queue, 20);
    chain.hidesReceipts = false;
    await ticks(queue, 1);
    expect((await outcome).succeeded).to.equal(true);
  });

  for (const question of [
    "eth_estimateGas",
    "eth_getTransactionCount",
    "eth_getBalance",
    "eth_getBlockByNumber",
    "eth_getTransactionReceipt",
  ])
    it(`asks another endpoint where one fails at ${question}`, async () => {
      const broken = new FakeChain();
      broken.fails.add(question);
      // What is sent goes to both; only one of them mines.
      const queue = bench.open([broken, chain]);
      const outcome = queue.submit(duty("move", { deadline: 2_000 }));
      await queue.idle();
      expect(chain.pool.has(0)).to.equal(true);
      for (const endpoint of [broken, chain]) endpoint.mine();
      await ticks(queue, 2);
      expect((await outcome).succeeded).to.equal(true);
    });

  it("says what they answer where all endpoints fail, and goes on when one is mended", async () => {
    const other = new FakeChain();
    for (const endpoint of [chain, other]) endpoint.fails.add("eth_estimateGas");
    const queue = bench.open([chain, other]);
    const refused = await queue.submit(duty("move")).catch((error: Error) => error);
    expect((refused as Error).message).to.equal("eth_estimateGas: missing trie node");
    other.fails.clear();
    void queue.submit(duty("move"));
    await queue.idle();
    expect(chain.pool.has(0)).to.equal(true);
  });

  it("forgets nothing before L1 can't lose it any more, and then does", async () => {
    const queue = bench.open([chain]);
    void queue.submit(duty("first"));
    await queue.idle();
    chain.mine();
    await ticks(queue, 1);
    const known = () => [...bench.store.entries(queue.address).getKeys()].length;
    await ticks(queue, 1, { number: chain.height + 256, timestamp: 0 });
    expect(known()).to.equal(1);
    await ticks(queue, 1, { number: chain.height + 257, timestamp: 0 });
    expect(known()).to.equal(0);
  });
});

describe("L1 queue > its turns", () => {
  let bench: QueueBench;
  let chain: FakeChain;
  let queue: L1Queue;

  beforeEach(() => {
    bench = new QueueBench();
    chain = new FakeChain();
    queue = bench.open([chain]);
  });

  afterEach(async () => {
    await queue.idle();
    await bench.remove();
  });

  const send = (name: string, changes: object = {}) =>
    void queue.submit(duty(name, changes)).catch(() => undefined);

  it("lets looks that pile up hold back nothing that is to be sent [a move behind a thousand looks]", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) send(name);
    await queue.idle();
    chain.latency = 2;
    for (let tick = 0; tick < 200; tick++) void queue.tick({ number: 1, timestamp: 1_000 });
    chain.calls.length = 0;
    send("move", { deadline: 2_000 });
    await eventually("the move", async () => chain.pool.has(5));
    // Five questions and the answer, and what was under way when it was asked for.
    expect(chain.calls.indexOf("eth_sendRawTransaction")).to.be.within(0, 10);
    await queue.idle();
    expect(chain.calls.length).to.be.below(30);
  });

  it("sends what has a deadline before what has none, the earliest first", async () => {
    send("first");
    send("late", { deadline: 3_000 });
    send("never");
    send("soon", { deadline: 2_000 });
    await queue.idle();
    const names = ["soon", "late", "first", "never"].map((name) => duty(name).data);
    expect(chain.sent.map(({ data }) => data)).to.deep.equal(names);
  });

  it("does one look after many ticks, at the last one's moment", async () => {
    const looks = [1, 2, 3].map((number) => queue.tick({ number, timestamp: 1_000 * number }));
    await Promise.all(looks);
    expect(chain.calls.filter((method) => method === "eth_getTransactionCount").length).to.be.at.most(2);
    send("first");
    await queue.idle();
    void queue.tick({ number: 4, timestamp: 4_000 });
    await queue.look();
    expect(queue.vitals()).to.deep.include({ unmined: 1, age: 1_000 });
  });
});
