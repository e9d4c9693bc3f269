import { expect } from "chai";
import { id, Wallet } from "ethers";
import { Bluffer, postLie, victory } from "./bluffer";
import { BOND, eventually, Rollup, Settlement } from "./fixture";
import { NodeProcess } from "./NodeProcess";
import { dropFromPool, SendGate } from "./SendGate";

/** What becomes of the transaction that was on its way when the node died. */
const FATES = ["never sent", "forgotten", "mined"] as const;

describe("Challenger > killed", function () {
  this.timeout(240_000);
  let settlement: Settlement;
  let liar: Wallet;
  let rollup: Rollup;
  let gate: SendGate;

  before(async () => {
    settlement = await Settlement.start();
    liar = settlement.anvil.wallet(2);
    rollup = await settlement.createRollup(liar);
    gate = await SendGate.start(settlement.anvil);
  });

  after(async () => {
    await gate?.stop();
    await settlement?.stop();
  });

  it("wins its match though it is killed before what it signed left it, and while that waits in L1's pool [a match lost in a crash]", async () => {
    const { hub, anvil } = settlement;
    const { provider } = anvil;
    await postLie(settlement, rollup, liar, id("a lie"));
    const challenger = anvil.wallet(3);
    const node = await NodeProcess.create(settlement, "challenger", challenger.privateKey, gate.url);
    /** Whether the gate, or L1's pool, holds something of the challenger; what others have in it is mined. */
    const waits = async (): Promise<boolean> => {
      if (gate.holds) return true;
      const pool = (await provider.send("txpool_content", [])) as { pending: Record<string, object> };
      const senders = Object.keys(pool.pending).map((sender) => sender.toLowerCase());
      if (senders.includes(challenger.address.toLowerCase())) return true;
      await provider.send("evm_mine", []);
      return false;
    };
    try {
      await provider.send("evm_setAutomine", [false]);
      const playing = new Bluffer(settlement, liar).play();
      playing.catch(() => undefined); // it is awaited below; what fails before that says more
      for (const fate of FATES) {
        if (fate === "never sent") gate.shut();
        await node.start();
        await eventually("a transaction on its way", waits, 60_000);
        expect(gate.holds).to.equal(fate === "never sent");
        await node.end("SIGKILL");
        gate.open();
        if (fate === "forgotten") expect(await dropFromPool(anvil, challenger.address)).to.be.above(0);
        await provider.send("evm_mine", []);
      }
      await provider.send("evm_setAutomine", [true]);
      await node.start();
      const match = await playing;
      const { winner, payout } = await victory(settlement, match, liar);
      expect(winner).to.equal(challenger.address);
      expect(payout).to.equal(2n * BOND);
      await eventually(
        "the payment",
        async () => (await hub.queryFilter(hub.filters.MatchPaid(match.id))).length > 0,
      );
      expect(await hub.queryFilter(hub.filters.MatchOpened), "one bond for one lie").to.have.length(1);
      expect(await node.end("SIGTERM")).to.equal(0);
    } finally {
      await node.remove();
    }
  });
});
