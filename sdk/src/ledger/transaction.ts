import { type TypedDataDomain, TypedDataEncoder, type TypedDataField } from "ethers";
import { Signature, getAddress, hexlify, keccak256, recoverAddress } from "ethers";
import { EncodingError, Reader, type Bytes, Writer, toBytes } from "./bytes";
import { PIECE_GAS, SHAPES, SIGNED_FIELDS, shapeOf, sizeOf, textPrefix } from "./shapes";

/** Transactions of the ledger: what users ask for, how wallets sign it, how it is written down. */

export interface SendCoin {
  type: "SendCoin";
  to: string;
  /** [wei] */
  amount: bigint;
}

export interface SendAsset {
  type: "SendAsset";
  kind: number;
  token: string;
  id: bigint;
  to: string;
  amount: bigint;
}

export interface CreateAsset {
  type: "CreateAsset";
  /** 5 token, 6 collection, 7 multi-token */
  kind: number;
  name: string;
  symbol: string;
  uri: string;
  maxSupply: bigint;
  /** Whether anybody may mint, up to maxSupply. */
  openMint: boolean;
}

export interface Mint {
  type: "Mint";
  token: string;
  id: bigint;
  to: string;
  amount: bigint;
}

export interface MintNft {
  type: "MintNft";
  collection: string;
  to: string;
  /** 1 to 32 pieces */
  count: number;
}

export interface SetMinter {
  type: "SetMinter";
  token: string;
  minter: string;
  /** 2^128 − 1 never shrinks, 0 takes the right away. */
  allowance: bigint;
}

export interface Burn {
  type: "Burn";
  token: string;
  id: bigint;
  amount: bigint;
}

export interface Exit {
  type: "Exit";
  kind: number;
  token: string;
  id: bigint;
  amount: bigint;
  /** 0: to L1 */
  targetRollup: bigint;
  to: string;
  fallbackTo: string;
  /** keccak256 of the call data for the receiver; zero for no call. */
  dataHash: string;
}

export type Action = SendCoin | SendAsset | CreateAsset | Mint | MintNft | SetMinter | Burn | Exit;

export interface Transaction {
  action: Action;
  /** The most the signer pays [wei]. */
  maxFee: bigint;
  nonce: bigint;
}

export interface SignedTransaction extends Transaction {
  signature: Signature;
}

