import { once } from "node:events";
import { createServer, Server, ServerResponse } from "node:http";
import { AddressInfo } from "node:net";
import { Anvil } from "./anvil";

/** Stands between a node and its L1, and keeps transactions back when it is told: whoever sends one can be killed in time. */
export class SendGate {
  private isShut = false;
  private held: ServerResponse[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(anvil: Anvil): Promise<SendGate> {
    const server = createServer((request, response) => {
      void (async () => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const body = Buffer.concat(parts).toString();
        if (gate.isShut && body.includes("eth_sendRawTransaction")) {
          gate.held.push(response);
          return;
        }
        const answer = await fetch(anvil.url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
      })().catch(() => response.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const gate = new SendGate(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return gate;
  }

  /** From now on transactions stay here, unanswered. */
  shut(): void {
    this.isShut = true;
  }

  /** Whether one came since the gate was shut. */
  get holds(): boolean {
    return this.held.length > 0;
  }

  /** Forgets what it holds, and lets the next ones pass. */
  open(): void {
    this.isShut = false;
    for (const response of this.held.splice(0)) response.destroy();
  }

  async stop(): Promise<void> {
    this.open();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** Makes L1's pool forget what an account sent, as endpoints do that are short of room. Returns how many there were. */
export async function dropFromPool({ provider }: Anvil, account: string): Promise<number> {
  const pool = (await provider.send("txpool_content", [])) as Record<
    "pending" | "queued",
    Record<string, Record<string, { hash: string }>>
  >;
  const hashes = [pool.pending, pool.queued].flatMap((part) =>
    Object.entries(part)
      .filter(([sender]) => sender.toLowerCase() === account.toLowerCase())
      .flatMap(([, byNonce]) => Object.values(byNonce).map(({ hash }) => hash)),
  );
  for (const hash of hashes) await provider.send("anvil_dropTransaction", [hash]);
  return hashes.length;
}
