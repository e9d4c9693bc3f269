import { ContractTransactionReceipt, HDNodeWallet, dataSlice, hexlify, id as hashOf } from "ethers";
import { type Match, dissectArguments, movedMatch, openedMatch, readMatchSlot } from "../../sdk/src/dispute";
import { ASSERTER } from "../../sdk/src/dispute";
import { settle, type World } from "./world";

/** What became of a match. */
export interface Told {
  readonly match: Match;
  readonly moves: readonly {
    readonly by: "asserter" | "challenger";
    readonly what: string;
    readonly gas: bigint;
  }[];
  readonly winner: string;
  readonly payout: bigint;
  readonly burned: bigint;
  /** Of the settling transaction: where the program stood, and the instruction that decided. */
  readonly instruction?: {
    readonly pc: bigint;
    readonly word: number;
    readonly before: string;
    readonly claimedAfter: string;
  };
}

const SEGMENT_OF_LIES = 7;
/** Segments longer than 2^this are disputed at their beginning, so that the dispute ends within the run and not in its padding. */
const FIRST_SEGMENT_OF_LIES = 6;

/**
 * Follows the first match that is opened against an asserter from a block on, and plays the asserter: he answers each move with states he made up, in
 * the first segment while segments are longer than the run, and then where `seed` says.
 */
export async function playLiar(
  world: World,
  liar: HDNodeWallet,
  fromBlock: number,
  seconds = 90,
): Promise<Told> {
  const { hub } = world.protocol;
  const deadline = performance.now() + seconds * 1000;
  const moves: { by: "asserter" | "challenger"; what: string; gas: bigint }[] = [];
  let match: Match | undefined;
  let seen = fromBlock;
  let lies = 0;
  while (performance.now() < deadline) {
    const head = await world.chain.provider.getBlockNumber();
    const logs =
      seen > head
        ? []
        : await world.chain.provider.getLogs({
            address: await hub.getAddress(),
            fromBlock: seen,
            toBlock: head,
          });
    seen = head + 1;
    for (const log of logs) {
      const event = hub.interface.parseLog(log);
      if (event === null) continue;
      const receipt = async (): Promise<ContractTransactionReceipt> =>
        (await world.chain.provider.getTransactionReceipt(log.transactionHash)) as ContractTransactionReceipt;
      if (event.name === "MatchOpened" && match === undefined && event.args.asserter === liar.address) {
        match = openedMatch(
          event.args.toObject() as Parameters<typeof openedMatch>[0],
          world.program.codeRoot,
        );
        moves.push({ by: "challenger", what: "open", gas: (await receipt()).gasUsed });
      } else if (match !== undefined && log.topics[1] === match.id) {
        const { gasUsed } = await receipt();
        if (event.name === "MatchMoved") {
          const by = match.position.turn === ASSERTER ? "asserter" : "challenger";
          match = movedMatch(match, event.args.toObject() as Parameters<typeof movedMatch>[1]);
          moves.push({ by, what: `dissect, segments of 2^${match.position.log2len}`, gas: gasUsed });
        } else if (event.name === "MatchWon") {
          moves.push({
            by: event.args.winner === match.asserter ? "asserter" : "challenger",
            what: "settle",
            gas: gasUsed,
          });
          const { payout, burned, winner } = event.args.toObject() as {
            payout: bigint;
            burned: bigint;
            winner: string;
          };
          const transaction = await world.chain.provider.getTransaction(log.transactionHash);
          return {
            match,
            moves,
            winner,
            payout,
            burned,
            instruction: instructionOf(world, transaction?.data),
          };
        }
      }
    }
    if (match !== undefined && match.position.turn === ASSERTER && match.position.log2len > 0) {
      const slot = readMatchSlot(await hub.matchOf(match.id));
      if (slot.kind === "live") {
        const next = match.position.log2len - 3;
        const segment =
          next > FIRST_SEGMENT_OF_LIES
            ? 0
            : Number(BigInt(hashOf(`${match.id}${next}`)) % BigInt(SEGMENT_OF_LIES + 1));
        const states = Array.from({ length: 8 }, () => hashOf(`a lie ${match?.id} ${lies++}`));
        await (await hub.connect(liar).dissect(...dissectArguments(match, segment, states))).wait();
        continue;
      }
    }
    if (world.chain.isSteady) await settle(world, world.rollups.immutable.l2ChainId);
    else await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`No match against ${liar.address} ended within ${seconds} s (${moves.length} moves).`);
}

function instructionOf(world: World, data: string | undefined): Told["instruction"] {
  const call = data === undefined ? null : world.protocol.hub.interface.parseTransaction({ data });
  if (call?.name !== "settle") return undefined;
  const [, witness, before, claimedAfter] = call.args as unknown as [unknown, string, string, string];
  const pc = BigInt(dataSlice(witness, 32, 40));
  // The code leaf is the little-endian integer of its 32 bytes.
  const leaf = BigInt(hexlify(dataSlice(witness, 288, 320)));
  const word = Number((leaf >> (8n * (pc % 32n))) & 0xffffffffn);
  return { pc, word, before, claimedAfter };
}
