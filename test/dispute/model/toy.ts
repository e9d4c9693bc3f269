import type { Commitment, Final, Machine, State } from "./machine";

/** More states than any run of a history has. */
const SPAN = 2 ** 16;

/** What a batch's program does: ends with a result, ends with zero, or ends in no way that counts. */
export type Outcome = "result" | "zero" | "error";

/** A run, true or not, as a player of a match needs it. */
export interface Run {
  /** the state before a step */
  at(step: number): State;
  readonly final: Final;
}

/** What is true of a batch on a parent. */
export interface Truth extends Run {
  readonly skip: boolean;
  readonly commitment: Commitment;
}

interface Input {
  readonly length: number;
  readonly truth: Truth;
}

/**
 * A machine whose states are numbers: those of true runs count up from their input's first, all others count down. So whoever lies can invent a run
 * that is right at every step but one.
 */
export class ToyMachine implements Machine {
  private readonly inputs: Input[] = [];
  private readonly numbers = new Map<number, Map<Commitment, number>>();
  private readonly hashes = new Map<string, State>();
  private tales = 0;

  /** @param plan how the batch's program ends, and after how many of its 2^L steps */
  constructor(
    private readonly plan: (rollup: number, index: number) => { outcome: Outcome; length: number },
  ) {}

  start(rollup: number, index: number, parent: Commitment): State {
    return this.truth(rollup, index, parent).at(0);
  }

  hash(final: Final): State {
    const key = `${final.tag} ${final.exited} ${final.output}`;
    let state = this.hashes.get(key);
    if (state === undefined)
      this.hashes.set(key, (state = this.isFree(final.tag) ? final.tag : -++this.tales * SPAN));
    return state;
  }

  step(state: State): State {
    const at = state as number;
    if (at < 0) return at - 1;
    return at % SPAN < this.inputs[Math.floor(at / SPAN)]!.length ? at + 1 : at;
  }

  truth(rollup: number, index: number, parent: Commitment): Truth {
    const place = rollup * 1e6 + index;
    let numbers = this.numbers.get(place);
    if (numbers === undefined) this.numbers.set(place, (numbers = new Map<Commitment, number>()));
    let number = numbers.get(parent);
    if (number === undefined) {
      numbers.set(parent, (number = this.inputs.length));
      const { outcome, length } = this.plan(rollup, index);
      const base = number * SPAN;
      const output = outcome === "result" ? number + 1 : 0;
      const final = { tag: base + length, exited: outcome !== "error", output };
      this.hashes.set(`${final.tag} ${final.exited} ${final.output}`, final.tag);
      const skip = outcome !== "result";
      const at = (step: number) => base + Math.min(step, length);
      this.inputs.push({ length, truth: { at, final, skip, commitment: skip ? parent : output } });
    }
    return this.inputs[number]!.truth;
  }

  /** An invented run: true before `from`, then right in itself, to an end of the liar's choice. */
  lie(truth: Run, from: number, steps: number, end: Pick<Final, "exited" | "output">): Run {
    const tale = ++this.tales * SPAN;
    const final = { ...end, tag: -(tale + steps) };
    const last = this.hash(final);
    return { final, at: (step) => (step >= steps ? last : step <= from ? truth.at(step) : -(tale + step)) };
  }

  /** A state that nothing leads to. */
  nonsense(): State {
    return -(++this.tales * SPAN);
  }

  private isFree(tag: State): boolean {
    return (tag as number) < 0 && ![...this.hashes.values()].includes(tag);
  }
}
