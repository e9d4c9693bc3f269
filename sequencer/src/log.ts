import pino from "pino";

export type Log = pino.Logger;

/** Logs go to stderr (stdout is for results), synchronously, so that the last line before a crash is on disk. */
export function createLog(level: string, bindings: Record<string, unknown> = {}): Log {
  return pino({ level, base: bindings }, pino.destination({ fd: 2, sync: true }));
}

/** An error as a log field: its name, its message and, where there is one, its cause. */
export function describe(error: unknown): { error: string; cause?: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { error: `${error.name}: ${error.message}`, ...(cause === undefined ? {} : { cause }) };
}
