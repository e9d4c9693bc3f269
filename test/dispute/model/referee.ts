import { ASSERTER, type Claim, type Match, type Opening, claimLife, inTurn } from "./records";
import type { State } from "./machine";
import { BLOCK_TIME, SLACK, type World } from "./world";

/** Raised when a history breaks a promise. */
export class Broken extends Error {}

/** An honest claim, the block in which its batch must be final, and from when till when matches hold it up, in their order. */
interface HonestClaim {
  readonly claim: Claim;
  readonly deadline: number;
  readonly holdUps: { readonly from: number; readonly to: number }[];
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
  /** by rollup, whose lines are neither withdrawn nor lost */
  private readonly standing: Set<string>[] = [new Set(), new Set()];
  /** stake of lost lines, by operator */
  private readonly promised = new Map<string, number>();
  private readonly ended = new Map<Match, number>();
  /** when a batch must be final, by honest claims of it: [rollup][index] */
  private readonly deadlines: number[][] = [[], []];
  private readonly claims = new Set<Claim>();
  private readonly honestClaims: HonestClaim[] = [];

  constructor(private readonly world: World) {}

  openLine(rollup: number, key: string): void {
    const { model, terms } = this.world;
    const owed = model.due.get(key) ?? 0;
    model.openLine(rollup, key);
    this.coinsIn += terms[rollup]!.deposit;
    this.check(owed === 0, "who owes a slash opens no line");
    this.standing[rollup]!.add(key);
  }

  withdrawLine(rollup: number, key: string): void {
    const { chain, model, terms } = this.world;
    this.coinsOut += model.withdrawLine(rollup, key);
    for (const claim of model.rollup(rollup).claims)
      if (claim.asserter === key && model.isBacked(claim))
        this.check(
          chain.sinceSlowly(claim.backed) >= claimLife(terms[rollup]!),
          "what backs a claim stays until the claim has ended",
        );
    this.standing[rollup]!.delete(key);
  }

  claim(said: Pick<Claim, "rollup" | "index" | "parent" | "skip" | "commitment">, asserter: string): Claim {
    const { world } = this;
    const claim = world.model.claim(said, asserter);
    this.check(!this.claims.has(claim), "a claim's window isn't moved");
    this.claims.add(claim);
    if (HONEST.has(asserter)) {
      const { window } = world.terms[claim.rollup]!;
      const honest = { claim, deadline: claim.backed.block + window / BLOCK_TIME + SLACK, holdUps: [] };
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
    const life = claimLife(world.terms[rollup]!) / BLOCK_TIME;
    const to = Math.min(match.opened.block + world.matchBlocks(match), claim.backed.block + life) + SLACK;
    honest.holdUps.push({ from: match.opened.block, to });
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
    const paid = this.world.model.collect(match, caller);
    const payee = match.winner === ASSERTER ? match.claim.asserter : match.challenger;
    this.check(paid === 0 || caller === payee, "a payout goes to whom it is due");
    this.coinsOut += paid;
  }

  private conclude(match: Match, act: () => void): void {
    const { model } = this.world;
    const { claim } = match;
    const line = model.line(claim.rollup, claim.asserter);
    const { deposit, serial } = line;
    const burned = model.burned;
    act();
    const { payout } = match;
    if (payout === undefined) throw new Broken("a match that has ended owes something");
    const isAsserters = match.winner === ASSERTER;
    const loser = isAsserters ? match.challenger : claim.asserter;
    this.check(!HONEST.has(loser), "the honest never lose");
    const lost = model.burned - burned;
    this.check(lost >= 0, "what is burned stays burned");
    if (isAsserters)
      this.check(lost >= match.bond / 2, "who loses a match against himself loses half a bond");
    else {
      this.check(deposit === 0 || serial === claim.serial, "a line is lost for a claim of its own only");
      this.check(lost >= deposit - match.bond, "who beats himself gets B of his deposit, no more");
      if (HONEST.has(match.challenger))
        this.check(payout.amount === 2 * match.bond, "who beats a lie gets his bond and as much again");
      const { slash } = this.world.terms[claim.rollup]!;
      if (this.standing[claim.rollup]!.delete(claim.asserter))
        this.promised.set(claim.asserter, (this.promised.get(claim.asserter) ?? 0) + slash);
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
    this.checkReserves();
    this.checkCoins();
  }

  private checkDelays(): void {
    const { model } = this.world;
    for (const [rollup, { posted }] of model.rollups.entries()) {
      let deadline = 0;
      for (let index = 1; index <= posted; index++) {
        const own = this.honestClaims.filter(({ claim }) => claim.rollup === rollup && claim.index === index);
        if (own.length === 0) break;
        deadline = Math.max(deadline, Math.min(...own.map((one) => deadlineOf(one, deadline)))) + 2;
        const block = this.deadlines[rollup]![index];
        this.check(block !== undefined && block <= deadline, "a lie delays nobody");
      }
    }
  }

  /** X for each line that stands, nothing for any other. */
  private checkReserves(): void {
    const { terms, vault } = this.world;
    const reserves = new Map<string, number>();
    for (const [rollup, keys] of this.standing.entries())
      for (const key of keys) reserves.set(key, (reserves.get(key) ?? 0) + terms[rollup]!.slash);
    for (const key of vault.operators)
      this.check(
        vault.reservedOf(key) === (reserves.get(key) ?? 0),
        "stake is reserved for lines that stand",
      );
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

/** When a claim makes its batch final, at the latest: a match counts if it opened before that, or before the parent was final. */
function deadlineOf({ deadline, holdUps }: HonestClaim, parent: number): number {
  let latest = deadline;
  for (const { from, to } of holdUps) if (from <= Math.max(latest, parent)) latest = Math.max(latest, to);
  return latest;
}

/** Whether it is somebody's turn in a live match. */
export const isTurnOf = (match: Match, key: string): boolean =>
  match.payout === undefined && inTurn(match) === key;
