import { keccak, toHex } from "../../hashing";
import { ProgramState } from "../program";

type Preimage = (hash: Uint8Array) => Uint8Array | undefined;

export interface LedgerAccount {
  readonly nonce: number;
  /** assets created so far */
  readonly created: number;
  readonly coins: bigint;
}

export interface LedgerAsset {
  readonly kind: number;
  readonly creator: string;
  readonly openMint: boolean;
  readonly supply: bigint;
  readonly maxSupply: bigint;
  readonly minted: number;
  readonly metadataHash: string;
}

const EMPTY_ACCOUNT: LedgerAccount = { nonce: 0, created: 0, coins: 0n };
const ACCOUNT = 0;
const NFT = 1;
const ASSET = 2;
const LEAF = 0x00;
/** Accounts remembered per state: what callers may ask for is unbounded, the memory for it isn't. */
const REMEMBERED_ACCOUNTS = 16_384;

/** Reads a ledger's state under a state root: a walk down the tree by the path that docs/encodings/ledger.md gives each entry. */
export class LedgerState implements ProgramState {
  private readonly treeRoot: Uint8Array;
  private readonly accounts = new Map<string, LedgerAccount>();

  constructor(
    stateRoot: Uint8Array,
    private readonly preimage: Preimage,
  ) {
    this.treeRoot = this.need(stateRoot).subarray(0, 32);
  }

  account(owner: Uint8Array): LedgerAccount {
    const key = toHex(owner);
    let account = this.accounts.get(key);
    if (account === undefined) {
      account = this.readAccount(owner);
      if (this.accounts.size >= REMEMBERED_ACCOUNTS) this.accounts.clear();
      this.accounts.set(key, account);
    }
    return account;
  }

  private readAccount(owner: Uint8Array): LedgerAccount {
    const entry = this.entry(ACCOUNT, keccak(owner), new Uint8Array(32), 0, owner);
    if (entry === undefined) return EMPTY_ACCOUNT;
    return { nonce: Number(uint(entry, 21, 8)), created: Number(uint(entry, 29, 8)), coins: uint(entry, 37, 32) };
  }

  nonce(sender: Uint8Array): number {
    return this.account(sender).nonce;
  }

  balance(owner: Uint8Array, kind: number, token: Uint8Array, id: Uint8Array): bigint {
    const asset = Buffer.concat([Uint8Array.of(kind), token, id]);
    const entry = this.entry(ACCOUNT, keccak(owner), keccak(asset), 1, Buffer.concat([owner, asset]));
    return entry === undefined ? 0n : uint(entry, 74, 32);
  }

  /** The holder of an NFT, if it is on this rollup. */
  holder(kind: number, token: Uint8Array, id: Uint8Array): string | undefined {
    const collection = Buffer.concat([Uint8Array.of(kind), token]);
    const entry = this.entry(NFT, keccak(collection), keccak(id), 2, Buffer.concat([collection, id]));
    return entry === undefined ? undefined : toHex(entry.subarray(54, 74));
  }

  asset(token: Uint8Array): LedgerAsset | undefined {
    const entry = this.entry(ASSET, keccak(token), new Uint8Array(32), 3, token);
    if (entry === undefined) return undefined;
    return {
      kind: entry[21]!,
      creator: toHex(entry.subarray(22, 42)),
      openMint: (entry[42]! & 1) === 1,
      supply: uint(entry, 43, 16),
      maxSupply: uint(entry, 59, 16),
      minted: Number(uint(entry, 75, 8)),
      metadataHash: toHex(entry.subarray(83, 115)),
    };
  }

  private entry(domain: number, first: Uint8Array, second: Uint8Array, tag: number, key: Uint8Array): Uint8Array | undefined {
    const path = Buffer.concat([Uint8Array.of(domain), first.subarray(1), second]);
    let hash = this.treeRoot;
    if (hash.every((byte) => byte === 0)) return undefined;
    while (true) {
      const node = this.need(hash);
      if (node[0] === LEAF) {
        const entry = node.subarray(1);
        const matches = entry[0] === tag && Buffer.compare(entry.subarray(1, 1 + key.length), key) === 0;
        return matches ? entry : undefined;
      }
      const bit = (node[1]! << 8) | node[2]!;
      const right = (path[bit >> 3]! >> (7 - (bit & 7))) & 1;
      hash = node.subarray(3 + 32 * right, 35 + 32 * right);
    }
  }

  private need(hash: Uint8Array): Uint8Array {
    const bytes = this.preimage(hash);
    if (bytes === undefined) throw new Error(`the state lacks the preimage of ${toHex(hash)}`);
    return bytes;
  }
}

function uint(bytes: Uint8Array, at: number, length: number): bigint {
  return BigInt(toHex(bytes.subarray(at, at + length)));
}
