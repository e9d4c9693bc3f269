import {
  joinBlocks,
  readBlocks,
  type SignedFields,
  SignedReader,
  TRANSACTION_LIMIT,
  TransactionMalformed,
  writeBlock,
} from "@rollworks/sdk/src/ledger";
import { CallResult, ProgramInstance } from "../../executor/instance";
import { keccak, toHex, word } from "../../hashing";
import { RpcError } from "../../rpc/errors";
import { Params } from "../../rpc/params";
import {
  BatchArgument,
  BlockResult,
  CloseResult,
  DecodedTransaction,
  DoorOptions,
  EncodedBlock,
  MethodContext,
  OpenResult,
  Program,
  ProgramBlock,
} from "../program";
import { readReceipts } from "./receipt";
import { LedgerState } from "./state";

const BLOCK_HEAD_BYTES = 10;
const LENGTH_BYTES = 2;
/** The latest timestamp that the node shows as it is: posters write eight bytes of their choice. */
const LATEST = BigInt(Number.MAX_SAFE_INTEGER);

/** The ledger program (docs/encodings/ledger.md), as the node sees it. */
export class LedgerProgram implements Program {
  readonly name = "ledger";
  readonly maxTransactionBytes = TRANSACTION_LIMIT;
  readonly maxBlockTransactions = 1_000;
  readonly blockOverhead = BLOCK_HEAD_BYTES;
  readonly transactionOverhead = LENGTH_BYTES;
  readonly methods = [...METHODS.keys()];

  readonly hash: string;
  readonly codeRoot: string;

  constructor(
    identity: { hash: string; codeRoot: string },
    private readonly module: WebAssembly.Module,
  ) {
    this.hash = identity.hash;
    this.codeRoot = identity.codeRoot;
  }

  instantiate(): ProgramInstance {
    return new ProgramInstance(this.module);
  }

  door({ chainId, gasPrice }: DoorOptions): (raw: Uint8Array) => DecodedTransaction {
    const reader = new SignedReader(chainId, keccak);
    return (raw) => {
      const { nonce, digest, yParity, signature, gas, maxFee, coins } = readSigned(reader, raw);
      const fee = BigInt(gas) * gasPrice;
      const cost = fee + coins;
      if (fee > maxFee) throw new RpcError("FeeTooLow", { maxFee: maxFee.toString(), least: fee.toString() });
      const recovery = new Uint8Array(128);
      recovery.set(digest);
      recovery[63] = 27 + yParity;
      recovery.set(signature, 64);
      return {
        raw,
        hash: keccak(raw),
        nonce: toNonce(nonce),
        recovery,
        fee,
        cost,
        requireFunds: (sender, state, committed) => {
          const balance = (state as LedgerState).account(sender).coins;
          const needed = cost + committed;
          if (balance >= needed) return;
          throw new RpcError("BalanceTooLow", {
            balance: balance.toString(),
            needed: needed.toString(),
            waiting: committed.toString(),
          });
        },
      };
    };
  }

  state(stateRoot: Uint8Array, preimage: (hash: Uint8Array) => Uint8Array | undefined): LedgerState {
    return new LedgerState(stateRoot, preimage);
  }

  encodeBlock({ timestamp, transactions }: ProgramBlock): Uint8Array {
    return writeBlock({ timestamp: BigInt(timestamp), transactions });
  }

  encodeData(blocks: readonly Uint8Array[]): Uint8Array {
    return joinBlocks(blocks);
  }

  decodeData(data: Uint8Array): EncodedBlock[] {
    return readBlocks(data).map(({ timestamp, transactions, bytes }) => ({
      timestamp: timestamp > LATEST ? Number.MAX_SAFE_INTEGER : Number(timestamp),
      transactions,
      encoded: bytes,
    }));
  }

  encodeOpen({ parent, config, target, targetHash, flags }: BatchArgument): Uint8Array {
    return Buffer.concat([parent, config, word(target).subarray(24), targetHash, Uint8Array.of(flags)]);
  }

  readOpen({ result }: CallResult): OpenResult {
    const view = new DataView(result.buffer, result.byteOffset, result.byteLength);
    return {
      stateRoot: result.subarray(0, 32),
      messageIndex: Number(view.getBigUint64(32)),
      phase: result[40]!,
      workLeft: view.getBigUint64(41),
      receipts: readReceipts(result, 49),
    };
  }

