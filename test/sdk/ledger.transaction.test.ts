import { expect } from "chai";
import { Wallet, concat, getBytes, hexlify, toBeHex } from "ethers";
import fc from "fast-check";
import * as ledger from "../../sdk/src/ledger";
import vectors from "../../programs/vectors/ledger.transactions.json";

const chainId = BigInt(vectors.chainId);

/** The vectors hold integers as text; those that TypeScript holds as bigint become it. */
function actionOf(fields: Record<string, unknown>): ledger.Action {
  const big = ["amount", "id", "maxSupply", "allowance", "targetRollup"];
  const entries = Object.entries(fields).map(([key, value]) => [
    key,
    big.includes(key) ? BigInt(value as string) : value,
  ]);
  return Object.fromEntries(entries) as ledger.Action;
}

const cases = vectors.transactions.map((vector) => ({
  ...vector,
  transaction: {
    action: actionOf(vector.action),
    maxFee: BigInt(vector.maxFee),
    nonce: BigInt(vector.nonce),
  },
}));

describe("ledger transactions", () => {
  describe("decodeTransaction > when bytes are malformed", () => {
    const good = getBytes(cases[0]?.encoded ?? "0x");

    it("rejects every cut", () => {
      for (let length = 0; length < good.length; length++)
        expect(() => ledger.decodeTransaction(good.subarray(0, length)), `${length}`).to.throw(
          ledger.EncodingError,
        );
    });

    it("rejects a byte too many", () => {
      expect(() => ledger.decodeTransaction(hexlify(good) + "00")).to.throw("1 bytes too many");
    });

    it("rejects more than 1,024 bytes", () => {
      expect(() => ledger.decodeTransaction(new Uint8Array(1_025))).to.throw("at most 1024");
    });

    it("rejects an unknown action", () => {
      expect(() => ledger.decodeTransaction(Uint8Array.of(9))).to.throw("no action 9");
    });

    it("rejects an integer with a leading zero", () => {
      const body = "0x01" + "bb".repeat(20) + "0105";
      expect(ledger.decodeAction(body)).to.include({ amount: 5n });
      expect(() => ledger.decodeAction("0x01" + "bb".repeat(20) + "020005")).to.throw("leading zero");
    });

    it("rejects an s in the upper half, also below 2^255, where its top bit doesn't show it", () => {
      const withS = (s: bigint): string => concat([good.subarray(0, -32), toBeHex(s, 32)]);
      expect(ledger.decodeTransaction(withS(ledger.HALF_ORDER)).signature.s).to.equal(
        toBeHex(ledger.HALF_ORDER, 32),
      );
      for (const s of [ledger.HALF_ORDER + 1n, 2n ** 255n - 1n])
        expect(() => ledger.decodeTransaction(withS(s))).to.throw(
          ledger.EncodingError,
          "s is in the upper half",
        );
    });

    it("rejects a bool that is neither", () => {
      const create = cases.find(({ action }) => action.type === "CreateAsset")?.unsigned ?? "0x";
      expect(() => ledger.decodeAction(create.slice(0, -2) + "02")).to.throw("a bool of 2");
    });
  });

  describe("encodeAction > when a value doesn't fit", () => {
    it("rejects it", () => {
      const action = {
        type: "MintNft",
        collection: "0x" + "11".repeat(20),
        to: "0x" + "22".repeat(20),
      } as const;
      expect(() => ledger.encodeAction({ ...action, count: 65_536 })).to.throw("doesn't fit 2 bytes");
    });
  });

  for (const vector of cases) {
    const { action, transaction } = vector;
    describe(`${action.type} > when compared with the program`, () => {
      it("has the same digest, signature, bytes, hash and gas", async () => {
        expect(ledger.transactionDigest(chainId, transaction)).to.equal(vector.digest);
        const bytes = await ledger.signTransaction(new Wallet(vector.privateKey), chainId, transaction);
        expect(bytes).to.equal(vector.encoded);
        expect(ledger.transactionHash(bytes)).to.equal(vector.hash);
        expect(ledger.encodeAction(transaction.action)).to.equal(vector.unsigned);
        expect(ledger.gasOf(transaction.action)).to.equal(vector.gas);
      });

      it("decodes to the same, and to the signer", () => {
        const decoded = ledger.decodeTransaction(vector.encoded);
        expect(ledger.encodeTransaction(decoded)).to.equal(vector.encoded);
        expect(ledger.signerOf(chainId, decoded).toLowerCase()).to.equal(vector.signer);
      });
    });
  }

  it("decodes what it encodes, for any values", () => {
    const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => hexlify(bytes));
    const action = fc.record({
      type: fc.constant("SendAsset" as const),
      kind: fc.integer({ min: 0, max: 255 }),
      token: address,
      id: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      to: address,
      amount: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    });
    fc.assert(
      fc.property(action, (value) => {
        const encoded = ledger.encodeAction(value);
        expect(ledger.encodeAction(ledger.decodeAction(encoded))).to.equal(encoded);
      }),
    );
  });
});
