import type { z } from "zod";

/** One thing that is wrong with what a user gave: where, what was found, what would be right. */
export interface Problem {
  readonly path: string;
  readonly got: string;
  readonly rule: string;
}

/** Returns a value as a problem shows it: short, and never ambiguous about its type. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "bigint") return value.toString();
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "bigint" ? inner.toString() : inner,
  );
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** Returns everything that a schema found wrong with a value. */
export function problemsOf(error: z.ZodError, value: unknown): Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...issue.path, key].join("."),
        got: shown(at(value, [...issue.path, key])),
        rule: "there is no such setting",
      }));
    }
    const found = at(value, issue.path);
    const rule = found === undefined ? `it is required; ${issue.message}` : issue.message;
    return [{ path: issue.path.join(".") || "value", got: shown(found), rule }];
  });
}
