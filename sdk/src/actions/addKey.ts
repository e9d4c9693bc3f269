import type { Call } from "../call";
import { IVault__factory } from "../typechain";

export interface AddKey {
  readonly vault: string;
  /** Acts for the operator at services: posts, claims. */
  readonly key: string;
  /** The key's EIP-712 signature of `KeyConsent(operator, key)`; empty if the key is the operator's own address. */
  readonly consent?: string;
}

const vaultInterface = IVault__factory.createInterface();

/** Gives the calling operator another hot key. */
export function addKey({ vault, key, consent = "0x" }: AddKey): Call {
  return {
    to: vault,
    data: vaultInterface.encodeFunctionData("addKey", [key, consent]),
    value: 0n,
    resultOf: () => undefined,
  };
}
