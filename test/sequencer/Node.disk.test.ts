import { expect } from "chai";
import { id } from "ethers";
import { postLie } from "./bluffer";
import { eventually, RpcClient, Settlement, Status, TestNode } from "./fixture";

const MORE_THAN_ANY_DISK = 2 ** 30; // [MiB]

describe("Node > on a disk that is nearly full", function () {
  this.timeout(120_000);
  let settlement: Settlement;

  beforeEach(async () => {
    settlement = await Settlement.start();
  });

  afterEach(async () => {
    await settlement?.stop();
  });

  it("derives nothing, reads L1 on, and takes all up once there is space [a full disk ends a challenger]", async () => {
    const [liar, challenger] = [settlement.anvil.wallet(2), settlement.anvil.wallet(3)];
    const rollup = await settlement.createRollup(liar);
    let node = await TestNode.start(settlement, {
      role: ["challenger"],
      key: challenger.privateKey,
      minFreeMib: MORE_THAN_ANY_DISK,
    });
    const status = () => node.rpc(rollup).call<Status>("rollup_status");
    try {
      await postLie(settlement, rollup, liar, id("a lie"));
      await eventually("the lie's post", async () => (await status()).batch.posted === 1);
      expect((await status()).batch.derived).to.equal(0);
      const ready = new RpcClient(`${node.endpoint}/`);
      expect(await ready.call<{ isReady: boolean }>("host_status")).to.include({ isReady: true });
      node = await node.restart({ minFreeMib: 16 });
      await eventually(
        "the match",
        async () => (await settlement.hub.queryFilter(settlement.hub.filters.MatchOpened())).length > 0,
        30_000,
      );
      expect((await status()).batch.derived).to.equal(1);
    } finally {
      await node.stop();
    }
  });
});
