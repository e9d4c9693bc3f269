import type { TypedDataDomain, TypedDataField } from "ethers";

/** The EIP-712 data by which a hot key agrees to act for an operator, as `signTypedData` takes it. */
export interface KeyConsent {
  readonly domain: TypedDataDomain;
  readonly types: Record<string, TypedDataField[]>;
  readonly value: { readonly operator: string; readonly key: string };
}

/** Returns what `key` signs so that `operator` can register or add it. */
export function keyConsent(options: {
  readonly chainId: bigint;
  readonly vault: string;
  readonly operator: string;
  readonly key: string;
}): KeyConsent {
  const { chainId, vault, operator, key } = options;
  return {
    domain: { name: "Rollworks Vault", version: "1", chainId, verifyingContract: vault },
    types: {
      KeyConsent: [
        { name: "operator", type: "address" },
        { name: "key", type: "address" },
      ],
    },
    value: { operator, key },
  };
}
