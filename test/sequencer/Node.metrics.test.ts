import { expect } from "chai";
import { metricsText } from "../../sequencer/src/host/metrics";
import { eventually, Settlement, TestNode } from "./fixture";

describe("Node > /metrics", () => {
  it("shows alarms and halted rollups as figures above 0", () => {
    const rollup = { id: 7, posted: 3, derived: 2, final: 1, waiting: 4, matches: 5 };
    const l1 = { head: { number: 9, hash: "0x", timestamp: 1 }, lastLook: Date.now() - 5_000 };
    const queue = { balance: 1_500_000_000_000_000_000n, unmined: 2, age: 36, capped: 1 };
    const text = metricsText({ isReady: true, endpoint: 1, l1, queue }, [
      { ...rollup, isHalted: false, alarms: 2 },
      { ...rollup, id: 8, isHalted: true, alarms: 0 },
    ]);
    for (const line of [
      "rollworks_l1_endpoint 1",
      "rollworks_l1_head 9",
      "rollworks_key_balance 1.5",
      "rollworks_l1_unmined 2",
      "rollworks_l1_unmined_age 36",
      "rollworks_l1_capped 1",
      'rollworks_alarms{rollup="7"} 2',
      'rollworks_rollup_halted{rollup="7"} 0',
      'rollworks_rollup_halted{rollup="8"} 1',
      'rollworks_matches_live{rollup="7"} 5',
    ])
      expect(text.split("\n")).to.include(line);
    expect(text).to.match(/^rollworks_l1_look_age [56]/m);
  });

  it("is served beside the RPC", async () => {
    const settlement = await Settlement.start();
    const node = await TestNode.start(settlement, { role: ["follower"] });
    try {
      const { id } = await settlement.createRollup(settlement.anvil.wallet(2));
      const text = await eventually("the rollup's figures", async () => {
        const response = await fetch(`${node.endpoint}/metrics`);
        expect(response.headers.get("content-type")).to.contain("text/plain");
        const body = await response.text();
        return body.includes(`rollworks_batches_posted{rollup="${id}"} 0`) && body;
      });
      expect(text).to.contain("rollworks_ready 1\n").and.to.contain("rollworks_rollups 1\n");
    } finally {
      await node.stop();
      await settlement.stop();
    }
  });
});
