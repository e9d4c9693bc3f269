import { ZeroAddress, concat, getAddress, hexlify, toBeHex } from "ethers";
import { type Asset, AssetKind, decodeMetadata, encodeMetadata, isBorn, isNft, pieceMetadata } from "./asset";
import { EncodingError, Reader } from "./bytes";
import {
  type Key,
  type StateProof,
  type StateReader,
  accountKey,
  assetKey,
  balanceKey,
  nftKey,
} from "./state";

/** What an account holds, as an escape pays it: for the ledger's state reader on L1 (docs/encodings/ledger.md, "State"). */
export interface Holding {
  owner: string;
  asset: Asset;
  amount: bigint;
}

/** A holding with what the bridge's `escape` takes to pay it. */
export interface ProvenHolding extends Holding {
  /** For the state reader. */
  proof: string;
  /** For the mirror of what was born on the rollup; else empty. */
  metadata: string;
}

const TAG = { account: 0, balance: 1, nft: 2 } as const;

/** Returns what a state's entry says about a holder; undefined if it says nothing, or that nothing is held. */
export function decodeHolding(entry: Uint8Array): Holding | undefined {
  const reader = new Reader(entry);
  const tag = reader.number(1);
  if (tag === TAG.account) {
    const owner = getAddress(reader.hex(20));
    reader.raw(16);
    const amount = reader.integer(32);
    const asset = { kind: AssetKind.Coin, token: ZeroAddress, id: 0n };
    return amount === 0n ? undefined : { owner, asset, amount };
  }
  if (tag !== TAG.balance && tag !== TAG.nft) return undefined;
  const holder = tag === TAG.balance ? getAddress(reader.hex(20)) : undefined;
  const asset = { kind: reader.number(1), token: getAddress(reader.hex(20)), id: reader.integer(32) };
  return holder === undefined
    ? { owner: getAddress(reader.hex(20)), asset, amount: 1n }
    : { owner: holder, asset, amount: reader.integer(32) };
}

/** Returns everything that an account holds under a state, NFTs too. Reads the whole state. */
export async function listHoldings(state: StateReader, owner: string): Promise<Holding[]> {
  const found: Holding[] = [];
  for await (const entry of state.entries()) {
    const holding = decodeHolding(entry);
    if (holding?.owner === getAddress(owner)) found.push(holding);
  }
  return found;
}

/**
 * Proves what an account holds of an asset under a state.
 *
 * @throws EncodingError if it holds nothing of it
 */
export async function proveHolding(state: StateReader, owner: string, asset: Asset): Promise<ProvenHolding> {
  const { entry, steps } = await state.prove(keyOfHolding(owner, asset));
  const holding = entry && decodeHolding(entry);
  if (entry === undefined || holding?.owner !== getAddress(owner) || !isSame(holding.asset, asset)) {
    throw new EncodingError(
      `${owner} holds nothing of kind ${asset.kind}, token ${asset.token}, id ${asset.id}`,
    );
  }
  const parts = [await state.recordHash(), encodeShown(entry, steps)];
  let metadata = "0x";
  if (isBorn(asset.kind)) {
    const born = await state.prove(assetKey(asset.token));
    const texts = await state.metadata(asset.token);
    if (born.entry === undefined || texts === undefined) throw new EncodingError(`no asset ${asset.token}`);
    parts.push(encodeShown(born.entry, born.steps));
    metadata = hexlify(texts);
    if (asset.kind === AssetKind.Collection) {
      parts.push(metadata);
      metadata = hexlify(encodeMetadata(pieceMetadata(decodeMetadata(texts), asset.id)));
    }
  }
  return { ...holding, proof: concat(parts), metadata };
}

function keyOfHolding(owner: string, asset: Asset): Key {
  if (asset.kind === AssetKind.Coin) return accountKey(owner);
  return isNft(asset.kind) ? nftKey(asset) : balanceKey(owner, asset);
}

function isSame(a: Asset, b: Asset): boolean {
  return a.kind === b.kind && a.id === b.id && getAddress(a.token) === getAddress(b.token);
}

/** `entry ‖ count u16 ‖ count × (bit u16 ‖ sibling)`, from the root downwards. */
export function encodeShown(entry: Uint8Array, steps: StateProof["steps"]): string {
  const nodes = steps.flatMap(({ bit, sibling }) => [toBeHex(bit, 2), sibling]);
  return concat([entry, toBeHex(steps.length, 2), ...nodes]);
}
