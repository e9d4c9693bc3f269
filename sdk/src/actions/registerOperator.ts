import type { Call } from "../call";
import { IVault__factory } from "../typechain";

export interface RegisterOperator {
  readonly vault: string;
  /** Acts for the operator at services: posts, claims. */
  readonly key: string;
  /** The key's EIP-712 signature of `KeyConsent(operator, key)`; empty if the key is the operator's own address. */
  readonly consent?: string;
}

const vaultInterface = IVault__factory.createInterface();

/** Makes the caller an operator. */
export function registerOperator({ vault, key, consent = "0x" }: RegisterOperator): Call {
  return {
    to: vault,
    data: vaultInterface.encodeFunctionData("registerOperator", [key, consent]),
    value: 0n,
    resultOf: () => undefined,
  };
}
