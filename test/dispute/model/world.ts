import { Random } from "../../Random";
import { Chain, type Moment } from "./chain";
import { type Claim, type Match, type Terms, claimLife, final, longestMatch } from "./records";
import { Model } from "./model";
import { Referee } from "./referee";
import { type Guard, Refused, Rules } from "./rules";
import { type Outcome, ToyMachine, type Truth } from "./toy";
import { Vault } from "./vault";

export const BLOCK_TIME = 12;
/** E of a record [ticks] */
const E = 20 * BLOCK_TIME;
/** Blocks that the honest may take beyond what a rule gives them, to see that something is due. */
export const SLACK = 12;
/** Stake leaves at least so much after the last claim has ended [s]. */
export const SPARE = 7_200;

interface Event {
  readonly block: number;
  readonly order: number;
  readonly act: () => void;
}

/** Who hears of what happens on chain. */
export interface Player {
  onPost?(rollup: number, index: number): void;
  onClaim?(claim: Claim): void;
  onOpen?(match: Match): void;
  onMove?(match: Match): void;
  onEnd?(match: Match): void;
  onFinal?(rollup: number): void;
}

/** One history: a settlement chain that may halt, a hub with one or two rollups on one vault, and whoever plays. */
export class World {
  readonly random: Random;
  readonly chain: Chain;
  readonly machine: ToyMachine;
  readonly vault: Vault;
  readonly model: Model;
  readonly referee: Referee;
  readonly terms: Terms[] = [];
  readonly players: Player[] = [];
  private readonly truths: Truth[][] = [];
  private readonly agenda: Event[] = [];
  readonly halts: { block: number; seconds: number }[] = [];
  private readonly rules: Rules;
  private order = 0;

  constructor(seed: number, removed: readonly Guard[] = []) {
    this.random = new Random(seed);
    const { random } = this;
    const rules = new Rules(removed);
    this.rules = rules;
    this.chain = new Chain(rules, BLOCK_TIME);
    const logSteps = random.pick([6, 6, 9, 9, 12, 15]);
    const plans = new Map<number, { outcome: Outcome; length: number }>();
    this.machine = new ToyMachine((rollup, index) => {
      const key = rollup * 1e6 + index;
      let plan = plans.get(key);
      if (plan === undefined) {
        const outcome = random.pick<Outcome>(["result", "result", "result", "result", "zero", "error"]);
        plans.set(key, (plan = { outcome, length: random.between(1, 2 ** logSteps) }));
      }
      return plan;
    });
    const longest = claimLife(this.someTerms(logSteps, 14 * E));
    this.vault = new Vault(this.chain, rules, longest + 2 * SPARE + random.below(3) * E);
    this.model = new Model(this.chain, rules, this.vault, this.machine, { spare: SPARE });
    this.referee = new Referee(this);
    this.planHalts();
    const rollups = random.pick([1, 1, 2]);
    for (let i = 0; i < rollups; i++) {
      this.terms.push(this.someTerms(logSteps));
      this.truths.push([]);
      this.model.create(this.terms[i]!, 1e9 + i);
    }
  }

  private someTerms(logSteps: number, window = random8(this.random) * E): Terms {
    const bond = 100;
    const { rules, random } = this;
    return {
      window: rules.holds("create: W is at least twice C") ? window : BLOCK_TIME,
      clock: rules.holds("create: C is at least four times E") ? 4 * E : BLOCK_TIME,
      extension: rules.holds("create: E is at least twenty block times") ? E : BLOCK_TIME,
      bond,
      deposit: rules.holds("create: D is at least twice B") ? bond * random.pick([2, 2, 3]) : bond / 2,
      slash: 1000,
      logSteps,
    };
  }

  /** Calm, halted once or twice for long, or again and again for a little; never longer in all than there is time to spare. */
  private planHalts(): void {
    const { random, halts } = this;
    const weather = random.below(3);
    if (weather === 1) {
      const count = random.between(1, 2);
      for (let i = count; i > 0; i--)
        halts.push({ block: random.between(1, 400), seconds: random.between(600, SPARE / count) });
    }
    if (weather === 2)
      for (let block = random.between(1, 200), i = 0; i < 36; i++, block += 5)
        halts.push({ block, seconds: 200 });
  }

