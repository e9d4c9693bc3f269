import type { Chain } from "./chain";
import { Lines } from "./lines";
import { type Commitment, type Machine, type State, confirms, isZero } from "./machine";
import {
  ASSERTER,
  CHALLENGER,
  type Claim,
  type Line,
  type Match,
  type Opening,
  type Rollup,
  type Side,
  type Spare,
  type Terms,
  claimLife,
  final,
  inTurn,
  isSame,
  segmentStart,
} from "./records";
import type { Rules } from "./rules";
import type { Vault } from "./vault";

/** Everything that a hub does about claims and matches, by the tables of the design. */
export class Model {
  readonly rollups: Rollup[] = [];
  readonly matches: Match[] = [];
  /** coins in the hub, and those of them that nobody will ever get */
  held = 0;
  burned = 0;
  private readonly lines: Lines;

  constructor(
    readonly chain: Chain,
    private readonly rules: Rules,
    readonly vault: Vault,
    private readonly machine: Machine,
    options: Spare,
  ) {
    this.lines = new Lines(chain, rules, vault, options);
  }

  /** slashes that the vault refused, by operator */
  get due(): ReadonlyMap<string, number> {
    return this.lines.due;
  }

  create(terms: Terms, genesis: Commitment): number {
    this.rollups.push({ terms, posted: 0, finals: [genesis], lines: new Map(), claims: [] });
    return this.rollups.length - 1;
  }

  post(rollup: number): number {
    return ++this.rollup(rollup).posted;
  }

  rollup(id: number): Rollup {
    const rollup = this.rollups[id];
    if (rollup === undefined) throw new Error(`no rollup ${id}`);
    return rollup;
  }

  line(rollup: number, key: string): Line {
    const { lines } = this.rollup(rollup);
    let line = lines.get(key);
    if (line === undefined)
      lines.set(key, (line = { deposit: 0, nonce: 0, validUntil: 0, alt: false, openMatches: 0, serial: 0 }));
    return line;
  }

  // --- lines ---

  openLine(rollup: number, key: string): void {
    const { terms } = this.rollup(rollup);
    this.lines.open(this.line(rollup, key), terms, key);
    this.held += terms.deposit;
  }

  refreshLine(rollup: number, key: string): void {
    this.lines.refresh(this.line(rollup, key), this.rollup(rollup).terms, key);
  }

  closeLine(rollup: number, key: string): void {
    this.lines.close(this.line(rollup, key));
  }

  /** Returns what is paid. */
  withdrawLine(rollup: number, key: string): number {
    const deposit = this.lines.withdraw(this.line(rollup, key), this.rollup(rollup).terms, key);
    this.held -= deposit;
    return deposit;
  }

  executeSlash(key: string): void {
    this.lines.executeSlash(key);
  }

  // --- claims ---

  claim(said: Pick<Claim, "rollup" | "index" | "parent" | "skip" | "commitment">, asserter: string): Claim {
    const rollup = this.rollup(said.rollup);
    const line = this.line(said.rollup, asserter);
    this.rules.require("claim: index is pending", said.index > final(rollup) && said.index <= rollup.posted);
    this.rules.require("claim: a result isn't zero", !isZero(said.commitment));
    this.rules.require(
      "claim: a SKIP says its parent's commitment",
      !said.skip || said.commitment === said.parent,
    );
    this.rules.require("claim: line is valid", line.deposit > 0 && this.chain.now.time <= line.validUntil);
    const standing = rollup.claims.find(
      (other) => isSame(other, said) && other.asserter === asserter && other.nonce === line.nonce,
    );
    this.rules.require("claim: once per asserter and backing", standing === undefined);
    if (standing !== undefined) {
      standing.backed = this.chain.now;
      return standing;
    }
    const claim: Claim = {
      ...said,
      asserter,
      nonce: line.nonce,
      backed: this.chain.now,
      serial: line.serial,
    };
    rollup.claims.push(claim);
    return claim;
  }

  isBacked(claim: Claim): boolean {
    return this.line(claim.rollup, claim.asserter).nonce === claim.nonce;
  }

  finalize(claim: Claim): void {
    const rollup = this.rollup(claim.rollup);
    const { rules } = this;
    rules.require("finalize: the next index", claim.index === final(rollup) + 1);
    rules.require("finalize: parent is the final commitment", claim.parent === rollup.finals.at(-1));
    rules.require("finalize: still backed", this.isBacked(claim));
    const isLong =
      rules.holds("finalize: waits for matches no longer than one of its own could take") &&
      this.chain.sinceSlowly(claim.backed) >= claimLife(rollup.terms);
    const matches = rules.holds("finalize: a match holds up every claim of its line")
      ? this.line(claim.rollup, claim.asserter).openMatches
      : this.matches.filter((match) => match.claim === claim && match.payout === undefined).length;
    rules.require("finalize: no open match", isLong || matches === 0);
    rules.require("finalize: window has passed", this.chain.since(claim.backed) >= rollup.terms.window);
    rollup.finals.push(claim.commitment);
  }

  // --- matches ---

