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

/**
 * Answers a body: one request or an array of at most MAX_BATCH, in order. Notifications are refused, since a caller who
 * sends a transaction wants to know whether it was accepted. `fault` is told what went wrong on our side.
 */
export async function answerBody(
  body: unknown,
  dispatch: Dispatch,
  fault: (error: unknown) => void,
): Promise<Answer | Answer[]> {
  if (!Array.isArray(body)) return answerOne(body, dispatch, fault);
  if (body.length === 0) return refuse(null, new RpcError("BatchEmpty"));
  if (body.length > MAX_BATCH)
    return refuse(null, new RpcError("BatchTooLarge", { requests: body.length, limit: MAX_BATCH }));
  return Promise.all(body.map((request) => answerOne(request, dispatch, fault)));
}

export function refuse(id: Id, error: RpcError): Answer {
  return { jsonrpc: "2.0", id, error: error.body() };
}

async function answerOne(
  request: unknown,
  dispatch: Dispatch,
  fault: (error: unknown) => void,
): Promise<Answer> {
  const { jsonrpc, id, method, params } = (
    typeof request === "object" && request !== null ? request : {}
  ) as Record<string, unknown>;
  const known: Id = typeof id === "string" || typeof id === "number" ? id : null;
  if (jsonrpc !== "2.0" || known === null || typeof method !== "string")
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
