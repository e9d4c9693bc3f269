import { expect } from "chai";
import { hexlify } from "ethers";
import fc from "fast-check";
import * as ledger from "../../sdk/src/ledger";
import vectors from "../../programs/vectors/ledger.runs.json";

describe("ledger batches", () => {
  const block = { timestamp: 5n, transactions: ["0x0102", "0x"] };

  describe("encodeBlock > when something doesn't fit", () => {
    it("rejects a transaction of 65,536 bytes", () => {
      const transactions = [new Uint8Array(65_536)];
      expect(() => ledger.encodeBlock({ timestamp: 0n, transactions })).to.throw("65536 doesn't fit 2 bytes");
    });
  });

  describe("encodeBatch > when the data is too long", () => {
    it("rejects it", () => {
      const transactions = Array.from({ length: 60 }, () => new Uint8Array(60_000));
      expect(() => ledger.encodeBatch([{ timestamp: 0n, transactions }])).to.throw("at most 3145728");
    });
  });

  describe("decodeBatch", () => {
    it("finds no block in no data and in another version", () => {
      expect(ledger.decodeBatch("0x")).to.deep.equal([]);
      expect(ledger.decodeBatch("0x02")).to.deep.equal([]);
    });

    it("ends before a block that is cut short", () => {
      const data = ledger.encodeBatch([block, block]);
      expect(ledger.decodeBatch(data)).to.deep.equal([block, block]);
      for (let cut = 1; cut <= 16; cut++)
        expect(ledger.decodeBatch(data.slice(0, data.length - 2 * cut))).to.deep.equal([block]);
    });

    it("returns what was encoded, for any blocks", () => {
      const transaction = fc.uint8Array({ maxLength: 40 }).map((bytes) => hexlify(bytes));
      const blocks = fc.array(
        fc.record({
          timestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
          transactions: fc.array(transaction),
        }),
      );
      fc.assert(
        fc.property(blocks, (blocks) => {
          expect(ledger.decodeBatch(ledger.encodeBatch(blocks))).to.deep.equal(blocks);
        }),
      );
    });
  });

  it("encodes the program's blocks byte for byte", () => {
    const blocks = vectors.runs.flatMap((run) => run.blocks);
    expect(blocks.length).to.be.greaterThan(2);
    for (const bytes of blocks) {
      const decoded = ledger.decodeBatch("0x01" + bytes.slice(2));
      expect(decoded.map(ledger.encodeBlock)).to.deep.equal([bytes]);
    }
  });

  it("decodes the program's receipts", () => {
    const run = vectors.runs[1];
    const statuses = run?.blockReceipts.map((block) =>
      block.map((bytes) => ledger.decodeReceipt(bytes).status),
    );
    expect(statuses?.[0]).to.deep.equal(["Applied", "Applied", "Applied"]);
    expect(statuses?.[1]?.[0]).to.equal("WrongNonce");
    expect(statuses?.[1]?.[2]).to.equal("Malformed");
    expect(() => ledger.decodeReceipt("0x" + "ff".repeat(57))).to.throw("no status 255");
  });
});
