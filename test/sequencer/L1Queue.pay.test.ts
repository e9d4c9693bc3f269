import { expect } from "chai";
import * as fc from "fast-check";
import { parseEther } from "ethers";
import { allowance, raised, replacementFees } from "../../sequencer/src/l1/fees";
import { duty, FakeChain, GWEI, QueueBench, ticks } from "./FakeChain";
import { eventually } from "./fixture";

const TERMS = { maxFee: 500n * GWEI, urgentMaxFee: 5_000n * GWEI, bumpAfterMs: 30_000 };

describe("L1 queue > fees", () => {
  it("raises both parts by what every endpoint takes, from nothing too", () => {
    expect(raised(0n)).to.equal(1n);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), fc.bigInt(0n, 10n ** 15n), (maxFee, part) => {
        const tip = part > maxFee ? maxFee : part;
        const found = replacementFees(
          { maxFee, tip },
          { base: maxFee, tip },
          { cap: 10n ** 18n, multiple: undefined },
        );
        if (typeof found !== "object") throw new Error("no fees");
        expect(found.tip <= found.maxFee).to.equal(true);
        expect(found.maxFee > maxFee && 100n * found.maxFee >= 110n * maxFee).to.equal(true);
        expect(found.tip > tip && 100n * found.tip >= 110n * tip).to.equal(true);
      }),
    );
  });

  it("offers no more than some times what L1 asks for, unless the tip has become too low", () => {
    const market = { base: GWEI, tip: GWEI };
    const at = (maxFee: bigint, tip: bigint) =>
      replacementFees({ maxFee, tip }, market, { cap: 500n * GWEI, multiple: 4n });
    expect(at(9n * GWEI, GWEI)).to.be.an("object");
    expect(at(10n * GWEI, GWEI)).to.equal(undefined);
    expect(at(10n * GWEI, GWEI - 1n)).to.be.an("object");
    expect(at(400n * GWEI, GWEI - 1n)).to.equal("capped");
  });

  it("allows more as a deadline comes near, and nothing more for one that is over", () => {
    const entry = { nonce: 1, since: 1_000, deadline: 2_000 };
    const at = (now: number, waiting = [entry]) => allowance(entry, waiting, now, TERMS);
    const usual = { cap: 500n * GWEI, multiple: 4n, patience: 30_000 };
    expect(at(1_000)).to.deep.equal(usual);
    expect(at(1_600)).to.deep.equal({ cap: 5_000n * GWEI, multiple: 16n, patience: 25_000 });
    expect(at(1_750)).to.deep.equal({ cap: 5_000n * GWEI, multiple: undefined, patience: 15_625 });
    expect(at(2_125)).to.deep.equal({ cap: 5_000n * GWEI, multiple: undefined, patience: 1_000 });
    expect(at(2_126)).to.deep.equal(usual);
    // … as for one whose time isn't known to have begun
    expect(at(1_900, [{ ...entry, since: 0 }])).to.deep.equal(usual);
    // … unless later ones wait for it
    const later = { nonce: 2, since: 2_000, deadline: 4_000 };
    expect(at(2_600, [entry, later]).patience).to.equal(30_000);
    expect(at(3_600, [entry, later])).to.deep.equal({
      cap: 5_000n * GWEI,
      multiple: undefined,
      patience: 25_000,
    });
    const before = { nonce: 0, since: 2_000, deadline: 4_000 };
    expect(at(3_600, [before, entry])).to.deep.equal(usual);
  });
});

