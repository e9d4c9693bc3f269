import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { expect } from "chai";
import { createLog } from "../../sequencer/src";
import { L1Answer, L1Client, L1Unreachable } from "../../sequencer/src/l1/client";

const log = createLog("silent");

describe("L1 client > what an endpoint says", () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function endpoint(status: number, answer: object | string): Promise<string> {
    const server = createServer((_request, response) => {
      response.writeHead(status).end(typeof answer === "string" ? answer : JSON.stringify(answer));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const failing = (status: number, code: number, message: string, data?: unknown) =>
    endpoint(status, { jsonrpc: "2.0", id: 1, error: { code, message, data } });
  const good = () => endpoint(200, { jsonrpc: "2.0", id: 1, result: "0x1" });

  /** What two endpoints together answer, the second of which serves the node. */
  const ask = async (first: string, method = "eth_call") =>
    new L1Client({ endpoints: [first, await good()] }, { log })
      .call(method, [])
      .catch((error: Error) => error);

  it("takes another where one won't serve the node, whatever form that has", async () => {
    const refusals = [
      failing(200, -32005, "limit exceeded"),
      failing(200, 429, "slow down"),
      failing(200, -32000, "Your app has exceeded its compute units per second capacity"),
      failing(200, -32000, "daily request quota reached"),
      failing(401, -32000, "invalid project id"),
      failing(403, 0, "no"),
      failing(429, -32000, "slow down"),
      failing(500, -32603, "internal error"),
      endpoint(404, "nothing here"),
      endpoint(200, "null"),
      endpoint(200, { jsonrpc: "2.0", id: 1 }),
    ];
    for (const refusal of refusals) expect(await ask(await refusal)).to.equal("0x1");
  });

  it("takes the answer for an answer where it is one, whatever the status", async () => {
    const answers = [
      failing(500, 3, "execution reverted: quota", "0x08c379a0"),
      failing(400, -32000, "execution reverted: forbidden"),
      failing(500, -32603, "failed", { data: "0x08c379a0" }),
      failing(200, -32000, "nonce too low"),
    ];
    for (const answer of answers) expect(await ask(await answer)).to.be.instanceOf(L1Answer);
    for (const message of [
      "query returned more than 10000 results",
      "block range is too wide",
      "exceed maximum block range: 2000",
      "Log response size exceeded",
    ])
      expect(await ask(await failing(200, -32005, message), "eth_getLogs"), message).to.be.instanceOf(
        L1Answer,
      );
  });

  it("asks the pinned endpoint alone, and is told when it is gone", async () => {
    const client = new L1Client({ endpoints: [await failing(429, 0, "slow down"), await good()] }, { log });
    const pinned = client.pin();
    expect(await client.call("eth_chainId", [])).to.equal("0x1");
    expect(client.endpoint).to.equal(1);
    const error = await pinned.call("eth_chainId", []).catch((failure: Error) => failure);
    expect(error).to.be.instanceOf(L1Unreachable);
    expect(client.endpoint).to.equal(1);
  });
});
