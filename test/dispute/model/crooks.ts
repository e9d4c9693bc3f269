import { disputed, dissection } from "./honest";
import type { Commitment } from "./machine";
import { type Claim, type Match, type Opening } from "./records";
import { HONEST, isTurnOf } from "./referee";
import { isAside } from "./schemes";
import type { Run } from "./toy";
import { BLOCK_TIME, type Player, type World } from "./world";

/** How a crook plays his matches. */
const STYLES = ["liar", "stupid", "lazy", "slow", "late", "equal"] as const;
type Style = (typeof STYLES)[number];

/** Whoever isn't honest: lies, shams, meddles, sleeps. What one of them knows, all of them know. */
export class Crook implements Player {
  /** the run that a crook tells in a match or of a claim */
  private readonly tales = new Map<Match | Claim, Run>();
  private style: Style;
  private isBesieger = false;

  constructor(
    private readonly world: World,
    readonly key: string,
  ) {
    this.style = world.random.pick(STYLES);
  }

  private later(blocks: number, act: () => void): void {
    this.world.at(this.world.chain.now.block + this.world.random.between(0, blocks), act, true);
  }

  /** Enough stake for one line, perhaps for more; perhaps all of it is asked back at once. */
  openLines(lines: number): void {
    const { world, key } = this;
    const { random, vault } = world;
    vault.deposit(key, 1000 * lines);
    for (const rollup of world.terms.keys()) world.attempt(() => world.referee.openLine(rollup, key));
    if (random.chance(0.5)) vault.unbond(key, 1000 * lines);
  }

  // --- claims ---

  onPost(rollup: number, index: number): void {
    const { random } = this.world;
    if (random.chance(0.4)) this.later(100, () => this.lie(rollup, index));
    if (random.chance(0.2)) this.later(100, () => this.throwTruth(rollup, index));
    if (random.chance(0.1)) this.later(100, () => this.lieManyTimes(rollup, index));
  }

  /** Claims one falsehood beside the other, so that nobody has a bond for each. */
  private lieManyTimes(rollup: number, index: number): void {
    const { world, key } = this;
    const parent = world.tip(rollup, index - 1);
    for (let i = world.random.between(2, 6); i > 0; i--) {
      const commitment = 2e6 + world.random.below(1e6);
      const claim = world.referee.claim({ rollup, index, parent, skip: false, commitment }, key);
      const end = world.blockAfter(claim.backed, world.terms[rollup]!.window);
      world.at(end, () => world.referee.finalize(claim), true);
    }
    if (world.random.chance(0.3)) this.slowDown();
  }

  /** Opens a match against each claim of the honest in the last block of its window, as long as coins last. */
  besiege(): void {
    this.isBesieger = true;
  }

  /** Makes every move in the last block of his clock from now on. */
  slowDown(): void {
    this.style = "slow";
  }

  /** Claims something false. */
  lie(rollup: number, index: number): void {
    const { world, key } = this;
    const { random } = world;
    const tip = world.tip(rollup, index - 1);
    const truth = world.truthOf({ rollup, index, parent: tip });
    const falsehood = 1e6 + random.below(1e6);
    const kind = random.pick([
      "result",
      "result",
      "skip",
      "zero",
      "foreign skip",
      "unposted",
      "child",
      "child",
    ]);
    const said: Record<string, [index: number, parent: Commitment, skip: boolean, commitment: Commitment]> = {
      result: [index, tip, false, falsehood],
      skip: truth.skip ? [index, tip, false, falsehood] : [index, tip, true, tip],
      zero: [index, tip, false, 0],
      "foreign skip": [index, tip, true, falsehood],
      unposted: [world.model.rollup(rollup).posted + 1, tip, false, falsehood],
      child: [index, falsehood, false, world.truthOf({ rollup, index, parent: falsehood }).commitment],
    };
    const [at, parent, skip, commitment] = said[kind]!;
    const claim = world.referee.claim({ rollup, index: at, parent, skip, commitment }, key);
    if (random.chance(0.2)) this.later(40, () => world.referee.claim({ ...claim }, key));
    if (random.chance(0.3)) this.later(300, () => world.referee.finalize(claim));
  }

  /** Claims the truth and lets an accomplice challenge it. */
  throwTruth(rollup: number, index: number): void {
    const { world, key } = this;
    const parent = world.tip(rollup, index - 1);
    const { skip, commitment } = world.truthOf({ rollup, index, parent });
    const claim = world.referee.claim({ rollup, index, parent, skip, commitment }, key);
    this.later(100, () => this.sham(claim));
  }

  /** Lies in the last second in which the line can claim. */
  lieAtTheLast(rollup: number): void {
    const { world, key } = this;
    const { validUntil } = world.model.line(rollup, key);
    const block = world.lastBlockBefore(validUntil);
    const now = block - 2;
    world.at(now, () => world.post(rollup), true);
    world.at(
      block,
      () => {
        const { posted } = world.model.rollup(rollup);
        const parent = world.tip(rollup, posted - 1);
        world.referee.claim({ rollup, index: posted, parent, skip: false, commitment: 1e7 }, key);
      },
      true,
    );
  }

  onClaim(claim: Claim): void {
    const { world } = this;
    const { random, terms } = world;
    const { window } = terms[claim.rollup]!;
    if (this.isBesieger && HONEST.has(claim.asserter))
      world.at(world.blockAfter(claim.backed, window - 1) - 1, () => this.sham(claim), true);
    if (random.chance(0.2)) this.later(window / BLOCK_TIME, () => this.sham(claim));
    if (random.chance(0.1))
      world.at(world.blockAfter(claim.backed, window - 1) - 1, () => this.sham(claim), true);
    if (random.chance(0.1))
      world.at(world.blockAfter(claim.backed, window - 1), () => this.sham(claim), true);
    if (random.chance(0.1)) this.later(300, () => world.referee.finalize(claim));
  }

