import { HUB } from "./contracts";

/** Why the hub refuses a call: the name of its error and, where it says so, from when on it won't [s since 1970]. */
export interface Refusal {
  readonly reason: string;
  readonly earliest: number | undefined;
}

/** Refusals that say that what was asked for has been done, by this node or by somebody else. */
const DONE = new Set([
  "BatchIndexWrong",
  "ClaimIndexWrong",
  "ClaimStands",
  "MatchExists",
  "MatchOver",
  "PayoutMissing",
  "PostingClosed",
  "RollupOver",
]);

/** Arguments that name the moment from which a call is possible. */
const MOMENTS: Readonly<Record<string, string>> = {
  PostedTooSoon: "earliest",
  PosterNotAdmitted: "openFrom",
  BondLineTooEarly: "earliest",
  ClaimsDelayed: "until",
};

/** Reads what an error that a simulation or L1 gave says; errors of another kind give their own name. */
export function refusalOf(error: unknown): Refusal {
  const data = (error as { data?: unknown }).data;
  if (typeof data !== "string")
    return { reason: error instanceof Error ? error.name : "unknown", earliest: undefined };
  if (data.length < 10) return { reason: "no reason", earliest: undefined };
  try {
    const parsed = HUB.parseError(data);
    if (parsed === null) return { reason: data.slice(0, 10), earliest: undefined };
    const moment = MOMENTS[parsed.name];
    const earliest = moment === undefined ? undefined : Number(parsed.args.getValue(moment));
    return { reason: parsed.name, earliest };
  } catch {
    return { reason: data.slice(0, 10), earliest: undefined };
  }
}

export function isDone(reason: string): boolean {
  return DONE.has(reason);
}
