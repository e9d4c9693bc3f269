import { Log } from "../log";

/** An EIP-1193 provider, such as Hardhat's: lets a test hand the node a chain without a port. */
export interface Eip1193 {
  request(args: { method: string; params?: unknown[] }): Promise<unknown>;
}

/** An error the endpoint itself answered with, as opposed to one of the way there. Rotating wouldn't help. */
export class L1Answer extends Error {
  override readonly name = "L1Answer";

  constructor(
    method: string,
    readonly code: number,
    message: string,
    readonly data: unknown,
  ) {
    super(`${method}: ${message}`);
  }
}

/** Raised when no endpoint could be reached. */
export class L1Unreachable extends Error {
  override readonly name = "L1Unreachable";
}

const TIMEOUT_MS = 15_000;
const LAG_BLOCKS = 3;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * JSON-RPC to L1 over several endpoints: the next one is tried when one can't be reached or answers 429 or 5xx, and another is
 * taken when the present one is on another chain or lags behind.
 */
export class L1Client {
  private current = 0;
  private nextId = 1;
  private chainId: string | undefined;

  constructor(
    private readonly options: {
      endpoints: readonly (string | Eip1193)[];
      /** blocks an endpoint may be behind the best */
      lagBlocks?: number;
    },
    private readonly deps: { log: Log },
  ) {
    if (options.endpoints.length === 0) throw new L1Unreachable("no L1 endpoint is configured");
  }

  async call<T>(method: string, params: unknown[]): Promise<T> {
    const { endpoints } = this.options;
    let last: unknown;
    for (let attempt = 0; attempt < endpoints.length; attempt++) {
      const index = this.current;
      const endpoint = endpoints[index]!;
      try {
        return (await (typeof endpoint === "string"
          ? this.post(endpoint, method, params)
          : ask(endpoint, method, params))) as T;
      } catch (error) {
        if (error instanceof L1Answer) throw error;
        last = error;
        if (this.current === index) this.current = (index + 1) % endpoints.length;
        this.deps.log.warn(
          { endpoint: index, method, reason: String(error) },
          "L1 endpoint failed, rotating",
        );
      }
    }
    throw new L1Unreachable(`no L1 endpoint answered ${method}`, { cause: last });
  }

  /** Which endpoint is in use, by its place in the configuration. */
  get endpoint(): number {
    return this.current;
  }

  /** Asks every endpoint where it stands, and leaves the present one if it is gone, on another chain, or behind. */
  async checkHealth(): Promise<void> {
    const { endpoints, lagBlocks = LAG_BLOCKS } = this.options;
    if (endpoints.length < 2) return;
    const found = await Promise.all(endpoints.map((endpoint) => this.standingOf(endpoint)));
    this.chainId ??= found.find((one) => one !== undefined)?.chainId;
    const heads = found.map((one) => (one?.chainId === this.chainId ? (one?.head ?? -1) : -1));
    const best = Math.max(...heads);
    const own = heads[this.current]!;
    if (best < 0 || own >= best - lagBlocks) return;
    this.deps.log.warn({ endpoint: this.current, head: own, best }, "L1 endpoint lags or is gone, rotating");
    this.current = heads.indexOf(best);
  }

  private async standingOf(
    endpoint: string | Eip1193,
  ): Promise<{ chainId: string; head: number } | undefined> {
    const call = (method: string) =>
      typeof endpoint === "string" ? this.post(endpoint, method, []) : ask(endpoint, method, []);
    try {
      const [chainId, head] = await Promise.all([call("eth_chainId"), call("eth_blockNumber")]);
      return { chainId: String(chainId), head: Number(head) };
    } catch {
      return undefined;
    }
  }

  private async post(url: string, method: string, params: unknown[]): Promise<unknown> {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: this.nextId++, method, params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (text.length > MAX_ANSWER_BYTES) throw new L1Unreachable(`the answer to ${method} is too long`);
    let answer: { result?: unknown; error?: { code?: number; message?: string; data?: unknown } };
    try {
      answer = JSON.parse(text) as typeof answer;
    } catch {
      throw new L1Unreachable(`HTTP ${response.status} without JSON`);
    }
    if (answer.error !== undefined && answer.error !== null) {
      if (response.status === 429 || response.status >= 502)
        throw new L1Unreachable(answer.error.message ?? "busy");
      throw new L1Answer(
        method,
        answer.error.code ?? 0,
        answer.error.message ?? "no message",
        answer.error.data,
      );
    }
    if (!response.ok) throw new L1Unreachable(`HTTP ${response.status}`);
    return answer.result;
  }
}

async function ask(provider: Eip1193, method: string, params: unknown[]): Promise<unknown> {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    const { code, data } = error as { code?: number; data?: unknown };
    throw new L1Answer(method, code ?? 0, (error as Error).message, data);
  }
}
