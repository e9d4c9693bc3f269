import { expect } from "chai";
import { Wallet } from "ethers";
import { checkConfig, ConfigInvalid } from "../../sequencer/src";
import { eventually, Rollup, RpcClient, Settlement, Status, TestNode } from "./fixture";

describe("Node > stepped", function () {
  this.timeout(120_000);
  let settlement: Settlement;
  let rollup: Rollup;
  let node: TestNode;
  let rpc: RpcClient;
  const alice = new Wallet(Wallet.createRandom().privateKey);

  before(async () => {
    settlement = await Settlement.start();
    const sequencer = settlement.anvil.wallet(2);
    rollup = await settlement.createRollup(sequencer);
    node = await TestNode.start(settlement, {
      role: ["sequencer"],
      key: sequencer.privateKey,
      stepped: true,
    });
    rpc = node.rpc(rollup);
  });

  after(async () => {
    await node?.stop();
    await settlement?.stop();
  });

  const step = async () =>
    (await new RpcClient(`${node.endpoint}/`).call<{ sent: number }>("host_step")).sent;
  const posted = async () =>
    (await settlement.hub.queryFilter(settlement.hub.filters.Posted(rollup.id))).length;

  it("listens on loopback, and is refused elsewhere", () => {
    const input = { l1: ["http://127.0.0.1:1"], hub: `0x${"11".repeat(20)}`, data: "x", stepped: true };
    expect(checkConfig(input).stepped).to.equal(true);
    expect(() => checkConfig({ ...input, host: "0.0.0.0" })).to.throw(ConfigInvalid, "loopback");
  });

  it("is refused where the chain isn't one for development", async () => {
    await settlement.anvil.provider.send("anvil_setChainId", [1]);
    try {
      const key = settlement.anvil.wallet(3).privateKey;
      const error = await TestNode.start(settlement, { role: ["claimer"], key, stepped: true }).catch(
        (failure: Error) => failure,
      );
      expect(error)
        .to.be.instanceOf(ConfigInvalid)
        .and.have.property("message")
        .that.includes("development chain");
    } finally {
      await settlement.anvil.provider.send("anvil_setChainId", [31_337]);
    }
  });

  it("reads L1 by itself, and acts only when it is told", async () => {
    await rollup.deposit(alice.address);
    const head = await settlement.anvil.provider.getBlockNumber();
    await eventually(
      "L1's head",
      async () => (await rpc.call<Status & { l1: { number: number } }>("rollup_status")).l1.number >= head,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await posted()).to.equal(0);
    expect(await step()).to.equal(1);
    expect(await posted()).to.equal(1);
    expect(await step()).to.equal(0);
    expect((await rpc.call<Status>("rollup_status")).batch.derived).to.equal(1);
  });

  it("makes one batch of all that waits, however it came in", async () => {
    const hashes: string[] = [];
    for (const nonce of [0, 1, 2]) {
      hashes.push(
        await rpc.call<string>("ledger_sendTransaction", await rollup.send(alice, nonce, alice.address)),
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(await rpc.call("ledger_getReceipt", hashes[0])).to.deep.equal({ finality: "waiting" });
    expect(await step()).to.equal(1);
    const receipts = await Promise.all(
      hashes.map((hash) => rpc.call<{ block: number; batch: number }>("ledger_getReceipt", hash)),
    );
    expect(new Set(receipts.map(({ block, batch }) => `${block}/${batch}`)).size).to.equal(1);
  });

  it("ends a step when what it sent is mined, be it later", async () => {
    const { provider } = settlement.anvil;
    await rpc.call("ledger_sendTransaction", await rollup.send(alice, 3, alice.address));
    await provider.send("evm_setAutomine", [false]);
    const stepping = step();
    stepping.catch(() => undefined); // awaited below
    await eventually("the post in L1's pool", async () => {
      const { pending } = (await provider.send("txpool_status", [])) as { pending: string };
      return BigInt(pending) > 0n;
    });
    await provider.send("evm_mine", []);
    await provider.send("evm_setAutomine", [true]);
    expect(await stepping).to.equal(1);
  });
});

describe("Node > by itself", () => {
  it("has no steps", async () => {
    const settlement = await Settlement.start();
    const node = await TestNode.start(settlement, { role: ["follower"] });
    const { data } = await new RpcClient(`${node.endpoint}/`).failure("host_step");
    expect(data.name).to.equal("NotStepped");
    await node.stop();
    await settlement.stop();
  });
});
