import { createServer } from "node:net";
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
    await requireFree(port);
    const server = (await hre.run(TASK_NODE_CREATE_SERVER, {
      hostname: "127.0.0.1",
      port,
      provider: hre.network.provider,
    })) as Server;
    const { port: bound } = await server.listen();
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

/** Hardhat's server would end the process with a stack trace. */
async function requireFree(port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    throw new Failed(
      code === "EACCES" ? `Port ${port} isn't yours to take` : `Port ${port} is taken`,
      code === "EACCES" ? "The system keeps it for others." : "Another program listens there.",
      "Name another --port, or stop what listens there.",
    );
  }
  await new Promise((resolve) => probe.close(resolve));
}
