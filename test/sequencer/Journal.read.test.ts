import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packPostTerms } from "@rollworks/sdk/src/protocol";
import { expect } from "chai";
import { id } from "ethers";
import type { Fact } from "../../sequencer/src/rollup/facts";
import { Journal } from "../../sequencer/src/rollup/journal";
import { RollupStore } from "../../sequencer/src/store/rollup";

const BATCHES = 1_000;
/** far from what a slow machine takes: only another order of magnitude fails */
const MOST_MICROSECONDS = 2_000;

describe("Journal > read", () => {
  it(`folds ${BATCHES} batches with their claims and their ends, and says what a fact costs`, async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "rollworks-journal-"));
    const store = new RollupStore(folder, 0);
    try {
      const facts = [createdFact()];
      for (let index = 1; index <= BATCHES; index++) facts.push(postedFact(index), finalizedFact(index));
      await store.atomically(() => {
        for (const fact of facts) void store.facts.put([fact.block.number, fact.logIndex], fact);
      });
      const journal = new Journal(store, () => undefined);
      await journal.read(); // the compiler's first round isn't what a long fold costs
      const began = performance.now();
      const view = await journal.read();
      const each = (1_000 * (performance.now() - began)) / facts.length;
      console.log(`      ${each.toFixed(1)} µs a fact, ${facts.length} facts`);
      expect([view.postedIndex, view.finalIndex, view.claims.size]).to.deep.equal([
        BATCHES,
        BATCHES,
        BATCHES,
      ]);
      expect(each).to.be.below(MOST_MICROSECONDS);
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function at(block: number, logIndex: number) {
  const hash = id(`block ${block}`);
  return { block: { number: block, hash, timestamp: 12 * block }, logIndex, transaction: id(`${block}`) };
}

function createdFact(): Fact {
  return { ...at(1, 0), kind: "created", program: id("a program"), messageBound: 64 } as Fact;
}

function postedFact(index: number): Fact {
  const [l1Number, timestamp] = [BigInt(index), 12n * BigInt(index)];
  const terms = { rollup: 1n, index: BigInt(index), target: 0n, l1Number, timestamp, flags: 0, mode: 0 };
  return {
    ...at(1 + index, 0),
    kind: "posted",
    index,
    poster: `0x${"22".repeat(20)}`,
    batchHash: id(`batch ${index}`),
    terms: packPostTerms(terms),
    parent: id(`result ${index - 1}`),
    commitment: id(`result ${index}`),
    nonce: 1,
  };
}

function finalizedFact(index: number): Fact {
  const asserter = `0x${"22".repeat(20)}`;
  return {
    ...at(1 + index, 1),
    kind: "finalized",
    index,
    commitment: id(`result ${index}`),
    mode: 0,
    asserter,
  };
}
