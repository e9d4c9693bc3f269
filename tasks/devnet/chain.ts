import { TASK_NODE_CREATE_SERVER } from "hardhat/builtin-tasks/task-names";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { Failed } from "../failure";

interface Server {
  listen(): Promise<{ address: string; port: number }>;
  close(): Promise<void>;
}

/** The in-process chain, served over HTTP on loopback. It mines at once what comes in, and a block per second besides. */
export class LocalChain {
  private constructor(
    readonly url: string,
    readonly port: number,
    private readonly server: Server,
  ) {}

  static async start(hre: HardhatRuntimeEnvironment, port: number): Promise<LocalChain> {
    const server = (await hre.run(TASK_NODE_CREATE_SERVER, {
      hostname: "127.0.0.1",
      port,
      provider: hre.network.provider,
    })) as Server;
    let bound: number;
    try {
      bound = (await server.listen()).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      throw new Failed(
        `Port ${port} is taken`,
        "Another program listens there.",
        "Stop it, or name another --port.",
      );
    }
    return new LocalChain(`http://127.0.0.1:${bound}`, bound, server);
  }

  /** Ticks pass with blocks: without this, windows would stand still whenever nobody sends a transaction. */
  async tick(hre: HardhatRuntimeEnvironment, seconds: number): Promise<void> {
    await hre.network.provider.send("evm_setIntervalMining", [seconds * 1_000]);
  }

  async stop(hre: HardhatRuntimeEnvironment): Promise<void> {
    await hre.network.provider.send("evm_setIntervalMining", [0]);
    await this.server.close();
  }
}
