import type { UnreadMessage } from "../bridge";
import { type Call, eventOf } from "../call";
import { type CommitmentFields, packCommitment } from "../protocol/commitment";
import { ICanonicalBridge__factory } from "../typechain";

export interface RefundDeposit {
  readonly bridge: string;
  /** Escaped. */
  readonly rollup: bigint;
  /** Of its last final commitment, which hasn't consumed the deposit. */
  readonly commitment: CommitmentFields;
  /** The deposit's message (`unreadMessage`). */
  readonly unread: UnreadMessage;
  /** The message's fallbackTo: whoever deposited. Another only if he calls himself. */
  readonly recipient: string;
}

export interface RefundedDeposit {
  readonly amount: bigint;
}

const bridgeInterface = ICanonicalBridge__factory.createInterface();

/** Gives back a deposit that an escaped rollup never read. Anyone may, for anyone. */
export function refundDeposit({
  bridge,
  rollup,
  commitment,
  unread,
  recipient,
}: RefundDeposit): Call<RefundedDeposit> {
  const { stateRoot, exitRoot } = commitment;
  const fields = { stateRoot, exitRoot, packed: packCommitment(commitment) };
  return {
    to: bridge,
    data: bridgeInterface.encodeFunctionData("refund", [
      rollup,
      fields,
      { ...unread, later: [...unread.later] },
      recipient,
    ]),
    value: 0n,
    resultOf: (receipt) => ({
      amount: eventOf(receipt, bridge, bridgeInterface, "Refunded").amount as bigint,
    }),
  };
}
