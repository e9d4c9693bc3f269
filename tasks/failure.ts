import { HardhatPluginError } from "hardhat/plugins";
import { type DecodedRevert, explainRevert } from "../sdk/src/errors";
import { NodeRefused, NodeUnreachable } from "../sdk/src/node";
import { type Problem, Refused } from "./problems";

/** What went wrong, in words and for machines. */
export interface Failure {
  readonly message: string;
  readonly cause?: string;
  readonly next?: string;
  readonly problems?: readonly Problem[];
  readonly revert?: Pick<DecodedRevert, "name" | "args" | "data">;
}

/** Raised for a failure that has a cause and a next step of its own. */
export class Failed extends Error implements Failure {
  override readonly name = "Failed";

  constructor(
    message: string,
    override readonly cause: string,
    readonly next: string,
  ) {
    super(message);
  }
}

const CONNECTION = /ECONNREFUSED|ENOTFOUND|Cannot connect to the network|ETIMEDOUT|socket hang up/;

/** Returns a caught error as message, cause and next step. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Refused) return { message: thrown.message, problems: thrown.problems };
  if (thrown instanceof Failed) return { message: thrown.message, cause: thrown.cause, next: thrown.next };
  if (thrown instanceof NodeRefused) {
    return { message: `${thrown.error}: ${thrown.message}`, cause: "The node refused.", next: thrown.next };
  }
  if (thrown instanceof NodeUnreachable) {
    return {
      message: thrown.message,
      cause: "It isn't running, or listens elsewhere.",
      next: "Start one (npx hardhat devnet up, or npx hardhat --network … node run), or name its endpoint with --node.",
    };
  }
  const revert = explainRevert(thrown);
  if (revert) {
    const { name, args, data, message, cause, next } = revert;
    return { message, cause, next, revert: { name, args, data } };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (CONNECTION.test(message)) {
    return {
      message,
      cause: "The settlement chain's endpoint doesn't answer.",
      next: "Start it (npx hardhat devnet up) or correct --network and ROLLWORKS_RPC_URL.",
    };
  }
  return { message };
}

/** The error that a task ends with: Hardhat prints its message without a stack and exits with code 1. */
export class TaskFailed extends HardhatPluginError {
  constructor(
    readonly failure: Failure,
    parent: Error | undefined,
  ) {
    const { message, cause, next } = failure;
    super(
      "rollworks",
      [message, ...(cause ? [`Cause: ${cause}`] : []), ...(next ? [`Next: ${next}`] : [])].join("\n"),
      parent,
    );
    // Hardhat's class makes every instance one of its own.
    Object.setPrototypeOf(this, TaskFailed.prototype);
  }
}
