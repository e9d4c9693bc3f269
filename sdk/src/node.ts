/** What a node said no to, in its own words. */
export class NodeRefused extends Error {
  override readonly name = "NodeRefused";

  constructor(
    /** The error's name, like `BalanceTooLow`. */
    readonly error: string,
    message: string,
    /** What to do about it. */
    readonly next: string,
  ) {
    super(message);
  }
}

/** Nobody answers at a node's endpoint. */
export class NodeUnreachable extends Error {
  override readonly name = "NodeUnreachable";

  constructor(
    readonly url: string,
    cause: unknown,
  ) {
    super(`No node answers at ${url}`, { cause });
  }
}

interface Answer {
  readonly result?: unknown;
  readonly error?: {
    readonly message: string;
    readonly data?: { readonly name?: string; readonly next?: string };
  };
}

/** One rollup at a node, by JSON-RPC over HTTP (docs/rpc.md). */
export class RollupNode {
  private readonly url: string;

  /**
   * @param endpoint the node's, like `http://127.0.0.1:8650`
   * @param l2ChainId the rollup's
   */
  constructor(
    endpoint: string,
    readonly l2ChainId: bigint,
  ) {
    this.url = `${endpoint.replace(/\/$/, "")}/r/${l2ChainId}`;
  }

  /**
   * Asks for a method's result.
   *
   * @throws NodeRefused when the node answers with an error
   * @throws NodeUnreachable when there is no answer
   */
  async request<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    const { result, error } = await this.post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
    if (error) throw new NodeRefused(error.data?.name ?? "Unknown", error.message, error.data?.next ?? "");
    return result as Result;
  }

  private async post(body: string): Promise<Answer> {
    try {
      const headers = { "content-type": "application/json" };
      return (await (await fetch(this.url, { method: "POST", headers, body })).json()) as Answer;
    } catch (error) {
      throw new NodeUnreachable(this.url, error);
    }
  }
}
