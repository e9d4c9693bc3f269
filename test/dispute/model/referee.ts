import { ASSERTER, type Claim, type Match, type Opening, claimLife, inTurn } from "./records";
import type { State } from "./machine";
import { BLOCK_TIME, SLACK, type World } from "./world";

/** Raised when a history breaks a promise. */
export class Broken extends Error {}

/** An honest claim, and the block in which its batch must be final. */
interface HonestClaim {
  readonly claim: Claim;
  deadline: number;
}

/** The honest, by their keys. */
export const HONEST: ReadonlySet<string> = new Set(["honest", "upright"]);

/**
 * Passes every act on to the model and checks what is promised: the honest never lose, every match ends by its bound, a lie delays nobody and is
 * never final, every bond is paid exactly once, what is slashed is what was promised, and nobody fights himself for nothing.
 */
export class Referee {
  private coinsIn = 0;
  private coinsOut = 0;
  /** stake of lost lines, by operator */
  private readonly promised = new Map<string, number>();
  private readonly ended = new Map<Match, number>();
  /** when a batch must be final, by honest claims of it: [rollup][index] */
  private readonly deadlines: number[][] = [[], []];
  private readonly claims = new Set<Claim>();
  private readonly honestClaims: HonestClaim[] = [];

  constructor(private readonly world: World) {}

  openLine(rollup: number, key: string): void {
    const { model } = this.world;
    const before = model.line(rollup, key).deposit;
    model.openLine(rollup, key);
    this.coinsIn += model.line(rollup, key).deposit - before;
  }

  withdrawLine(rollup: number, key: string): void {
    this.coinsOut += this.world.model.withdrawLine(rollup, key);
  }

  claim(said: Pick<Claim, "rollup" | "index" | "parent" | "skip" | "commitment">, asserter: string): Claim {
    const { world } = this;
    const claim = world.model.claim(said, asserter);
    this.check(!this.claims.has(claim), "a claim's window isn't moved");
    this.claims.add(claim);
    if (HONEST.has(asserter)) {
      const { window } = world.terms[claim.rollup]!;
      const honest = { claim, deadline: claim.backed.block + window / BLOCK_TIME + SLACK };
      this.honestClaims.push(honest);
      for (const match of world.model.matches) if (match.payout === undefined) this.holdUp(honest, match);
    }
    this.checkCount(claim);
    for (const player of world.players) player.onClaim?.(claim);
    return claim;
  }

  finalize(claim: Claim): void {
    const { world } = this;
    world.model.finalize(claim);
    const { rollup, index } = claim;
    const { finals, posted } = world.model.rollup(rollup);
    this.check(finals.length - 1 <= posted, "a batch is final that wasn't posted");
    for (let i = 1; i < finals.length; i++)
      this.check(finals[i] === world.tip(rollup, i), "what is final is true");
    this.deadlines[rollup]![index] = world.chain.now.block;
    for (const player of world.players) player.onFinal?.(rollup);
  }

  open(
    claim: Claim,
    challenger: string,
    opening: Opening,
    value = this.world.terms[claim.rollup]!.bond,
  ): Match {
    const { world } = this;
    const isBacked = world.model.isBacked(claim);
    const isInWindow = world.chain.since(claim.backed) < world.terms[claim.rollup]!.window;
    const match = world.model.open(claim, challenger, opening, value);
    this.coinsIn += value;
    this.check(isBacked, "a match that opens has an object");
    this.check(isInWindow, "nobody has to answer for a claim after its window and its matches");
    for (const honest of this.honestClaims) this.holdUp(honest, match);
    for (const player of world.players) player.onOpen?.(match);
    return match;
  }

  /** A match against the line holds up its claims for the match's own length, and each no longer than a match against the claim itself could. */
  private holdUp(honest: HonestClaim, match: Match): void {
    const { world } = this;
    const { claim } = honest;
    const { rollup, asserter, nonce } = match.claim;
    if (rollup !== claim.rollup || asserter !== claim.asserter || nonce !== claim.nonce) return;
    if (match.opened.block > honest.deadline) return;
    const life = claimLife(world.terms[rollup]!) / BLOCK_TIME;
    const end = Math.min(match.opened.block + world.matchBlocks(match), claim.backed.block + life);
    honest.deadline = Math.max(honest.deadline, end + SLACK);
  }

  dissect(match: Match, caller: string, segment: number, states: readonly State[]): void {
    this.world.model.dissect(match, caller, segment, states);
    this.checkBound(match);
    for (const player of this.world.players) player.onMove?.(match);
  }

  settle(match: Match, caller: string, segment: number): void {
    this.conclude(match, () => this.world.model.settle(match, caller, segment));
    this.checkBound(match);
  }

  timeOut(match: Match): void {
    this.conclude(match, () => this.world.model.timeOut(match));
  }

