import { expect } from "chai";
import { DEFAULT_LIMITS, Mempool, type Admitted } from "../../sequencer/src/mempool/mempool";
import { RpcError } from "../../sequencer/src";

describe("Mempool", () => {
  let sequence: number;
  let nonces: Map<string, number>;
  let pool: Mempool;

  beforeEach(() => {
    sequence = 0;
    nonces = new Map();
    pool = new Mempool(
      { ahead: 3, perSender: 3, transactions: 6, bytes: 600 },
      (sender) => nonces.get(sender) ?? 0,
    );
  });

  const make = (sender: string, nonce: number, bytes = 100): Admitted => {
    const at = sequence++;
    return {
      raw: new Uint8Array(bytes),
      hash: Buffer.from([at]),
      sender,
      nonce,
      cost: 10n,
      sequence: at,
      recoveryKey: String(at),
    };
  };
  const enter = (sender: string, nonce: number): Admitted => {
    const transaction = make(sender, nonce);
    pool.checkNonce(sender, nonce);
    pool.add(transaction);
    pool.release(transaction);
    return transaction;
  };
  const take = (count = 100, bytes = 10_000) =>
    pool.take(count, bytes, 0).map(({ sender, nonce }) => `${sender}${nonce}`);
  const errorOf = (body: () => unknown) => {
    try {
      body();
    } catch (error) {
      return error as RpcError;
    }
    throw new Error("no error");
  };

  describe("find", () => {
    it("knows what was taken until its receipt is on disk, so that nobody who asks meanwhile is told otherwise [a transaction sent again]", () => {
      const [first, second] = [enter("a", 0), enter("a", 1)];
      expect(take()).to.deep.equal(["a0", "a1"]);
      expect([first, second].map(({ hash }) => pool.find(hash))).to.deep.equal([first, second]);
      expect(pool.size).to.equal(0);
      nonces.set("a", 1);
      pool.putBack([second]);
      pool.settle([first]);
      expect(pool.find(first.hash)).to.equal(undefined);
      expect(pool.find(second.hash)).to.equal(second);
      expect(take()).to.deep.equal(["a1"]);
      nonces.set("a", 2);
      pool.settle([second]);
      expect(pool.find(second.hash)).to.equal(undefined);
    });
  });

  describe("checkNonce", () => {
    it("refuses a nonce that was used, waits, or lies too far ahead", () => {
      nonces.set("a", 5);
      enter("a", 5);
      expect(errorOf(() => pool.checkNonce("a", 4))).to.include({ name: "NonceTooLow" });
      expect(errorOf(() => pool.checkNonce("b", 4)).facts).to.deep.equal({ got: 4, limit: 3 });
      expect(errorOf(() => pool.checkNonce("a", 10)).facts).to.deep.equal({ got: 10, limit: 9 });
      enter("a", 7);
      expect(errorOf(() => pool.checkNonce("a", 7))).to.include({ name: "NonceTaken" });
    });

    it("refuses more than the sender's share [one sender fills the pool]", () => {
      enter("a", 1);
      enter("a", 2);
      enter("a", 3);
      expect(errorOf(() => pool.checkNonce("a", 0)).facts).to.deep.equal({ limit: 3 });
    });
  });

  describe("checkRoom", () => {
    it("refuses when the pool is full by number or by bytes", () => {
      for (const sender of ["a", "b", "c", "d", "e"]) enter(sender, 0);
      expect(errorOf(() => pool.checkRoom(101)).facts).to.deep.equal({ limitBytes: 600 });
      enter("f", 0);
      expect(errorOf(() => pool.checkRoom(0)).facts).to.deep.equal({ limit: 6 });
    });
  });

  describe("take", () => {
    it("keeps the order of arrival, and of each sender's nonces", () => {
      enter("a", 1);
      enter("b", 0);
      enter("a", 0);
      expect(take()).to.deep.equal(["b0", "a0", "a1"]);
    });

    it("leaves what wasn't released, and what comes after it", () => {
      const held = make("a", 0);
      pool.add(held);
      enter("a", 1);
      expect(take()).to.deep.equal([]);
      pool.release(held);
      expect(take()).to.deep.equal(["a0", "a1"]);
    });

    it("keeps to count and bytes", () => {
      for (const sender of ["a", "b", "c"]) enter(sender, 0);
      expect(take(1)).to.deep.equal(["a0"]);
      expect(take(100, 199)).to.deep.equal(["b0"]);
      expect(take(100, 99)).to.deep.equal([]);
      expect(take()).to.deep.equal(["c0"]);
      expect(pool.size).to.equal(0);
    });

    it("gives back what was put back, in its old order", () => {
      for (const sender of ["a", "b", "c"]) enter(sender, 0);
      const taken = pool.take(2, 10_000, 0);
      enter("d", 0);
      pool.putBack(taken);
      expect(take()).to.deep.equal(["a0", "b0", "c0", "d0"]);
    });
  });

  describe("resync", () => {
    it("starts again at the state's nonces and hands out what became impossible", () => {
      enter("a", 0);
      enter("a", 1);
      enter("b", 0);
      nonces.set("a", 1);
      expect(pool.resync().map(({ nonce }) => nonce)).to.deep.equal([0]);
      expect(take()).to.deep.equal(["a1", "b0"]);
    });

    it("hands out the newer of two with one nonce: what was acknowledged isn't replaced", () => {
      const first = enter("a", 0);
      expect(pool.take(1, 10_000, 0)).to.deep.equal([first]);
      pool.settle([first]); // it is in a block, which is then given up
      pool.resync();
      const second = enter("a", 0);
      pool.add(first);
      pool.release(first);
      expect(pool.resync()).to.deep.equal([second]);
      expect(pool.find(second.hash)).to.equal(undefined);
      // as after a restart: the older comes first
      pool.add(second);
      expect(pool.resync()).to.deep.equal([second]);
      expect(pool.take(1, 10_000, 0)).to.deep.equal([first]);
    });
  });

  describe("orphans", () => {
    it("hands out what stands behind a rejected transaction: the program would reject it too [a pool filled for nothing]", () => {
      for (const nonce of [0, 1, 2]) enter("a", nonce);
      enter("b", 0);
      const [first] = pool.take(1, 10_000, 0);
      expect(first!.nonce).to.equal(0); // the program rejects it: the state's nonce stays 0
      pool.resync();
      expect(pool.orphans(new Set(["a"])).map(({ nonce }) => nonce)).to.deep.equal([1, 2]);
      expect(pool.size).to.equal(1);
      expect(pool.committed("a")).to.equal(0n);
      expect(take()).to.deep.equal(["b0"]);
      enter("a", 0);
      expect(take()).to.deep.equal(["a0"]);
    });

    it("leaves an unbroken run alone", () => {
      enter("a", 0);
      enter("a", 1);
      expect(pool.orphans(new Set(["a", "b"]))).to.deep.equal([]);
      expect(take()).to.deep.equal(["a0", "a1"]);
    });
  });

  describe("committed", () => {
    it("sums up what waits, and no more", () => {
      expect(pool.committed("a")).to.equal(0n);
      enter("a", 0);
      const second = enter("a", 1);
      expect(pool.committed("a")).to.equal(20n);
      expect(pool.take(1, 10_000, 0)).to.have.length(1);
      expect(pool.committed("a")).to.equal(10n);
      pool.remove(second);
      expect(pool.committed("a")).to.equal(0n);
      expect(pool.nextNonce("a")).to.equal(1);
    });
  });

  it("counts the next nonce over an unbroken run", () => {
    enter("a", 0);
    enter("a", 1);
    enter("a", 3);
    expect(pool.nextNonce("a")).to.equal(2);
    expect(pool.nextNonce("b")).to.equal(0);
  });

  it("has limits that a burst of 10,000 from one sender fits in", () => {
    expect(DEFAULT_LIMITS.perSender).to.be.at.least(10_000);
  });
});
