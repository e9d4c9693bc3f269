import { expect } from "chai";
import { hexlify, randomBytes, type Result, Wallet, ZeroHash } from "ethers";
import { dissectArguments, inTurn, Match, movedMatch, openedMatch } from "../../sdk/src/dispute";
import {
  batchHash,
  calldataCommitment,
  chainMessage,
  configHash,
  headerHash,
  NORMAL,
  postArguments,
} from "../../sdk/src/protocol";
import hashes from "../../programs/artifacts/hashes.json";
import { eventually, Rollup, Settlement } from "./fixture";

export const randomStates = (count: number) => Array.from({ length: count }, () => hexlify(randomBytes(32)));

const fields = <Event>(args: unknown) => (args as Result).toObject() as Event;

/** Somebody who plays a match without any run: he makes states up, and never has the last word. */
export class Bluffer {
  constructor(
    private readonly settlement: Settlement,
    private readonly wallet: Wallet,
    /** the rollup in which he plays; any, where there is one match */
    private readonly rollup?: Rollup,
    /** of the rollup's program */
    private readonly codeRoot = hashes.ledger.codeRoot,
  ) {}

  private get hub() {
    return this.settlement.hub.connect(this.wallet);
  }

  /** The match as the hub's events tell it by now. */
  async match(): Promise<Match | undefined> {
    const { hub } = this.settlement;
    const [opened] = await hub.queryFilter(hub.filters.MatchOpened(undefined, this.rollup?.id));
    if (opened === undefined) return undefined;
    let match = openedMatch(fields(opened.args), this.codeRoot);
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

/** Posts a batch that consumes all messages, an empty one unless data is given, as the rollup's sequencer, with a claim of whatever or without one. */
export async function postBatch(
  settlement: Settlement,
  rollup: Rollup,
  poster: Wallet,
  {
    index = 1n,
    mode = NORMAL,
    data = "0x",
    ...claim
  }: { index?: bigint; mode?: number; data?: string; parent?: string; commitment?: string },
): Promise<void> {
  const { hub, anvil } = settlement;
  const latest = (await anvil.provider.getBlock("latest"))!;
  const config = await settlement.configOf(rollup);
  const messages = await hub.queryFilter(hub.filters.MessageEnqueued(rollup.id));
  const header = {
    flags: 0,
    index,
    poster: poster.address,
    target: BigInt(messages.length),
    dataCommitment: calldataCommitment(data),
    targetHash: messages.reduce((head, { args }) => chainMessage(head, args.message), ZeroHash),
    l1Hash: latest.hash!,
    l1Number: BigInt(latest.number),
    timestamp: BigInt(latest.timestamp),
  };
  const { parent = hashes.ledger.genesis, commitment } = claim;
  const args = postArguments(
    { ...header, rollup: rollup.id, mode },
    batchHash(headerHash(header), configHash(config)),
    data,
    commitment === undefined ? undefined : { parent, commitment },
  );
  await (await hub.connect(poster).post(...args)).wait();
}

/** Posts the first batch, an empty one unless data is given, with a false claim. */
export async function postLie(
  settlement: Settlement,
  rollup: Rollup,
  liar: Wallet,
  commitment: string,
  data = "0x",
): Promise<void> {
  await postBatch(settlement, rollup, liar, { commitment, data });
}

/**
 * Waits until the node has won against a bluffer who stays silent: at one instruction where the last word is the node's, else by the
 * bluffer's clock. Which of the two it is depends on the number of dissections, so on L.
 */
export async function victory(
  settlement: Settlement,
  match: Match,
  bluffer: Wallet,
): Promise<{ winner: string; payout: bigint }> {
  const { hub, anvil } = settlement;
  const verb = inTurn(match) === bluffer.address ? "timeOut" : "settle";
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
