import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { HDNodeWallet, JsonRpcProvider, Wallet } from "ethers";

const BINARY = join(__dirname, "../../node_modules/.bin/anvil");
const MNEMONIC = "test test test test test test test test test test test junk";

/** A settlement chain of one test: anvil on loopback, which mines each transaction at once. */
export class Anvil {
  private constructor(
    readonly url: string,
    readonly provider: JsonRpcProvider,
    private readonly process: ChildProcess,
  ) {}

  static async start({ gasLimit = 60_000_000, flags = [] as readonly string[] } = {}): Promise<Anvil> {
    const port = await freePort();
    const process = spawn(
      BINARY,
      [
        "--port",
        String(port),
        "--host",
        "127.0.0.1",
        "--silent",
        "--mnemonic",
        MNEMONIC,
        "--hardfork",
        "prague",
        "--gas-limit",
        String(gasLimit),
        ...flags,
      ],
      { stdio: "ignore" },
    );
    const url = `http://127.0.0.1:${port}`;
    const provider = new JsonRpcProvider(url, 31_337, {
      staticNetwork: true,
      cacheTimeout: -1,
      pollingInterval: 25,
    });
    for (let attempt = 0; ; attempt++) {
      try {
        await provider.send("eth_chainId", []);
        break;
      } catch (error) {
        if (attempt === 200 || process.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    return new Anvil(url, provider, process);
  }

  /** One of the accounts that anvil has given coins. */
  wallet(index: number): Wallet {
    const { privateKey } = HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${index}`);
    return new Wallet(privateKey, this.provider);
  }

  /** Lets seconds pass, with a block per `interval`. */
  async pass(seconds: number, interval = 12): Promise<void> {
    await this.provider.send("anvil_mine", [quantity(Math.ceil(seconds / interval)), quantity(interval)]);
  }

  async stop(): Promise<void> {
    this.provider.destroy();
    if (this.process.exitCode !== null) return;
    this.process.kill("SIGTERM");
    await once(this.process, "exit");
  }
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}
