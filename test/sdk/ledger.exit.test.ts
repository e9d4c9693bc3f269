import { expect } from "chai";
import { keccak256 } from "ethers";
import * as ledger from "../../sdk/src/ledger";
import vectors from "../../programs/vectors/ledger.exits.json";

describe("ledger exits", () => {
  const hashes = vectors.leaves.map(({ hash }) => hash);

  describe("decodeExit > when bytes are malformed", () => {
    const good = vectors.leaves[0]?.leaf ?? "0x";

    it("rejects another length or version, and an address too long", () => {
      expect(() => ledger.decodeExit(good.slice(0, -2))).to.throw(ledger.EncodingError);
      expect(() => ledger.decodeExit(good + "00")).to.throw("1 bytes too many");
      expect(() => ledger.decodeExit("0x02" + good.slice(4))).to.throw("version 2");
      const at = 2 + 2 * 96;
      expect(() => ledger.decodeExit(good.slice(0, at) + "01" + good.slice(at + 2))).to.throw(
        "more than 20 bytes",
      );
    });
  });

  it("encodes and hashes leaves as the program does", () => {
    for (const { leaf, hash } of vectors.leaves) {
      expect(ledger.encodeExit(ledger.decodeExit(leaf))).to.equal(leaf);
      expect(ledger.exitLeafHash(leaf)).to.equal(hash);
    }
  });

  it("names the metadata of a collection's pieces", () => {
    const collection = { name: "Drop", symbol: "DRP", uri: "ipfs://drop/" };
    vectors.metadata.forEach(({ name, symbol, uri, encoded, hash }, id) => {
      const piece = ledger.pieceMetadata(collection, BigInt(id));
      expect(piece).to.deep.equal({ name, symbol, uri });
      expect(ledger.metadataHash(piece)).to.equal(hash);
      expect(ledger.decodeMetadata(encoded)).to.deep.equal(piece);
      const leaf = vectors.leaves
        .map(({ leaf }) => ledger.decodeExit(leaf))
        .find((leaf) => leaf.token.toLowerCase() === vectors.collection && leaf.id === BigInt(id));
      expect(leaf?.metadataHash).to.equal(hash);
    });
  });

  describe("ExitTree", () => {
    it("has the program's roots and proofs at every count", () => {
      const full = new ledger.ExitTree(hashes);
      const growing = new ledger.ExitTree();
      for (const { count, root, exitRoot, proofs } of vectors.trees) {
        expect(growing.root()).to.equal(root);
        expect(growing.exitRoot()).to.equal(exitRoot);
        expect(full.root(count)).to.equal(root);
        for (const { index, siblings } of proofs) {
          expect(full.proof(index, count)).to.deep.equal(siblings);
          expect(ledger.exitRootOf(hashes[index] ?? "", index, count, siblings)).to.equal(exitRoot);
        }
        if (count < hashes.length) growing.append(hashes[count] ?? "");
      }
    });

    it("goes back to an earlier count", () => {
      const tree = new ledger.ExitTree(hashes);
      for (let count = hashes.length; count >= 0; count -= 3) {
        tree.truncate(count);
        expect(tree.count).to.equal(count);
        expect(tree.exitRoot()).to.equal(vectors.trees[count]?.exitRoot);
        for (const hash of hashes.slice(count)) tree.append(hash);
        expect(tree.exitRoot()).to.equal(vectors.trees.at(-1)?.exitRoot);
      }
    });

    it("has no proof of a leaf that isn't there", () => {
      const tree = new ledger.ExitTree(hashes);
      expect(() => tree.proof(3, 3)).to.throw("no leaf 3 in a tree of 3");
      expect(() => tree.proof(-1)).to.throw(RangeError);
      expect(() => tree.proof(0, hashes.length + 1)).to.throw(RangeError);
    });
  });

  describe("exitRootOf > when a proof is wrong", () => {
    it("rejects its length, and leads elsewhere for another leaf or index", () => {
      const { count, exitRoot, proofs } = vectors.trees.at(-1) ?? { count: 0, exitRoot: "", proofs: [] };
      const { index, siblings } = proofs[2] ?? { index: 0, siblings: [] };
      const hash = hashes[index] ?? "";
      expect(() => ledger.exitRootOf(hash, index, count, siblings.slice(1))).to.throw("too few");
      expect(() => ledger.exitRootOf(hash, index, count, [...siblings, hash])).to.throw("too many");
      expect(() => ledger.exitRootOf(hash, count, count, siblings)).to.throw(RangeError);
      expect(ledger.exitRootOf(keccak256(hash), index, count, siblings)).to.not.equal(exitRoot);
      expect(ledger.exitRootOf(hash, index + 1, count, siblings)).to.not.equal(exitRoot);
    });
  });
});
