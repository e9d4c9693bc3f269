import { unpackPostTerms } from "@rollworks/sdk/src/protocol";
import { Result } from "ethers";
import { fromHex } from "../hashing";
import { parseHubLog } from "../l1/contracts";
import { L1Block, L1Log } from "../l1/watcher";

/** What L1 says about one rollup, one event each, as the store keeps it. */
export type Fact = {
  readonly block: L1Block;
  readonly logIndex: number;
  readonly transaction: string;
} & FactBody;

export interface CreatedFact {
  readonly kind: "created";
  readonly owner: string;
  readonly program: string;
  readonly availability: string;
  readonly sequencing: string;
  readonly sequencer: string;
  readonly feeRecipient: string;
  /** [wei per L2 gas], decimal */
  readonly gasPrice: string;
  readonly messageGas: number;
  readonly messageBound: number;
  readonly policy: number;
  readonly window: number;
  readonly clock: number;
  readonly extension: number;
  /** [wei], decimal */
  readonly bond: string;
  readonly forceDelay: number;
  readonly endTime: number;
  readonly unwind: number;
  readonly ringLog2: number;
}

export interface PostedFact {
  readonly kind: "posted";
  readonly index: number;
  readonly poster: string;
  readonly batchHash: string;
  readonly terms: string;
  readonly parent: string;
  readonly commitment: string;
  readonly nonce: number;
}

export interface ClaimedFact {
  readonly kind: "claimed";
  readonly index: number;
  readonly asserter: string;
  readonly batchHash: string;
  readonly parent: string;
  readonly commitment: string;
  readonly mode: number;
  readonly nonce: number;
}

/** The fields of the hub's event, as the SDK reads a match from them. */
export interface MatchOpenedFact {
  readonly kind: "matchOpened";
  readonly matchId: string;
  readonly asserter: string;
  readonly challenger: string;
  readonly claimKey: string;
  readonly terms: string;
  readonly position: string;
  readonly start: string;
  readonly states: readonly string[];
  readonly end: string;
}

export interface MatchMovedFact {
  readonly kind: "matchMoved";
  readonly matchId: string;
  readonly position: string;
  readonly states: readonly string[];
}

export type FactBody =
  | CreatedFact
  | PostedFact
  | ClaimedFact
  | { readonly kind: "message"; readonly index: number; readonly message: Uint8Array }
  | {
      readonly kind: "finalized";
      readonly index: number;
      readonly commitment: string;
      readonly mode: number;
      readonly asserter: string;
    }
  | {
      readonly kind: "line";
      readonly key: string;
      readonly nonce: number;
      readonly isAlt: boolean;
      readonly validUntil: number;
    }
  | { readonly kind: "lineRefreshed"; readonly key: string; readonly validUntil: number }
  | { readonly kind: "lineClosing"; readonly key: string }
  | { readonly kind: "lineLost"; readonly key: string; readonly nonce: number }
  | MatchOpenedFact
  | MatchMovedFact
  | {
      readonly kind: "matchEnded";
      readonly matchId: string;
      readonly payee: string;
      readonly payout: string;
      readonly isDropped: boolean;
    }
  | { readonly kind: "matchPaid"; readonly matchId: string }
  | { readonly kind: "rotated"; readonly sequencer: string }
  | { readonly kind: "drained"; readonly drainAt: number }
  | { readonly kind: "retired"; readonly index: number }
  | { readonly kind: "escaped"; readonly index: number };

/** Reads a log of the hub; undefined where it is of no interest to a node. */
export function toFact(log: L1Log): Fact | undefined {
  const event = parseHubLog(log);
  if (event === undefined) return undefined;
  const body = toBody(event.name, new Fields(event.args));
  return body && { block: log.block, logIndex: log.logIndex, transaction: log.transactionHash, ...body };
}

/** An event's arguments, as the decoder gives them. */
class Fields {
  constructor(private readonly values: Result) {}

  struct(name: string): Fields {
    return new Fields(this.values.getValue(name) as Result);
  }

  text(name: string): string {
    return String(this.values.getValue(name));
  }

  texts(name: string): string[] {
    return [...(this.values.getValue(name) as Result)].map(String);
  }