  readBlock({ result }: CallResult): BlockResult {
    const view = new DataView(result.buffer, result.byteOffset, result.byteLength);
    return { stateRoot: result.subarray(0, 32), workLeft: view.getBigUint64(32), receipts: readReceipts(result, 40) };
  }

  readClose({ result }: CallResult): CloseResult {
    return { commitment: result.subarray(0, 32), parts: result.subarray(32, 128) };
  }

  answer(method: string, params: readonly unknown[], context: MethodContext): { result: unknown } | undefined {
    const handler = METHODS.get(method);
    if (handler === undefined) return undefined;
    return { result: handler(params, context.state as LedgerState, context) };
  }
}

type Method = (values: readonly unknown[], state: LedgerState, context: MethodContext) => unknown;

const HANDLERS: Readonly<Record<string, Method>> = {
  /** owner, then for other assets than the coin: kind, token, id */
  ledger_getBalance: (values, state) => {
    const params = new Params(values, 4);
    const owner = params.bytes(0, "owner", 20);
    const kind = params.integer(1, "kind", 0);
    if (kind === 0) return quantity(state.account(owner).coins);
    if (kind > 7) throw new RpcError("InvalidParams", { parameter: "kind", rule: "0 to 7" });
    return quantity(state.balance(owner, kind, params.bytes(2, "token", 20), word(params.word(3, "id", 0n))));
  },
  /** owner; the nonce of the next transaction he should sign */
  ledger_getNonce: (values, _state, context) =>
    context.pendingNonce(toHex(new Params(values, 1).bytes(0, "owner", 20))),
  /** token */
  ledger_getAsset: (values, state, context) => {
    const asset = state.asset(new Params(values, 1).bytes(0, "token", 20));
    if (asset === undefined) return null;
    const metadata = context.preimage(Buffer.from(asset.metadataHash.slice(2), "hex"));
    return {
      ...asset,
      supply: quantity(asset.supply),
      maxSupply: quantity(asset.maxSupply),
      ...(metadata === undefined ? {} : readMetadata(metadata)),
    };
  },
  /** kind, token, id */
  ledger_getHolder: (values, state) => {
    const params = new Params(values, 3);
    const kind = params.integer(0, "kind");
    if (kind !== 2 && kind !== 6) throw new RpcError("InvalidParams", { parameter: "kind", rule: "2 or 6" });
    return state.holder(kind, params.bytes(1, "token", 20), word(params.word(2, "id"))) ?? null;
  },
};
const METHODS: ReadonlyMap<string, Method> = new Map(Object.entries(HANDLERS));

function quantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function readMetadata(bytes: Uint8Array): { name: string; symbol: string; uri: string } {
  const text = (from: number, length: number) => Buffer.from(bytes.subarray(from, from + length)).toString("utf8");
  const nameLength = bytes[0]!;
  const symbolAt = 1 + nameLength;
  const symbolLength = bytes[symbolAt]!;
  const uriAt = symbolAt + 1 + symbolLength;
  const uriLength = (bytes[uriAt]! << 8) | bytes[uriAt + 1]!;
  return { name: text(1, nameLength), symbol: text(symbolAt + 1, symbolLength), uri: text(uriAt + 2, uriLength) };
}

/** Reads a transaction; what is wrong with it becomes the error that its sender sees. */
function readSigned(reader: SignedReader, raw: Uint8Array): SignedFields {
  if (raw.length > TRANSACTION_LIMIT)
    throw new RpcError("TransactionTooLarge", { bytes: raw.length, limit: TRANSACTION_LIMIT });
  try {
    return reader.read(raw);
  } catch (error) {
    if (!(error instanceof TransactionMalformed)) throw error;
    const { field, rule } = error;
    throw field === "s"
      ? new RpcError("SignatureInvalid", { rule: `s ${rule}` })
      : new RpcError("TransactionMalformed", { field, rule });
  }
}

function toNonce(nonce: bigint): number {
  if (nonce <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(nonce);
  throw new RpcError("NonceTooHigh", { got: nonce.toString(), limit: Number.MAX_SAFE_INTEGER });
}
