import { expect } from "chai";
import { getBytes, keccak256, toBeHex, Wallet, ZeroAddress } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import { gasOf, signTransaction } from "../../sdk/src/ledger";
import { RpcError } from "../../sequencer/src";
import { hashingReady } from "../../sequencer/src/hashing";
import { Lobby, type LobbyLimits } from "../../sequencer/src/mempool/lobby";
import { DEFAULT_LIMITS, Mempool } from "../../sequencer/src/mempool/mempool";
import { findProgram } from "../../sequencer/src/programs/catalogue";
import { Door } from "../../sequencer/src/rollup/door";
import type { RollupStore } from "../../sequencer/src/store/rollup";

const CHAIN_ID = 2n ** 51n + 7n;
const GAS_PRICE = 10n;
const SEND = { type: "SendCoin", to: "0x" + "11".repeat(20), amount: 100n } as const;
const FEE = BigInt(gasOf(SEND)) * GAS_PRICE;
const COST = FEE + SEND.amount;
const wallet = (index: number): Wallet => new Wallet(keccak256(toBeHex(7_000 + index, 8)));

describe("Door: admit", () => {
  const alice = wallet(0);
  let promises: Map<number, Uint8Array>;
  let coins: bigint;
  let hasSpace: boolean;
  let mempool: Mempool;
  let lobby: Lobby;
  let door: Door;

  before(async () => {
    await hashingReady;
  });

  function open(limits: Partial<LobbyLimits> = {}): void {
    promises = new Map();
    coins = 100n * COST;
    hasSpace = true;
    mempool = new Mempool(DEFAULT_LIMITS, () => 0);
    lobby = new Lobby({ stayMs: 50, perSender: 16, transactions: 100, ...limits });
    const store = {
      promises: {
        put: async (sequence: number, raw: Uint8Array) => void promises.set(sequence, raw),
        getRange: () => [],
      },
      receipts: { get: () => undefined },
      space: { allows: () => hasSpace },
    };
    door = new Door(
      { chainId: CHAIN_ID, gasPrice: GAS_PRICE },
      {
        program: findProgram(hashes.ledger.programHash)!,
        mempool,
        lobby,
        store: store as unknown as RollupStore,
        state: () => ({ nonce: () => 0, account: () => ({ nonce: 0, created: 0, coins }) }),
      },
    );
  }

  beforeEach(() => open());

  async function send(signer: Wallet, nonce: number, to: string = SEND.to): Promise<string> {
    const terms = { action: { ...SEND, to }, maxFee: FEE, nonce: BigInt(nonce) };
    return door.admit(getBytes(await signTransaction(signer, CHAIN_ID, terms)));
  }

  const refusal = (sent: Promise<string>): Promise<RpcError> =>
    sent.then(
      () => expect.fail("it was admitted"),
      (error: unknown) => error as RpcError,
    );

  it("promises what comes out of order once it is due, in order", async () => {
    const sent = Promise.all([3, 1, 2].map((nonce) => send(alice, nonce)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([promises.size, mempool.size, lobby.size]).to.deep.equal([0, 0, 3]);
    await send(alice, 0);
    await sent;
    expect([promises.size, mempool.size, lobby.size]).to.deep.equal([4, 4, 0]);
    expect(mempool.take(10, 10_000, 0).map(({ nonce }) => nonce)).to.deep.equal([0, 1, 2, 3]);
  });

  it("promises nothing to what leaves a gap, and forgets it soon [a pool filled for nothing]", async () => {
    const senders = Array.from({ length: 5 }, (_, index) => wallet(index));
    const sent = senders.flatMap((sender) =>
      Array.from({ length: 20 }, (_, at) => refusal(send(sender, 1 + at))),
    );
    const names = (await Promise.all(sent)).map(({ name }) => name);
    expect(new Set(names)).to.deep.equal(new Set(["NonceTooHigh"]));
    expect([promises.size, mempool.size, lobby.size]).to.deep.equal([0, 0, 0]);
    await send(senders[0]!, 0);
    expect(mempool.readyCount).to.equal(1);
  });

  it("answers the same transaction twice with one hash, while it waits for its turn too", async () => {
    const twice = Promise.all([send(alice, 1), send(alice, 1)]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await refusal(send(alice, 1, ZeroAddress))).name).to.equal("NonceTaken");
    await send(alice, 0);
    expect(new Set(await twice).size).to.equal(1);
    expect(promises.size).to.equal(2);
  });

  it("promises nothing that the disk has no room for", async () => {
    hasSpace = false;
    expect((await refusal(send(alice, 0))).name).to.equal("DiskLow");
    expect(promises.size).to.equal(0);
  });

  it("counts what a sender is committed to already", async () => {
    coins = 2n * COST + FEE;
    await send(alice, 0);
    await send(alice, 1);
    expect((await refusal(send(alice, 2))).facts).to.deep.equal({
      balance: coins.toString(),
      needed: (3n * COST).toString(),
      waiting: (2n * COST).toString(),
    });
  });

  describe("when the lobby is full", () => {
    it("refuses who pays no more than those in it, and one sender's share", async () => {
      open({ transactions: 2, perSender: 1 });
      const first = refusal(send(alice, 1));
      const second = refusal(send(wallet(1), 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect((await refusal(send(alice, 2))).name).to.equal("SenderQueueFull");
      expect((await refusal(send(wallet(2), 1))).facts).to.deep.equal({ limit: 2 });
      expect([(await first).name, (await second).name]).to.deep.equal(["NonceTooHigh", "NonceTooHigh"]);
    });

    it("sends away who pays least", async () => {
      open({ transactions: 2 });
      const visitor = (sender: string, fee: bigint) => ({
        hash: getBytes(keccak256(sender)),
        sender,
        nonce: 1,
        fee,
      });
      const cheap = lobby.wait(visitor("0x0a", 5n), 0);
      const middle = lobby.wait(visitor("0x0b", 7n), 0);
      const dear = lobby.wait(visitor("0x0c", 9n), 0);
      expect(await cheap.catch(({ name }: RpcError) => name)).to.equal("MempoolFull");
      lobby.call("0x0b", 1);
      lobby.call("0x0c", 1);
      await Promise.all([middle, dear]);
      expect(lobby.size).to.equal(0);
    });
  });
});
