import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { concat, dataLength, id, parseEther, toBeHex, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { encodeBatch, gasOf, signTransaction, type Action } from "../../sdk/src/ledger";
import { DEPOSIT, encodeMessage, FORCED } from "../../sdk/src/protocol";
import { passTicks, WINDOW } from "../hub/fixture";
import { Random } from "../Random";
import { Arena, type Target } from "./arena";
import { type EmulatedRun, LedgerProgram } from "./LedgerProgram";
import type { Run } from "./runs";
import { FALSEHOOD, lapse, timeOut } from "./scenes";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
/** Instructions at which a liar is caught at random. */
const RANDOM = Number(process.env["RANDOM_STEPS"] ?? 5);
const COLLECTION = 6;
/** In the batch below: four of its own transactions, three of which are well formed, and a forced one. */
const SIGNATURES = 4;

/** The longest witness of a step that reads nothing [bytes]. */
const PLAIN_WITNESS = 1_728;

const word = (value: bigint) => toBeHex(value, 32);

/** A batch of the ledger with all that it may hold: deposits, a forced transaction, transfers, a token, a drop, an exit, garbage. */
async function batched(choose?: (truth: string) => string) {
  const program = new LedgerProgram();
  const arena = await Arena.create(program);
  const { stage } = arena;
  const { config, rollup } = stage;
  const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => new Wallet(id(name))) as [
    Wallet,
    Wallet,
    Wallet,
  ];
  const sign = (signer: Wallet, nonce: bigint, action: Action) =>
    signTransaction(signer, config.l2ChainId, {
      action,
      nonce,
      maxFee: BigInt(gasOf(action)) * config.gasPrice,
    });
  const told = (kind: number, sender: string, body: string) =>
    program.tell(stage.heads.at(-2) ?? ZeroHash, encodeMessage({ kind, sender, body }));

  for (const { address } of [alice, bob]) {
    const body = concat([ZeroHash, ZeroHash, word(parseEther("1")), address, address]);
    await stage.deposit(body);
    told(DEPOSIT, arena.f.stranger.address, body);
  }
  const forced = await sign(bob, 0n, { type: "SendCoin", to: carol.address, amount: 5n });
  await stage.force(1, forced);
  told(FORCED, arena.f.stranger.address, forced);
  const data = encodeBatch([
    {
      timestamp: 1n,
      transactions: [
        await sign(alice, 0n, { type: "SendCoin", to: bob.address, amount: 7n }),
        await sign(alice, 1n, {
          type: "CreateAsset",
          kind: COLLECTION,
          name: "Drop",
          symbol: "DROP",
          uri: "ipfs://drop/",
          maxSupply: 100n,
          openMint: true,
        }),
      ],
    },
    {
      timestamp: 2n,
      transactions: [
        "0x00",
        await sign(bob, 1n, {
          type: "Exit",
          kind: 0,
          token: ZeroAddress,
          id: 0n,
          amount: 9n,
          targetRollup: 0n,
          to: bob.address,
          fallbackTo: bob.address,
          dataHash: ZeroHash,
        }),
      ],
    },
  ]);
  const target = await arena.post(
    (truth) => ({ commitment: choose?.(truth.output ?? "") ?? truth.output ?? "" }),
    {
      data,
    },
  );
  return { arena, target, rollup, truth: target.truth as EmulatedRun };
}

const lied = () => batched(() => FALSEHOOD);
const told = () => batched();

/** Steps of the run at random, spread over the whole of it. */
function randomSteps(truth: EmulatedRun): bigint[] {
  console.log(`        seed ${seed}`);
  const random = new Random(seed);
  return Array.from({ length: RANDOM }, () => BigInt(random.below(Number(truth.length))));
}

describe("A disputed batch of the ledger", function () {
  this.timeout(240_000);

  /** Plays the whole match about a lie whose first wrong step is `from`: the challenger ends it there. */
  async function catches(arena: Arena, target: Target, from: bigint): Promise<void> {
    const lie = arena.lie(target, FALSEHOOD, from);
    const opened = await arena.open(target);
    const match = await arena.play(opened, { asserter: lie, challenger: target.truth });
    const { bond, deposit } = arena.stage.params.security;
    await expect(arena.sendSettlement(match, target.truth), `step ${from}`)
      .to.emit(arena.hub, "MatchWon")
      .withArgs(match.id, arena.challenger.address, 2n * bond, deposit - bond);
  }

  it("is what the machine makes of it, and becomes final", async () => {
    const { arena, truth } = await loadFixture(told);
    expect(truth.output).to.not.equal(undefined);
    expect((arena.program as LedgerProgram).exits, "the batch did what it was built for").to.have.length(1);
    await passTicks(WINDOW);
    await expect(arena.stage.finalize(1n)).to.emit(arena.hub, "Finalized");
  });

  it("convicts a liar at a random instruction", async () => {
    const { arena, target, truth } = await loadFixture(lied);
    const start = await takeSnapshot();
    for (const from of randomSteps(truth)) {
      await catches(arena, target, from);
      await start.restore();
    }
  });

  it("convicts a liar at every READ, of preimages and of signatures", async () => {
    const { arena, target, truth } = await loadFixture(lied);
    const start = await takeSnapshot();
    const reads = truth.reads();
    expect(new Set(reads.map(({ kind }) => kind))).to.deep.equal(new Set([0n, 2n]));
    expect(reads.filter(({ kind }) => kind === 2n)).to.have.length(SIGNATURES);
    expect(reads).to.have.length.greaterThan(50);
    for (const { step } of reads) {
      // A step that reads shows the preimage too: any other would be a neighbour's.
      expect(dataLength(truth.witness(step)), `step ${step} reads`).to.be.greaterThan(PLAIN_WITNESS);
      await catches(arena, target, step);
      await start.restore();
    }
  });

  it("convicts a liar at the first and the last instruction", async () => {
    const { arena, target, truth } = await loadFixture(lied);
    const start = await takeSnapshot();
    for (const from of [0n, truth.length - 1n]) {
      await catches(arena, target, from);
      await start.restore();
    }
  });

  it("is safe from a challenger who lies about a random instruction: he can't end the match, and pays for it", async () => {
    const { arena, target, truth } = await loadFixture(told);
    const start = await takeSnapshot();
    for (const from of randomSteps(truth)) {
      const lie: Run = arena.lie(target, FALSEHOOD, from);
      const sham = await arena.open(target, lie);
      const match = await arena.play(sham, { asserter: truth, challenger: lie });
      await expect(arena.sendSettlement(match, lie))
        .to.be.revertedWithCustomError(arena.hub, "StepConfirmed")
        .withArgs(truth.stateBefore(from + 1n));
      await lapse();
      const { bond } = arena.stage.params.security;
      await expect(timeOut(arena, match))
        .to.emit(arena.hub, "MatchWon")
        .withArgs(match.id, arena.asserter.address, bond / 2n, bond / 2n);
      await start.restore();
    }
  });
});