  // --- matches ---

  /** Opens a match, whatever is true. */
  sham(claim: Claim): void {
    const { world, key } = this;
    const { random, machine } = world;
    const steps = 2 ** world.terms[claim.rollup]!.logSteps;
    const truth = world.truthOf(claim);
    const end = { exited: true, output: claim.skip || random.chance(0.7) ? 5e6 : 0 };
    const tale = machine.lie(truth, random.pick([0, random.below(steps), steps - 1]), steps, end);
    const statesOf = (run: Run) => Array.from({ length: 7 }, (_, i) => run.at(((i + 1) * steps) / 8));
    const start = machine.nonsense();
    const openings: [Run, Opening][] = [
      [tale, { final: tale.final, states: statesOf(tale), start: truth.at(0), end: tale.at(steps) }],
      // A true trace with a false result; the truth itself; a run from another start.
      [truth, { final: tale.final, states: statesOf(truth), start: truth.at(0), end: truth.at(steps) }],
      [truth, { final: truth.final, states: statesOf(truth), start: truth.at(0), end: truth.at(steps) }],
    ];
    const astray: Run = {
      final: tale.final,
      at: (step) => (step === steps ? tale.at(steps) : (start as number) - step),
    };
    openings.push([astray, { final: tale.final, states: statesOf(astray), start, end: tale.at(steps) }]);
    const [run, opening] = random.pick([openings[0]!, ...openings]);
    const value = random.chance(0.05) ? 0 : undefined;
    const match = world.referee.open(claim, key, opening, value);
    this.tales.set(match, run);
    if (random.chance(0.1)) world.referee.open(claim, key, opening);
  }

  onOpen(match: Match): void {
    this.onMove(match);
    const { world } = this;
    const { random } = world;
    if (random.chance(0.3)) this.later(60, () => this.meddle(match));
  }

  onMove(match: Match): void {
    const { world, key } = this;
    const { random } = world;
    const { last } = match;
    const clock = match.clocks[match.turn];
    if (random.chance(0.15)) this.later(20, () => this.meddle(match));
    if (!isTurnOf(match, key) || this.style === "lazy" || isAside(match)) return;
    const deadline = world.blockAfter(last, clock);
    const block =
      {
        slow: deadline - 1,
        late: deadline + random.between(-1, 12),
        liar: random.pick([deadline - 1, random.between(world.chain.now.block, deadline - 1)]),
      }[this.style as string] ?? random.between(world.chain.now.block, deadline);
    world.at(block, () => match.last === last && this.move(match), true);
  }

  /** Moves by the truth where that wins, else by the tale, else anyhow. */
  move(match: Match): void {
    const { world, key } = this;
    const { random } = world;
    const truth = world.truthOf(match.claim);
    const tale = this.taleOf(match);
    const run = random.chance(0.5) && disputed(match, truth) !== undefined ? truth : tale;
    const segment = this.style === "stupid" ? random.below(8) : (disputed(match, run) ?? random.below(8));
    if (match.log2len === 0 || random.chance(0.05)) {
      if (world.attempt(() => world.referee.settle(match, key, segment))) return;
      if (random.chance(0.5)) return;
    }
    if (this.style === "equal") {
      // Says of a segment what the other side says: then nothing would be left to dispute.
      const agreed = match.states.findIndex(
        (state, i) => state === truth.at(match.from + (i + 1) * 2 ** match.log2len),
      );
      if (agreed >= 0 && random.chance(0.7)) {
        world.referee.dissect(match, key, agreed, dissection(match, agreed, truth));
        return;
      }
    }
    const states = this.style === "stupid" ? this.babble(match, segment) : dissection(match, segment, run);
    world.referee.dissect(match, key, segment, states);
  }

  private babble(match: Match, segment: number) {
    const { machine, random } = this.world;
    const states = Array.from({ length: 8 }, () => machine.nonsense());
    if (random.chance(0.2)) states[7] = match.states[segment]!;
    return states;
  }

  private taleOf(match: Match): Run {
    const { world } = this;
    const known = this.tales.get(match) ?? this.tales.get(match.claim);
    if (known !== undefined) return known;
    const { claim } = match;
    const steps = 2 ** world.terms[claim.rollup]!.logSteps;
    const end = { exited: !claim.skip, output: claim.commitment };
    const tale = world.machine.lie(world.truthOf(claim), world.random.below(steps), steps, end);
    this.tales.set(claim, tale);
    return tale;
  }

  /** Tries what isn't his to try. */
  private meddle(match: Match): void {
    const { world, key } = this;
    const { referee, random, model } = world;
    const segment = random.below(8);
    const { claim } = match;
    // What he lost he opens anew, so that what is left of the old could hit it.
    const reopen = () => {
      world.vault.deposit(claim.asserter, 1000);
      referee.openLine(claim.rollup, claim.asserter);
    };
    const attempts = [
      () => referee.timeOut(match),
      () => referee.timeOut(match),
      () => referee.drop(match),
      () => referee.settle(match, key, segment),
      () => referee.dissect(match, key, segment, this.babble(match, segment)),
      () => referee.collect(match, match.payout?.payee ?? key),
      () => referee.collect(match, key),
      () => referee.finalize(claim),
      reopen,
      () => model.closeLine(claim.rollup, key),
      () => referee.withdrawLine(claim.rollup, key),
    ];
    const act = random.pick(attempts);
    const mayOpen = act !== reopen || !HONEST.has(claim.asserter);
    if (mayOpen) act();
  }
}
