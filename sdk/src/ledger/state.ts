import { ZeroHash, concat, getAddress, hexlify, keccak256, toBeHex } from "ethers";
import { type Asset, AssetKind, isNft } from "./asset";
import { EncodingError, Reader, type Bytes, Writer, toBytes } from "./bytes";

/** The ledger's state: where entries stand, how they are read from preimages, and how they are proven. */

export interface Account {
  /** Signed transactions applied: the nonce of the next one. */
  nonce: bigint;
  /** Assets created. */
  created: bigint;
  /** [wei] */
  coins: bigint;
}

/** An asset born on the rollup. */
export interface BornAsset {
  kind: number;
  creator: string;
  openMint: boolean;
  supply: bigint;
  maxSupply: bigint;
  /** Pieces of a collection ever minted: the next id. */
  minted: bigint;
  metadataHash: string;
}

/** What names an entry: the bytes it begins with, and where it stands. */
export interface Key {
  prefix: Uint8Array;
  /** 64 bytes */
  path: Uint8Array;
}

const TAG = { account: 0, balance: 1, nft: 2, asset: 3, minter: 4 } as const;
const DOMAIN = { holdings: 0, nfts: 1, assets: 2 } as const;
/** Lengths of what names an entry, by tag. */
const PREFIX_LENGTHS = [21, 74, 54, 21, 41] as const;

export function accountKey(owner: string): Key {
  return keyOf(new Writer().integer(TAG.account, 1).raw(owner, 20).bytes());
}

export function balanceKey(owner: string, { kind, token, id }: Asset): Key {
  const writer = new Writer().integer(TAG.balance, 1).raw(owner, 20);
  return keyOf(writer.integer(kind, 1).raw(token, 20).integer(id, 32).bytes());
}

export function nftKey({ kind, token, id }: Asset): Key {
  return keyOf(new Writer().integer(TAG.nft, 1).integer(kind, 1).raw(token, 20).integer(id, 32).bytes());
}

export function assetKey(token: string): Key {
  return keyOf(new Writer().integer(TAG.asset, 1).raw(token, 20).bytes());
}

export function minterKey(token: string, minter: string): Key {
  return keyOf(new Writer().integer(TAG.minter, 1).raw(token, 20).raw(minter, 20).bytes());
}

/** Returns the key of any entry, or of the bytes that name one. */
export function keyOf(entry: Bytes): Key {
  const bytes = toBytes(entry);
  const length = PREFIX_LENGTHS[bytes[0] ?? PREFIX_LENGTHS.length];
  if (length === undefined || bytes.length < length) throw new EncodingError("not an entry of the ledger");
  const prefix = bytes.slice(0, length);
  const rest = prefix.subarray(1);
  switch (prefix[0]) {
    case TAG.account:
      return { prefix, path: path(DOMAIN.holdings, rest) };
    case TAG.balance:
      return { prefix, path: path(DOMAIN.holdings, rest.subarray(0, 20), rest.subarray(20)) };
    case TAG.nft:
      return { prefix, path: path(DOMAIN.nfts, rest.subarray(0, 21), rest.subarray(21)) };
    case TAG.asset:
      return { prefix, path: path(DOMAIN.assets, rest) };
    default:
      return { prefix, path: path(DOMAIN.assets, rest.subarray(0, 20), rest.subarray(20)) };
  }
}

function path(domain: number, first: Uint8Array, second?: Uint8Array): Uint8Array {
  const bytes = toBytes(concat([keccak256(first), second === undefined ? ZeroHash : keccak256(second)]));
  bytes[0] = domain;
  return bytes;
}

/** Returns the preimage of a keccak256 hash, wherever it is kept. */
export type PreimageSource = (hash: string) => Uint8Array | Promise<Uint8Array>;

/** One node on the way from the root to a leaf. */
export interface ProofStep {
  bit: number;
  sibling: string;
}

