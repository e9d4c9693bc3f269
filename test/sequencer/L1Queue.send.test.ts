import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseEther, parseUnits } from "ethers";
import { createLog } from "../../sequencer/src";
import { L1Answer, L1Client, L1Unreachable } from "../../sequencer/src/l1/client";
import { L1Queue } from "../../sequencer/src/l1/queue";
import { SigningGuard } from "../../sequencer/src/signer/guard";
import { ForeignData, HostStore } from "../../sequencer/src/store/host";
import { Anvil } from "./anvil";
import { eventually } from "./fixture";

const log = createLog("silent");
const REVERTING = "0x00000000000000000000000000000000000000fd";

describe("L1 queue", function () {
  let anvil: Anvil;
  let folder: string;
  let store: HostStore;

  before(async () => {
    anvil = await Anvil.start();
  });

  after(async () => {
    await anvil?.stop();
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollworks-queue-"));
    store = new HostStore(folder);
  });

  afterEach(async () => {
    await anvil.provider.send("evm_setAutomine", [true]);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const key = () => anvil.wallet(6).privateKey;
  const open = (maxFee = parseUnits("1000", "gwei")) =>
    new L1Queue(
      { key: key(), chainId: 31_337n, maxFee, bumpAfterMs: 50 },
      {
        client: new L1Client({ endpoints: [anvil.url] }, { log }),
        entries: (address) => store.entries(address),
        guard: new SigningGuard(store.slots),
        log,
      },
    );
  const pay = (id: string, value: bigint) => ({ id, to: anvil.wallet(7).address, data: "0x", value });

  /** anvil answers before it has mined: as in the node, the queue looks again until it finds the receipt. */
  async function mined<T>(queue: L1Queue, outcome: Promise<T>): Promise<T> {
    const timer = setInterval(() => void queue.tick({ number: 0, timestamp: 0 }).catch(() => undefined), 20);
    try {
      return await outcome;
    } finally {
      clearInterval(timer);
      await queue.idle();
    }
  }

  it("sends one after the other, and joins a request that is under way", async () => {
    const queue = open();
    const sent = [queue.submit(pay("a", 1n)), queue.submit(pay("b", 2n)), queue.submit(pay("a", 1n))];
    const outcomes = await mined(queue, Promise.all(sent));
    expect(outcomes[0]).to.equal(outcomes[2]);
    expect(outcomes.every(({ succeeded }) => succeeded)).to.equal(true);
    const nonces = await Promise.all(
      outcomes.map(async ({ hash }) => (await anvil.provider.getTransaction(hash))!.nonce),
    );
    expect(nonces[1]! - nonces[0]!).to.equal(1);
  });

  it("signs nothing that the simulation says would revert, or that the key can't pay for", async () => {
    const queue = open();
    const before = await anvil.wallet(6).getNonce();
    const poor = await queue.submit(pay("poor", parseEther("1000000"))).catch((failure: Error) => failure);
    expect(poor).to.have.property("name", "FundsTooLow");
    await anvil.provider.send("anvil_setCode", [REVERTING, "0x60006000fd"]);
    const refused = await queue
      .submit({ id: "refused", to: REVERTING, data: "0x" })
      .catch((failure: Error) => failure);
    expect(refused).to.have.property("name", "WouldRevert");
    expect(await anvil.wallet(6).getNonce()).to.equal(before);
    expect((await mined(queue, queue.submit(pay("rich", 1n)))).succeeded).to.equal(true);
  });

  it("raises the fee of what isn't mined, also after a restart, and never sends it twice [a transaction to L1 sent twice]", async () => {
    const balance = await anvil.provider.getBalance(anvil.wallet(7).address);
    await anvil.provider.send("evm_setAutomine", [false]);
    const first = open();
    void first.submit(pay("slow", 5n)).catch(() => undefined);
    const pending = async () =>
      (await anvil.provider.send("eth_getBlockByNumber", ["pending", true])) as {
        transactions: { maxFeePerGas: string }[];
      };
    const fee = await eventually(
      "the transaction",
      async () => (await pending()).transactions[0]?.maxFeePerGas,
    );
    await first.idle();
    const second = open();
    expect(second.isUnderWay("slow")).to.equal(true);
    const outcome = second.submit(pay("slow", 5n));
    const raised = await eventually("a higher fee", async () => {
      await second.tick({ number: 0, timestamp: 0 }); // the first one sends it again as it was, the next ones raise its fee
      const [transaction] = (await pending()).transactions;
      return (
        transaction !== undefined &&
        BigInt(transaction.maxFeePerGas) > BigInt(fee) &&
        transaction.maxFeePerGas
      );
    });
    expect(BigInt(raised)).to.be.at.least((BigInt(fee) * 110n) / 100n);
    await anvil.provider.send("evm_mine", []);
    expect((await mined(second, outcome)).succeeded).to.equal(true);
    expect((await anvil.provider.getBalance(anvil.wallet(7).address)) - balance).to.equal(5n);
  });

  it("looks at a duty afresh when its nonce was used elsewhere", async () => {
    await anvil.provider.send("evm_setAutomine", [false]);
    const queue = open(parseUnits("3", "gwei"));
    const outcome = queue.submit(pay("rival", 5n)).catch((error: Error) => error);
    await eventually("the signature", async () => queue.isUnderWay("rival"));
    await queue.idle();
    const wallet = anvil.wallet(6);
    const nonce = await wallet.getNonce();
    const fees = { maxFeePerGas: parseUnits("900", "gwei"), maxPriorityFeePerGas: parseUnits("900", "gwei") };
    await wallet.sendTransaction({ to: wallet.address, nonce, ...fees });
    await anvil.provider.send("evm_mine", []);
    expect(await mined(queue, outcome)).to.be.instanceOf(Error);
    expect(queue.isUnderWay("rival")).to.equal(false);
  });
});

describe("Signing guard", () => {
  it("gives one signature per slot, also after a restart [two signatures for one nonce]", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollworks-guard-"));
    let store = new HostStore(folder);
    await new SigningGuard(store.slots).claim("l1", "7", "0x01");
    await new SigningGuard(store.slots).claim("l1", "7", "0x01");
    await store.close();
    store = new HostStore(folder);
    const error = await new SigningGuard(store.slots)
      .claim("l1", "7", "0x02")
      .catch((failure: Error) => failure);
    expect(error).to.have.property("name", "SlotUsed");
    await new SigningGuard(store.slots).claim("l1", "8", "0x02");
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe("Host store", () => {
  it("belongs to one deployment", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollworks-store-"));
    const store = new HostStore(folder);
    await store.bind("1/0xaa");
    await store.bind("1/0xaa");
    const error = await store.bind("1/0xbb").catch((failure: Error) => failure);
    expect(error).to.be.instanceOf(ForeignData);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe("L1 client", () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function endpoint(answer: () => { status: number; body: string }): Promise<string> {
    const server = createServer((_request, response) => {
      const { status, body } = answer();
      response.writeHead(status).end(body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const good = () => ({ status: 200, body: '{"jsonrpc":"2.0","id":1,"result":"0x1"}' });

  it("takes the next endpoint when one is busy, broken or gone, and stays there", async () => {
    let calls = 0;
    const busy = await endpoint(() => (calls++, { status: 429, body: "slow down" }));
    const broken = await endpoint(() => ({ status: 502, body: "<html>" }));
    const client = new L1Client(
      { endpoints: [busy, broken, "http://127.0.0.1:9", await endpoint(good)] },
      { log },
    );
    expect(await client.call("eth_chainId", [])).to.equal("0x1");
    expect(await client.call("eth_chainId", [])).to.equal("0x1");
    expect(calls).to.equal(1);
  });

  it("passes on what an endpoint answers, without asking another", async () => {
    const refusing = await endpoint(() => ({
      status: 200,
      body: '{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"execution reverted","data":"0x1234"}}',
    }));
    const client = new L1Client({ endpoints: [refusing, await endpoint(good)] }, { log });
    const error = await client.call("eth_call", []).catch((failure: Error) => failure);
    expect(error).to.be.instanceOf(L1Answer).and.include({ code: 3, data: "0x1234" });
  });

  it("says when none can be reached", async () => {
    const client = new L1Client({ endpoints: ["http://127.0.0.1:9"] }, { log });
    expect(await client.call("eth_chainId", []).catch((failure: Error) => failure)).to.be.instanceOf(
      L1Unreachable,
    );
  });
});
