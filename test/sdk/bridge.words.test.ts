import { expect } from "chai";
import { getBytes, toBeHex, ZeroHash } from "ethers";
import { encodeExitPlace, exitLeafWords } from "../../sdk/src/bridge";
import { encodeExit, type ExitLeaf } from "../../sdk/src/ledger";
import { FieldOverflowError } from "../../sdk/src/protocol";

describe("exits as the bridge takes them", () => {
  const address = (byte: string) => "0x" + byte.repeat(20);
  const leaf: ExitLeaf = {
    flags: 3,
    kind: 6,
    targetRollup: 2n ** 64n - 1n,
    token: address("fe"),
    id: 5n,
    amount: 1n,
    l2Sender: address("01"),
    to: address("02"),
    fallbackTo: address("03"),
    metadataHash: ZeroHash,
    dataHash: ZeroHash,
  };

  describe("exitLeafWords", () => {
    for (const [field, value] of [
      ["flags", 256],
      ["kind", 256],
      ["kind", -1],
      ["targetRollup", 2n ** 64n],
      ["token", "0x01" + "00".repeat(20)],
    ] as const)
      it(`refuses a ${field} that would run into the next field: ${value}`, () => {
        expect(() => exitLeafWords({ ...leaf, [field]: value })).to.throw(FieldOverflowError);
      });

    it("begins with the leaf's first word", () => {
      expect(getBytes(toBeHex(exitLeafWords(leaf).head, 32))).to.deep.equal(
        getBytes(encodeExit(leaf)).slice(0, 32),
      );
    });
  });

  describe("encodeExitPlace", () => {
    const place = { slot: 63, rollup: 7n, count: 5n, index: 4n };

    for (const [field, value] of [
      ["slot", 256],
      ["rollup", 2n ** 64n],
      ["count", 2n ** 64n],
      ["index", -1n],
    ] as const)
      it(`refuses a ${field} that would run into the next field: ${value}`, () => {
        expect(() => encodeExitPlace({ ...place, [field]: value })).to.throw(FieldOverflowError);
      });

    it("packs slot, rollup, count and index", () => {
      expect(encodeExitPlace(place)).to.equal((63n << 192n) | (7n << 128n) | (5n << 64n) | 4n);
    });
  });
});