/** Shows what stands, or doesn't stand, at a path. */
export interface StateProof {
  /** The entry of the leaf that the path leads to; undefined in an empty tree. */
  entry: Uint8Array | undefined;
  /** From the root downwards. */
  steps: ProofStep[];
}

/** What a rollup remembers besides what people own. */
export interface StateRecord {
  messageIndex: bigint;
  messageHash: string;
  exitCount: bigint;
  frontier: string[];
}

/** Reads a state by its root, from preimages alone. A missing preimage is the source's error, never an absent entry. */
export class StateReader {
  private roots: Promise<{ tree: string; record: string }> | undefined;

  constructor(
    readonly stateRoot: string,
    private readonly preimage: PreimageSource,
  ) {}

  async treeRoot(): Promise<string> {
    return (await this.words()).tree;
  }

  async recordHash(): Promise<string> {
    return (await this.words()).record;
  }

  async record(): Promise<StateRecord> {
    const reader = new Reader(await this.preimage((await this.words()).record));
    if (reader.number(1) !== 1) throw new EncodingError("a record of another version");
    const record = {
      messageIndex: reader.integer(8),
      messageHash: reader.hex(32),
      exitCount: reader.integer(8),
      frontier: [] as string[],
    };
    while (reader.left > 0) record.frontier.push(reader.hex(32));
    return record;
  }

  async account(owner: string): Promise<Account> {
    const reader = await this.find(accountKey(owner));
    if (reader === undefined) return { nonce: 0n, created: 0n, coins: 0n };
    return { nonce: reader.integer(8), created: reader.integer(8), coins: reader.integer(32) };
  }

  /** Returns how much of an asset an account owns; 1 or 0 for an NFT. */
  async balance(owner: string, asset: Asset): Promise<bigint> {
    if (asset.kind === AssetKind.Coin) return (await this.account(owner)).coins;
    if (isNft(asset.kind)) return (await this.holder(asset)) === getAddress(owner) ? 1n : 0n;
    return (await this.find(balanceKey(owner, asset)))?.integer(32) ?? 0n;
  }

  /** Returns who holds an NFT. */
  async holder(asset: Asset): Promise<string | undefined> {
    const reader = await this.find(nftKey(asset));
    return reader && getAddress(reader.hex(20));
  }

  async asset(token: string): Promise<BornAsset | undefined> {
    const reader = await this.find(assetKey(token));
    if (reader === undefined) return undefined;
    return {
      kind: reader.number(1),
      creator: getAddress(reader.hex(20)),
      openMint: (reader.number(1) & 1) === 1,
      supply: reader.integer(16),
      maxSupply: reader.integer(16),
      minted: reader.integer(8),
      metadataHash: reader.hex(32),
    };
  }

  /** Returns the metadata of an asset born here, of a collection with its own URI. */
  async metadata(token: string): Promise<Uint8Array | undefined> {
    const asset = await this.asset(token);
    return asset && this.preimage(asset.metadataHash);
  }

  async allowance(token: string, minter: string): Promise<bigint> {
    return (await this.find(minterKey(token, minter)))?.integer(16) ?? 0n;
  }

  /** Returns what an account owns, coins included, NFTs not: its entries stand side by side. */
  async holdings(owner: string): Promise<{ asset: Asset; amount: bigint }[]> {
    const found: { asset: Asset; amount: bigint }[] = [];
    const { prefix, path } = accountKey(owner);
    for await (const entry of this.below(path, 256)) {
      const reader = new Reader(entry.subarray(prefix.length));
      if (entry[0] === TAG.account) {
        reader.raw(16);
        const coins = reader.integer(32);
        const asset = { kind: AssetKind.Coin, token: getAddress(toBeHex(0, 20)), id: 0n };
        if (coins > 0n) found.push({ asset, amount: coins });
      } else {
        const asset = {
          kind: reader.number(1),
          token: getAddress(reader.hex(20)),
          id: reader.integer(32),
        };
        found.push({ asset, amount: reader.integer(32) });
      }
    }
    return found;
  }