/** Half the order of secp256k1, rounded down: a larger s is the twin of a smaller one, and the program skips it. */
export const HALF_ORDER = BigInt("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/** Longest transaction [bytes]. */
export const TRANSACTION_LIMIT = 1_024;

/** Returns the fixed price of an action [L2 gas]; the fee is this times the rollup's gas price. */
export function gasOf(action: Action): number {
  const { gas } = SHAPES[action.type];
  return action.type === "MintNft" ? gas + PIECE_GAS * action.count : gas;
}

/** What `signer.signTypedData(domain, types, value)` of ethers takes. */
export interface TypedData {
  domain: TypedDataDomain;
  types: Record<string, TypedDataField[]>;
  value: Record<string, unknown>;
}

export function typedData(chainId: bigint, { action, maxFee, nonce }: Transaction): TypedData {
  const { type, ...fields } = action;
  return {
    domain: { name: "Rollworks Ledger", version: "1", chainId },
    types: { [type]: [...SHAPES[type].fields, ...SIGNED_FIELDS] },
    value: { ...fields, maxFee, nonce },
  };
}

/** Returns the EIP-712 hash that is signed. */
export function transactionDigest(chainId: bigint, transaction: Transaction): string {
  const { domain, types, value } = typedData(chainId, transaction);
  return TypedDataEncoder.hash(domain, types, value);
}

/** Whatever signs typed data: a wallet or signer of ethers. */
export interface TypedDataSigner {
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** Signs a transaction and returns its bytes, as nodes and forced transactions take them. */
export async function signTransaction(
  signer: TypedDataSigner,
  chainId: bigint,
  transaction: Transaction,
): Promise<string> {
  const { domain, types, value } = typedData(chainId, transaction);
  const signature = Signature.from(await signer.signTypedData(domain, types, value));
  return encodeTransaction({ ...transaction, signature });
}

/** Returns a signed transaction's bytes. */
export function encodeTransaction({ action, maxFee, nonce, signature }: SignedTransaction): string {
  const writer = writeAction(action).uint(maxFee, 32).uint(nonce, 8);
  return hexlify(writer.raw(signature.r, 32).raw(signature.yParityAndS, 32).bytes());
}

/** Returns an action's bytes: the body of a call message from L1. */
export function encodeAction(action: Action): string {
  return hexlify(writeAction(action).bytes());
}

/** Returns what the bytes of a signed transaction say. Throws EncodingError unless they are exactly one. */
export function decodeTransaction(bytes: Bytes): SignedTransaction {
  const source = toBytes(bytes);
  if (source.length > TRANSACTION_LIMIT)
    throw new EncodingError(`${source.length} bytes, a transaction has at most ${TRANSACTION_LIMIT}`);
  const reader = new Reader(source);
  const action = readAction(reader);
  const maxFee = reader.uint(32);
  const nonce = reader.uint(8);
  const compact = { r: reader.hex(32), yParityAndS: reader.hex(32) };
  reader.end();
  let signature: Signature;
  try {
    signature = Signature.from(compact);
  } catch {
    throw new EncodingError("not a signature");
  }
  // ethers looks at the top bit alone, which leaves values between half of the order and 2^255
  if (BigInt(signature.s) > HALF_ORDER) throw new EncodingError("not a signature: s is in the upper half");
  return { action, maxFee, nonce, signature };
}

/** Returns what the body of a call message says. */
export function decodeAction(bytes: Bytes): Action {
  const reader = new Reader(toBytes(bytes));
  const action = readAction(reader);
  reader.end();
  return action;
}

/** Returns the name of a transaction: the hash of its bytes. */
export function transactionHash(bytes: Bytes): string {
  return keccak256(bytes);
}

/** Returns who signed. */
export function signerOf(chainId: bigint, transaction: SignedTransaction): string {
  return recoverAddress(transactionDigest(chainId, transaction), transaction.signature);
}

function writeAction(action: Action): Writer {
  const { code, fields } = SHAPES[action.type];
  const writer = new Writer().integer(code, 1);
  const values = action as unknown as Record<string, bigint & string & boolean>;
  for (const { type, name } of fields) {
    const value = values[name];
    if (value === undefined) throw new EncodingError(`${action.type} without ${name}`);
    if (type === "address") writer.raw(value, 20);
    else if (type === "bytes32") writer.raw(value, 32);
    else if (type === "bool") writer.integer(value ? 1 : 0, 1);
    else if (type === "uint8") writer.integer(value, 1);
    else if (type === "string") writer.text(value, textPrefix(name));
    else writer.uint(value, sizeOf(type));
  }
  return writer;
}

function readAction(reader: Reader): Action {
  const code = reader.number(1);
  const shape = shapeOf(code);
  if (shape === undefined) throw new EncodingError(`no action ${code}`);
  const action: Record<string, unknown> = { type: shape.type };
  for (const { type, name } of shape.fields) action[name] = readField(reader, type, name);
  return action as unknown as Action;
}

function readField(reader: Reader, type: string, name: string): unknown {
  switch (type) {
    case "address":
      return getAddress(reader.hex(20));
    case "bytes32":
      return reader.hex(32);
    case "uint8":
      return reader.number(1);
    case "uint16":
      return Number(reader.uint(2));
    case "string":
      return reader.text(textPrefix(name));
    case "bool": {
      const flag = reader.number(1);
      if (flag > 1) throw new EncodingError(`a bool of ${flag}`);
      return flag === 1;
    }
    default:
      return reader.uint(sizeOf(type));
  }
}
