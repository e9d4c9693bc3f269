/** The hash of a machine state: a number in the model's own histories, a hash over real traces. */
export type State = number | string;

/** What is in a commitment's place: a number or a hash; zero is no result. */
export type Commitment = number | string;

/** A final state as a challenger shows it. */
export interface Final {
  /** which state it is, where it isn't told by what it says */
  readonly tag: State;
  readonly exited: boolean;
  readonly output: Commitment;
}

/** What a match needs of the machine. */
export interface Machine {
  /** The first state on a claim's input. */
  start(rollup: number, index: number, parent: Commitment): State;
  hash(final: Final): State;
  /** The state after an instruction, undefined if nobody has a witness of this one. */
  step(state: State): State | undefined;
}

/** Whether a final state confirms a claim. That no claim says zero is the claims' business. */
export function confirms(final: Final, skip: boolean, commitment: Commitment): boolean {
  if (skip) return !(final.exited && !isZero(final.output));
  return final.exited && final.output === commitment;
}

export function isZero(commitment: Commitment): boolean {
  return commitment === 0 || (typeof commitment === "string" && BigInt(commitment) === 0n);
}