describe("L1 queue > pays", () => {
  let bench: QueueBench;
  let chain: FakeChain;

  beforeEach(() => {
    bench = new QueueBench();
    chain = new FakeChain();
  });

  afterEach(() => bench.remove());

  const fee = (nonce = 0) => chain.pool.get(nonce)!.maxFeePerGas!;

  it("replaces what offered no tip", async () => {
    chain.tip = 0n;
    const queue = bench.open([chain], { bumpAfterMs: 0 });
    void queue.submit(duty("first"));
    await queue.idle();
    const before = chain.pool.get(0)!;
    await ticks(queue, 1);
    expect(chain.pool.get(0)!.hash).not.to.equal(before.hash);
    expect(chain.pool.get(0)!.maxPriorityFeePerGas! > 0n).to.equal(true);
  });

  it("tells every endpoint: one that swallows and one that refuses don't hold it back", async () => {
    const [deaf, unwilling] = [new FakeChain(), new FakeChain()];
    deaf.sends = "swallow";
    unwilling.sends = "refuse";
    const queue = bench.open([deaf, unwilling, chain]);
    void queue.submit(duty("first"));
    await eventually("the transaction", async () => chain.pool.has(0));
    await queue.idle();
  });

  it("offers less where every endpoint finds it too dear, so that nothing waits behind it", async () => {
    chain.gas = 2_000_000n;
    chain.base = 1_000n * GWEI;
    chain.feeLimit = parseEther("1");
    const queue = bench.open([chain], { maxFee: 3_000n * GWEI });
    void queue.submit(duty("settle"));
    void queue.submit(duty("move"));
    await queue.idle();
    expect([...chain.pool.keys()]).to.deep.equal([0, 1]);
    expect(fee() * 2_400_000n).to.be.within(parseEther("0.98"), parseEther("1"));
    expect(queue.vitals()).to.deep.include({ unmined: 2, capped: 1 });
    chain.mine();
    await ticks(queue, 1);
    expect(queue.vitals()).to.deep.include({ unmined: 0, capped: 0 });
  });

  it("signs nothing large while a clock runs, behind which a move could wait for ever", async () => {
    let isPressed = true;
    const queue = bench.open([chain], TERMS, undefined, () => isPressed);
    chain.gas = 4_000_000n;
    chain.base = 40n * GWEI;
    const refused = await queue.submit(duty("post")).catch((error: Error) => error);
    expect(refused).to.have.property("name", "FeeRoomTooLow");
    expect((refused as Error).message).to.include(`and L1's endpoints take ${parseEther("1")}`);
    expect(chain.sent).to.deep.equal([]);

    void queue.submit(duty("move", { deadline: 240 }));
    await queue.idle();
    expect([...chain.pool.keys()]).to.deep.equal([0]);
    // What can rise far enough is signed, and what is large once no clock runs.
    chain.gas = 100_000n;
    void queue.submit(duty("claim"));
    await queue.idle();
    expect([...chain.pool.keys()]).to.deep.equal([0, 1]);
    isPressed = false;
    chain.gas = 4_000_000n;
    void queue.submit(duty("post"));
    await queue.idle();
    expect([...chain.pool.keys()]).to.deep.equal([0, 1, 2]);
  });

  it("lets no endpoint make it offer nothing", async () => {
    const queue = bench.open([chain], { maxFee: 500n * GWEI });
    chain.feeLimit = 1n;
    void queue.submit(duty("move"));
    await queue.idle();
    chain.feeLimit = undefined;
    void queue.submit(duty("next"));
    await queue.idle();
    expect(fee(1)).to.equal(3n * GWEI);
  });

  it("says that it has too little where the simulation stumbles over that", async () => {
    const value = chain.balance + 1n;
    const refused = await bench
      .open([chain])
      .submit(duty("open", { value }))
      .catch((error: Error) => error);
    expect(refused).to.have.property("name", "FundsTooLow");
  });

  it("keeps what an endpoint has where a higher fee is too dear for all", async () => {
    chain.gas = 2_000_000n;
    chain.base = 190n * GWEI;
    const queue = bench.open([chain], { maxFee: 3_000n * GWEI, bumpAfterMs: 0 });
    void queue.submit(duty("settle"));
    await queue.idle();
    chain.feeLimit = parseEther("1");
    const before = chain.pool.get(0)!.hash;
    await ticks(queue, 3);
    expect(chain.pool.get(0)!.hash).to.equal(before);
    expect(queue.vitals().capped).to.equal(1);
    chain.feeLimit = undefined;
    chain.pool.clear();
    await ticks(queue, 1);
    expect(chain.pool.get(0)!.hash).to.equal(before);
  });

  it("raises no fee that the key can't pay for, and leaves the coins to others", async () => {
    const queue = bench.open([chain], { bumpAfterMs: 0 });
    void queue.submit(duty("first"));
    await queue.idle();
    const before = fee();
    chain.balance = 25_200n * before;
    await ticks(queue, 3);
    expect(fee()).to.equal(before);
    expect(queue.vitals().capped).to.equal(1);
  });

  it("takes the time of what was signed before the first look to begin with that", async () => {
    const queue = bench.open([chain], { ...TERMS, bumpAfterMs: 0 });
    void queue.submit(duty("move", { deadline: 2_000 }));
    await queue.idle();
    await ticks(queue, 20, { number: 1, timestamp: 1_000 });
    expect(fee() <= 4n * 3n * GWEI).to.equal(true);
    await ticks(queue, 20, { number: 1, timestamp: 1_800 });
    expect(fee() > 16n * 3n * GWEI).to.equal(true);
  });

  it("stops raising the fee of what came too late", async () => {
    const queue = bench.open([chain], { ...TERMS, bumpAfterMs: 0 });
    await ticks(queue, 1, { number: 1, timestamp: 1_000 });
    void queue.submit(duty("move", { deadline: 1_100 }));
    await queue.idle();
    await ticks(queue, 20, { number: 1, timestamp: 9_000 });
    const last = fee();
    await ticks(queue, 5, { number: 1, timestamp: 9_000 });
    expect(fee()).to.equal(last);
    expect(last < 16n * GWEI).to.equal(true);
  });

  it("refuses what would leave too little for what must follow, and says how much", async () => {
    const queue = bench.open([chain]);
    chain.balance = 1_000_000n * 3n * GWEI;
    const refused = await queue.submit(duty("open", { keepGas: 1_000_000n })).catch((error: Error) => error);
    expect(refused).to.have.property("name", "FundsTooLow");
    expect((refused as Error).message).to.include(`${1_000_000n * 3n * GWEI} must be left`);
    expect(chain.sent).to.deep.equal([]);
    void queue.submit(duty("open", { keepGas: 900_000n }));
    await queue.idle();
    expect(chain.sent).to.have.length(1);
  });
});
