import { expect } from "chai";
import fc from "fast-check";
import { hexlify, keccak256, randomBytes, Wallet, ZeroAddress, ZeroHash } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import { findProgram } from "../../sequencer/src";
import { CATALOGUE } from "../../sequencer/src/rpc/errors";
import { CHAIN_ID_METHODS, HOST_METHODS } from "../../sequencer/src/rpc/host";
import { ROLLUP_METHODS } from "../../sequencer/src/rpc/rollup";
import { eventually, Rollup, RpcClient, RpcFailure, Settlement, Status, TestNode } from "./fixture";

type Answer = { id: unknown; result?: unknown; error?: RpcFailure };
interface Receipt {
  applied: boolean;
  status: string;
  finality: string;
  block?: number;
  position?: number;
}

/** Each method's parameters as they should be; what is optional stands in brackets in docs/rpc.md. */
const GOOD: Readonly<Record<string, readonly unknown[]>> = {
  host_rollups: [0],
  host_status: [],
  host_step: [],
  eth_chainId: [],
  rollup_chainId: [],
  rollup_status: [],
  rollup_getBlock: [0],
  rollup_getBatch: [1],
  rollup_exits: [ZeroAddress, 0],
  rollup_exitProof: [0, 1],
  ledger_sendTransaction: ["0x01"],
  ledger_getReceipt: [ZeroHash],
  ledger_getBalance: [ZeroAddress, 5, ZeroAddress, "0x0"],
  ledger_getNonce: [ZeroAddress],
  ledger_getAsset: [ZeroAddress],
  ledger_getHolder: [6, ZeroAddress, "0x0"],
};
/** How many of them must be there. */
const NEEDED: Readonly<Record<string, number>> = {
  rollup_exits: 1,
  rollup_exitProof: 1,
  ledger_sendTransaction: 1,
  ledger_getReceipt: 1,
  ledger_getBalance: 1,
  ledger_getNonce: 1,
  ledger_getAsset: 1,
  ledger_getHolder: 3,
};
/** What is right for no parameter of any method. */
const WRONG: readonly unknown[] = [
  true,
  -1,
  0.5,
  1e300,
  2 ** 53,
  "",
  "0",
  "0x",
  "0xg0",
  "0x0",
  "-0x1",
  " 0x00",
  "０",
  "0x" + "00".repeat(33),
  "9".repeat(400),
  "\u0000",
  "💣".repeat(1_000),
  [],
  [null],
];
const NAMES: ReadonlySet<string> = new Set(Object.keys(CATALOGUE));

