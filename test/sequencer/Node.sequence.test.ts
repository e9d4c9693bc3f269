import { expect } from "chai";
import { Wallet } from "ethers";
import { eventually, Rollup, RpcClient, Settlement, Status, TestNode } from "./fixture";

describe("Node > sequencing", function () {
  let settlement: Settlement;
  let rollup: Rollup;
  let node: TestNode;
  let rpc: RpcClient;
  const [alice, bob] = [Wallet.createRandom(), Wallet.createRandom()].map(
    ({ privateKey }) => new Wallet(privateKey),
  ) as [Wallet, Wallet];

  before(async () => {
    settlement = await Settlement.start();
    const sequencer = settlement.anvil.wallet(2);
    node = await TestNode.start(settlement, { role: ["sequencer"], key: sequencer.privateKey });
    rollup = await settlement.createRollup(sequencer);
    rpc = node.rpc(rollup);
  });

  after(async () => {
    await node?.stop();
    await settlement?.stop();
  });

  it("answers for a new rollup of which only L1 has told it", async () => {
    const chainId = await eventually("an answer", async () => rpc.call<string>("eth_chainId"));
    expect(BigInt(chainId)).to.equal(rollup.chainId);
  });

  it("credits a deposit", async () => {
    await rollup.deposit(alice.address);
    await eventually(
      "the deposit",
      async () => BigInt(await rpc.call<string>("ledger_getBalance", alice.address)) > 0n,
    );
  });

  it("takes a transaction into a block, posts it with a claim, and makes it final", async () => {
    const hash = await rpc.call<string>(
      "ledger_sendTransaction",
      await rollup.send(alice, 0, bob.address, 5n),
    );
    const receipt = await eventually("a receipt", async () => {
      const found = await rpc.call<{ finality: string; status?: string }>("ledger_getReceipt", hash);
      return found.finality !== "waiting" && found;
    });
    expect(receipt.status).to.equal("Applied");
    expect(BigInt(await rpc.call<string>("ledger_getBalance", bob.address))).to.equal(5n);
    await eventually(
      "the post",
      async () => (await rpc.call<{ finality: string }>("ledger_getReceipt", hash)).finality === "posted",
    );
    await settlement.anvil.pass(4_000);
    await eventually(
      "finality",
      async () => (await rpc.call<{ finality: string }>("ledger_getReceipt", hash)).finality === "final",
    );
    const status = await rpc.call<Status>("rollup_status");
    expect(status.batch.final).to.equal(status.batch.posted);
    expect((await settlement.hub.lastFinal(rollup.id)).commitment).to.equal(status.commitment);
  });
});
