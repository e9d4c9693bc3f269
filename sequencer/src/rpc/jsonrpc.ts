import { RpcError, RpcErrorBody } from "./errors";

export const MAX_BODY_BYTES = 1024 * 1024;
export const MAX_BATCH = 200;

export type Id = string | number | null;
export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}
export interface Answer {
  readonly jsonrpc: "2.0";
  readonly id: Id;
  readonly result?: unknown;
  readonly error?: RpcErrorBody;
}

/** Runs one method; throws RpcError for what the caller did wrong. */
export type Dispatch = (call: Call) => Promise<unknown>;

export function refuse(id: Id, error: RpcError): Answer {
  return { jsonrpc: "2.0", id, error: error.body() };
}

/** The id of a request, null where it has none that is valid. */
export function idOf(request: unknown): Id {
  const { id } = fieldsOf(request);
  return typeof id === "string" || typeof id === "number" ? id : null;
}

export function methodOf(request: unknown): string | undefined {
  const { method } = fieldsOf(request);
  return typeof method === "string" ? method : undefined;
}

function fieldsOf(request: unknown): Record<string, unknown> {
  return (typeof request === "object" && request !== null ? request : {}) as Record<string, unknown>;
}

/** Answers one request. Notifications are refused, since a caller who sends a transaction wants to know whether it was accepted. */
export async function answerOne(
  request: unknown,
  dispatch: Dispatch,
  fault: (error: unknown) => void,
): Promise<Answer> {
  const { jsonrpc, params } = fieldsOf(request);
  const known = idOf(request);
  const method = methodOf(request);
  if (jsonrpc !== "2.0" || known === null || method === undefined)
    return refuse(known, new RpcError("InvalidRequest"));
  if (params !== undefined && !Array.isArray(params)) {
    return refuse(known, new RpcError("InvalidParams", { parameter: "params", rule: "an array" }));
  }
  const values: readonly unknown[] = params ?? [];
  if (!values.every((value) => (Array.isArray(value) ? value.every(isScalar) : isScalar(value)))) {
    const rule = "texts, numbers, booleans, null, or arrays of these";
    return refuse(known, new RpcError("InvalidParams", { parameter: "params", rule }));
  }
  try {
    return { jsonrpc: "2.0", id: known, result: await dispatch({ method, params: values }) };
  } catch (error) {
    if (error instanceof RpcError) return refuse(known, error);
    fault(error);
    return refuse(known, new RpcError("InternalError"));
  }
}

/** No method takes anything deeper, and what is nested a hundred thousand times breaks whoever walks it. */
function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