  /** Returns a proof of what stands at a key. */
  async prove(key: Key): Promise<StateProof> {
    const steps: ProofStep[] = [];
    let hash = await this.treeRoot();
    if (hash === ZeroHash) return { entry: undefined, steps };
    for (;;) {
      const node = await this.node(hash);
      if (node.kind === "leaf") return { entry: node.entry, steps };
      const right = bitOf(key.path, node.bit);
      steps.push({ bit: node.bit, sibling: right ? node.left : node.right });
      hash = right ? node.right : node.left;
    }
  }

  /** Yields every entry, in path order. */
  async *entries(): AsyncGenerator<Uint8Array> {
    yield* this.below(new Uint8Array(64), 0);
  }

  /** Yields the entries whose path begins with the first `bits` of a path. */
  private async *below(path: Uint8Array, bits: number): AsyncGenerator<Uint8Array> {
    const root = await this.treeRoot();
    const waiting = root === ZeroHash ? [] : [root];
    for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
      const node = await this.node(hash);
      if (node.kind === "leaf") {
        const { path: found } = keyOf(node.entry);
        if (hexlify(found.subarray(0, bits / 8)) === hexlify(path.subarray(0, bits / 8))) yield node.entry;
      } else if (node.bit < bits) waiting.push(bitOf(path, node.bit) ? node.right : node.left);
      else waiting.push(node.right, node.left);
    }
  }

  private async find(key: Key): Promise<Reader | undefined> {
    const { entry } = await this.prove(key);
    if (entry === undefined || !startsWith(entry, key.prefix)) return undefined;
    return new Reader(entry.subarray(key.prefix.length));
  }

  private async node(
    hash: string,
  ): Promise<
    { kind: "leaf"; entry: Uint8Array } | { kind: "inner"; bit: number; left: string; right: string }
  > {
    const bytes = await this.preimage(hash);
    if (bytes[0] === 0) return { kind: "leaf", entry: bytes.subarray(1) };
    const reader = new Reader(bytes.subarray(1));
    return { kind: "inner", bit: reader.number(2), left: reader.hex(32), right: reader.hex(32) };
  }

  private words(): Promise<{ tree: string; record: string }> {
    const read = async (): Promise<{ tree: string; record: string }> => {
      const reader = new Reader(await this.preimage(this.stateRoot));
      return { tree: reader.hex(32), record: reader.hex(32) };
    };
    return (this.roots ??= read());
  }
}

/** Returns the tree's root that a proof leads to for a key. Throws unless its bits grow and its leaf stands there. */
export function treeRootOf(key: Key, { entry, steps }: StateProof): string {
  if (entry === undefined) return ZeroHash;
  const { path } = keyOf(entry);
  let hash = keccak256(concat(["0x00", entry]));
  let above = 512;
  for (const { bit, sibling } of [...steps].reverse()) {
    if (bit >= above) throw new EncodingError("a proof whose bits don't grow");
    const right = bitOf(path, bit);
    if (right !== bitOf(key.path, bit)) throw new EncodingError("a proof of another path");
    const pair = right ? [sibling, hash] : [hash, sibling];
    hash = keccak256(concat(["0x01", toBeHex(bit, 2), ...pair]));
    above = bit;
  }
  return hash;
}

/** Returns the entry that a proof shows at a key, undefined when it shows that there is none. */
export function provenEntry(treeRoot: string, key: Key, proof: StateProof): Uint8Array | undefined {
  if (treeRootOf(key, proof) !== treeRoot) throw new EncodingError("a proof of another root");
  return proof.entry !== undefined && startsWith(proof.entry, key.prefix) ? proof.entry : undefined;
}

function bitOf(path: Uint8Array, bit: number): boolean {
  return (((path[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
}

function startsWith(entry: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => entry[i] === byte);
}
