import { expect } from "chai";
import { Wallet, getBytes, hexlify } from "ethers";
import fc from "fast-check";
import vectors from "../../programs/vectors/ledger.transactions.json";
import * as ledger from "../../sdk/src/ledger";

const chainId = BigInt(vectors.chainId);
const reader = new ledger.SignedReader(chainId);

/** What the careful way says of the same bytes: undefined if it refuses them. */
function carefully(bytes: Uint8Array): ledger.SignedTransaction | undefined {
  try {
    return ledger.decodeTransaction(bytes);
  } catch (error) {
    expect(error).to.be.instanceOf(ledger.EncodingError);
    return undefined;
  }
}

function quickly(bytes: Uint8Array): ledger.SignedFields | undefined {
  try {
    return reader.read(bytes);
  } catch (error) {
    expect(error).to.be.instanceOf(ledger.TransactionMalformed);
    return undefined;
  }
}

/** Fails unless both ways agree on every field, or both refuse. */
function compare(bytes: Uint8Array): void {
  const [slow, fast] = [carefully(bytes), quickly(bytes)];
  expect(fast === undefined, hexlify(bytes)).to.equal(slow === undefined);
  if (slow === undefined || fast === undefined) return;
  expect(hexlify(fast.digest)).to.equal(ledger.transactionDigest(chainId, slow));
  const { action, maxFee, nonce, signature } = slow;
  expect(fast).to.include({
    type: action.type,
    maxFee,
    nonce,
    gas: ledger.gasOf(action),
    yParity: signature.yParity,
  });
  expect(hexlify(fast.signature)).to.equal(signature.r + signature.s.slice(2));
  const takesCoins = action.type === "SendCoin" || (action.type === "Exit" && action.kind === 0);
  expect(fast.coins).to.equal(takesCoins ? action.amount : 0n);
}

describe("SignedReader > read", () => {
  const encoded = vectors.transactions.map((vector) => getBytes(vector.encoded));

  describe("when the bytes are wrong", () => {
    it("names the field and the rule", () => {
      const refused = (bytes: Uint8Array) =>
        expect(() => reader.read(bytes)).to.throw(ledger.TransactionMalformed);
      refused(new Uint8Array(0)).include({ field: "action" });
      refused(Uint8Array.of(9)).include({ field: "action", rule: "no action 9" });
      refused(new Uint8Array(1_025)).include({ field: "transaction" });
      refused(getBytes("0x01" + "bb".repeat(20) + "020005")).include({ field: "amount" });
      const [first] = encoded as [Uint8Array];
      refused(first.subarray(0, -1)).include({ field: "signature", rule: "64 bytes at the end, got 63" });
      const high = Uint8Array.from(first);
      high.fill(0xff, -32);
      refused(high).include({ field: "s" });
    });

    it("refuses what decodeTransaction refuses: each vector with each byte changed, and cut anywhere", () => {
      for (const bytes of encoded) {
        for (let at = 0; at < bytes.length; at++) {
          compare(bytes.subarray(0, at));
          for (const value of [0, 1, 0x7f, 0xff, bytes[at]! ^ 0x80]) {
            const changed = Uint8Array.from(bytes);
            changed[at] = value;
            compare(changed);
          }
        }
      }
    });
  });

  it("reads every vector as the program does", () => {
    vectors.transactions.forEach((vector, at) => {
      expect(hexlify(reader.read(encoded[at]!).digest)).to.equal(vector.digest);
      compare(encoded[at]!);
    });
  });

  it("reads whatever a wallet signs", async () => {
    const wallet = new Wallet(vectors.transactions[0]!.privateKey);
    const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => hexlify(bytes));
    const uint = (bits: bigint) => fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
    const text = (maxLength: number) => fc.string({ unit: "grapheme", maxLength });
    const action: fc.Arbitrary<ledger.Action> = fc.oneof(
      fc.record({ type: fc.constant("SendCoin" as const), to: address, amount: uint(256n) }),
      fc.record({
        type: fc.constant("MintNft" as const),
        collection: address,
        to: address,
        count: fc.nat(65_535),
      }),
      fc.record({
        type: fc.constant("CreateAsset" as const),
        kind: fc.nat(255),
        name: text(12),
        symbol: text(6),
        uri: text(40),
        maxSupply: uint(128n),
        openMint: fc.boolean(),
      }),
      fc.record({
        type: fc.constant("Exit" as const),
        kind: fc.nat(7),
        token: address,
        id: uint(256n),
        amount: uint(256n),
        targetRollup: uint(64n),
        to: address,
        fallbackTo: address,
        dataHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(action, uint(256n), uint(64n), async (one, maxFee, nonce) => {
        const raw = await ledger.signTransaction(wallet, chainId, { action: one, maxFee, nonce });
        const fields = reader.read(getBytes(raw));
        expect(fields.gas).to.equal(ledger.gasOf(one));
        compare(getBytes(raw));
      }),
      { numRuns: 100 },
    );
  });
});
