import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { checkConfig, createLog, Host } from "../../sequencer/src";
import { HostStore } from "../../sequencer/src/store/host";
import { eventually, keyFile, Rollup, RpcClient, Settlement, Status, TestNode } from "./fixture";

describe("Node > rollups apart", function () {
  this.timeout(180_000);
  let settlement: Settlement;
  let directory: string;
  const nodes: TestNode[] = [];
  const alice = Wallet.createRandom().address;
  const bob = Wallet.createRandom().address;

  beforeEach(async () => {
    settlement = await Settlement.start();
    directory = mkdtempSync(join(tmpdir(), "rollworks-apart-"));
  });

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await settlement?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(changes: Parameters<typeof TestNode.start>[1]): Promise<TestNode> {
    const node = await TestNode.start(settlement, { data: directory, ...changes });
    nodes.push(node);
    return node;
  }

  const count = async (node: TestNode, rollup: Rollup) =>
    (await node.rpc(rollup).call<Status>("rollup_status")).messages.count;

  async function knows(node: TestNode, rollup: Rollup, messages: number): Promise<void> {
    await eventually(`${messages} messages`, async () => (await count(node, rollup)) === messages, 30_000);
  }

  it("go on when the store of one fails, which catches up once it is mended [a rollup that stops its host]", async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "rollup-1"), "no directory");
    let node = await start({ role: ["follower"] });
    const first = await settlement.createRollup(settlement.anvil.wallet(2));
    const second = await settlement.createRollup(settlement.anvil.wallet(3));
    await first.deposit(alice);
    await second.deposit(bob);
    await knows(node, second, 1);
    const { data } = await node.rpc(first).failure("rollup_status");
    expect(data.name).to.equal("RollupHalted");
    await second.deposit(bob);
    await knows(node, second, 2);

    await nodes.pop()!.halt();
    rmSync(join(directory, "rollup-1"));
    node = await start({ role: ["follower"] });
    await first.deposit(alice);
    await knows(node, first, 2);
    await knows(node, second, 2);
  });

  it("start though the store of one can't be read", async () => {
    const first = await settlement.createRollup(settlement.anvil.wallet(2));
    const second = await settlement.createRollup(settlement.anvil.wallet(3));
    let node = await start({ role: ["follower"] });
    await knows(node, second, 0);
    await nodes.pop()!.halt();
    rmSync(join(directory, "rollup-1"), { recursive: true });
    writeFileSync(join(directory, "rollup-1"), "no directory");
    node = await start({ role: ["follower"] });
    await second.deposit(bob);
    await knows(node, second, 1);
    const ready = await fetch(`${node.endpoint}/readyz`);
    expect([ready.status, await ready.text()]).to.deep.equal([200, "halted: 1"]);
    expect((await node.rpc(first).failure("rollup_status")).data.name).to.equal("RollupHalted");
  });

  it("may be served later than they were created", async () => {
    const first = await settlement.createRollup(settlement.anvil.wallet(2));
    let node = await start({ role: ["follower"], rollups: [1] });
    const second = await settlement.createRollup(settlement.anvil.wallet(3));
    await second.deposit(alice, bob);
    await first.deposit(alice);
    await knows(node, first, 1);
    await nodes.pop()!.halt();

    node = await start({ role: ["follower"], rollups: [1, 2] });
    await first.deposit(alice);
    await knows(node, first, 2);
    await settlement.anvil.provider.send("anvil_mine", ["0x1"]);
    await knows(node, second, 2);
    await second.deposit(alice);
    await knows(node, second, 3);
    await nodes.pop()!.halt();

    node = await start({ role: ["follower"], rollups: [2] });
    await first.deposit(bob);
    await second.deposit(bob);
    await knows(node, second, 4);
    await nodes.pop()!.halt();

    node = await start({ role: ["follower"] });
    await settlement.anvil.provider.send("anvil_mine", ["0x1"]);
    await knows(node, first, 3);
    await settlement.anvil.provider.send("anvil_mine", ["0x1"]);
    await knows(node, first, 3);
  });

  it("forget what a lost block said though the node was killed before it had noted the block [a fact of a lost block]", async () => {
    const { provider } = settlement.anvil;
    const sequencer = settlement.anvil.wallet(2);
    const rollup = await settlement.createRollup(sequencer);
    const follower = await start({ role: ["follower"] });
    await knows(follower, rollup, 0);
    const before = await provider.getBlockNumber();
    await rollup.deposit(alice);
    await knows(follower, rollup, 1);
    await nodes.pop()!.halt();

    // As after a kill between the rollup's write and the host's.
    const store = new HostStore(directory);
    for (const key of [...store.seen.getKeys({ start: before + 1 })]) await store.seen.remove(key);
    await store.close();
    await provider.send("anvil_rollback", [(await provider.getBlockNumber()) - before]);
    await rollup.deposit(bob);

    const node = await start({ role: ["sequencer"], key: sequencer.privateKey });
    const balance = async (owner: string) =>
      BigInt(await node.rpc(rollup).call<string>("ledger_getBalance", owner));
    await eventually("the deposit of the block that stands", async () => (await balance(bob)) > 0n, 30_000);
    expect(await balance(alice)).to.equal(0n);
    expect(await count(node, rollup)).to.equal(1);
  });

  describe("with an endpoint of its own", () => {
    let host: Host;
    let endpoint: string;
    /** may hold up or refuse a request */
    let gate: (method: string, params: readonly unknown[]) => Promise<void>;

    beforeEach(() => {
      gate = () => Promise.resolve();
    });

    afterEach(async () => {
      gate = () => Promise.resolve();
      await host?.stop();
    });

    async function launch(role: "follower" | "sequencer", key?: string): Promise<void> {
      const { provider } = settlement.anvil;
      const config = checkConfig({
        l1: [settlement.anvil.url],
        hub: await settlement.hubAddress(),
        startBlock: settlement.startBlock,
        data: directory,
        ...{ port: 0, workers: 1, pollMs: 25, blockMs: 20, batchMs: 150, bumpMs: 2_000 },
        role: [role],
        logLevel: (process.env["NODE_LOG"] ?? "silent") as "silent",
        ...(key === undefined ? {} : { keyFile: keyFile(directory, key) }),
      });
      const l1 = {
        request: async ({ method, params = [] }: { method: string; params?: unknown[] }) => {
          await gate(method, params);
          return provider.send(method, params) as Promise<unknown>;
        },
      };
      host = new Host(config, { log: createLog(config.logLevel), l1 });
      endpoint = await host.start();
    }

    const status = (rollup: Rollup) =>
      new RpcClient(`${endpoint}/r/${rollup.chainId}`).call<Status>("rollup_status");

    it("are prepared again when L1 didn't answer", async () => {
      let refused = 0;
      gate = async (method) => {
        if (method === "eth_call" && refused < 1 && host !== undefined) {
          refused++;
          throw Object.assign(new Error("too busy"), { code: -32_005 });
        }
      };
      const open = gate;
      gate = () => Promise.resolve();
      await launch("follower");
      gate = open;
      const rollup = await settlement.createRollup(settlement.anvil.wallet(2));
      await eventually("the rollup", async () => (await status(rollup)).batch.posted === 0, 30_000);
      expect(refused).to.equal(1);
      await rollup.deposit(alice);
      await eventually("its message", async () => (await status(rollup)).messages.count === 1);
    });

    it("follow a reorg though another is in the middle of a batch [a reorg that waits for the slowest rollup]", async () => {
      const { provider } = settlement.anvil;
      const key = settlement.anvil.wallet(2);
      const sender = new Wallet(Wallet.createRandom().privateKey);
      const slow = await settlement.createRollup(key);
      const other = await settlement.createRollup(settlement.anvil.wallet(3));
      const sequencer = await TestNode.start(settlement, {
        role: ["sequencer"],
        key: key.privateKey,
        rollups: [Number(slow.id)],
      });
      let [isHeld, release] = [false, () => {}];
      const released = new Promise<void>((resolve) => (release = resolve));
      try {
        await launch("follower");
        await slow.deposit(sender.address);
        await eventually("batch 1", async () => (await status(slow)).batch.derived === 1, 30_000);
        // A batch with data is read from its transaction.
        gate = async (method) => {
          if (method !== "eth_getTransactionByHash") return;
          isHeld = true;
          await released;
        };
        await sequencer.rpc(slow).call("ledger_sendTransaction", await slow.send(sender, 0, bob));
        await eventually("batch 2 to be held up", async () => isHeld, 30_000);
        await other.deposit(bob);
        await eventually("the message", async () => (await status(other)).messages.count === 1);
        await provider.send("anvil_reorg", [1, []]);
        await eventually("the reorg", async () => (await status(other)).messages.count === 0);
        expect((await status(slow)).batch.derived).to.equal(1);
        release();
        await eventually("batch 2", async () => (await status(slow)).batch.derived === 2);
      } finally {
        release();
        await sequencer.stop();
      }
    });
  });
});
