import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroHash } from "ethers";
import { CALL, DEPOSIT, FORCED, encodeMessage } from "../../sdk/src/protocol";
import { MESSAGE_BOUND, Stage, hubFixture } from "./fixture";

const MAX_BODY = 4096 - 22;
const bytes = (length: number) => `0x${"ab".repeat(length)}`;

describe("RollupHub > messages", () => {
  describe("deposit", () => {
    it("refuses all but the bridge", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      await expect(f.hub.connect(f.stranger).deposit(stage.rollup, f.stranger.address, "0x"))
        .to.be.revertedWithCustomError(f.hub, "CallerNotBridge")
        .withArgs(f.stranger.address);
    });

    it("refuses a rollup that doesn't exist", async () => {
      const f = await loadFixture(hubFixture);
      await expect(f.hub.connect(f.bridge).deposit(7, f.stranger.address, "0x"))
        .to.be.revertedWithCustomError(f.hub, "DepositsClosed")
        .withArgs(7, 0);
    });

    it("refuses a message longer than 4,096 bytes, and takes one of 4,096", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      const deposit = (length: number) =>
        f.hub.connect(f.bridge).deposit(stage.rollup, f.stranger.address, bytes(length));
      await expect(deposit(MAX_BODY + 1))
        .to.be.revertedWithCustomError(f.hub, "MessageTooLong")
        .withArgs(4097, 4096);
      await deposit(MAX_BODY);
    });

    it("enqueues a deposit of the depositor", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      await expect(f.hub.connect(f.bridge).deposit(stage.rollup, f.stranger.address, "0x1234"))
        .to.emit(f.hub, "MessageEnqueued")
        .withArgs(
          stage.rollup,
          0,
          encodeMessage({ kind: DEPOSIT, sender: f.stranger.address, body: "0x1234" }),
        );
    });
  });

  for (const [verb, kind] of [
    ["force", FORCED],
    ["call", CALL],
  ] as const) {
    describe(verb, () => {
      it("refuses a rollup that doesn't exist", async () => {
        const f = await loadFixture(hubFixture);
        await expect(f.hub[verb](0, "0x")).to.be.revertedWithCustomError(f.hub, "MessagesClosed").withArgs(0);
      });

      it("refuses a message longer than 4,096 bytes, and takes one of 4,096", async () => {
        const f = await loadFixture(hubFixture);
        const stage = await Stage.create(f);
        await expect(f.hub[verb](stage.rollup, bytes(MAX_BODY + 1)))
          .to.be.revertedWithCustomError(f.hub, "MessageTooLong")
          .withArgs(4097, 4096);
        await f.hub[verb](stage.rollup, bytes(MAX_BODY));
        expect((await f.hub.inboxOf(stage.rollup)).count).to.equal(1n);
      });

      it("enqueues a message of the caller", async () => {
        const f = await loadFixture(hubFixture);
        const stage = await Stage.create(f);
        await expect(f.hub.connect(f.stranger)[verb](stage.rollup, "0xfe"))
          .to.emit(f.hub, "MessageEnqueued")
          .withArgs(stage.rollup, 0, encodeMessage({ kind, sender: f.stranger.address, body: "0xfe" }));
      });
    });
  }

  it("chains the messages of each rollup, and keeps every messageBound-th head", async () => {
    const f = await loadFixture(hubFixture);
    const stage = await Stage.create(f);
    const other = await Stage.create(f);
    for (let i = 0; i < 2 * Number(MESSAGE_BOUND) + 3; ++i) {
      if (i % 3 === 0) await stage.deposit(bytes(i));
      else await stage.force(1, bytes(i));
    }
    await other.force();
    const count = BigInt(stage.heads.length - 1);
    expect(await f.hub.inboxOf(stage.rollup)).to.deep.equal([count, stage.heads.at(-1), MESSAGE_BOUND]);
    expect(await f.hub.inboxOf(other.rollup)).to.deep.equal([1n, other.heads.at(-1), MESSAGE_BOUND]);
    expect(await f.hub.markOf(stage.rollup, 0)).to.equal(ZeroHash);
    expect(await f.hub.markOf(stage.rollup, 1)).to.equal(stage.heads[Number(MESSAGE_BOUND)]);
    expect(await f.hub.markOf(stage.rollup, 2)).to.equal(stage.heads[2 * Number(MESSAGE_BOUND)]);
    expect(await f.hub.markOf(stage.rollup, 3)).to.equal(ZeroHash);
  });
});
