import { expect } from "chai";
import * as fc from "fast-check";
import { hexlify, id, getBytes } from "ethers";
import { ExitTree, exitRoot as sealedRoot } from "../../sdk/src/ledger";
import { appendExit, exitProof, exitRoot } from "../../sequencer/src";
import { ExitNodes } from "../../sequencer/src/exits/tree";
import { hashingReady } from "../../sequencer/src/hashing";

class MemoryNodes implements ExitNodes {
  private readonly nodes = new Map<string, Uint8Array>();

  get(level: number, index: number): Uint8Array | undefined {
    return this.nodes.get(`${level}/${index}`);
  }

  put(level: number, index: number, hash: Uint8Array): void {
    this.nodes.set(`${level}/${index}`, hash);
  }
}

describe("Exit tree of the node", () => {
  const LEAVES = Array.from({ length: 300 }, (_, index) => id(`leaf ${index}`));
  const nodes = new MemoryNodes();
  const reference = new ExitTree(LEAVES);

  before(async () => {
    await hashingReady;
    LEAVES.forEach((leaf, index) => appendExit(nodes, index, getBytes(leaf)));
  });

  it("has the root of the SDK's tree at every count, also of the empty one", () => {
    for (let count = 0; count <= LEAVES.length; count++) {
      expect(hexlify(exitRoot(nodes, count))).to.equal(sealedRoot(count, reference.root(count)));
    }
  });

  it("proves every leaf as the SDK does", () => {
    const place = fc
      .integer({ min: 1, max: LEAVES.length })
      .chain((count) => fc.tuple(fc.constant(count), fc.nat({ max: count - 1 })));
    fc.assert(
      fc.property(place, ([count, index]) => {
        expect(exitProof(nodes, index, count).map((hash) => hexlify(hash))).to.deep.equal(
          reference.proof(index, count),
        );
      }),
    );
  });

  it("proves runs as the SDK does, also one that the tree's end cuts off", () => {
    const run = fc
      .tuple(fc.integer({ min: 1, max: LEAVES.length }), fc.nat({ max: 7 }))
      .chain(([count, height]) =>
        fc.tuple(
          fc.constant(count),
          fc.constant(2 ** height),
          fc.nat({ max: Math.floor((count - 1) / 2 ** height) }),
        ),
      );
    fc.assert(
      fc.property(run, ([count, size, place]) => {
        const first = place * size;
        const length = Math.min(size, count - first);
        const proof = exitProof(nodes, first, count, size).map((hash) => hexlify(hash));
        expect(proof).to.deep.equal(reference.runProof(first, length, count));
      }),
    );
  });
});
