import { time } from "@nomicfoundation/hardhat-network-helpers";
import hre from "hardhat";

type Request = { readonly method: string; readonly params?: readonly unknown[] | object };

const SENDERS = new Set(["eth_sendTransaction", "eth_sendRawTransaction"]);
const MINERS = new Set(["evm_mine", "hardhat_mine"]);
/** What puts the chain back to where nothing is chosen. */
const RETURNS = new Set(["evm_revert", "hardhat_reset"]);

/**
 * Gives every block of the in-process chain whose time nobody chose the second after its parent's. The chain would take the computer's
 * clock, so that on a busy machine deadlines passed by themselves, and a run had other times in calldata and slots, other bytes, other gas.
 */
export class SteadyTime {
  private static restore: (() => void) | undefined;

  static start(): void {
    if (this.restore !== undefined) return;
    const { provider } = hre.network;
    const [request, send] = [provider.request.bind(provider), provider.send.bind(provider)];
    let turn: Promise<unknown> = Promise.resolve();
    let isChosen = false;
    let automines = true;
    const choose = async (timestamp: number): Promise<void> => {
      await send("evm_setNextBlockTimestamp", [timestamp]);
      isChosen = true;
    };
    const steady = async (
      method: string,
      params: Request["params"],
      forward: () => Promise<unknown>,
    ): Promise<unknown> => {
      const [first] = Array.isArray(params) ? (params as unknown[]) : [];
      if (method === "evm_setNextBlockTimestamp") isChosen = true;
      if (method === "evm_setAutomine") automines = first === true;
      if (RETURNS.has(method)) isChosen = false;
      if (method === "hardhat_reset") automines = true;
      if (method === "evm_increaseTime") return choose((await time.latest()) + Number(first));
      if (!MINERS.has(method) && !(SENDERS.has(method) && automines)) return forward();
      const mined = turn.then(async () => {
        if (!isChosen) await choose((await time.latest()) + 1);
        isChosen = false;
        return forward();
      });
      turn = mined.catch(() => undefined);
      return mined;
    };
    provider.request = (args: Request) => steady(args.method, args.params, () => request(args));
    provider.send = (method: string, params?: unknown[]) =>
      steady(method, params, () => send(method, params));
    this.restore = () => {
      provider.request = request;
      provider.send = send;
    };
  }

  static stop(): void {
    this.restore?.();
    this.restore = undefined;
  }
}
