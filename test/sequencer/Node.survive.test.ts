import { expect } from "chai";
import { Wallet } from "ethers";
import { eventually, Settlement, Status, TestNode } from "./fixture";
import { NodeProcess } from "./NodeProcess";
import { dropFromPool, SendGate } from "./SendGate";

/** What becomes of the post that was on its way when the node died. */
const FATES = ["mined", "forgotten", "never sent"] as const;

describe("Node > surviving", function () {
  this.timeout(180_000);
  let settlement: Settlement;

  beforeEach(async () => {
    settlement = await Settlement.start();
  });

  afterEach(async () => {
    await settlement?.stop();
  });

  it("loses no acknowledged transaction when it is killed in the middle of posting, and a follower reaches its root from L1 alone [a promise lost in a crash]", async () => {
    const { provider } = settlement.anvil;
    const sequencer = settlement.anvil.wallet(2);
    const gate = await SendGate.start(settlement.anvil);
    const node = await NodeProcess.create(settlement, "sequencer", sequencer.privateKey, gate.url);
    const rollup = await settlement.createRollup(sequencer);
    const senders = Array.from({ length: 8 }, () => new Wallet(Wallet.createRandom().privateKey));
    await rollup.deposit(...senders.map(({ address }) => address));
    const acknowledged: string[] = [];
    const rpc = node.rpc(rollup);
    const arePosted = async (): Promise<boolean> => {
      const receipts = await Promise.all(
        acknowledged.map((hash) =>
          rpc.call<{ finality: string; status: string } | null>("ledger_getReceipt", hash),
        ),
      );
      expect(receipts.filter((receipt) => receipt === null)).to.deep.equal([]);
      return receipts.every((receipt) => receipt!.finality === "posted" && receipt!.status === "Applied");
    };
    try {
      await node.start();
      await eventually(
        "the deposits",
        async () => BigInt(await rpc.call<string>("ledger_getBalance", senders.at(-1)!.address)) > 0n,
      );
      for (const [round, fate] of FATES.entries()) {
        if (fate === "never sent") await eventually("all of it on L1", () => arePosted(), 60_000);
        await provider.send("evm_setAutomine", [false]);
        if (fate === "never sent") gate.shut();
        // transactions arrive until the node dies; only what it acknowledged counts
        let dead = false;
        const flows = senders.map(async (sender) => {
          try {
            for (let nonce = await rpc.call<number>("ledger_getNonce", sender.address); !dead; nonce++) {
              const raw = await rollup.send(sender, nonce, senders[0]!.address);
              acknowledged.push(await rpc.call<string>("ledger_sendTransaction", raw));
            }
          } catch (error) {
            // the connection broke: sent or not, nothing was promised
            if (!(error instanceof TypeError)) throw error;
          }
        });
        // Its post waits in L1's pool when the node dies, or on the way there.
        await eventually(
          "a post on its way, and enough acknowledgements",
          async () => {
            const { pending } = (await provider.send("txpool_status", [])) as { pending: string };
            return acknowledged.length >= 20 * (round + 1) && (gate.holds || BigInt(pending) > 0n);
          },
          60_000,
        );
        await node.end("SIGKILL");
        dead = true;
        await Promise.all(flows);
        gate.open();
        if (fate === "forgotten")
          expect(await dropFromPool(settlement.anvil, sequencer.address)).to.be.above(0);
        // A post that L1 hasn't seen, and that it won't take any more: its batch has to be made anew, under another nonce.
        if (fate === "never sent") await provider.send("anvil_reorg", [1, []]);
        await provider.send("evm_setAutomine", [true]);
        await provider.send("evm_mine", []);
        await node.start();
      }
      await eventually("every acknowledged transaction on L1", () => arePosted(), 60_000);
      const status = await rpc.call<Status>("rollup_status");
      const follower = await TestNode.start(settlement, { role: ["follower"] });
      const derived = await eventually("the follower to catch up", async () => {
        const seen = await follower.rpc(rollup).call<Status>("rollup_status");
        return seen.batch.derived >= status.batch.derived && seen;
      });
      expect(derived.commitment).to.equal(status.commitment);
      expect(derived.stateRoot).to.equal(status.stateRoot);
      await follower.stop();
      expect(await node.end("SIGTERM")).to.equal(0);
    } finally {
      await node.remove();
      await gate.stop();
    }
  });

  it("follows a reorg of L1: batches that were lost are posted again, followers roll back [a reorg under the node]", async () => {
    const { provider } = settlement.anvil;
    const sequencer = settlement.anvil.wallet(2);
    const rollup = await settlement.createRollup(sequencer);
    const alice = new Wallet(Wallet.createRandom().privateKey);
    const bob = new Wallet(Wallet.createRandom().privateKey);
    const node = await TestNode.start(settlement, { role: ["sequencer"], key: sequencer.privateKey });
    const follower = await TestNode.start(settlement, { role: ["follower"] });
    try {
      const rpc = node.rpc(rollup);
      await rollup.deposit(alice.address);
      await eventually(
        "the deposit",
        async () => BigInt(await rpc.call<string>("ledger_getBalance", alice.address)) > 0n,
      );
      await eventually("batch 1", async () => (await rpc.call<Status>("rollup_status")).batch.derived === 1);
      const fork = await provider.getBlockNumber();
      const before = await rpc.call<Status>("rollup_status");

      const hash = await rpc.call<string>(
        "ledger_sendTransaction",
        await rollup.send(alice, 0, bob.address, 7n),
      );
      await eventually(
        "batch 2",
        async () => (await rpc.call<{ finality: string }>("ledger_getReceipt", hash)).finality === "posted",
      );
      await eventually(
        "batch 2 at the follower",
        async () => (await follower.rpc(rollup).call<Status>("rollup_status")).batch.derived === 2,
      );
      const depth = (await provider.getBlockNumber()) - fork;
      await provider.send("anvil_reorg", [depth, []]);
      expect((await settlement.hub.progress(rollup.id)).posted).to.equal(BigInt(before.batch.posted));

      await eventually(
        "batch 2 again",
        async () => (await settlement.hub.progress(rollup.id)).posted === 2n,
        30_000,
      );
      const again = await eventually("the transaction again", async () => {
        const receipt = await rpc.call<{ finality: string; status: string }>("ledger_getReceipt", hash);
        return receipt.finality === "posted" && receipt;
      });
      expect(again.status).to.equal("Applied");
      // The receipt may be of before the node rolled back: what was signed is on L1 again at once.
      const status = await eventually("batch 2 in the node", async () => {
        const seen = await rpc.call<Status>("rollup_status");
        return seen.batch.derived === 2 && seen;
      });
      const derived = await eventually("the follower", async () => {
        const seen = await follower.rpc(rollup).call<Status>("rollup_status");
        return seen.commitment === status.commitment && seen;
      });
      expect(derived.batch.derived).to.equal(2);
    } finally {
      await node.stop();
      await follower.stop();
    }
  });
});
