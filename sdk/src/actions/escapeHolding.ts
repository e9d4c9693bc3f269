import type { ProvenHolding } from "../ledger/holding";
import { type Call, eventOf } from "../call";
import { type CommitmentFields, packCommitment } from "../protocol/commitment";
import { ICanonicalBridge__factory } from "../typechain";

export interface EscapeHolding {
  readonly bridge: string;
  /** Escaped. */
  readonly rollup: bigint;
  /** Of its last final commitment. */
  readonly commitment: CommitmentFields;
  /** Proven under the commitment's state (`ledger.proveHolding`). */
  readonly holding: ProvenHolding;
  /** Who is paid; the owner if it isn't said. Another needs the owner, calling or by signature. */
  readonly recipient?: string;
  /** The owner's EIP-712 signature of `EscapeTo`; none when he calls himself. */
  readonly consent?: { readonly deadline: bigint; readonly signature: string };
}

export interface EscapedHolding {
  readonly recipient: string;
  readonly amount: bigint;
}

const bridgeInterface = ICanonicalBridge__factory.createInterface();

/** Pays what the last final state of an escaped rollup owes to an account. Anyone may, for anyone. */
export function escapeHolding(escape: EscapeHolding): Call<EscapedHolding> {
  const { bridge, rollup, commitment, holding, recipient = holding.owner } = escape;
  const fields = {
    stateRoot: commitment.stateRoot,
    exitRoot: commitment.exitRoot,
    packed: packCommitment(commitment),
  };
  const consent = escape.consent ?? { deadline: 0n, signature: "0x" };
  return {
    to: bridge,
    data: bridgeInterface.encodeFunctionData("escape", [
      rollup,
      fields,
      holding.proof,
      holding.metadata,
      recipient,
      consent,
    ]),
    value: 0n,
    resultOf: (receipt) => {
      const event = eventOf(receipt, bridge, bridgeInterface, "HoldingPaid");
      return { recipient: event.recipient as string, amount: event.amount as bigint };
    },
  };
}
