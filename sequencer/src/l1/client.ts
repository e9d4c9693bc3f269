import { Log } from "../log";
import { isRefusal, L1Answer, L1Unreachable, RpcError } from "./faults";

export { L1Answer, L1Unreachable } from "./faults";

/** An EIP-1193 provider, such as Hardhat's: lets a test hand the node a chain without a port. */
export interface Eip1193 {
  request(args: { method: string; params?: unknown[] }): Promise<unknown>;
}

/** One endpoint, for questions whose answers must fit together. When it fails the client leaves it, and the call rejects. */
export interface PinnedL1 {
  readonly endpoint: number;
  call<T>(method: string, params: unknown[]): Promise<T>;
}

const TIMEOUT_MS = 15_000;
const LAG_BLOCKS = 3;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * JSON-RPC to L1 over several endpoints: the next one is tried when one can't be reached or won't serve this node, and another
 * is taken when the present one is on another chain or lags behind.
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

  /** @param isMeant whether an error answers the question; for any other one the next endpoint is asked too */
  async call<T>(
    method: string,
    params: unknown[],
    isMeant: (answer: L1Answer) => boolean = () => true,
  ): Promise<T> {
    let last: unknown;
    let answered: L1Answer | undefined;
    for (let attempt = 0; attempt < this.count; attempt++) {
      const index = this.current;
      try {
        return (await this.ask(index, method, params)) as T;
      } catch (error) {
        if (error instanceof L1Answer) {
          if (isMeant(error)) throw error;
          answered ??= error;
        }
        last = error;
        this.leave(index, `${method}: ${String(error)}`);
      }
    }
    if (answered !== undefined) throw answered;
    throw new L1Unreachable(`no L1 endpoint answered ${method}`, { cause: last });
  }

  /** The endpoint in use, to be asked alone: whatever others make the client do, the answers come from one place. */
  pin(): PinnedL1 {
    const index = this.current;
    return {
      endpoint: index,
      call: async <T>(method: string, params: unknown[]) => {
        try {
          return (await this.ask(index, method, params)) as T;
        } catch (error) {
          if (error instanceof L1Answer) throw error;
          this.leave(index, `${method}: ${String(error)}`);
          throw new L1Unreachable(`the L1 endpoint didn't answer ${method}`, { cause: error });
        }
      },
    };
  }

  /** Takes the next endpoint, if this one is in use. */
  leave(index: number, reason: string): void {
    this.deps.log.warn({ endpoint: index, reason }, "L1 endpoint failed, rotating");
    if (this.current === index) this.current = (index + 1) % this.count;
  }

  /** Asks the endpoint after this one, if there are several, else the same once more. */
  async askAnother<T>(index: number, method: string, params: unknown[]): Promise<T> {
    return (await this.ask((index + 1) % this.count, method, params)) as T;
  }

  /**
   * Tells every endpoint. Resolves as soon as one has taken it; rejects when none has, with what the endpoints said if they
   * said something. The rest is told all the same.
   */
  async tell(method: string, params: unknown[]): Promise<void> {
    const told = this.options.endpoints.map((_, index) => this.ask(index, method, params));
    try {
      await Promise.any(told);
    } catch (error) {
      const errors = (error as AggregateError).errors as unknown[];
      const answer = errors.find((one) => one instanceof L1Answer);
      if (answer instanceof L1Answer) throw answer;
      throw new L1Unreachable(`no L1 endpoint took ${method}`, { cause: errors[0] });
    }
  }

  /** Looks for an endpoint that has this block, and takes it. The one in use is asked first. */
  async seek(number: number, hash: string): Promise<boolean> {
    const { count, current } = this;
    const question = [`0x${number.toString(16)}`, false];
    for (let step = 0; step < count; step++) {
      const index = (current + step) % count;
      const block = (await this.ask(index, "eth_getBlockByNumber", question).catch(() => null)) as {
        hash?: string;
      } | null;
      if (block?.hash !== hash) continue;
      if (this.current === current) this.current = index;
      return true;
    }
    return false;
  }

  /** Which endpoint is in use, by its place in the configuration. */
  get endpoint(): number {
    return this.current;
  }

  /** How many endpoints there are. */
  get count(): number {
    return this.options.endpoints.length;
  }

  /** Asks every endpoint where it stands, and leaves the present one if it is gone, on another chain, or behind. */
  async checkHealth(): Promise<void> {
    const { endpoints, lagBlocks = LAG_BLOCKS } = this.options;
    if (endpoints.length < 2) return;
    const found = await Promise.all(endpoints.map((_, index) => this.standingOf(index)));
    this.chainId ??= found.find((one) => one !== undefined)?.chainId;
    const heads = found.map((one) => (one?.chainId === this.chainId ? (one?.head ?? -1) : -1));
    const best = Math.max(...heads);
    const own = heads[this.current]!;
    if (best < 0 || own >= best - lagBlocks) return;
    this.deps.log.warn({ endpoint: this.current, head: own, best }, "L1 endpoint lags or is gone, rotating");
    this.current = heads.indexOf(best);
  }

  private async standingOf(index: number): Promise<{ chainId: string; head: number } | undefined> {
    try {
      const [chainId, head] = await Promise.all([
        this.ask(index, "eth_chainId", []),
        this.ask(index, "eth_blockNumber", []),
      ]);
      return { chainId: String(chainId), head: Number(head) };
    } catch {
      return undefined;
    }
  }

  private ask(index: number, method: string, params: unknown[]): Promise<unknown> {
    const endpoint = this.options.endpoints[index]!;
    return typeof endpoint === "string"
      ? this.post(endpoint, method, params)
      : request(endpoint, method, params);
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
    const answer = parse(text);
    if (answer === undefined) throw new L1Unreachable(`HTTP ${response.status} without an answer`);
    const { error } = answer;
    if (error !== undefined && error !== null) {
      if (isRefusal(response.status, method, error))
        throw new L1Unreachable(`HTTP ${response.status}: ${error.message ?? "busy"}`);
      throw new L1Answer(method, error.code ?? 0, error.message ?? "no message", error.data);
    }
    if (!response.ok || answer.result === undefined) throw new L1Unreachable(`HTTP ${response.status}`);
    return answer.result;
  }
}

function parse(text: string): { result?: unknown; error?: RpcError | null } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function request(provider: Eip1193, method: string, params: unknown[]): Promise<unknown> {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    const { code, data } = error as { code?: number; data?: unknown };
    throw new L1Answer(method, code ?? 0, (error as Error).message, data);
  }
}