  number(name: string): number {
    const value = Number(this.values.getValue(name));
    if (!Number.isSafeInteger(value))
      throw new RangeError(`${name} is ${value}: the hub has another interface than this node knows`);
    return value;
  }

  flag(name: string): boolean {
    return this.values.getValue(name) === true;
  }

  address(name: string): string {
    return this.text(name).toLowerCase();
  }
}

function toBody(name: string, args: Fields): FactBody | undefined {
  switch (name) {
    case "Created":
      return toCreated(args);
    case "MessageEnqueued":
      return { kind: "message", index: args.number("index"), message: fromHex(args.text("message")) };
    case "Posted":
      return {
        kind: "posted",
        index: Number(unpackPostTerms(args.text("terms")).index),
        poster: args.address("poster"),
        batchHash: args.text("batchHash"),
        terms: args.text("terms"),
        parent: args.text("parent"),
        commitment: args.text("commitment"),
        nonce: args.number("nonce"),
      };
    case "Claimed":
      return {
        kind: "claimed",
        index: args.number("index"),
        asserter: args.address("asserter"),
        batchHash: args.text("batchHash"),
        parent: args.text("parent"),
        commitment: args.text("commitment"),
        mode: args.number("mode"),
        nonce: args.number("nonce"),
      };
    case "Finalized":
      return {
        kind: "finalized",
        index: args.number("index"),
        commitment: args.text("commitment"),
        mode: args.number("mode"),
        asserter: args.address("asserter"),
      };
    case "LineOpened":
      return {
        kind: "line",
        key: args.address("key"),
        nonce: args.number("nonce"),
        isAlt: args.flag("isAlt"),
        validUntil: args.number("validUntil"),
      };
    case "LineRefreshed":
      return { kind: "lineRefreshed", key: args.address("key"), validUntil: args.number("validUntil") };
    case "LineClosing":
      return { kind: "lineClosing", key: args.address("key") };
    case "LineLost":
      return { kind: "lineLost", key: args.address("key"), nonce: args.number("nonce") };
    case "MatchOpened":
      return {
        kind: "matchOpened",
        matchId: args.text("matchId"),
        asserter: args.address("asserter"),
        challenger: args.address("challenger"),
        claimKey: args.text("claimKey"),
        terms: args.text("terms"),
        position: args.text("position"),
        start: args.text("start"),
        states: args.texts("states"),
        end: args.text("end"),
      };
    case "MatchMoved":
      return {
        kind: "matchMoved",
        matchId: args.text("matchId"),
        position: args.text("position"),
        states: args.texts("states"),
      };
    case "MatchWon":
      return matchEnded(args, args.address("winner"), false);
    case "MatchDropped":
      return matchEnded(args, args.address("challenger"), true);
    case "MatchPaid":
      return { kind: "matchPaid", matchId: args.text("matchId") };
    case "SequencerRotated":
      return { kind: "rotated", sequencer: args.address("sequencer") };
    case "Drained":
      return { kind: "drained", drainAt: args.number("drainAt") };
    case "Retired":
      return { kind: "retired", index: args.number("index") };
    case "Escaped":
      return { kind: "escaped", index: args.number("index") };
    default:
      return undefined;
  }
}

function matchEnded(args: Fields, payee: string, isDropped: boolean): FactBody {
  return { kind: "matchEnded", matchId: args.text("matchId"), payee, payout: args.text("payout"), isDropped };
}

function toCreated(args: Fields): CreatedFact {
  const chain = args.struct("chain");
  const security = args.struct("security");
  const lifetime = args.struct("lifetime");
  return {
    kind: "created",
    owner: args.address("owner"),
    program: args.text("program"),
    availability: chain.address("availability"),
    sequencing: chain.address("sequencing"),
    sequencer: chain.address("sequencer"),
    feeRecipient: chain.address("feeRecipient"),
    gasPrice: chain.text("gasPrice"),
    messageGas: chain.number("messageGas"),
    messageBound: chain.number("messageBound"),
    policy: security.number("policy"),
    window: security.number("window"),
    clock: security.number("clock"),
    extension: security.number("extension"),
    bond: security.text("bond"),
    forceDelay: lifetime.number("forceDelay"),
    endTime: lifetime.number("endTime"),
    unwind: lifetime.number("unwind"),
    ringLog2: lifetime.number("ringLog2"),
  };
}
