import { CHALLENGER, type Claim, type Match, claimLife, inTurn } from "./records";
import { isTurnOf } from "./referee";
import type { Run } from "./toy";
import { BLOCK_TIME, type Player, type World } from "./world";

/** Returns the first segment that ends elsewhere than a run. */
export function disputed(match: Match, run: Run): number | undefined {
  const size = 2 ** match.log2len;
  const found = match.states.findIndex((state, i) => state !== run.at(match.from + (i + 1) * size));
  return found < 0 ? undefined : found;
}

/** Returns a run's eight states within a segment. */
export function dissection(match: Match, segment: number, run: Run) {
  const start = match.from + segment * 2 ** match.log2len;
  const size = 2 ** (match.log2len - 3);
  return [1, 2, 3, 4, 5, 6, 7, 8].map((i) => run.at(start + i * size));
}

/**
 * Does what the design asks of the honest, within a quarter of each window and clock: claims the truth though others claim it too, challenges
 * whoever claims falsely on a true parent, with one bond at a time, answers from its own run, ends matches whose clock ran out, takes its bonds and makes final what can be.
 */
export class Honest implements Player {
  constructor(
    private readonly world: World,
    readonly key: string,
  ) {
    const { vault, terms, referee } = world;
    for (const [rollup, { slash }] of terms.entries()) {
      vault.deposit(key, 10 * slash);
      referee.openLine(rollup, key);
    }
  }

  /** A block within a quarter of so many ticks from now. */
  private soon(ticks: number): number {
    const { chain, random } = this.world;
    return chain.now.block + random.between(1, Math.max(1, Math.floor(ticks / (4 * BLOCK_TIME))));
  }

  onPost(rollup: number, index: number): void {
    const { world, key } = this;
    world.at(this.soon(world.terms[rollup]!.window), () => {
      const parent = world.tip(rollup, index - 1);
      const { skip, commitment } = world.truthOf({ rollup, index, parent });
      world.model.refreshLine(rollup, key);
      world.referee.claim({ rollup, index, parent, skip, commitment }, key);
    });
  }

  onClaim(claim: Claim): void {
    const { world, key } = this;
    if (!world.hasTrueParent(claim)) return;
    const { window } = world.terms[claim.rollup]!;
    if (world.isTrue(claim)) {
      const life = Math.ceil(claimLife(world.terms[claim.rollup]!) / BLOCK_TIME);
      for (const block of [world.blockAfter(claim.backed, window - 1), claim.backed.block + life])
        world.at(block + world.random.below(3), () => this.finalize(claim.rollup));
      return;
    }
    // A window's end is exclusive.
    world.at(this.soon(window - 1), () => {
      if (!world.model.isBacked(claim) || this.fights(claim)) return;
      const truth = world.truthOf(claim);
      const size = 2 ** (world.terms[claim.rollup]!.logSteps - 3);
      const states = [1, 2, 3, 4, 5, 6, 7].map((i) => truth.at(i * size));
      world.referee.open(claim, key, {
        final: truth.final,
        states,
        start: truth.at(0),
        end: truth.at(8 * size),
      });
    });
  }

  onOpen(match: Match): void {
    this.onMove(match);
  }

  onMove(match: Match): void {
    const { world, key } = this;
    const clock = match.clocks[match.turn];
    const { last } = match;
    const isStill = () => match.payout === undefined && match.last === last;
    if (isTurnOf(match, key)) world.at(this.soon(clock), () => isStill() && this.move(match));
    else if (this.isMine(match) || world.isTrue(match.claim))
      world.at(world.blockAfter(last, clock) + world.random.below(3), () => {
        if (isStill() && world.model.isBacked(match.claim)) world.referee.timeOut(match);
        else if (isStill()) world.referee.drop(match);
      });
  }

  onEnd(match: Match): void {
    const { world, key } = this;
    world.at(world.chain.now.block + 1, () => {
      this.finalize(match.claim.rollup);
      if (match.payout?.payee === key && match.payout.paid === 0) world.referee.collect(match, key);
    });
    for (const other of world.model.matches)
      if (other.payout === undefined && other.claim.asserter === match.claim.asserter && this.isMine(other))
        world.at(world.chain.now.block + 1, () => {
          if (other.payout === undefined && !world.model.isBacked(other.claim)) world.referee.drop(other);
        });
  }

  onFinal(rollup: number): void {
    this.world.at(this.world.chain.now.block + 1, () => this.finalize(rollup));
  }

  /** Whether a match of his own against the line is open: one bond stops all of a liar's claims, and winning it unbacks them. */
  private fights({ rollup, asserter, nonce }: Claim): boolean {
    return this.world.model.matches.some(
      ({ claim, challenger, payout }) =>
        challenger === this.key &&
        payout === undefined &&
        claim.rollup === rollup &&
        claim.asserter === asserter &&
        claim.nonce === nonce,
    );
  }

  private isMine({ claim, challenger }: Match): boolean {
    return claim.asserter === this.key || challenger === this.key;
  }

  private move(match: Match): void {
    const { world, key } = this;
    if (!world.model.isBacked(match.claim)) {
      if (match.turn === CHALLENGER) world.referee.drop(match);
      return;
    }
    const truth = world.truthOf(match.claim);
    const segment = disputed(match, truth);
    if (segment === undefined || inTurn(match) !== key) return;
    if (match.log2len > 0) world.referee.dissect(match, key, segment, dissection(match, segment, truth));
    else world.referee.settle(match, key, segment);
  }

  private finalize(rollup: number): void {
    const { world } = this;
    const index = world.nextIndex(rollup);
    for (const claim of world.model.rollup(rollup).claims)
      if (claim.index === index && world.hasTrueParent(claim) && world.isTrue(claim))
        if (world.attempt(() => world.referee.finalize(claim))) return;
  }
}
