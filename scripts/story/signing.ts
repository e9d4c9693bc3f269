import { Signature, Wallet, getBytes, hexlify } from "ethers";
import { ecdsaSign } from "secp256k1";
import { type Action, encodeTransaction, gasOf, transactionDigest } from "../../sdk/src/ledger";

/** Signs as a wallet's `signTypedData` would, with native secp256k1: a burst of ten thousand is signed in a few seconds. */
export function signAction(
  wallet: Wallet,
  l2ChainId: bigint,
  action: Action,
  nonce: bigint,
  gasPrice: bigint,
): string {
  const transaction = { action, maxFee: BigInt(gasOf(action)) * gasPrice, nonce };
  const digest = getBytes(transactionDigest(l2ChainId, transaction));
  const { signature, recid } = ecdsaSign(digest, getBytes(wallet.privateKey));
  const r = hexlify(signature.subarray(0, 32));
  const s = hexlify(signature.subarray(32));
  return encodeTransaction({
    ...transaction,
    signature: Signature.from({ r, s, yParity: recid === 0 ? 0 : 1 }),
  });
}