  drop(match: Match): void {
    this.world.model.drop(match);
    this.end(match);
  }

  collect(match: Match, caller: string): void {
    this.coinsOut += this.world.model.collect(match, caller);
  }

  private conclude(match: Match, act: () => void): void {
    const { model } = this.world;
    const { claim } = match;
    const line = model.line(claim.rollup, claim.asserter);
    const { alt, deposit, serial } = line;
    const burned = model.burned;
    act();
    const { payout } = match;
    if (payout === undefined) throw new Broken("a match that has ended owes something");
    const isAsserters = match.winner === ASSERTER;
    const loser = isAsserters ? match.challenger : claim.asserter;
    this.check(!HONEST.has(loser), "the honest never lose");
    const lost = model.burned - burned;
    if (isAsserters)
      this.check(lost >= match.bond / 2, "who loses a match against himself loses half a bond");
    else {
      this.check(deposit === 0 || serial === claim.serial, "a line is lost for a claim of its own only");
      this.check(lost >= deposit - match.bond, "who beats himself gets B of his deposit, no more");
      if (HONEST.has(match.challenger))
        this.check(payout.amount === 2 * match.bond, "who beats a lie gets his bond and as much again");
      const { slash } = this.world.terms[claim.rollup]!;
      if (alt) this.promised.set(claim.asserter, (this.promised.get(claim.asserter) ?? 0) + slash);
    }
    this.end(match);
  }

  private checkCount(claim: Claim): void {
    const { model } = this.world;
    if (!model.isBacked(claim)) return;
    const { rollup, asserter, nonce } = claim;
    const live = model.matches.filter(
      (match) =>
        match.payout === undefined &&
        match.claim.rollup === rollup &&
        match.claim.asserter === asserter &&
        match.claim.nonce === nonce,
    );
    this.check(model.line(rollup, asserter).openMatches === live.length, "a line knows its open matches");
  }

  private end(match: Match): void {
    this.checkCount(match.claim);
    this.ended.set(match, this.world.chain.now.block);
    for (const player of this.world.players) player.onEnd?.(match);
  }

  private checkBound(match: Match): void {
    const { world } = this;
    this.check(
      world.chain.now.block - match.opened.block <= world.matchBlocks(match),
      "nobody moves in a match after its bound",
    );
  }

  /** What must be so when nobody has anything left to do. */
  close(): void {
    const { world } = this;
    const { model, vault } = world;
    for (const match of model.matches) {
      const isWatched =
        HONEST.has(match.challenger) || HONEST.has(match.claim.asserter) || world.isTrue(match.claim);
      const end = this.ended.get(match);
      if (isWatched)
        this.check(
          end !== undefined && end - match.opened.block <= world.matchBlocks(match) + SLACK,
          "a match on a true claim, or of the honest, ends by its bound",
        );
    }
    for (const { claims } of model.rollups)
      for (const claim of claims)
        if (world.hasTrueParent(claim) && !world.isTrue(claim))
          this.check(!model.isBacked(claim), "a lie loses its line");
    this.checkDelays();
    for (const key of [...model.due.keys()]) model.executeSlash(key);
    for (const [key, amount] of this.promised)
      this.check(vault.slashed.get(key) === amount, "what is slashed is what was promised");
    for (const [key, amount] of vault.slashed)
      this.check(this.promised.get(key) === amount, "nothing is slashed that wasn't promised");
    this.checkCoins();
  }

  private checkDelays(): void {
    const { model } = this.world;
    for (const [rollup, { posted }] of model.rollups.entries()) {
      let deadline = 0;
      for (let index = 1; index <= posted; index++) {
        const own = this.honestClaims.filter(({ claim }) => claim.rollup === rollup && claim.index === index);
        if (own.length === 0) break;
        deadline = Math.max(deadline, Math.min(...own.map((one) => one.deadline))) + 2;
        const block = this.deadlines[rollup]![index];
        this.check(block !== undefined && block <= deadline, "a lie delays nobody");
      }
    }
  }

  private checkCoins(): void {
    const { model } = this.world;
    for (const match of model.matches) {
      if (match.payout === undefined) continue;
      this.world.attempt(() => this.collect(match, match.payout!.payee));
      this.check(match.payout.paid === 1, "every bond is paid exactly once");
    }
    let owed = model.burned;
    for (const { lines } of model.rollups) for (const { deposit } of lines.values()) owed += deposit;
    for (const { payout, bond } of model.matches) if (payout === undefined) owed += bond;
    this.check(this.coinsIn - this.coinsOut === owed, "every coin is accounted for");
  }

  private check(holds: boolean, promise: string): void {
    if (!holds) throw new Broken(promise);
  }
}

/** Whether it is somebody's turn in a live match. */
export const isTurnOf = (match: Match, key: string): boolean =>
  match.payout === undefined && inTurn(match) === key;
