import { expect } from "chai";
import { concat, hexlify, id, randomBytes, type Result, toBeHex, Wallet, ZeroHash } from "ethers";
import { dissectArguments, inTurn, Match, movedMatch, openedMatch, openingOf } from "../../sdk/src/dispute";
import {
  batchHash,
  calldataCommitment,
  claimKey,
  configHash,
  type Entry,
  headerHash,
  IN_RING,
  NORMAL,
  postArguments,
} from "../../sdk/src/protocol";
import hashes from "../../programs/artifacts/hashes.json";
import { BOND, eventually, Rollup, Settlement, TestNode } from "./fixture";

const EXIT_PC = (1n << 64n) - 1n;
const randomStates = (count: number) => Array.from({ length: count }, () => hexlify(randomBytes(32)));

const fields = <Event>(args: unknown) => (args as Result).toObject() as Event;

/** Somebody who plays a match without any run: he makes states up, and never has the last word. */
class Bluffer {
  constructor(
    private readonly settlement: Settlement,
    private readonly wallet: Wallet,
  ) {}

  private get hub() {
    return this.settlement.hub.connect(this.wallet);
  }

  /** The match as the hub's events tell it by now. */
  async match(): Promise<Match | undefined> {
    const { hub } = this.settlement;
    const [opened] = await hub.queryFilter(hub.filters.MatchOpened);
    if (opened === undefined) return undefined;
    let match = openedMatch(fields(opened.args), hashes.ledger.codeRoot);
    for (const moved of await hub.queryFilter(hub.filters.MatchMoved(match.id)))
      match = movedMatch(match, fields(moved.args));
    return match;
  }

  /** Answers each of the other side's moves until there is nothing left to dissect. Returns the match then. */
  async play(): Promise<Match> {
    while (true) {
      const match = await eventually(
        "the bluffer's turn",
        async () => {
          const found = await this.match();
          if (found === undefined) return undefined;
          return found.position.log2len === 0 || inTurn(found) === this.wallet.address ? found : undefined;
        },
        60_000,
      );
      if (match.position.log2len === 0) return match;
      await (await this.hub.dissect(...dissectArguments(match, 0, randomStates(8)))).wait();
    }
  }
}

