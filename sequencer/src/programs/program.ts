import { CallResult, ProgramInstance } from "../executor/instance";

/** What a program says about one transaction or message; plain JSON, so that RPC can pass it on as it is. */
export interface ProgramReceipt {
  readonly applied: boolean;
  readonly [field: string]: string | number | boolean | null;
}

export interface ProgramBlock {
  /** [s since 1970]; information, no program judges it. Of a block from elsewhere at most 2^53−1: its bytes may say more */
  readonly timestamp: number;
  readonly transactions: readonly Uint8Array[];
}

/** A block with its bytes as they stand in batch data. The program is given these, whoever wrote them: never an encoding of what was decoded. */
export interface EncodedBlock extends ProgramBlock {
  readonly encoded: Uint8Array;
}

/** The chain whose signatures a door accepts. */
export interface DoorOptions {
  readonly chainId: bigint;
  /** [wei per L2 gas] */
  readonly gasPrice: bigint;
}

/** A signed transaction taken apart at the door. */
export interface DecodedTransaction {
  readonly raw: Uint8Array;
  readonly hash: Uint8Array;
  readonly nonce: number;
  /** the exact ecrecover input by which the program will ask for the signer */
  readonly recovery: Uint8Array;
  /** what its sender pays for it [wei] */
  readonly fee: bigint;
  /** fee, and coins that it moves itself [wei] */
  readonly cost: bigint;
  /** Raises the error a caller sees when the sender can't pay for this besides what he is committed to already [wei]. */
  requireFunds(sender: Uint8Array, state: ProgramState, committed: bigint): void;
}

/** A program's state under one root, read through the preimages. */
export interface ProgramState {
  nonce(sender: Uint8Array): number;
}

export interface BatchArgument {
  readonly parent: Uint8Array;
  readonly config: Uint8Array;
  readonly target: number;
  readonly targetHash: Uint8Array;
  readonly flags: number;
}

export interface BlockResult {
  readonly stateRoot: Uint8Array;
  /** how much the batch may still execute; 0: it is full */
  readonly workLeft: bigint;
  readonly receipts: readonly ProgramReceipt[];
}

export interface OpenResult extends BlockResult {
  /** messages consumed since the beginning */
  readonly messageIndex: number;
  readonly phase: number;
}

export interface CloseResult {
  readonly commitment: Uint8Array;
  /** the commitment's preimage, 96 bytes */
  readonly parts: Uint8Array;
}

/** What RPC methods of a program may look at. */
export interface MethodContext {
  /** the state after the last block */
  readonly state: ProgramState;
  preimage(hash: Uint8Array): Uint8Array | undefined;
  /** the nonce after the sender's waiting transactions */
  pendingNonce(sender: string): number;
}

/** Everything the node must know about a program beside running it. One folder per program implements it. */
export interface Program {
  readonly name: string;
  readonly hash: string;
  /** root of its code's memory, which its matches are settled against */
  readonly codeRoot: string;
  readonly maxTransactionBytes: number;
  readonly maxBlockTransactions: number;
  /** bytes a block takes in batch data besides its transactions, and a transaction besides itself */
  readonly blockOverhead: number;
  readonly transactionOverhead: number;
  /** names of what `answer` answers */
  readonly methods: readonly string[];

  instantiate(): ProgramInstance;
  /** Decodes transactions for one chain; raises the error a caller sees. */
  door(options: DoorOptions): (raw: Uint8Array) => DecodedTransaction;
  state(stateRoot: Uint8Array, preimage: (hash: Uint8Array) => Uint8Array | undefined): ProgramState;

  encodeBlock(block: ProgramBlock): Uint8Array;
  encodeData(blocks: readonly Uint8Array[]): Uint8Array;
  /** The blocks in a batch's data, as the program reads them; never throws. */
  decodeData(data: Uint8Array): EncodedBlock[];

  encodeOpen(argument: BatchArgument): Uint8Array;
  readOpen(result: CallResult): OpenResult;
  readBlock(result: CallResult): BlockResult;
  readClose(result: CallResult): CloseResult;

  /** Answers a method of the program's own namespace, or returns undefined where there is no such method. */
  answer(method: string, params: readonly unknown[], context: MethodContext): { result: unknown } | undefined;
}

