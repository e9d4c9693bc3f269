/** An error the endpoint itself answered with, as opposed to one of the way there. Whether another would say the same depends on the question. */
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

/** Raised when no endpoint could be reached, or none would serve this node. */
export class L1Unreachable extends Error {
  override readonly name = "L1Unreachable";
}

export interface RpcError {
  readonly code?: number;
  readonly message?: string;
  readonly data?: unknown;
}

/** No key or a wrong one, not paid, forbidden, too slow, too many requests. */
const REFUSING_STATUS: ReadonlySet<number> = new Set([401, 402, 403, 407, 408, 429]);
/** "Limit exceeded" by EIP-1474, and what some providers use for it. */
const REFUSING_CODES: ReadonlySet<number> = new Set([-32005, -32029, 429]);
const REFUSING_WORDS =
  /rate.?limit|too many requests|requests? per (second|minute|day)|throttl|quota|compute units|capacity|credits|api.?key|unauthori[sz]ed|forbidden|payment required/i;
/** A request for logs that asks for too much at once: another one for fewer blocks is answered. */
const TOO_MUCH =
  /more than \d+ (results|logs)|(block|query|too (large|wide|big)|exceed|limit|max).*range|range.*(large|wide|big|limit|exceed|max)|response (size|is too)|too many (results|logs|blocks)/i;

/**
 * Whether an error says that this endpoint won't serve the node, rather than what the answer is: another endpoint may.
 * Endpoints say so by the status of HTTP, by the code in the body, or in words under HTTP 200.
 */
export function isRefusal(
  status: number,
  method: string,
  { code = 0, message = "", data }: RpcError,
): boolean {
  if (code === 3 || isBytes(data) || /revert/i.test(message)) return false; // the call's own, whatever the status
  if (method === "eth_getLogs" && TOO_MUCH.test(message)) return false;
  return (
    REFUSING_STATUS.has(status) || status >= 500 || REFUSING_CODES.has(code) || REFUSING_WORDS.test(message)
  );
}

/** Endpoints refuse a simulation for other reasons too (no funds, too busy); a revert has data, code 3, or says so. */
export function isRevert({ code, message, data }: L1Answer): boolean {
  return code === 3 || revertData(data) !== "0x" || /revert/i.test(message);
}

/** Endpoints differ in where they put the revert data: a string, or an object with it. */
export function revertData(data: unknown): string {
  if (typeof data === "string") return data;
  if (typeof data === "object" && data !== null) {
    const inner = (data as { data?: unknown }).data;
    if (inner !== undefined) return revertData(inner);
  }
  return "0x";
}

function isBytes(data: unknown): boolean {
  return /^0x[0-9a-f]{8,}$/i.test(revertData(data));
}