  open(claim: Claim, challenger: string, opening: Opening, value: number): Match {
    const { terms } = this.rollup(claim.rollup);
    const { rules } = this;
    rules.require("open: claim is backed", this.isBacked(claim));
    rules.require("open: within the window", this.chain.since(claim.backed) < terms.window);
    rules.require("open: bond is B", value === terms.bond);
    rules.require(
      "open: final state contradicts the claim",
      !confirms(opening.final, claim.skip, claim.commitment),
    );
    const earlier = this.matches.find((match) => match.claim === claim && match.challenger === challenger);
    rules.require("open: once per claim, backing and challenger", earlier === undefined);
    const match: Match = {
      id: this.matches.length,
      claim,
      challenger,
      bond: terms.bond,
      opened: this.chain.now,
      clocks: [terms.clock, terms.clock],
      turn: ASSERTER,
      log2len: terms.logSteps - 3,
      last: this.chain.now,
      start: rules.holds("open: start is computed")
        ? this.machine.start(claim.rollup, claim.index, claim.parent)
        : opening.start,
      from: 0,
      states: [
        ...opening.states,
        rules.holds("open: last state is the hash of the final state")
          ? this.machine.hash(opening.final)
          : opening.end,
      ],
    };
    this.line(claim.rollup, claim.asserter).openMatches++;
    this.held += value;
    // A second match in the slot of the first: what that owed is forgotten.
    if (earlier !== undefined)
      this.matches[earlier.id] = { ...earlier, payout: { payee: "", amount: 0, paid: 1 } };
    this.matches.push(match);
    return match;
  }

  dissect(match: Match, caller: string, segment: number, states: readonly State[]): void {
    const { rules } = this;
    this.requireLive(match);
    rules.require("dissect: by the side in turn", caller === inTurn(match));
    rules.require("dissect: segments are longer than a step", match.log2len > 0);
    const ticks = this.chain.since(match.last);
    rules.require("dissect: in time", ticks <= match.clocks[match.turn]);
    rules.require("dissect: end is disputed", states[7] !== match.states[segment]);
    match.start = segmentStart(match, segment);
    match.from += segment * 2 ** match.log2len;
    match.states = [...states];
    match.log2len -= 3;
    const left = match.clocks[match.turn] - (rules.holds("effect: a clock is charged") ? ticks : 0);
    const { extension } = this.rollup(match.claim.rollup).terms;
    match.clocks[match.turn] = rules.holds("effect: a clock never falls below E")
      ? Math.max(left, extension)
      : left;
    match.turn = match.turn === ASSERTER ? CHALLENGER : ASSERTER;
    match.last = this.chain.now;
  }

  settle(match: Match, caller: string, segment: number): void {
    const { rules } = this;
    this.requireLive(match);
    this.requireObject(match);
    rules.require("settle: by the side in turn", caller === inTurn(match));
    rules.require("settle: segments are single steps", match.log2len === 0);
    rules.require("settle: in time", this.chain.since(match.last) <= match.clocks[match.turn]);
    const after = this.machine.step(segmentStart(match, segment));
    rules.require("settle: the step leads elsewhere", after !== undefined && after !== match.states[segment]);
    this.conclude(match, caller === match.claim.asserter ? ASSERTER : CHALLENGER);
  }

  timeOut(match: Match): void {
    this.requireLive(match);
    this.requireObject(match);
    this.rules.require(
      "time-out: clock has run out",
      this.chain.since(match.last) > match.clocks[match.turn],
    );
    this.conclude(match, match.turn === ASSERTER ? CHALLENGER : ASSERTER);
  }

  drop(match: Match): void {
    this.requireLive(match);
    this.rules.require("drop: backing has moved on", !this.isBacked(match.claim));
    match.payout = { payee: match.challenger, amount: match.bond, paid: 0 };
  }

  /** Returns what is paid. */
  collect(match: Match, caller: string): number {
    const { payout } = match;
    if (payout === undefined) return 0;
    this.rules.require("collect: once", payout.paid === 0);
    this.rules.require("collect: by the payee", payout.payee === caller);
    payout.paid++;
    this.held -= payout.amount;
    return payout.amount;
  }

  private conclude(match: Match, winner: Side): void {
    const { claim, bond } = match;
    match.winner = winner;
    if (winner === ASSERTER) {
      if (this.rules.holds("effect: asserter's victory counts the match off"))
        this.line(claim.rollup, claim.asserter).openMatches--;
      const amount = this.rules.holds("effect: half of a lost bond is burned") ? bond / 2 : bond;
      match.payout = { payee: claim.asserter, amount, paid: 0 };
      this.burned += bond - amount;
      return;
    }
    const line = this.line(claim.rollup, claim.asserter);
    const { deposit } = line;
    const share = this.rules.holds("effect: the winner gets B of D, the rest is burned") ? bond : deposit;
    const reward = this.rules.holds("effect: the winner gets no more than D holds")
      ? Math.min(share, deposit)
      : share;
    match.payout = { payee: match.challenger, amount: bond + reward, paid: 0 };
    this.burned += deposit - reward;
    this.lines.lose(line, this.rollup(claim.rollup).terms, claim.asserter);
  }

  private requireLive(match: Match): void {
    this.rules.require("match: is live", match.payout === undefined);
  }

  private requireObject(match: Match): void {
    this.rules.require("end: asserter is still backed", this.isBacked(match.claim));
  }
}