describe("Challenger", function () {
  this.timeout(240_000);
  let settlement: Settlement;
  let liar: Wallet;
  let rollup: Rollup;

  beforeEach(async () => {
    settlement = await Settlement.start();
    liar = settlement.anvil.wallet(2);
    rollup = await settlement.createRollup(liar);
  });

  afterEach(async () => {
    await settlement?.stop();
  });

  /** Posts an empty batch as the rollup's sequencer, with a claim of whatever. */
  async function postLie(commitment: string): Promise<void> {
    const { provider } = settlement.anvil;
    const latest = (await provider.getBlock("latest"))!;
    const config = await settlement.configOf(rollup);
    const header = {
      flags: 0,
      index: 1n,
      poster: liar.address,
      target: 0n,
      dataCommitment: calldataCommitment("0x"),
      targetHash: ZeroHash,
      l1Hash: latest.hash!,
      l1Number: BigInt(latest.number),
      timestamp: BigInt(latest.timestamp),
    };
    const terms = { ...header, rollup: rollup.id, mode: NORMAL };
    const args = postArguments(terms, batchHash(headerHash(header), configHash(config)), "0x", {
      parent: hashes.ledger.genesis,
      commitment,
    });
    await (await settlement.hub.connect(liar).post(...args)).wait();
  }

  /**
   * Waits until the node has won: at one instruction where the last word is its own, else by the bluffer's clock. Which of
   * the two it is depends on the number of dissections, so on L.
   */
  async function victory(match: Match, bluffer: string): Promise<{ winner: string; payout: bigint }> {
    const { hub, anvil } = settlement;
    const verb = inTurn(match) === bluffer ? "timeOut" : "settle";
    if (verb === "timeOut") await anvil.pass(2_000);
    const won = await eventually(
      "the victory",
      async () => (await hub.queryFilter(hub.filters.MatchWon(match.id)))[0],
      30_000,
    );
    const transaction = (await anvil.provider.getTransaction(won.transactionHash))!;
    expect(hub.interface.parseTransaction(transaction)?.name).to.equal(verb);
    return won.args;
  }

  it("opens a match against a false claim, answers every move, wins and collects", async () => {
    await postLie(id("a lie"));
    const challenger = settlement.anvil.wallet(3);
    const node = await TestNode.start(settlement, { role: ["challenger"], key: challenger.privateKey });
    try {
      const match = await new Bluffer(settlement, liar).play();
      expect(match.challenger).to.equal(challenger.address);
      const { winner, payout } = await victory(match, liar.address);
      expect(winner).to.equal(challenger.address);
      expect(payout).to.equal(2n * BOND);
      const { hub } = settlement;
      await eventually(
        "the payment",
        async () => (await hub.queryFilter(hub.filters.MatchPaid(match.id))).length > 0,
      );
      expect((await hub.lineOf(rollup.id, liar.address)).deposit).to.equal(0n);
    } finally {
      await node.stop();
    }
  });

  it("takes a match up after a restart in the middle of it [a match lost in a restart]", async () => {
    await postLie(id("a lie"));
    const challenger = settlement.anvil.wallet(3);
    let node = await TestNode.start(settlement, { role: ["challenger"], key: challenger.privateKey });
    try {
      const bluffer = new Bluffer(settlement, liar);
      await eventually("the match", async () => bluffer.match(), 30_000);
      node = await node.restart();
      const match = await bluffer.play();
      expect(match.position.log2len).to.equal(0);
    } finally {
      await node.stop();
    }
  });

  it("defends a true claim, which becomes final nonetheless", async () => {
    const sequencer = liar; // an honest one here
    const node = await TestNode.start(settlement, { role: ["sequencer"], key: sequencer.privateKey });
    const sham = settlement.anvil.wallet(4);
    try {
      await rollup.deposit(sham.address);
      const { hub } = settlement;
      const posted = await eventually(
        "the post",
        async () => (await hub.queryFilter(hub.filters.Posted(rollup.id)))[0],
      );
      const { terms, batchHash: pinned, parent, commitment, nonce } = posted.args;
      const config = await settlement.configOf(rollup);
      const { ringLog2 } = await hub.record(rollup.id);
      const block = await posted.getBlock();
      const created = await (await hub.queryFilter(hub.filters.Created(rollup.id)))[0]!.getBlock();
      const entry: Entry = {
        batchHash: pinned,
        claimKey: claimKey({
          rollup: rollup.id,
          index: 1n,
          batchHash: pinned,
          parent,
          mode: NORMAL,
          commitment,
        }),
        asserter: sequencer.address,
        nonce,
        window: config.window,
        policyMask: 1,
        policyThreshold: 1,
        flags: 0,
        backedTime: BigInt(block.timestamp),
        backedBlock: BigInt(block.number),
        postTime: BigInt(block.timestamp),
        gap: BigInt(block.timestamp - created.timestamp),
      };
      const { codeRoot, memoryRoot0, entry: boot } = hashes.ledger;
      const opening = openingOf({
        rollup: rollup.id,
        index: 1n,
        mode: NORMAL,
        place: IN_RING,
        ringLog2: Number(ringLog2),
        parent,
        commitment,
        entry,
        headerHash: await settlement.headerHashOf(rollup, terms, sequencer.address),
        config,
        program: { codeRoot, memoryRoot0, entry: BigInt(boot) },
        states: randomStates(7),
        finalState: concat([randomBytes(32), toBeHex(EXIT_PC, 8), randomBytes(248)]),
      });
      await (await hub.connect(sham).openMatch(opening, { value: BOND })).wait();
      const match = await new Bluffer(settlement, sham).play();
      expect((await victory(match, sham.address)).winner).to.equal(sequencer.address);
      await settlement.anvil.pass(4_000);
      await eventually("finality", async () => (await hub.lastFinal(rollup.id)).index === 1n);
    } finally {
      await node.stop();
    }
  });
});
