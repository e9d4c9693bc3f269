import { time } from "@nomicfoundation/hardhat-network-helpers";
import hre from "hardhat";

type Request = { readonly method: string; readonly params?: readonly unknown[] | object };

const BLOCK_MAKERS = new Set(["eth_sendTransaction", "eth_sendRawTransaction", "evm_mine", "hardhat_mine"]);

/**
 * Gives every block whose time nobody chose the second after its parent's. The in-process chain would take the computer's clock, so that a slow run
 * had other times in calldata and slots, other bytes, other gas.
 */
export class SteadyTime {
  private static restore: (() => void) | undefined;

  static start(): void {
    if (this.restore !== undefined) return;
    const { provider } = hre.network;
    const [request, send] = [provider.request.bind(provider), provider.send.bind(provider)];
    let turn: Promise<unknown> = Promise.resolve();
    let isChosen = false;
    const steady = async (method: string, forward: () => Promise<unknown>): Promise<unknown> => {
      if (method === "evm_setNextBlockTimestamp") isChosen = true;
      if (!BLOCK_MAKERS.has(method)) return forward();
      const mined = turn.then(async () => {
        if (!isChosen) await send("evm_setNextBlockTimestamp", [(await time.latest()) + 1]);
        isChosen = false;
        return forward();
      });
      turn = mined.catch(() => undefined);
      return mined;
    };
    provider.request = (args: Request) => steady(args.method, () => request(args));
    provider.send = (method: string, params?: unknown[]) => steady(method, () => send(method, params));
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
