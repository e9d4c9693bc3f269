import hre from "hardhat";
import { TASK_NODE_CREATE_SERVER } from "hardhat/builtin-tasks/task-names";
import {
  HDNodeWallet,
  JsonRpcProvider,
  Mnemonic,
  NonceManager,
  TransactionReceipt,
  TransactionResponse,
  parseEther,
} from "ethers";
import { steadyClock } from "./clock";

/** The embedded settlement chain: Hardhat's, served over HTTP on loopback so that nodes in other processes reach it. */

const NOMINAL_BLOCK_TIME = 12; // [s]

interface Server {
  listen(): Promise<{ address: string; port: number }>;
  close(): Promise<void>;
}

/** Pause between two looks at whether the chain stands still [ms]. */
const HEARTBEAT = 300;

export class Chain {
  private heart: NodeJS.Timeout | undefined;
  private headAtBeat = -1;

  private constructor(
    readonly url: string,
    readonly provider: JsonRpcProvider,
    private readonly server: Server,
    private readonly mnemonic: Mnemonic,
    readonly isSteady: boolean,
  ) {}

  /** A steady chain has no clock and no heartbeat but the story's: two runs with the same seed have the same blocks. */
  static async start(mnemonic: Mnemonic, { isSteady }: { isSteady: boolean }, port = 0): Promise<Chain> {
    if (isSteady) steadyClock(hre.config.networks.hardhat);
    const server = (await hre.run(TASK_NODE_CREATE_SERVER, {
      hostname: "127.0.0.1",
      port,
      provider: hre.network.provider,
    })) as Server;
    const { port: bound } = await server.listen();
    const url = `http://127.0.0.1:${bound}`;
    const provider = new JsonRpcProvider(url, undefined, {
      staticNetwork: true,
      cacheTimeout: -1,
      polling: true,
      pollingInterval: 20,
    });
    const chain = new Chain(url, provider, server, mnemonic, isSteady);
    if (!isSteady) chain.heart = setInterval(() => void chain.beat().catch(() => undefined), HEARTBEAT);
    return chain;
  }

  /** Mines a block when nobody has for a moment: a settlement chain goes on by itself. */
  private async beat(): Promise<void> {
    const head = await this.provider.getBlockNumber();
    if (head === this.headAtBeat) await this.provider.send("evm_mine", []);
    this.headAtBeat = head;
  }

  /** The account at an index of the story's own key tree, with coins. */
  async account(index: number, coins = parseEther("10000")): Promise<HDNodeWallet> {
    const wallet = HDNodeWallet.fromMnemonic(this.mnemonic, `m/44'/60'/0'/0/${index}`);
    await this.provider.send("hardhat_setBalance", [wallet.address, `0x${coins.toString(16)}`]);
    return wallet.connect(this.provider);
  }

  async managed(index: number): Promise<NonceManager> {
    return new NonceManager(await this.account(index));
  }

  /** Lets `seconds` pass, block by block, as the settlement chain's clock and its block numbers would. */
  async pass(seconds: number): Promise<void> {
    const blocks = Math.max(1, Math.ceil(seconds / NOMINAL_BLOCK_TIME));
    await this.provider.send("hardhat_mine", [
      `0x${blocks.toString(16)}`,
      `0x${NOMINAL_BLOCK_TIME.toString(16)}`,
    ]);
  }

  /** Mines one block, as the settlement chain would by itself. */
  async beatOnce(): Promise<void> {
    await this.provider.send("evm_mine", []);
  }

  async head(): Promise<{ number: number; hash: string | null; timestamp: number } | undefined> {
    const head = await this.provider.getBlock("latest");
    return head === null ? undefined : { number: head.number, hash: head.hash, timestamp: head.timestamp };
  }

  async now(): Promise<number> {
    return (await this.provider.getBlock("latest"))?.timestamp ?? 0;
  }

  async stop(): Promise<void> {
    clearInterval(this.heart);
    this.provider.destroy();
    await this.server.close();
  }
}

/** Waits for a transaction and returns its receipt; ethers throws when it reverted. */
export async function mined(sent: Promise<TransactionResponse>): Promise<TransactionReceipt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("The transaction was replaced before it was mined: send it again.");
  return receipt;
}