  /** When a block comes. */
  momentOf(block: number): Moment {
    let time = block * BLOCK_TIME;
    for (const halt of this.halts) if (halt.block <= block) time += halt.seconds;
    return { block, time };
  }

  /** The last block that comes at a second or before. */
  lastBlockBefore(time: number): number {
    let block = Math.floor(time / BLOCK_TIME);
    while (this.momentOf(block).time > time) block--;
    return block;
  }

  /** The first block at which more ticks than these have passed since a moment. */
  blockAfter(moment: Moment, ticks: number): number {
    let low = moment.block;
    let high = moment.block + Math.ceil(ticks / BLOCK_TIME) + 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { time } = this.momentOf(middle);
      const passed = Math.min(time - moment.time, 4 * BLOCK_TIME * (middle - moment.block));
      if (passed > ticks) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Lets something happen in a block, not before the next one; `crooked` acts come before honest ones in the same block. */
  at(block: number, act: () => void, crooked = false): void {
    const soonest = Math.max(block, this.chain.now.block + (crooked ? 0 : 1));
    const event = { block: soonest, order: this.order++ + (crooked ? 0 : 1e9), act };
    const { agenda } = this;
    let i = agenda.length;
    agenda.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(event, agenda[parent]!)) break;
      agenda[i] = agenda[parent]!;
      i = parent;
    }
    agenda[i] = event;
  }

  private next(): Event | undefined {
    const { agenda } = this;
    const first = agenda[0];
    const last = agenda.pop();
    if (first === undefined || last === undefined || agenda.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= agenda.length) break;
      if (child + 1 < agenda.length && isBefore(agenda[child + 1]!, agenda[child]!)) child++;
      if (!isBefore(agenda[child]!, last)) break;
      agenda[i] = agenda[child]!;
      i = child;
    }
    agenda[i] = last;
    return first;
  }

  /** Plays until nobody has anything left to do, then lets the referee look at the whole. */
  play(): void {
    for (let event = this.next(); event !== undefined; event = this.next()) {
      if (event.block > this.chain.now.block) this.chain.set(this.momentOf(event.block));
      this.attempt(event.act);
    }
    this.referee.close();
  }

  /** Does what may be refused. Returns whether it wasn't. */
  attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }

  post(rollup: number): void {
    const index = this.model.post(rollup);
    this.truths[rollup]!.push(this.machine.truth(rollup, index, this.tip(rollup, index - 1)));
    for (const player of this.players) player.onPost?.(rollup, index);
  }

  /** The true commitment of a batch on true parents; genesis for 0. */
  tip(rollup: number, index: number): number {
    return index === 0 ? 1e9 + rollup : (this.truths[rollup]![index - 1]!.commitment as number);
  }

  /** Whether a claim has a true parent; undefined where nobody can know, since there is no such batch. */
  hasTrueParent({ rollup, index, parent }: Claim): boolean {
    return index <= this.model.rollup(rollup).posted && parent === this.tip(rollup, index - 1);
  }

  truthOf({ rollup, index, parent }: Pick<Claim, "rollup" | "index" | "parent">): Truth {
    return this.machine.truth(rollup, index, parent);
  }

  /** Whether a claim says what follows from its parent. */
  isTrue(claim: Claim): boolean {
    const { skip, commitment } = this.truthOf(claim);
    return claim.skip === skip && claim.commitment === commitment;
  }

  matchBlocks(match: Match): number {
    return longestMatch(this.terms[match.claim.rollup]!) / BLOCK_TIME;
  }

  nextIndex(rollup: number): number {
    return final(this.model.rollup(rollup)) + 1;
  }
}

const random8 = (random: Random) => random.pick([8, 8, 8, 10, 14]);

const isBefore = (one: Event, other: Event) =>
  one.block < other.block || (one.block === other.block && one.order < other.order);
