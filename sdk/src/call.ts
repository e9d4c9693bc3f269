import type { Interface, Signer, TransactionReceipt } from "ethers";

/** A contract call that isn't sent yet: what to send, and how to read what came of it. */
export interface Call<Result = void> {
  readonly to: string;
  readonly data: string;
  /** Coins that go with it [wei]. */
  readonly value: bigint;
  /** Returns the result from the call's receipt. */
  readonly resultOf: (receipt: TransactionReceipt) => Result;
}

/** Raised when a receipt lacks the event that the call emits: it is another transaction's. */
export class EventMissing extends Error {
  constructor(
    readonly event: string,
    readonly transaction: string,
  ) {
    super(`The transaction ${transaction} emitted no ${event}: its receipt belongs to another call.`);
  }
}

/**
 * Returns the arguments of the first event of a name that a contract emitted in a transaction.
 *
 * @throws EventMissing
 */
export function eventOf(
  receipt: TransactionReceipt,
  emitter: string,
  contract: Interface,
  event: string,
): Readonly<Record<string, unknown>> {
  const topic = contract.getEvent(event)?.topicHash;
  for (const log of receipt.logs) {
    if (log.address.toLowerCase() !== emitter.toLowerCase() || log.topics[0] !== topic) continue;
    const parsed = contract.parseLog(log);
    if (parsed) return parsed.args.toObject();
  }
  throw new EventMissing(event, receipt.hash);
}

/** Sends a call and waits until it is mined. */
export async function send<Result>(
  signer: Signer,
  call: Call<Result>,
): Promise<{ readonly receipt: TransactionReceipt; readonly result: Result }> {
  const { to, data, value } = call;
  const receipt = await (await signer.sendTransaction({ to, data, value })).wait();
  if (receipt === null) throw new Error("The transaction left the chain before it was mined: send it again.");
  return { receipt, result: call.resultOf(receipt) };
}
