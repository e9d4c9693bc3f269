import { expect } from "chai";
import { Wallet, ZeroHash, concat, keccak256, toBeHex } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import * as ledger from "../../sdk/src/ledger";
import { Batches, CHAIN_ID, coinDeposit, type Limits } from "./Batches";

const limits: Limits = { batchGas: hashes.ledger.batchGas, messageBound: 64 };
const alice = new Wallet(keccak256("0xa11ce0"));
const block = (...transactions: string[]): ledger.Block => ({ timestamp: 5n, transactions });
const coin = { kind: 0, token: "0x" + "00".repeat(20), id: 0n };
const gone = { targetRollup: 0n, to: alice.address, fallbackTo: alice.address, dataHash: ZeroHash };

/** As many whole characters as fit. */
const text = (character: string, bytes: number): string => {
  const count = Math.floor(bytes / Buffer.byteLength(character));
  return character.repeat(count) + "x".repeat(bytes - count * Buffer.byteLength(character));
};
/** One letter for each length of UTF-8, the first and last code points where decoders branch, and changes of length. */
const LETTERS = ["x", "\u0080", "é", "\u0800", "€", "\ud7ff", "\u{10000}", "😀", "\u{10ffff}", "xé", "xxxxxxx€", "é€😀"];

/**
 * Work that isn't the tree's, where hardly anything else is charged: in a state of a few accounts, what transactions take beyond a run that
 * finds no block in as much data must be within what the meter counts for it.
 */
describe("ledger's meter in a small state", function () {
  this.timeout(120_000);
  let batches: Batches;
  let nonces: Map<string, bigint>;

  /** Accounts of so many, and nothing else. */
  function begin(accounts: readonly Wallet[]): void {
    batches = new Batches();
    nonces = new Map();
    for (const { address } of accounts) batches.message(coinDeposit(address, 10n ** 18n));
    batches.post([], limits);
  }

  beforeEach(() => begin([alice]));

  const sign = (signer: Wallet, action: ledger.Action): Promise<string> => {
    const nonce = nonces.get(signer.address) ?? 0n;
    nonces.set(signer.address, nonce + 1n);
    return ledger.signTransaction(signer, CHAIN_ID, { action, maxFee: 10n ** 6n, nonce });
  };

  function assertBatch(name: string, transactions: string[], status: ledger.Status = "Applied"): void {
    const measured = batches.post([block(...transactions)], limits);
    expect(new Set(measured.statuses), name).to.deep.equal(new Set([status]));
    const took = measured.steps - measured.baseline;
    expect(took, name).to.be.at.most(measured.metered);
  }

  async function assertCovers(name: string, action: ledger.Action, status: ledger.Status = "Applied"): Promise<void> {
    assertBatch(name, [await sign(alice, action)], status);
    if (status !== "Applied") nonces.set(alice.address, nonces.get(alice.address)! - 1n);
  }

  const create = (kind: number, name: string, symbol: string, uri: string): ledger.Action => ({
    ...{ type: "CreateAsset", kind, name, symbol, uri },
    ...{ maxSupply: 2n ** 128n - 1n, openMint: true },
  });
  const longest = (kind: number, letter: string): ledger.Action =>
    create(kind, text(letter, 64), text(letter, 16), text(letter, kind === 6 ? 236 : 256));

  for (const count of [2, 8, 20])
    it(`covers ${count} in one block: assets by as many and by one, mints, exits`, async () => {
      const wallets = Array.from({ length: count }, (_, i) => new Wallet(keccak256(toBeHex(1_000 + i, 8))));
      const each = (make: (i: number) => Promise<string>): Promise<string[]> =>
        Promise.all(Array.from({ length: count }, (_, i) => make(i)));
      for (const letter of ["x", "é"])
        for (const kind of [5, 6]) {
          begin(wallets);
          const all = `${count} of kind ${kind} in ${letter}`;
          assertBatch(`${all}, by as many`, await each((i) => sign(wallets[i]!, longest(kind, letter))));
          const [first] = wallets as [Wallet];
          assertBatch(`${all}, by one`, await each(() => sign(first, longest(kind, letter))));
        }
      const [{ address: to }] = wallets as [Wallet];
      const collection = ledger.assetAddress(CHAIN_ID, to, 0n);
      const mint = { type: "MintNft", collection, to, count: 32 } as const;
      assertBatch(`${count} mints`, await each((i) => sign(wallets[i]!, mint)));
      const leave = (i: number): ledger.Action => ({
        ...{ type: "Exit", kind: 6, token: collection, id: BigInt(i), amount: 1n },
        ...{ targetRollup: 0n, to, fallbackTo: to, dataHash: ZeroHash },
      });
      assertBatch(`${count} exits`, await each((i) => sign(wallets[0]!, leave(i))));
    });

  it("covers the longest texts, in letters of any length [work that the meter misses]", async () => {
    for (const letter of LETTERS)
      for (const kind of [5, 6, 7])
        await assertCovers(`kind ${kind} in ${JSON.stringify(letter)}`, longest(kind, letter));
  });

  it("covers texts that are too long, which are read, hashed and refused", async () => {
    for (const letter of LETTERS) {
      const action = create(5, text(letter, 255), text(letter, 255), text(letter, 380));
      await assertCovers(`1 KiB in ${JSON.stringify(letter)}`, action, "TextTooLong");
    }
  });

  it("covers texts that turn out to be none at their end", async () => {
    const bytes = Buffer.from(text("😀", 996));
    bytes[bytes.length - 1] = 0xff;
    const transaction = concat(["0x03050000", toBeHex(1_000, 2), "0x61616161", bytes]);
    const measured = batches.post([block(transaction)], limits);
    expect(measured.statuses).to.deep.equal(["Malformed"]);
    expect(measured.steps - measured.baseline).to.be.at.most(measured.metered);
  });

  it("covers every other action, and the exit of a piece with the longest texts", async () => {
    const collection = ledger.assetAddress(CHAIN_ID, alice.address, 0n);
    const token = ledger.assetAddress(CHAIN_ID, alice.address, 1n);
    const to = alice.address;
    await assertCovers("collection", longest(6, "😀"));
    await assertCovers("token", longest(5, "😀"));
    await assertCovers("coin sent to oneself", { type: "SendCoin", to, amount: 1n });
    await assertCovers("coin sent", { type: "SendCoin", to: collection, amount: 1n });
    await assertCovers("minted", { type: "Mint", token, id: 0n, to, amount: 7n });
    await assertCovers("a piece", { type: "MintNft", collection, to, count: 1 });
    await assertCovers("pieces", { type: "MintNft", collection, to, count: 32 });
    await assertCovers("minter", { type: "SetMinter", token, minter: token, allowance: 1n });
    await assertCovers("token sent", { type: "SendAsset", kind: 5, token, id: 0n, to: token, amount: 1n });
    await assertCovers("piece sent", { type: "SendAsset", kind: 6, token: collection, id: 0n, to: token, amount: 1n });
    await assertCovers("burned", { type: "Burn", token, id: 0n, amount: 1n });
    await assertCovers("piece burned", { type: "Burn", token: collection, id: 1n, amount: 1n });
    await assertCovers("coin exit", { type: "Exit", ...coin, amount: 1n, ...gone });
    await assertCovers("token exit", { type: "Exit", kind: 5, token, id: 0n, amount: 1n, ...gone });
    for (let id = 2n; id < 10n; id++)
      await assertCovers(`exit of piece ${id}`, { type: "Exit", kind: 6, token: collection, id, amount: 1n, ...gone });
  });
});
