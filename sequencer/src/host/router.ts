import { AddressInfo } from "node:net";
import fastify, { FastifyInstance } from "fastify";
import { describe, Log } from "../log";
import { RpcError } from "../rpc/errors";
import { Desk } from "../rpc/desk";
import { Call, Dispatch, MAX_BODY_BYTES, refuse } from "../rpc/jsonrpc";

export interface Routes {
  /** The dispatcher of the rollup with this L2 chain id, if it is served here. */
  rollup(chainId: string): Dispatch | undefined;
  host(call: Call): Promise<unknown>;
  /** Whether requests may be sent here, and in words why not, or what isn't as it should be. */
  readiness(): Promise<{ readonly isReady: boolean; readonly words: string }>;
  /** The node's figures, as Prometheus reads them. */
  metrics(): Promise<string>;
}

/** The HTTP door: `/r/<chainId>` for a rollup, `/` for the host, `/livez`, `/readyz` and `/metrics` for whoever watches over it. */
export class Router {
  private readonly server: FastifyInstance;

  constructor(
    private readonly options: { host: string; port: number },
    private readonly deps: { routes: Routes; log: Log },
  ) {
    const { routes, log } = deps;
    this.server = fastify({
      bodyLimit: MAX_BODY_BYTES,
      forceCloseConnections: true,
      keepAliveTimeout: 30_000,
      requestTimeout: 30_000,
    });
    const desk = new Desk();
    const fault = (error: unknown) => log.error(describe(error), "a request failed on our side");

    this.server.removeAllContentTypeParsers();
    this.server.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
      try {
        done(null, JSON.parse(body as string));
      } catch {
        done(new RpcError("ParseError"));
      }
    });
    this.server.setErrorHandler((error: Error & { code?: string }, _request, reply) => {
      if (error instanceof RpcError) return reply.send(refuse(null, error));
      if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
        return reply.code(413).send(refuse(null, new RpcError("BodyTooLarge", { limit: MAX_BODY_BYTES })));
      }
      if (error.code === "FST_ERR_CTP_EMPTY_JSON_BODY")
        return reply.send(refuse(null, new RpcError("ParseError")));
      fault(error);
      return reply.code(500).send(refuse(null, new RpcError("InternalError")));
    });

    this.server.get("/livez", () => "ok");
    this.server.get("/readyz", async (_request, reply) => {
      const { isReady, words } = await routes.readiness();
      return reply.code(isReady ? 200 : 503).send(words);
    });
    this.server.get("/metrics", async (_request, reply) =>
      reply.type("text/plain; version=0.0.4; charset=utf-8").send(await routes.metrics()),
    );
    this.server.post("/", (request) => desk.answer(request.body, (call) => routes.host(call), fault));
    this.server.post<{ Params: { chainId: string } }>("/r/:chainId", (request) => {
      const { chainId } = request.params;
      const dispatch = routes.rollup(chainId);
      return desk.answer(
        request.body,
        dispatch ?? (() => Promise.reject(new RpcError("RollupUnknown", { chainId: chainId.slice(0, 32) }))),
        fault,
      );
    });
  }

  async start(): Promise<number> {
    await this.server.listen({ host: this.options.host, port: this.options.port });
    return (this.server.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.server.close();
  }
}
