import { expect } from "chai";
import { id } from "ethers";
import { encodeBatch } from "../../sdk/src/ledger";
import { Bluffer, postLie } from "./bluffer";
import { eventually, Settlement, Status, TestNode } from "./fixture";

describe("Node > derives what others post", function () {
  this.timeout(120_000);
  let settlement: Settlement;

  beforeEach(async () => {
    settlement = await Settlement.start();
  });

  afterEach(async () => {
    await settlement?.stop();
  });

  it("challenges a lie about a block of the year 584 billion [a batch that no node can derive]", async () => {
    const [liar, challenger] = [settlement.anvil.wallet(2), settlement.anvil.wallet(3)];
    const rollup = await settlement.createRollup(liar);
    const data = encodeBatch([{ timestamp: 2n ** 64n - 1n, transactions: [] }]);
    await postLie(settlement, rollup, liar, id("a lie"), data);
    const node = await TestNode.start(settlement, { role: ["challenger"], key: challenger.privateKey });
    try {
      const match = await eventually("the match", () => new Bluffer(settlement, liar).match(), 30_000);
      expect(match.challenger).to.equal(challenger.address);
      const rpc = node.rpc(rollup);
      expect((await rpc.call<Status>("rollup_status")).batch.derived).to.equal(1);
      const block = await rpc.call<{ timestamp: number }>("rollup_getBlock", 0);
      expect(block.timestamp).to.equal(Number.MAX_SAFE_INTEGER);
    } finally {
      await node.stop();
    }
  });
});
