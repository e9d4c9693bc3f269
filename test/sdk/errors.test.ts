import { expect } from "chai";
import { AbiCoder, Interface, id } from "ethers";
import { decodeRevert, explainRevert, revertDataOf } from "../../sdk/src/errors";

const BOND = new Interface(["error BondTooSmall(uint256 bond, uint256 least)"]).encodeErrorResult(
  "BondTooSmall",
  [5n, 7n],
);

describe("Reverts in words", () => {
  describe("decodeRevert", () => {
    it("names an empty revert", () => {
      expect(decodeRevert("0x").name).to.equal("Empty");
    });

    it("names a selector that nobody declares, and keeps the data", () => {
      const { name, data, cause } = decodeRevert("0xdeadbeef");
      expect([name, data]).to.deep.equal(["Unknown", "0xdeadbeef"]);
      expect(cause).to.contain("0xdeadbeef");
    });

    it("doesn't throw for arguments that are cut off", () => {
      expect(decodeRevert(BOND.slice(0, 40)).name).to.equal("Unknown");
    });

    it("gives an error of ours its name, its arguments, its cause", () => {
      const { name, args, message, cause } = decodeRevert(BOND);
      expect(name).to.equal("BondTooSmall");
      expect(args).to.deep.equal({ bond: 5n, least: 7n });
      expect(message).to.equal("BondTooSmall(bond: 5, least: 7)");
      expect(cause).to.match(/^Raised when /);
    });

    it("splits what to do from the cause", () => {
      const data = new Interface(["error CallerNotBridge(address caller)"]).encodeErrorResult(
        "CallerNotBridge",
        ["0x" + "11".repeat(20)],
      );
      expect(decodeRevert(data).next).to.equal("Call the bridge.");
    });

    it("knows reasons and panics", () => {
      const reason =
        id("Error(string)").slice(0, 10) + AbiCoder.defaultAbiCoder().encode(["string"], ["no"]).slice(2);
      expect(decodeRevert(reason).message).to.equal('Error(reason: "no")');
      const panic =
        id("Panic(uint256)").slice(0, 10) + AbiCoder.defaultAbiCoder().encode(["uint256"], [17]).slice(2);
      expect(decodeRevert(panic).message).to.equal("Panic(code: 17)");
    });
  });

  describe("revertDataOf", () => {
    it("finds the data in each wrapping", () => {
      for (const thrown of [
        { data: BOND },
        { data: { message: "reverted", data: BOND } },
        { code: "CALL_EXCEPTION", data: null, info: { error: { code: 3, data: BOND } } },
        { error: { data: BOND } },
        { cause: { data: BOND } },
      ]) {
        expect(revertDataOf(thrown)).to.equal(BOND);
      }
    });

    it("doesn't take a transaction's calldata for it", () => {
      expect(
        revertDataOf({ transaction: { data: BOND }, info: { payload: { params: [{ data: BOND }] } } }),
      ).to.equal(undefined);
    });

    it("ends on errors that refer to themselves", () => {
      const thrown: Record<string, unknown> = {};
      thrown.cause = thrown;
      expect(explainRevert(thrown)).to.equal(undefined);
    });
  });
});
