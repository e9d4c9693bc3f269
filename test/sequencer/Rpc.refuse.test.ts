import { request as httpRequest } from "node:http";
import { expect } from "chai";
import { concat, dataSlice, toBeHex, Wallet, ZeroAddress } from "ethers";
import { GAS_PRICE, eventually, Rollup, RpcClient, RpcFailure, Settlement, TestNode } from "./fixture";

const HALF_ORDER = BigInt("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

describe("RPC > refusing", function () {
  let settlement: Settlement;
  let rollup: Rollup;
  let node: TestNode;
  let rpc: RpcClient;
  let send: (raw: unknown) => Promise<RpcFailure>;
  const alice = new Wallet(Wallet.createRandom().privateKey);
  const poor = new Wallet(Wallet.createRandom().privateKey);

  before(async () => {
    settlement = await Settlement.start();
    const sequencer = settlement.anvil.wallet(2);
    node = await TestNode.start(settlement, { role: ["sequencer"], key: sequencer.privateKey });
    rollup = await settlement.createRollup(sequencer);
    rpc = node.rpc(rollup);
    send = (raw) => rpc.failure("ledger_sendTransaction", raw);
    await rollup.deposit(alice.address);
    await eventually(
      "the deposit",
      async () => BigInt(await rpc.call<string>("ledger_getBalance", alice.address)) > 0n,
    );
  });

  after(async () => {
    await node?.stop();
    await settlement?.stop();
  });

  const failureOf = async (body: unknown): Promise<RpcFailure> =>
    (await rpc.body<{ error: RpcFailure }>(body)).error;

  describe("bodies", () => {
    it("names a body that isn't JSON", async () => {
      const failure = await failureOf("{nonsense");
      expect(failure).to.deep.include({ code: -32700 });
      expect(failure.data.name).to.equal("ParseError");
    });

    it("names an empty body", async () => {
      expect((await failureOf("")).data.name).to.equal("ParseError");
    });

    for (const [what, body] of [
      ["a number", 7],
      ["no version", { id: 1, method: "eth_chainId" }],
      ["no id, as a notification", { jsonrpc: "2.0", method: "eth_chainId" }],
      ["a method that is no text", { jsonrpc: "2.0", id: 1, method: 7 }],
    ] as const) {
      it(`names a request with ${what}`, async () => {
        expect((await failureOf(body)).data.name).to.equal("InvalidRequest");
      });
    }

    it("names parameters that are no array", async () => {
      const failure = await failureOf({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: { a: 1 } });
      expect(failure.data).to.include({ name: "InvalidParams", parameter: "params" });
    });

    it("names a method it doesn't have", async () => {
      const failure = await rpc.failure("ledger_printMoney");
      expect(failure.code).to.equal(-32601);
      expect(failure.data).to.include({ name: "MethodNotFound", method: "ledger_printMoney" });
    });

    it("names an empty array", async () => {
      expect((await failureOf([])).data.name).to.equal("BatchEmpty");
    });

    it("answers 200 requests at once and names the limit to more", async () => {
      const requests = (count: number) =>
        Array.from({ length: count }, (_, id) => ({ jsonrpc: "2.0", id, method: "eth_chainId" }));
      const answers = await rpc.body<{ id: number; result: string }[]>(requests(200));
      expect(answers.map(({ id }) => id)).to.deep.equal(Array.from({ length: 200 }, (_, id) => id));
      expect((await failureOf(requests(201))).data).to.include({
        name: "BatchTooLarge",
        requests: 201,
        limit: 200,
      });
    });

    it("answers the good requests of an array beside the bad ones", async () => {
      const answers = await rpc.body<{ result?: string; error?: RpcFailure }[]>([
        { jsonrpc: "2.0", id: 1, method: "eth_chainId" },
        { jsonrpc: "2.0", id: 2, method: "nonsense" },
      ]);
      expect(BigInt(answers[0]!.result!)).to.equal(rollup.chainId);
      expect(answers[1]!.error!.data.name).to.equal("MethodNotFound");
    });

    it("names the limit to a body of more than 1 MiB [a body without end]", async () => {
      const failure = await failureOf(
        JSON.stringify({ jsonrpc: "2.0", id: 1, method: "x", params: ["0".repeat(1024 * 1024)] }),
      );
      expect(failure.data).to.include({ name: "BodyTooLarge", limit: 1024 * 1024 });
    });

    it("names a rollup it doesn't serve", async () => {
      const stranger = new RpcClient(`${node.endpoint}/r/424242`);
      expect((await stranger.failure("eth_chainId")).data).to.include({
        name: "RollupUnknown",
        chainId: "424242",
      });
      const nonsense = new RpcClient(`${node.endpoint}/r/..%2Fhost`);
      expect((await nonsense.failure("eth_chainId")).data.name).to.equal("RollupUnknown");
    });
  });

  describe("transactions", () => {
    it("names what isn't hexadecimal", async () => {
      for (const raw of [7, null, "0x1", "nonsense", "0xzz"]) {
        expect((await send(raw)).data).to.include({ name: "InvalidParams", parameter: "transaction" });
      }
    });

    it("names superfluous parameters", async () => {
      expect((await rpc.failure("ledger_sendTransaction", "0x", "0x")).data).to.include({
        name: "InvalidParams",
        limit: 1,
      });
    });

    it("names the limit to its length", async () => {
      expect((await send(`0x${"00".repeat(1_025)}`)).data).to.include({
        name: "TransactionTooLarge",
        bytes: 1_025,
        limit: 1_024,
      });
    });

    it("names the field that doesn't decode", async () => {
      const good = await rollup.send(alice, 0, poor.address);
      expect((await send("0x")).data).to.include({ name: "TransactionMalformed", field: "action" });
      expect((await send("0x63")).data).to.include({ name: "TransactionMalformed", field: "action" });
      expect((await send(dataSlice(good, 0, 30))).data).to.include({ name: "TransactionMalformed" });
      expect((await send(concat([good, "0x00"]))).data).to.include({
        name: "TransactionMalformed",
        field: "signature",
      });
      const padded = concat(["0x01", poor.address, "0x0200ff", dataSlice(good, 23)]);
      expect((await send(padded)).data).to.include({
        name: "TransactionMalformed",
        field: "amount",
        rule: "an integer with a leading zero byte",
      });
    });

    it("names a high s", async () => {
      const good = await rollup.send(alice, 0, poor.address);
      const high = concat([dataSlice(good, 0, -32), toBeHex(HALF_ORDER + 1n, 32)]);
      expect((await send(high)).data).to.include({
        name: "SignatureInvalid",
        rule: "s at most half of the curve's order",
      });
    });

    it("names a signature without a signer", async () => {
      const good = await rollup.send(alice, 0, poor.address);
      const none = concat([dataSlice(good, 0, -64), `0x${"ff".repeat(32)}`, toBeHex(1, 32)]);
      expect((await send(none)).data.name).to.equal("SignatureInvalid");
    });

    it("takes a transaction signed for another chain for one of somebody who has nothing", async () => {
      const elsewhere = new Rollup(settlement, 9n, rollup.chainId + 1n);
      expect((await send(await elsewhere.send(alice, 0, poor.address))).data.name).to.equal("BalanceTooLow");
    });

    it("names the fee it needs", async () => {
      const raw = await rollup.signFor(
        alice,
        0,
        { type: "SendCoin", to: poor.address, amount: 1n },
        200n * GAS_PRICE - 1n,
      );
      expect((await send(raw)).data).to.include({ name: "FeeTooLow", least: String(200n * GAS_PRICE) });
    });

    it("names the balance it needs", async () => {
      expect((await send(await rollup.send(poor, 0, alice.address))).data).to.include({
        name: "BalanceTooLow",
        balance: "0",
      });
      const all = await rollup.send(alice, 0, poor.address, 10n ** 18n);
      expect((await send(all)).data).to.include({
        name: "BalanceTooLow",
        needed: String(10n ** 18n + 200n * GAS_PRICE),
      });
    });

    it("names a nonce too far ahead", async () => {
      expect((await send(await rollup.send(alice, 17, poor.address))).data).to.include({
        name: "NonceTooHigh",
        got: 17,
        limit: 16,
      });
    });

    it("names a nonce that waits for its turn, without replacing it, and one whose turn doesn't come", async () => {
      const answers = await rpc.call<{ error?: RpcFailure }[]>("ledger_sendTransaction", [
        await rollup.send(alice, 3, poor.address, 1n),
        await rollup.send(alice, 3, poor.address, 2n),
      ]);
      const [first, second] = answers.map(({ error }) => error!.data);
      expect(first).to.include({ name: "NonceTooHigh", got: 3, next: 0 });
      expect(second).to.include({ name: "NonceTaken", got: 3, next: 0 });
    });

    it("names a nonce that was used", async () => {
      const hash = await rpc.call<string>(
        "ledger_sendTransaction",
        await rollup.send(alice, 0, poor.address),
      );
      await eventually(
        "the block",
        async () => (await rpc.call<{ finality: string }>("ledger_getReceipt", hash)).finality !== "waiting",
      );
      expect((await send(await rollup.send(alice, 0, alice.address))).data).to.include({
        name: "NonceTooLow",
        got: 0,
        next: 1,
      });
    });

    it("answers an array one by one", async () => {
      const good = await rollup.send(alice, 1, poor.address);
      const answers = await rpc.call<{ hash?: string; error?: RpcFailure }[]>("ledger_sendTransaction", [
        good,
        "0x63",
      ]);
      expect(answers[0]).to.have.property("hash");
      expect(answers[1]!.error!.data.name).to.equal("TransactionMalformed");
      const failure = await rpc.failure(
        "ledger_sendTransaction",
        Array.from({ length: 201 }, () => good),
      );
      expect(failure.data).to.include({ name: "BatchTooLarge", transactions: 201, limit: 200 });
    });

    it("names a node that doesn't sequence", async () => {
      const follower = await TestNode.start(settlement, { role: ["follower"] });
      const failure = await eventually("the follower", async () =>
        follower.rpc(rollup).failure("ledger_sendTransaction", await rollup.send(alice, 2, poor.address)),
      );
      expect(failure.data.name).to.equal("NotASequencer");
      await follower.stop();
    });
  });

  describe("questions", () => {
    for (const [method, params, expected] of [
      ["ledger_getBalance", [], { name: "InvalidParams", parameter: "owner" }],
      [
        "ledger_getBalance",
        ["0x1234"],
        { name: "InvalidParams", parameter: "owner", bytes: 2, rule: "20 bytes" },
      ],
      ["ledger_getBalance", [ZeroAddress, 9], { name: "InvalidParams", parameter: "kind", rule: "0 to 7" }],
      ["ledger_getBalance", [ZeroAddress, 5], { name: "InvalidParams", parameter: "token" }],
      ["ledger_getHolder", [5, ZeroAddress, 1], { name: "InvalidParams", parameter: "kind", rule: "2 or 6" }],
      ["ledger_getReceipt", ["0x12"], { name: "InvalidParams", parameter: "hash", rule: "32 bytes" }],
      ["rollup_status", [1], { name: "InvalidParams", limit: 0 }],
      ["rollup_getBlock", [-1], { name: "InvalidParams", parameter: "height" }],
      ["rollup_getBlock", [1e6], { name: "BlockUnknown", height: 1e6 }],
      ["rollup_getBatch", [1e6], { name: "BatchUnknown", index: 1e6 }],
      ["rollup_exits", ["0x"], { name: "InvalidParams", parameter: "owner" }],
      ["rollup_exitProof", [5], { name: "ExitUnknown", index: 5 }],
      ["rollup_exitProof", [0, 0], { name: "ExitRunInvalid", length: 0, limit: 128 }],
      ["rollup_exitProof", [0, 129], { name: "ExitRunInvalid", length: 129, limit: 128 }],
    ] as const) {
      it(`names what is wrong with ${method}(${params.join(", ")})`, async () => {
        expect((await rpc.failure(method, ...params)).data).to.include(expected);
      });
    }

    it("answers null for a transaction it doesn't know", async () => {
      expect(await rpc.call("ledger_getReceipt", `0x${"11".repeat(32)}`)).to.equal(null);
    });
  });

  it("listens on loopback", async () => {
    expect(node.endpoint).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(`${node.endpoint}/readyz`, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).to.equal(200);
  });
});
