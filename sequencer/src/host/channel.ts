import { RpcError, RpcErrorName } from "../rpc/errors";

/** What a channel needs of a MessagePort, a Worker or parentPort. */
export interface Port {
  postMessage(value: unknown): void;
  on(event: "message", listener: (value: unknown) => void): unknown;
}

type Handler = (...args: never[]) => unknown;
type Failure = {
  name: string;
  message: string;
  rpc?: Readonly<Record<string, string | number>>;
  data?: string;
};
type Message =
  | { kind: "call"; id: number; method: string; args: unknown[] }
  | { kind: "done"; id: number; value: unknown }
  | { kind: "failed"; id: number; failure: Failure };

/** Raised on calls that were waiting when the other side of a channel went away. */
export class ChannelClosed extends Error {
  override readonly name = "ChannelClosed";
}

/** A failure on the other side of a channel; `data` is revert data where there is some. */
export class RemoteFailure extends Error {
  constructor(
    override readonly name: string,
    message: string,
    readonly data?: string,
  ) {
    super(message);
  }
}

/** Calls in both directions over one port. What is sent within a turn of the event loop travels as one message. */
export class Channel {
  private readonly handlers = new Map<string, Handler>();
  private readonly waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: unknown) => void }
  >();
  private outgoing: Message[] = [];
  private nextId = 1;
  private closed = false;

  constructor(private readonly port: Port) {
    port.on("message", (batch) => {
      for (const message of batch as Message[]) this.receive(message);
    });
  }

  handle(method: string, handler: Handler): void {
    this.handlers.set(method, handler);
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    if (this.closed) return Promise.reject(new ChannelClosed("the worker has ended"));
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ kind: "call", id, method, args });
    });
  }

  /** Ends it; what waits is rejected with the fault by which the other side ended, if there was one. */
  close(fault?: Error): void {
    this.closed = true;
    const error = fault ?? new ChannelClosed("the worker has ended");
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private send(message: Message): void {
    this.outgoing.push(message);
    if (this.outgoing.length > 1) return;
    setImmediate(() => {
      const batch = this.outgoing;
      this.outgoing = [];
      if (!this.closed) this.post(batch);
    });
  }

  /** What the port refuses to copy fails alone: neither its companions nor the process pay for it. */
  private post(batch: readonly Message[]): void {
    try {
      this.port.postMessage(batch);
    } catch (error) {
      if (batch.length > 1) return batch.forEach((message) => this.post([message]));
      const [message] = batch as [Message];
      if (message.kind === "done")
        return this.post([{ kind: "failed", id: message.id, failure: flatten(error) }]);
      this.waiting.get(message.id)?.reject(error);
      this.waiting.delete(message.id);
    }
  }

  private receive(message: Message): void {
    if (message.kind === "call") {
      void this.serve(message.id, message.method, message.args);
      return;
    }
    const waiter = this.waiting.get(message.id);
    if (waiter === undefined) return;
    this.waiting.delete(message.id);
    if (message.kind === "done") waiter.resolve(message.value as never);
    else waiter.reject(revive(message.failure));
  }

  private async serve(id: number, method: string, args: unknown[]): Promise<void> {
    try {
      const handler = this.handlers.get(method);
      if (handler === undefined) throw new Error(`no handler for ${method}`);
      this.send({ kind: "done", id, value: await handler(...(args as never[])) });
    } catch (error) {
      this.send({ kind: "failed", id, failure: flatten(error) });
    }
  }
}

export function flatten(error: unknown): Failure {
  if (error instanceof RpcError) return { name: error.name, message: error.message, rpc: error.facts };
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const data = (error as { data?: unknown }).data;
  return { name: error.name, message: error.message, ...(typeof data === "string" ? { data } : {}) };
}

function revive(failure: Failure): Error {
  if (failure.rpc !== undefined) return new RpcError(failure.name as RpcErrorName, failure.rpc);
  return new RemoteFailure(failure.name, failure.message, failure.data);
}
