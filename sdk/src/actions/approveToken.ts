import { Interface } from "ethers";
import type { Call } from "../call";

export interface ApproveToken {
  readonly token: string;
  readonly spender: string;
  /** In the token's smallest unit. */
  readonly amount: bigint;
}

const erc20 = new Interface(["function approve(address spender, uint256 amount) returns (bool)"]);

/** Lets a spender take so much of the caller's tokens. */
export function approveToken({ token, spender, amount }: ApproveToken): Call {
  return {
    to: token,
    data: erc20.encodeFunctionData("approve", [spender, amount]),
    value: 0n,
    resultOf: () => undefined,
  };
}