describe("RPC > every method", function () {
  this.timeout(120_000);
  let settlement: Settlement;
  let rollup: Rollup;
  let node: TestNode;
  let follower: TestNode;
  let rpc: RpcClient;
  let host: RpcClient;
  const [alice, bob] = [new Wallet(hexlify(randomBytes(32))), new Wallet(hexlify(randomBytes(32)))];

  before(async () => {
    settlement = await Settlement.start();
    const sequencer = settlement.anvil.wallet(2);
    node = await TestNode.start(settlement, { role: ["sequencer"], key: sequencer.privateKey });
    follower = await TestNode.start(settlement, { role: ["follower"] });
    rollup = await settlement.createRollup(sequencer);
    rpc = node.rpc(rollup);
    host = new RpcClient(`${node.endpoint}/`);
    await rollup.deposit(alice.address);
    await eventually(
      "the deposit",
      async () => BigInt(await rpc.call<string>("ledger_getBalance", alice.address)) > 0n,
    );
  });

  after(async () => {
    await follower?.stop();
    await node?.stop();
    await settlement?.stop();
  });

  const clientOf = (method: string): RpcClient => (HOST_METHODS.includes(method) ? host : rpc);
  const ask = async (method: string, params: unknown): Promise<Answer> =>
    clientOf(method).body<Answer>({ jsonrpc: "2.0", id: 1, method, params });
  /** Fails unless the answer is a result, or an error of the catalogue that isn't the node's own fault. */
  function judge(answer: Answer, what: string): void {
    if (answer.error === undefined) {
      expect(answer, what).to.have.property("result");
      return;
    }
    const { name, next } = answer.error.data;
    expect(NAMES.has(name), `${what}: ${name}`).to.equal(true);
    expect(name, what).to.not.equal("InternalError");
    expect(answer.error.code).to.equal(CATALOGUE[name as keyof typeof CATALOGUE].code);
    expect(next).to.equal(CATALOGUE[name as keyof typeof CATALOGUE].next);
  }

  it("is covered here", () => {
    const { methods } = findProgram(hashes.ledger.programHash)!;
    const served = [...HOST_METHODS, ...CHAIN_ID_METHODS, ...ROLLUP_METHODS, ...methods];
    expect(Object.keys(GOOD).sort()).to.deep.equal([...served].sort());
  });

  for (const [method, good] of Object.entries(GOOD)) {
    describe(method, () => {
      it("names its limit when it is given one parameter too many", async () => {
        const { error } = await ask(method, [...good, "0x00"]);
        expect(error?.data).to.include({
          name: "InvalidParams",
          parameters: good.length + 1,
          limit: good.length,
        });
      });

      it("takes no parameters by name, and nothing nested", async () => {
        for (const params of [{ owner: ZeroAddress }, "0x00", 7, [{}], [[[]]], [[{ a: 1 }]]]) {
          const { error } = await ask(method, params);
          expect(error?.data, JSON.stringify(params)).to.include({
            name: "InvalidParams",
            parameter: "params",
          });
        }
      });

      for (let position = 0; position < (NEEDED[method] ?? 0); position++) {
        it(`misses parameter ${position}`, async () => {
          const { error } = await ask(method, good.slice(0, position));
          expect(error?.data).to.include({ name: "InvalidParams" });
        });
      }

      good.forEach((value, position) => {
        it(`answers wrong values of parameter ${position} by name`, async () => {
          for (const wrong of WRONG) {
            const answer = await ask(method, [
              ...good.slice(0, position),
              wrong,
              ...good.slice(position + 1),
            ]);
            judge(answer, `${method}[${position}] = ${JSON.stringify(wrong).slice(0, 60)}`);
            if (typeof value === "string" && value.length > 4 && (wrong as string | unknown[]).length !== 0)
              expect(answer.error?.data.name, JSON.stringify(wrong).slice(0, 60)).to.equal("InvalidParams");
          }
        });
      });

      it("answers anything at all with a result or an error of the catalogue", async () => {
        const scalar = fc.oneof(
          fc.string(),
          fc.double(),
          fc.boolean(),
          fc.constant(null),
          fc.bigInt({ min: 0n, max: 2n ** 256n }).map(String),
          fc.uint8Array({ maxLength: 40 }).map((bytes) => hexlify(bytes)),
        );
        const params = fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 4 })), { maxLength: 5 });
        await fc.assert(
          fc.asyncProperty(params, async (values) => {
            judge(await ask(method, values), `${method}(${JSON.stringify(values)})`);
          }),
          { numRuns: 40 },
        );
      });
    });
  }

  describe("what no method is", () => {
    it("doesn't reach what every object inherits [a method that every object has]", async () => {
      for (const method of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "", "💣"]) {
        for (const client of [rpc, host])
          expect((await client.failure(method)).data, method).to.include({ name: "MethodNotFound" });
      }
    });

    it("cuts a long name", async () => {
      const { data } = await rpc.failure("x".repeat(100_000));
      expect(String(data["method"])).to.have.length(64);
    });

    it("serves a rollup's methods under its path alone, and the host's at the root alone", async () => {
      expect((await host.failure("rollup_status")).data.name).to.equal("MethodNotFound");
      expect((await rpc.failure("host_status")).data.name).to.equal("MethodNotFound");
    });

    it("outlives a body that is nested as deep as it may be long [a body that exhausts the stack]", async () => {
      const deep = `${"[".repeat(400_000)}${"]".repeat(400_000)}`;
      const body = `{"jsonrpc":"2.0","id":1,"method":"ledger_sendTransaction","params":[${deep}]}`;
      expect((await rpc.body<Answer>(body)).error?.data.name).to.equal("InvalidParams");
      expect(await rpc.body<Answer | Answer[]>(deep)).to.be.an("array");
      expect(await rpc.call("rollup_chainId")).to.be.a("string");
    });
  });

  describe("what is sent out of order, again, or to the wrong one", () => {
    const receiptOf = (hash: string) => rpc.call<Receipt | null>("ledger_getReceipt", hash);
    const applied = (hash: string) =>
      eventually("the receipt", async () => {
        const receipt = await receiptOf(hash);
        return receipt?.applied === true && receipt;
      });
    const balance = async (owner: string) => BigInt(await rpc.call<string>("ledger_getBalance", owner));

    it("applies nonces in their order, in whatever order they come", async () => {
      const raws = await Promise.all(
        [0, 1, 2, 3].map((nonce) => rollup.send(alice, nonce, bob.address, 10n)),
      );
      const early = Promise.all(
        [3, 1, 2].map((nonce) => rpc.call<string>("ledger_sendTransaction", raws[nonce])),
      );
      expect(await receiptOf(keccak256(raws[3]!))).to.equal(null);
      expect(await rpc.call("ledger_getNonce", alice.address)).to.equal(0);
      await rpc.call<string>("ledger_sendTransaction", raws[0]);
      expect(await early).to.deep.equal([3, 1, 2].map((nonce) => keccak256(raws[nonce]!)));
      const receipts = await Promise.all(raws.map((raw) => applied(keccak256(raw))));
      const places = receipts.map(({ block, position }) => block! * 10_000 + position!);
      expect([...places].sort((a, b) => a - b)).to.deep.equal(places);
      expect(await rpc.call("ledger_getNonce", alice.address)).to.equal(4);
    });

    it("takes a transaction again, many times at once, also after its block: it moves its amount once [a transaction sent again]", async () => {
      const before = await balance(bob.address);
      const raw = await rollup.send(alice, 4, bob.address, 7n);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => rpc.call<string>("ledger_sendTransaction", raw)),
      );
      expect(new Set(answers).size).to.equal(1);
      const copies = await rpc.call<{ hash: string }[]>("ledger_sendTransaction", [raw, raw, raw]);
      expect(copies.map(({ hash }) => hash)).to.deep.equal(Array(3).fill(answers[0]));
      await applied(answers[0]!);
      expect(await rpc.call("ledger_sendTransaction", raw)).to.equal(answers[0]);
      expect(await balance(bob.address)).to.equal(before + 7n);
      expect((await rpc.call<Status>("rollup_status")).waiting).to.equal(0);
    });

    it("takes upper-case hexadecimal for the same transaction", async () => {
      const raw = await rollup.send(alice, 4, bob.address, 7n);
      const hash = await rpc.call<string>("ledger_sendTransaction", raw);
      expect(await rpc.call("ledger_sendTransaction", `0x${raw.slice(2).toUpperCase()}`)).to.equal(hash);
    });

    it("refuses another rollup's transaction, whatever its signer owns here [a transaction of another rollup]", async () => {
      const elsewhere = new Rollup(settlement, 9n, rollup.chainId + 1n);
      const raw = await elsewhere.send(alice, 5, bob.address);
      expect((await rpc.failure("ledger_sendTransaction", raw)).data.name).to.equal("BalanceTooLow");
    });

    it("refuses a follower's callers, however the transaction looks", async () => {
      const client = follower.rpc(rollup);
      await eventually("the rollup", async () => client.call("rollup_chainId"));
      for (const params of [[await rollup.send(alice, 5, bob.address)], ["0x"], [], [7]])
        expect((await client.failure("ledger_sendTransaction", ...params)).data.name).to.equal(
          "NotASequencer",
        );
    });

    it("answers every member of an array for itself, the same nonce twice included", async () => {
      const [first, second] = [
        await rollup.send(alice, 5, bob.address, 1n),
        await rollup.send(alice, 5, bob.address, 2n),
      ];
      const answers = await rpc.call<{ hash?: string; error?: RpcFailure }[]>("ledger_sendTransaction", [
        first,
        second,
        "0x",
        null,
        `0x${"01".repeat(1_025)}`,
        first,
      ]);
      expect(answers.map(({ error }) => error?.data.name)).to.deep.equal([
        undefined,
        "NonceTaken",
        "TransactionMalformed",
        "InvalidParams",
        "TransactionTooLarge",
        undefined,
      ]);
      expect(answers[5]!.hash).to.equal(answers[0]!.hash);
      await applied(answers[0]!.hash!);
    });

    it("takes no transaction once the rollup drains, whoever asks", async () => {
      const owner = settlement.anvil.wallet(1);
      await (await settlement.hub.connect(owner).drain(rollup.id)).wait();
      await settlement.anvil.pass(1_100);
      const raw = await rollup.send(alice, 6, bob.address);
      await eventually("the closed door", async () => {
        const { data } = await rpc.failure("ledger_sendTransaction", raw);
        return data.name === "RollupNotAccepting";
      });
    });
  });
});
