import { expect } from "chai";
import { Wallet, ZeroAddress, ZeroHash } from "ethers";
import { OPEN_MODULE } from "../../sdk/src/protocol";
import { eventually, Rollup, Settlement, Status, TestNode } from "./fixture";

const DAY = 86_400;

describe("Node > beside others", function () {
  this.timeout(180_000);
  let settlement: Settlement;
  const alice = new Wallet(Wallet.createRandom().privateKey);
  const nodes: TestNode[] = [];

  beforeEach(async () => {
    settlement = await Settlement.start();
  });

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await settlement?.stop();
  });

  async function start(role: "sequencer" | "claimer", index: number): Promise<TestNode> {
    const node = await TestNode.start(settlement, {
      role: [role],
      key: settlement.anvil.wallet(index).privateKey,
    });
    nodes.push(node);
    return node;
  }

  /** Transactions to the hub that L1 reverted. */
  async function reverted(): Promise<string[]> {
    const { provider } = settlement.anvil;
    const hub = await settlement.hubAddress();
    const found: string[] = [];
    for (let number = settlement.startBlock; number <= (await provider.getBlockNumber()); number++) {
      const block = (await provider.getBlock(number, true))!;
      for (const { to, hash, data } of block.prefetchedTransactions) {
        if (to !== hub || (await provider.getTransactionReceipt(hash))!.status === 1) continue;
        found.push(settlement.hub.interface.parseTransaction({ data })!.name);
      }
    }
    return found;
  }

  async function balance(node: TestNode, rollup: Rollup, owner: string): Promise<bigint> {
    return BigInt(await node.rpc(rollup).call<string>("ledger_getBalance", owner));
  }

  /** Lets windows pass until a batch is final, each time with a while for the nodes to act. */
  async function final(rollup: Rollup, index: bigint): Promise<void> {
    for (let window = 0; window < 6; window++) {
      await settlement.anvil.pass(2_000, 120);
      for (let wait = 0; wait < 50; wait++) {
        if ((await settlement.hub.lastFinal(rollup.id)).index >= index) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error(`batch ${index} isn't final after six windows`);
  }

  it("finalises, consumes messages and retires with four others, and they hardly ever get into each other's way", async () => {
    const rollup = await settlement.createRollup(settlement.anvil.wallet(2), { lifetime: { unwind: 600n } });
    const sequencer = await start("sequencer", 2);
    for (const index of [3, 4, 5, 6]) await start("claimer", index);
    for (let round = 1n; round <= 3n; round++) {
      await rollup.deposit(alice.address);
      await eventually(
        "the deposit",
        async () => (await balance(sequencer, rollup, alice.address)) === round * 10n ** 18n,
      );
      // A deposit while the batch is on its way would be taken by that one, made anew.
      await eventually(
        "the batch",
        async () =>
          (await sequencer.rpc(rollup).call<Status>("rollup_status")).batch.derived === Number(round),
      );
    }
    await final(rollup, 3n);
    await sequencer.stop();
    nodes.shift();
    const forced = await rollup.send(alice, 0, settlement.anvil.wallet(9).address, 5n);
    await (await settlement.hub.connect(settlement.anvil.wallet(9)).force(rollup.id, forced)).wait();
    await settlement.anvil.pass(4_000);
    const stranger = nodes[0]!.rpc(rollup);
    await eventually(
      "the forced transaction",
      async () => (await stranger.call<Status>("rollup_status")).messages.consumed === 4,
      30_000,
    );
    const posts = await settlement.hub.queryFilter(settlement.hub.filters.Posted(rollup.id));
    expect(posts).to.have.length(4);
    // Sixteen times somebody could have done what somebody else was doing.
    expect(await reverted()).to.have.length.at.most(1);
  });

  it("refreshes its line when half of its time is over, and claims on", async () => {
    const key = settlement.anvil.wallet(2);
    const rollup = await settlement.createRollup(key);
    const node = await start("sequencer", 2);
    const { hub } = settlement;
    const before = (await hub.lineOf(rollup.id, key.address)).validUntil;
    await settlement.anvil.pass(5 * DAY, DAY);
    await rollup.deposit(alice.address);
    await eventually(
      "the batch",
      async () => (await node.rpc(rollup).call<Status>("rollup_status")).batch.derived === 1,
    );
    expect(await hub.queryFilter(hub.filters.LineRefreshed(rollup.id))).to.have.length(0);
    await settlement.anvil.pass(8 * DAY, DAY);
    await eventually(
      "the refresh",
      async () => (await hub.queryFilter(hub.filters.LineRefreshed(rollup.id))).length > 0,
    );
    expect((await hub.lineOf(rollup.id, key.address)).validUntil).to.be.above(before);
    // Even when all of its time went by at once.
    await settlement.anvil.pass(40 * DAY, DAY);
    await rollup.deposit(alice.address);
    await eventually(
      "a claim",
      async () => {
        const posts = await hub.queryFilter(hub.filters.Posted(rollup.id));
        if (posts.length < 2) return false;
        const withPost = posts.at(-1)!.args.commitment !== ZeroHash;
        return withPost || (await hub.queryFilter(hub.filters.Claimed(rollup.id))).length > 0;
      },
      30_000,
    );
    expect(await reverted()).to.deep.equal([]);
  });

  it("waits for its turn where batches are paced, and goes on building blocks meanwhile", async () => {
    const key = settlement.anvil.wallet(2);
    const rollup = await settlement.createRollup(key, {
      chain: { sequencing: OPEN_MODULE, sequencer: ZeroAddress },
    });
    const node = await start("sequencer", 2);
    const rpc = node.rpc(rollup);
    await settlement.anvil.pass(240);
    await rollup.deposit(alice.address);
    await eventually("the deposit", async () => (await balance(node, rollup, alice.address)) > 0n);
    const posts = () => settlement.hub.queryFilter(settlement.hub.filters.Posted(rollup.id));
    await eventually("the first post", async () => (await posts()).length === 1);
    for (const nonce of [0, 1, 2]) {
      const hash = await rpc.call<string>(
        "ledger_sendTransaction",
        await rollup.send(alice, nonce, key.address),
      );
      const sealed = async () =>
        (await rpc.call<{ finality: string } | null>("ledger_getReceipt", hash))?.finality === "sealed";
      await eventually("a block", sealed);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await posts()).to.have.length(1);
    await settlement.anvil.pass(240);
    await eventually("the second post", async () => (await posts()).length === 2);
    expect((await rpc.call<Status>("rollup_status")).proposed.block).to.be.at.least(2);
    expect(await reverted()).to.deep.equal([]);
  });
});
