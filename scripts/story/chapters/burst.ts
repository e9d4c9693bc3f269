import { users } from "../cast";
import type { StoryNode } from "../node";
import { signAction } from "../signing";
import type { World } from "../world";
import { BANKERS } from "./deposit";

const PEOPLE = 500;
const TRANSFERS = 10_000;
const GAS_PRICE = 1_000_000_000n; // [wei], the preset's
const GRANT = 10n ** 18n;
const PER_CALL = 100;
const PER_BODY = 20;

/**
 * Sends transactions in JSON-RPC calls of a hundred, twenty calls to a body, one body after the other, so that they arrive in the order
 * in which they are given; throws at the first refusal.
 */
export async function send(
  node: StoryNode,
  l2ChainId: bigint,
  transactions: readonly string[],
  sent: (count: number) => void,
): Promise<void> {
  const calls: string[][] = [];
  for (let at = 0; at < transactions.length; at += PER_CALL)
    calls.push(transactions.slice(at, at + PER_CALL));
  for (let at = 0; at < calls.length; at += PER_BODY) {
    const body = calls.slice(at, at + PER_BODY);
    const answers = await node.batch<{ hash?: string; error?: { message: string } }[]>(
      body.map((call) => ({ method: "ledger_sendTransaction", params: [call] })),
      l2ChainId,
    );
    const refused = answers.flat().find(({ error }) => error !== undefined);
    if (refused !== undefined) throw new Error(`The node refused a transaction: ${refused.error?.message}`);
    sent(body.flat().length);
  }
}

/** A burst of ten thousand signed transfers on the owned rollup, from signature to L1. */
export async function burst({ stage, sequencer, rollups, mnemonic }: World): Promise<void> {
  const { l2ChainId } = rollups.owned;
  const people = users(mnemonic, PEOPLE);
  const nonces = new Array<bigint>(PEOPLE).fill(0n);
  const sign = (from: number, to: number, amount: bigint): string =>
    signAction(
      people[from]!,
      l2ChainId,
      { type: "SendCoin", to: people[to]!.address, amount },
      nonces[from]!++,
      GAS_PRICE,
    );

  const grants: string[] = [];
  for (let i = BANKERS; i < PEOPLE; i++) grants.push(sign(i % BANKERS, i, GRANT));
  await send(sequencer, l2ChainId, grants, () => undefined);
  const funded = await sequencer.until("the grants", l2ChainId, ({ waiting }) => waiting === 0);

  const signing = stage.bar("signing", TRANSFERS);
  const transfers: string[] = [];
  for (let i = 0; i < TRANSFERS; i++) {
    transfers.push(sign(i % PEOPLE, (i * 7 + 13) % PEOPLE, BigInt(1 + (i % 1000))));
    signing.advance();
  }
  signing.end();

  const bar = stage.bar("sending", TRANSFERS);
  const began = performance.now();
  await send(sequencer, l2ChainId, transfers, (count) => bar.advance(count));
  const accepted = performance.now();
  bar.end();
  await sequencer.until("the burst's execution", l2ChainId, ({ waiting }) => waiting === 0, 60);
  const executed = performance.now();
  const target = funded.transactions;
  const posted = await sequencer.until(
    "the burst's batches on L1",
    l2ChainId,
    ({ transactions, waiting }) => waiting === 0 && transactions >= target + TRANSFERS,
    60,
  );
  const onL1 = performance.now();

  const rate = (end: number): number => Math.round((TRANSFERS * 1000) / (end - began));
  for (const [what, end] of [
    ["accepted", accepted],
    ["executed with state roots", executed],
    ["posted to L1 with claims", onL1],
  ] as const) {
    stage.row({
      step: `ledger, signed transfers ${what}`,
      figure: `${rate(end).toLocaleString("en-US")}/s`,
      seconds: (end - began) / 1000,
    });
  }
  stage.say(
    `${TRANSFERS.toLocaleString("en-US")} transfers of ${PEOPLE} wallets in ${posted.batch.posted - funded.batch.posted} batches, state root ${posted.stateRoot.slice(0, 18)}…`,
  );
  stage.promise(
    "every one of ten thousand transfers was accepted and applied",
    posted.transactions >= target + TRANSFERS,
  );
  stage.fact("burst: state root", posted.stateRoot);
}
