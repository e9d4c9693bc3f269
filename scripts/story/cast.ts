import { HDNodeWallet, Mnemonic, Wallet } from "ethers";
import type { Chain } from "./chain";

/** Who takes part. Every key derives from the seed, so that a run with the same seed has the same people. */
export interface Cast {
  /** Honest operator: cold key with the stake, hot key that the first node signs with. */
  readonly honest: { readonly cold: HDNodeWallet; readonly hot: HDNodeWallet };
  /** The operator who lies, and who throws his own claim later. */
  readonly crooked: { readonly cold: HDNodeWallet; readonly hot: HDNodeWallet };
  readonly delegators: readonly HDNodeWallet[];
  /** Signs for the second node: challenges with coins, has no stake. */
  readonly challenger: HDNodeWallet;
  readonly creator: HDNodeWallet;
  readonly depositor: HDNodeWallet;
  readonly artist: HDNodeWallet;
  readonly feeRecipient: HDNodeWallet;
  /** Anybody: posts, pushes and retires where nobody is needed. */
  readonly passerBy: HDNodeWallet;
}

export async function castOf(chain: Chain): Promise<Cast> {
  const at = (index: number): Promise<HDNodeWallet> => chain.account(index);
  return {
    honest: { cold: await at(1), hot: await at(2) },
    crooked: { cold: await at(3), hot: await at(4) },
    delegators: [await at(5), await at(6)],
    challenger: await at(7),
    creator: await at(8),
    depositor: await at(9),
    artist: await at(10),
    feeRecipient: await at(11),
    passerBy: await at(12),
  };
}

/** L2 users: keys only, they have nothing on L1. */
export function users(mnemonic: Mnemonic, count: number): Wallet[] {
  const root = HDNodeWallet.fromMnemonic(mnemonic, "m/44'/60'/1'/0");
  return Array.from({ length: count }, (_, index) => new Wallet(root.deriveChild(index).privateKey));
}
