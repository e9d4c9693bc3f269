/** Every error a caller can see: its JSON-RPC code, its sentence and what to do about it. docs/rpc.md lists the same. */
export const CATALOGUE = {
  ParseError: {
    code: -32700,
    why: "The body is not JSON.",
    next: "Send one JSON-RPC 2.0 object or an array of them.",
  },
  InvalidRequest: {
    code: -32600,
    why: "The request is not a JSON-RPC 2.0 object with a method and an id.",
    next: 'Send {"jsonrpc":"2.0","id":1,"method":"rollup_status","params":[]}.',
  },
  MethodNotFound: {
    code: -32601,
    why: "There is no such method.",
    next: "See docs/rpc.md for the methods of this node.",
  },
  InvalidParams: {
    code: -32602,
    why: "A parameter is missing, superfluous or malformed.",
    next: "Send the parameters the method names.",
  },
  InternalError: {
    code: -32603,
    why: "The node failed on its own account.",
    next: "Try again; the operator's log has the cause.",
  },
  BatchTooLarge: { code: -32010, why: "The array holds too many requests.", next: "Split it." },
  BatchEmpty: { code: -32011, why: "The array holds no request.", next: "Send at least one." },
  BodyTooLarge: { code: -32012, why: "The body is too large.", next: "Split it." },
  AnswersTooLong: {
    code: -32013,
    why: "The answers to this body grow too long; this request wasn't run.",
    next: "Send it again, with fewer beside it.",
  },
  Busy: { code: -32014, why: "The node answers as much as it can at once.", next: "Try again in a second." },
  RollupUnknown: {
    code: -32020,
    why: "This node serves no such rollup.",
    next: "Ask host_rollups for the chain ids served here.",
  },
  RollupHalted: {
    code: -32021,
    why: "The node stopped this rollup after a fault.",
    next: "Ask its operator, or use another node.",
  },
  RollupNotReady: {
    code: -32025,
    why: "The node couldn't prepare this rollup yet and tries again.",
    next: "Try again in a minute; if it stays so, its operator should look at what the node reads L1 from.",
  },
  RollupNotAccepting: {
    code: -32022,
    why: "The rollup takes no more transactions: it drains or has ended.",
    next: "Exits are paid on L1; forced transactions go through the hub while its message door is open.",
  },
  NotASequencer: {
    code: -32023,
    why: "This node follows the rollup and doesn't sequence it.",
    next: "Send transactions to the sequencer.",
  },
  NotStepped: {
    code: -32024,
    why: "This node acts by itself.",
    next: "Only a node that was started with --stepped, on a development chain, is driven from outside.",
  },
  TransactionTooLarge: {
    code: -32030,
    why: "The transaction is longer than the program allows.",
    next: "Shorten it.",
  },
  TransactionMalformed: {
    code: -32031,
    why: "The transaction doesn't decode.",
    next: "Encode it as docs/encodings/ledger.md draws it.",
  },
  SignatureInvalid: {
    code: -32033,
    why: "The signature has no signer, or its s value is in the upper half.",
    next: "Sign the EIP-712 digest with secp256k1 and a low s.",
  },
  NonceTooLow: {
    code: -32034,
    why: "The nonce was used.",
    next: "Take the nonce that ledger_getNonce returns.",
  },
  NonceTooHigh: {
    code: -32035,
    why: "The nonce lies too far ahead.",
    next: "Send the transactions before it first.",
  },
  NonceTaken: {
    code: -32036,
    why: "Another transaction with this nonce waits already.",
    next: "Wait for it, or take the next nonce: an acknowledged transaction is not replaced.",
  },
  SenderQueueFull: {
    code: -32037,
    why: "The sender has too many transactions waiting.",
    next: "Wait until some are in a block.",
  },
  MempoolFull: { code: -32038, why: "The mempool is full.", next: "Try again in a few seconds." },
  BalanceTooLow: {
    code: -32039,
    why: "The sender can't pay for the transaction.",
    next: "Deposit first, or lower the amount. Were there coins, the transaction was signed for another chain id: rollup_chainId says which.",
  },
  FeeTooLow: {
    code: -32040,
    why: "The fee is below what the rollup charges.",
    next: "Offer at least the gas price in rollup_status.",
  },
  DiskLow: {
    code: -32041,
    why: "The node's disk is nearly full: it takes no transactions.",
    next: "Try again later; its operator must free some space.",
  },
  ExitUnknown: {
    code: -32050,
    why: "The rollup has no exit with this index.",
    next: "Ask rollup_exits for an owner's exits.",
  },
  ExitNotFinal: {
    code: -32051,
    why: "The exit is not yet under a final commitment.",
    next: "Wait until its batch is final; rollup_status shows it.",
  },
  ExitRunInvalid: {
    code: -32052,
    why: "The exits fill no subtree: their number is a power of two that divides the first index, or they end the tree.",
    next: "Take an aligned run.",
  },
  FinalElsewhere: {
    code: -32053,
    why: "L1 made another result final than this node executed: it can prove no exit.",
    next: "Ask another node; this one's operator must look at it.",
  },
  BlockUnknown: {
    code: -32060,
    why: "The rollup has no such block.",
    next: "Take a height up to the one in rollup_status.",
  },
  BatchUnknown: {
    code: -32061,
    why: "The rollup has no such batch.",
    next: "Take an index up to the one in rollup_status.",
  },
} as const;

export type RpcErrorName = keyof typeof CATALOGUE;
export interface RpcErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly name: RpcErrorName; readonly next: string } & Readonly<Record<string, unknown>>;
}

/** An error a caller may see. `facts` name the limit and what was got; they become part of `data`. */
export class RpcError extends Error {
  override readonly name: RpcErrorName;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(name: RpcErrorName, facts: Readonly<Record<string, string | number>> = {}) {
    const list = Object.entries(facts).map(([key, value]) => `${key} ${value}`);
    super(list.length === 0 ? CATALOGUE[name].why : `${CATALOGUE[name].why} (${list.join(", ")})`);
    this.name = name;
    this.facts = facts;
  }

  body(): RpcErrorBody {
    const { code, next } = CATALOGUE[this.name];
    return { code, message: this.message, data: { name: this.name, next, ...this.facts } };
  }
}
