import { toUtf8Bytes } from "ethers";
import { keccak, toHex, word } from "../../hashing";
import { RpcError } from "../../rpc/errors";

/** What stands on the wire for a field, and how EIP-712 hashes it. */
type Field = "address" | "u8" | "uint256" | "uint128" | "uint64" | "uint16" | "text8" | "text16" | "bool" | "bytes32";
type Fields = readonly (readonly [name: string, field: Field])[];

export const MAX_TRANSACTION_BYTES = 1_024;
const SIGNATURE_BYTES = 64;
const HALF_ORDER = BigInt("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
const UINT_BYTES: Partial<Record<Field, number>> = { uint256: 32, uint128: 16, uint64: 8, uint16: 2 };
const PREFIX = Uint8Array.of(0x19, 0x01);

const SEND_COIN = 1;
const MINT_NFT = 5;
const EXIT = 8;

const KIND_TOKEN_ID: Fields = [
  ["kind", "u8"],
  ["token", "address"],
  ["id", "uint256"],
];

const ACTIONS: Readonly<Record<number, { readonly name: string; readonly gas: number; readonly fields: Fields }>> = {
  1: {
    name: "SendCoin",
    gas: 200,
    fields: [
      ["to", "address"],
      ["amount", "uint256"],
    ],
  },
  2: { name: "SendAsset", gas: 300, fields: [...KIND_TOKEN_ID, ["to", "address"], ["amount", "uint256"]] },
  3: {
    name: "CreateAsset",
    gas: 400,
    fields: [
      ["kind", "u8"],
      ["name", "text8"],
      ["symbol", "text8"],
      ["uri", "text16"],
      ["maxSupply", "uint128"],
      ["openMint", "bool"],
    ],
  },
  4: {
    name: "Mint",
    gas: 400,
    fields: [
      ["token", "address"],
      ["id", "uint256"],
      ["to", "address"],
      ["amount", "uint128"],
    ],
  },
  5: {
    name: "MintNft",
    gas: 300,
    fields: [
      ["collection", "address"],
      ["to", "address"],
      ["count", "uint16"],
    ],
  },
  6: {
    name: "SetMinter",
    gas: 300,
    fields: [
      ["token", "address"],
      ["minter", "address"],
      ["allowance", "uint128"],
    ],
  },
  7: {
    name: "Burn",
    gas: 300,
    fields: [
      ["token", "address"],
      ["id", "uint256"],
      ["amount", "uint256"],
    ],
  },
  8: {
    name: "Exit",
    gas: 300,
    fields: [
      ...KIND_TOKEN_ID,
      ["amount", "uint256"],
      ["targetRollup", "uint64"],
      ["to", "address"],
      ["fallbackTo", "address"],
      ["dataHash", "bytes32"],
    ],
  },
};
const GAS_PER_MINTED_NFT = 100;

export interface LedgerTransaction {
  readonly raw: Uint8Array;
  readonly action: string;
  readonly nonce: number;
  /** most the sender pays for gas [wei] */
  readonly maxFee: bigint;
  readonly gas: number;
  /** coins that the action itself takes from the sender [wei] */
  readonly coins: bigint;
  /** what was signed, for the domain given */
  readonly digest: Uint8Array;
  readonly parity: number;
  /** r ‖ s */
  readonly signature: Uint8Array;
}

/** The EIP-712 domain separator of a ledger rollup. */
export function domainSeparator(chainId: bigint): Uint8Array {
  const type = keccak(toUtf8Bytes("EIP712Domain(string name,string version,uint256 chainId)"));
  return keccak(type, keccak(toUtf8Bytes("Rollworks Ledger")), keccak(toUtf8Bytes("1")), word(chainId));
}

/** Decodes a signed transaction strictly: each has exactly one encoding, anything else is refused with the reason. */
export function decodeTransaction(raw: Uint8Array, domain: Uint8Array): LedgerTransaction {
  if (raw.length > MAX_TRANSACTION_BYTES) {
    throw new RpcError("TransactionTooLarge", { bytes: raw.length, limit: MAX_TRANSACTION_BYTES });
  }
  const reader = new Reader(raw);
  const action = reader.byte("action");
  const layout = ACTIONS[action];
  if (layout === undefined) throw malformed("action", `one of ${Object.keys(ACTIONS).join(", ")}`);
  const words = new Map(layout.fields.map(([name, field]) => [name, reader.field(name, field)]));
  const maxFee = reader.field("maxFee", "uint256");
  const nonce = reader.field("nonce", "uint64");
  const signature = reader.rest("signature", SIGNATURE_BYTES);
  const parity = signature[32]! >> 7;
  signature[32]! &= 0x7f;
  if (toBigInt(signature.subarray(32)) > HALF_ORDER) throw new RpcError("SignatureInvalid", { rule: "s at most n/2" });
  return {
    raw,
    action: layout.name,
    nonce: toNonce(nonce),
    maxFee: toBigInt(maxFee),
    gas: layout.gas + (action === MINT_NFT ? GAS_PER_MINTED_NFT * Number(toBigInt(words.get("count")!)) : 0),
    coins: movesCoins(action, words) ? toBigInt(words.get("amount")!) : 0n,
    digest: keccak(PREFIX, domain, keccak(typeHash(action), ...words.values(), maxFee, nonce)),
    parity,
    signature,
  };
}

function movesCoins(action: number, words: ReadonlyMap<string, Uint8Array>): boolean {
  return action === SEND_COIN || (action === EXIT && words.get("kind")![31] === 0);
}

function toNonce(bytes: Uint8Array): number {
  const nonce = toBigInt(bytes);
  if (nonce <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(nonce);
  throw new RpcError("NonceTooHigh", { got: nonce.toString(), limit: Number.MAX_SAFE_INTEGER });
}

const typeHashes = new Map<number, Uint8Array>();

function typeHash(action: number): Uint8Array {
  let hash = typeHashes.get(action);
  if (hash === undefined) {
    const { name, fields } = ACTIONS[action]!;
    const members = fields.map(([member, field]) => `${SOLIDITY_TYPES[field] ?? field} ${member}`);
    hash = keccak(toUtf8Bytes(`${name}(${[...members, "uint256 maxFee", "uint64 nonce"].join(",")})`));
    typeHashes.set(action, hash);
  }
  return hash;
}

const SOLIDITY_TYPES: Partial<Record<Field, string>> = { u8: "uint8", text8: "string", text16: "string" };

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  byte(name: string): number {
    return this.take(name, 1)[0]!;
  }

  /** Reads a field and returns the word that EIP-712 hashes for it. */
  field(name: string, field: Field): Uint8Array {
    switch (field) {
      case "address":
        return padded(this.take(name, 20));
      case "bytes32":
        return this.take(name, 32);
      case "u8":
        return padded(this.take(name, 1));
      case "bool": {
        const byte = this.take(name, 1);
        if (byte[0]! > 1) throw malformed(name, "0 or 1");
        return padded(byte);
      }
      case "text8":
        return this.text(name, this.byte(name));
      case "text16":
        return this.text(name, this.byte(name) * 256 + this.byte(name));
      default: {
        const length = this.byte(name);
        if (length > UINT_BYTES[field]!) throw malformed(name, `at most ${UINT_BYTES[field]} bytes`);
        const bytes = this.take(name, length);
        if (bytes[0] === 0) throw malformed(name, "no leading zero byte");
        return padded(bytes);
      }
    }
  }

  /** The last field: exactly `length` bytes must be left. A copy, which the caller may change. */
  rest(name: string, length: number): Uint8Array {
    const left = this.bytes.length - this.at;
    if (left !== length) throw malformed(name, `${length} bytes at the end, got ${left}`);
    return Uint8Array.prototype.slice.call(this.bytes, this.at);
  }

  private text(name: string, length: number): Uint8Array {
    const bytes = this.take(name, length);
    try {
      UTF8.decode(bytes);
    } catch {
      throw malformed(name, "valid UTF-8");
    }
    return keccak(bytes);
  }

  private take(name: string, length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw malformed(name, "more bytes than there are");
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(32);
  out.set(bytes, 32 - bytes.length);
  return out;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(toHex(bytes));
}

function malformed(field: string, rule: string): RpcError {
  return new RpcError("TransactionMalformed", { field, rule });
}
