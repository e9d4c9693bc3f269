/** What a verb of the model refuses: each guard of the design's tables, by name. A test removes them one by one. */
export const GUARDS = [
  // records
  "create: E is at least twenty block times",
  "create: C is at least four times E",
  "create: W is at least twice C",
  "create: D is at least twice B",
  // lines and the vault
  "reserve: free stake covers every line's X",
  "line: one at a time",
  "line: none for who owes a slash",
  "line: refreshed while what stays covers X",
  "line: a closing one isn't refreshed",
  "line: valid until claims that it backs have ended before stake can leave",
  "line: closes only if there is one",
  "line: a closing one claims nothing",
  "line: released only if it is closing",
  "line: released only when every claim of it has ended",
  "line: opening raises the nonce",
  // claims
  "claim: index is pending",
  "claim: line is valid",
  "claim: a SKIP says its parent's commitment",
  "claim: a result isn't zero",
  "claim: once per asserter and backing",
  // finality
  "finalize: the next index",
  "finalize: parent is the final commitment",
  "finalize: still backed",
  "finalize: window has passed",
  "finalize: no open match",
  "finalize: a match holds up every claim of its line",
  "finalize: waits for matches no longer than one of its own could take",
  // matches
  "match: is live",
  "open: claim is backed",
  "open: within the window",
  "open: bond is B",
  "open: final state contradicts the claim",
  "open: last state is the hash of the final state",
  "open: start is computed",
  "open: once per claim, backing and challenger",
  "dissect: by the side in turn",
  "dissect: in time",
  "dissect: end is disputed",
  "dissect: segments are longer than a step",
  "settle: by the side in turn",
  "settle: segments are single steps",
  "settle: in time",
  "settle: the step leads elsewhere",
  "time-out: clock has run out",
  "end: asserter is still backed",
  "drop: backing has moved on",
  "collect: once",
  "collect: by the payee",
  // effects
  "effect: asserter's victory counts the match off",
  "effect: challenger's victory unbacks the asserter",
  "effect: a clock never falls below E",
  "effect: a clock is charged",
  "effect: half of a lost bond is burned",
  "effect: the winner gets B of D, the rest is burned",
  "effect: the winner gets no more than D holds",
  "effect: a released X can't be slashed",
  "effect: a lost line has no D",
  "effect: a lost line's closing is cancelled",
  "effect: a slash that the vault refuses stays due",
  "effect: a slash that was due is executed once",
  "time: counts blocks too",
  "time: what outlasts matches takes one block time a block",
] as const;

export type Guard = (typeof GUARDS)[number];

/** Raised when a verb is refused. */
export class Refused extends Error {
  constructor(readonly guard: Guard) {
    super(guard);
  }
}

/** One of each: histories are refused too often to trace every stack. */
const REFUSALS = new Map(GUARDS.map((guard) => [guard, new Refused(guard)]));

/** All guards but those that were removed. */
export class Rules {
  private readonly removed: ReadonlySet<Guard>;

  constructor(removed: readonly Guard[] = []) {
    this.removed = new Set(removed);
  }

  holds(guard: Guard): boolean {
    return !this.removed.has(guard);
  }

  require(guard: Guard, holds: boolean): void {
    if (!holds && !this.removed.has(guard)) throw REFUSALS.get(guard)!;
  }
}
