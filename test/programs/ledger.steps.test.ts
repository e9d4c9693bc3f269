import { expect } from "chai";
import { Wallet, ZeroHash, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import * as ledger from "../../sdk/src/ledger";
import { Batches, CHAIN_ID, type Limits, type Measured, coinDeposit } from "./Batches";
import { StepSnapshot } from "./StepSnapshot";

const RUN = 2 ** hashes.ledger.log2Steps;

const plenty: Limits = { batchGas: hashes.ledger.batchGas, messageBound: 20_000 };
const wallet = (i: number): Wallet => new Wallet(keccak256(toBeHex(i, 8)));
const stranger = (i: number): string => keccak256(toUtf8Bytes(`stranger ${i}`)).slice(0, 42);
const block = (...transactions: (string | Uint8Array)[]): ledger.Block => ({ timestamp: 5n, transactions });
const coin = { kind: 0, token: "0x" + "00".repeat(20), id: 0n };

/** Signs actions of one wallet from a nonce on. */
async function sign(signer: number, nonce: number, actions: readonly ledger.Action[]): Promise<string[]> {
  return Promise.all(
    actions.map((action, i) =>
      ledger.signTransaction(wallet(signer), CHAIN_ID, { action, maxFee: 10n ** 6n, nonce: BigInt(nonce + i) }),
    ),
  );
}

const repeat = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe("ledger steps", function () {
  this.timeout(120_000);
  let batches: Batches;
  const snapshot = new StepSnapshot();

  /** The meter must cover what the machine did; the snapshot says how closely. */
  function assertCovered(name: string, units: number, measured: Measured): void {
    const { steps, baseline, metered, statuses, messageStatuses } = measured;
    const isMessage = statuses.length === 0 && messageStatuses.length === units;
    snapshot.row(name, { times: units, steps, metered, ...(isMessage ? { isMessage } : {}) });
    expect(steps - baseline, name).to.be.at.most(metered);
  }

  before(() => {
    batches = new Batches();
    for (let i = 0; i < 4_000; i++) batches.message(coinDeposit(i < 8 ? wallet(i).address : stranger(i), 10n ** 18n));
    assertCovered("deposit to a new account", 4_000, batches.post([], plenty));
  });

  after(() => {
    snapshot.finish();
  });

  it("covers deposits to accounts that exist", () => {
    for (let i = 0; i < 500; i++) batches.message(coinDeposit(stranger(8 + 7 * i), 1n));
    assertCovered("deposit to an account among 4,000", 500, batches.post([], plenty));
  });

  it("covers messages of 4 KiB that nobody understands [work that the meter misses]", () => {
    for (let i = 0; i < 100; i++) batches.message("0x09" + "ff".repeat(4_091) + toBeHex(i, 4).slice(2));
    assertCovered("message of 4 KiB", 100, batches.post([], plenty));
  });

  it("covers transfers, all in one block and each in its own", async () => {
    const transfers = await sign(
      0,
      0,
      repeat(80, (i) => ({ type: "SendCoin", to: stranger(8 + 31 * i), amount: 1n })),
    );
    const together = batches.post([block(...transfers.slice(0, 40))], plenty);
    expect(together.statuses).to.deep.equal(repeat(40, () => "Applied"));
    assertCovered("transfer", 40, together);
    const apart = batches.post(
      transfers.slice(40).map((transfer) => block(transfer)),
      plenty,
    );
    expect(apart.statuses).to.deep.equal(repeat(40, () => "Applied"));
    assertCovered("transfer in a block of its own", 40, apart);
  });

  it("covers a burst of transfers by as many", async () => {
    const transfers = await Promise.all(
      repeat(200, (i) => sign(8_000 + i, 0, [{ type: "SendCoin", to: stranger(8 + 3 * i), amount: 1n }])),
    );
    for (let i = 0; i < 200; i++) batches.message(coinDeposit(wallet(8_000 + i).address, 10n ** 18n));
    batches.post([], plenty);
    const burst = batches.post([block(...transfers.flat())], plenty);
    expect(burst.statuses).to.deep.equal(repeat(200, () => "Applied"));
    assertCovered("transfer of 200 by as many", 200, burst);
  });

  it("covers transactions that are skipped", async () => {
    const [good = ""] = await sign(1, 0, [{ type: "SendCoin", to: stranger(1), amount: 1n }]);
    const flipped = repeat(100, (i) => good.slice(0, -8) + toBeHex(i, 4).slice(2));
    assertCovered("transaction of a stranger", 100, batches.post([block(...flipped)], plenty));
    const long = repeat(100, () => "0x03050000" + toBeHex(1_000, 2).slice(2) + "61".repeat(1_018));
    const malformed = batches.post([block(...long)], plenty);
    expect(malformed.statuses[0]).to.equal("Malformed");
    assertCovered("malformed transaction of 1 KiB", 100, malformed);
    assertCovered("empty transaction", 3_000, batches.post([block(...repeat(3_000, () => "0x"))], plenty));
  });

  it("covers empty blocks", () => {
    assertCovered("empty block", 2_000, batches.post(repeat(2_000, () => block()), plenty));
  });

  it("covers assets with the longest names, mints, sends and exits of their pieces", async () => {
    const creator = wallet(2).address;
    const text = (length: number): string => "x".repeat(length);
    const created = await sign(
      2,
      0,
      repeat(20, () => ({
        type: "CreateAsset",
        kind: 6,
        name: text(64),
        symbol: text(16),
        uri: text(236),
        maxSupply: 1_000_000n,
        openMint: true,
      })),
    );
    assertCovered("asset created", 20, batches.post([block(...created)], plenty));
    const token = ledger.assetAddress(CHAIN_ID, creator, 0n);
    const minted = await sign(
      2,
      20,
      repeat(20, () => ({ type: "MintNft", collection: token, to: creator, count: 32 })),
    );
    const mint = batches.post([block(...minted)], plenty);
    expect(mint.statuses).to.deep.equal(repeat(20, () => "Applied"));
    assertCovered("piece minted", 640, mint);
    const piece = (i: number) => ({ kind: 6, token, id: BigInt(i) });
    const sent = await sign(
      2,
      40,
      repeat(40, (i) => ({ type: "SendAsset", ...piece(i), to: stranger(i), amount: 1n })),
    );
    assertCovered("piece sent", 40, batches.post([block(...sent)], plenty));
    const target = { targetRollup: 0n, to: creator, fallbackTo: creator, dataHash: ZeroHash };
    const exits = await sign(
      2,
      80,
      repeat(60, (i) => ({ type: "Exit", ...(i % 2 ? coin : piece(40 + i)), amount: 1n, ...target })),
    );
    const left = batches.post([block(...exits)], plenty);
    expect(left.statuses).to.deep.equal(repeat(60, () => "Applied"));
    assertCovered("exit", 60, left);
  });

  it("stays below an eighth of the run with the longest data of empty blocks [a batch too long to dispute]", () => {
    const blocks = repeat(Math.floor((ledger.DATA_LIMIT - 1) / 10), () => block());
    const { steps, metered } = batches.post(blocks, plenty);
    snapshot.row("longest data, all of it empty blocks", { times: 1, steps, log2Steps: hashes.ledger.log2Steps });
    expect(metered).to.be.greaterThan(plenty.batchGas * 1_000);
    expect(steps).to.be.lessThan(RUN / 8);
  });

  it("stays below an eighth of the run with the longest data of the shortest transactions", () => {
    const blocks = repeat(23, () => block(...repeat(65_535, () => "0x")));
    const { steps } = batches.post(blocks, plenty);
    snapshot.row("longest data, all of it empty transactions", { times: 1, steps, log2Steps: hashes.ledger.log2Steps });
    expect(steps).to.be.lessThan(RUN / 8);
  });

  it("stays below an eighth of the run with a flood of messages and a full batch [messages too many to dispute]", () => {
    // a run of 2^33: its message budget ends before these messages do
    const limits = { batchGas: 490_000, messageBound: 65_535, log2Steps: 33 };
    for (let i = 0; i < 9_000; i++) batches.message(coinDeposit(stranger(10_000 + i), 1n));
    const blocks = repeat(9_000, () => block());
    const { steps, messageStatuses } = batches.post(blocks, limits);
    expect(messageStatuses.length).to.be.lessThan(9_000);
    snapshot.row("all the messages that such a run has room for, and a full batch", { times: 1, steps, log2Steps: limits.log2Steps });
    expect(steps).to.be.lessThan(2 ** limits.log2Steps / 8);
  });

  it("covers the sweep, a full batch at a time", () => {
    let phase = 1;
    let rounds = 0;
    while (phase === 1) {
      const swept = batches.post([], plenty, 3);
      phase = swept.phase;
      assertCovered(`sweep ${++rounds}, whole batch`, 1, swept);
      expect(swept.steps).to.be.lessThan(RUN / 8);
    }
    expect(phase).to.equal(2);
  });
});
