import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { concat, getCreateAddress, hexlify, keccak256, toBeHex } from "ethers";
import { MESSAGE_ONLY, calldataCommitment } from "../../sdk/src/protocol";
import { Stage, hubFixture } from "../hub/fixture";

const CHUNK = 4096;

/** So many bytes, no two chunks alike. */
const data = (length: number) =>
  hexlify(Uint8Array.from({ length }, (_, at) => (at * 31 + Math.floor(at / CHUNK)) % 251));

/** Its limit is tested in CalldataLayer.t.sol: three megabytes are slow here. */
describe("CalldataLayer", () => {
  async function staged() {
    const f = await loadFixture(hubFixture);
    const stage = await Stage.create(f);
    await stage.openLine();
    return { f, hub: f.hub, stage };
  }

  describe("[a preimage that is hidden: data that isn't in the transaction's calldata]", () => {
    it("refuses data from a delegated account, which could be called with other calldata", async () => {
      const { hub, stage, f } = await staged();
      const account = await ethers.getImpersonatedSigner(f.sequencer.address);
      await ethers.provider.send("hardhat_setCode", [f.sequencer.address, `0xef0100${"11".repeat(20)}`]);
      await expect(stage.send({ poster: account, data: "0x00" }))
        .to.be.revertedWithCustomError(hub, "DataNotInTransaction")
        .withArgs(f.sequencer.address);
      await stage.post({ poster: account, flags: MESSAGE_ONLY });
    });

    it("refuses data from a contract under construction, which has no code yet", async () => {
      const { f, hub } = await staged();
      const foreseen = getCreateAddress({ from: f.stranger.address, nonce: await f.stranger.getNonce() });
      const sequencer = await ethers.getImpersonatedSigner(foreseen);
      const stage = await Stage.create(f, { chain: { sequencer: foreseen } });
      const { args } = await stage.build({ poster: sequencer, data: "0x00", commitment: "" });
      const call = hub.interface.encodeFunctionData("post", args);
      // A constructor that makes the call that stands behind its 44 bytes, and fails as it did.
      const length = toBeHex((call.length - 2) / 2, 2).slice(2);
      const code = concat([
        `0x61${length}602c5f39`, // codecopy(0, 44, length)
        `0x5f5f61${length}5f5f73${(await hub.getAddress()).slice(2)}5af1`, // call(gas, hub, 0, 0, length, 0, 0)
        "0x3d5f5f3e3d5ffd", // revert with what it answered
        call,
      ]);
      await expect(f.stranger.sendTransaction({ data: code }))
        .to.be.revertedWithCustomError(hub, "DataNotInTransaction")
        .withArgs(foreseen);
    });
  });

  for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 1]) {
    it(`commits to ${length} bytes by the hashes of their chunks`, async () => {
      const { stage } = await staged();
      const posted = await stage.post({ data: data(length) });
      expect(posted.header.dataCommitment).to.equal(calldataCommitment(data(length)));
      if (length === 0) expect(posted.header.dataCommitment).to.equal(keccak256("0x"));
    });
  }
});
