import { expect } from "chai";
import { getBytes, hexlify, keccak256 } from "ethers";
import * as ledger from "../../sdk/src/ledger";
import vectors from "../../programs/vectors/ledger.state.json";

const words = vectors.treeRoot + keccak256(vectors.record).slice(2);
const known = new Map(
  [words, vectors.record, ...vectors.preimages].map((bytes) => [keccak256(bytes), getBytes(bytes)]),
);

function preimage(hash: string): Uint8Array {
  const found = known.get(hash);
  if (found === undefined) throw new Error(`no preimage of ${hash}`);
  return found;
}

describe("ledger state", () => {
  const reader = new ledger.StateReader(vectors.stateRoot, preimage);
  const [creator = "", minter = "", owner = "", collector = ""] = vectors.wallets;
  const erc20 = { kind: 1, token: "0x" + "20".repeat(20), id: 0n };
  const erc721 = { kind: 2, token: "0x" + "72".repeat(20), id: 5n };

  describe("StateReader", () => {
    it("fails on a missing preimage instead of reading absence", async () => {
      const poor = new ledger.StateReader(vectors.stateRoot, (hash) => {
        if (hash === vectors.treeRoot) throw new Error("gone");
        return preimage(hash);
      });
      let failure: unknown;
      await poor.account(owner).catch((error: unknown) => (failure = error));
      expect(failure).to.be.an("error").with.property("message", "gone");
    });

    it("reads the record", async () => {
      const record = await reader.record();
      expect(record).to.include({ messageIndex: 17n, exitCount: 1n });
      expect(record.frontier).to.have.length(1);
    });

    it("reads accounts, balances, holders, assets and allowances", async () => {
      expect(await reader.account(creator)).to.deep.include({ nonce: 2n, created: 1n });
      expect(await reader.balance(collector, { kind: 0, token: "", id: 0n })).to.equal(1_000_003n);
      expect(await reader.balance(owner, erc20)).to.equal(0n);
      expect(await reader.balance(collector, erc20)).to.equal(1_000n);
      expect(await reader.balance(owner, { kind: 5, token: vectors.token, id: 0n })).to.equal(20n);
      expect((await reader.holder(erc721))?.toLowerCase()).to.equal(collector);
      expect(await reader.balance(collector, erc721)).to.equal(1n);
      expect(await reader.balance(owner, erc721)).to.equal(0n);
      expect(await reader.holder({ ...erc721, id: 6n })).to.equal(undefined);
      expect(await reader.asset(vectors.token)).to.include({ kind: 5, supply: 20n, maxSupply: 100n });
      expect(await reader.asset(creator)).to.equal(undefined);
      expect(await reader.allowance(vectors.token, minter)).to.equal(40n);
      expect(await reader.allowance(vectors.token, owner)).to.equal(0n);
    });

    it("lists what an account owns", async () => {
      const found = await reader.holdings(owner);
      expect(found.map(({ asset, amount }) => [asset.kind, amount])).to.have.deep.members([
        [0, 1_000_002n - 3_000n],
        [5, 20n],
      ]);
      expect(await reader.holdings("0x" + "99".repeat(20))).to.deep.equal([]);
    });

    it("yields every entry once", async () => {
      const found: string[] = [];
      for await (const entry of reader.entries()) found.push(hexlify(entry));
      expect(found).to.deep.equal(vectors.proofs.filter(({ present }) => present).map(({ entry }) => entry));
    });
  });

  describe("proofs", () => {
    for (const vector of vectors.proofs) {
      const key = ledger.keyOf(vector.key);
      it(`${vector.present ? "presence" : "absence"} of ${vector.key.slice(0, 20)}…`, async () => {
        expect(hexlify(key.path)).to.equal(vector.path);
        const proof = await reader.prove(key);
        expect(proof).to.deep.equal({ entry: getBytes(vector.entry), steps: vector.steps });
        const entry = ledger.provenEntry(vectors.treeRoot, key, proof);
        expect(entry && hexlify(entry)).to.equal(vector.present ? vector.entry : undefined);
      });
    }

    it("reject another root, path or order of bits", async () => {
      const key = ledger.accountKey(owner);
      const other = ledger.accountKey(creator);
      const proof = await reader.prove(key);
      expect(() => ledger.provenEntry(vectors.stateRoot, key, proof)).to.throw("another root");
      expect(() => ledger.provenEntry(vectors.treeRoot, other, proof)).to.throw("another path");
      const steps = [...proof.steps].reverse();
      expect(() => ledger.provenEntry(vectors.treeRoot, key, { ...proof, steps })).to.throw("don't grow");
      expect(() => ledger.keyOf("0x05")).to.throw("not an entry");
    });
  });
});
