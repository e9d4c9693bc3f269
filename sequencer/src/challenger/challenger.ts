import {
  clockInTurn,
  dissectArguments,
  endArguments,
  inTurn,
  Match,
  openingOf,
  openingSteps,
  settleArguments,
} from "@rollworks/sdk/src/dispute";
import { keccak, toHex } from "../hashing";
import { HUB } from "../l1/contracts";
import { describe } from "../log";
import { Attempts, Duty, DutyOptions } from "../rollup/attempts";
import { ClaimView } from "../rollup/chain";
import { parseConfig } from "../rollup/config";
import { RollupContext } from "../rollup/context";
import { claimEntry, claimKeyOf, ticksOf } from "../rollup/entries";
import { finalElsewhere } from "../rollup/finality";
import { BatchRecord } from "../store/rollup";
import { Alarms } from "./alarms";
import { Examination, Examiner } from "./analyst";
import { endOf, resultOf } from "./judge";
import { ExecutionsDisagree, gatherMaterial, inputOf } from "./material";

/** Of a claim's window, so much is left when it is challenged though a match that would undo it isn't open yet. */
const LAST_SHARE = 1 / 4;
/** What one side's moves in a match cost at most, to its last step and the payment [gas]. */
const MATCH_GAS = 400_000n;

/**
 * Plays matches: opens them against false claims, answers as either side from its own run of the batch, ends those whose
 * clock ran out, takes back bonds and collects payouts. All that a match needs is on L1 or follows from the batch, so a
 * restart in the middle of one loses nothing.
 */
export class Challenger {
  /** openings that are on their way to L1 and in no view yet, by their duty */
  private readonly openings = new Set<string>();

  constructor(
    private readonly context: RollupContext,
    private readonly deps: { analyst: Examiner; attempts: Attempts; alarms: Alarms },
    private readonly options: { challenges: boolean },
  ) {}

  /** Starts whatever is due; nothing here waits for it. Moves come first: an opening runs the whole batch before it is anywhere. */
  look(): void {
    const { view } = this.context;
    for (const { match, over } of view.matches.values()) {
      if (over === undefined) this.attend(match);
      else if (over.payee === this.me && !over.isPaid) this.collect(match.id);
    }
    if (!this.options.challenges || finalElsewhere(this.context) !== undefined) return;
    for (const claim of this.claimsToChallenge()) this.challenge(claim);
  }

  private get me(): string {
    return this.context.l1.address!;
  }

  /** The least clock that is left in a match in which it is this node's turn [ticks]; undefined where it isn't in any. */
  leastClock(): number | undefined {
    const left: number[] = [];
    for (const { match, over } of this.context.view.matches.values())
      if (over === undefined && inTurn(match) === this.me && this.isBacked(match))
        left.push(Number(clockInTurn(match)) - this.ticksSinceMove(match));
    return left.length === 0 ? undefined : Math.min(...left);
  }

  /**
   * False claims to challenge now. One victory takes the backing of every claim that was made with the same line and nonce, and none
   * of them becomes final while a match against that line is open: so one match is opened against each, about the claim whose window ends first.
   * Where it isn't open yet when other windows come to their end, these are challenged too.
   */
  private claimsToChallenge(): ClaimView[] {
    const byLine = new Map<string, ClaimView[]>();
    for (const claim of this.falseClaims()) {
      const line = `${claim.asserter}/${claim.nonce}`;
      byLine.set(line, [...(byLine.get(line) ?? []), claim]);
    }
    const { window } = this.context.view.created!;
    const due: ClaimView[] = [];
    for (const claims of byLine.values()) {
      const [first, ...others] = claims.sort((a, b) => this.age(b) - this.age(a) || a.index - b.index);
      if (first === undefined || this.isFighting(first)) continue;
      due.push(first, ...others.filter((claim) => this.age(claim) >= (1 - LAST_SHARE) * window));
    }
    return due;
  }

  /** Claims that can still be disputed, on a true parent, that say something else than executing the batch did. */
  private *falseClaims(): Iterable<ClaimView> {
    const { view, results } = this.context;
    const created = view.created!;
    // An entry's claims are open for one window, in which no more batches become final than the ring has places.
    const from = Math.max(1, view.finalIndex - 2 ** created.ringLog2);
    for (let index = from; index <= results.tip.index; index++) {
      // What L1 says costs nothing to look at; a record is read from disk.
      const open = (view.claims.get(index) ?? []).filter(
        (claim) => view.isBacked(claim) && this.age(claim) < created.window,
      );
      const record = open.length === 0 ? undefined : results.executed(index);
      if (record === undefined || this.deps.alarms.has(index, toHex(record.commitment))) continue;
      for (const claim of open) {
        if (claim.parent !== toHex(record.parent) || results.isTrue(claim) || this.hasMatch(claim)) continue;
        if (claim.asserter === this.me) this.warnOfOwn(claim, record);
        else yield claim;
      }
    }
  }

  /** Ticks of its window that a claim has behind it. */
  private age(claim: ClaimView): number {
    return ticksOf(claim.block, this.context.head, this.context.timing.blockTime);
  }

  /**
   * Whether this node plays a match against the line behind a claim, and may still win it: others may throw theirs, and one whose clock
   * it missed is lost as soon as the other side says so, which it may put off until its next lie is past its window.
   */
  private isFighting(claim: ClaimView): boolean {
    return [...this.context.view.matches.values()].some(
      ({ match, over }) =>
        over === undefined &&
        match.challenger === this.me &&
        match.asserter === claim.asserter &&
        Number(match.terms.nonce) === claim.nonce &&
        !(inTurn(match) === this.me && this.hasExpired(match)),
    );
  }

  private hasMatch(claim: ClaimView): boolean {
    const { view, place } = this.context;
    const key = claimKeyOf(place.id, view.posted.get(claim.index)!, claim);
    return [...view.matches.values()].some(
      ({ match }) =>
        match.claimKey === key &&
        match.challenger === this.me &&
        match.asserter === claim.asserter &&
        Number(match.terms.nonce) === claim.nonce,
    );
  }

  private challenge(claim: ClaimView): void {
    const { view, place, results, config, log } = this.context;
    const id = `challenge/${place.id}/${claim.index}/${claim.asserter}/${claim.nonce}/${claim.mode}/${claim.commitment}`;
    const deadline = claim.block.timestamp + view.created!.window;
    const prepare = async (): Promise<Duty> => {
      const posted = view.posted.get(claim.index)!;
      const record = results.executed(claim.index)!;
      const fields = parseConfig(config);
      const found = await this.examine(record, { deadline, isAgreed: true });
      const { report } = found;
      log.warn(
        {
          batch: claim.index,
          asserter: claim.asserter,
          claimed: claim.commitment,
          true: toHex(record.commitment),
          isSkipped: record.isSkipped === true,
        },
        "challenging a false claim",
      );
      const { mode, parent, commitment } = claim;
      const keepGas = this.gasToKeep(id);
      const opening = openingOf({
        rollup: BigInt(place.id),
        index: BigInt(claim.index),
        mode,
        place: claim.place,
        ringLog2: view.created!.ringLog2,
        parent,
        commitment,
        entry: claimEntry(place.id, view.created!, posted, claim),
        headerHash: toHex(keccak(record.header)),
        config: fields,
        program: report,
        states: found.opening,
        finalState: report.finalState,
      });
      return { data: HUB.encodeFunctionData("openMatch", [opening]), value: fields.bond, deadline, keepGas };
    };
    this.attempt(id, prepare, { deadline });
  }

  /** The gas that must be left after another match is opened: a bond is lost where its moves can't be paid for. */
  private gasToKeep(opening: string): bigint {
    for (const id of this.openings) if (this.deps.attempts.isDue(id)) this.openings.delete(id);
    this.openings.add(opening);
    const live = [...this.context.view.matches.values()].filter(
      ({ match, over }) => over === undefined && (match.asserter === this.me || match.challenger === this.me),
    );
    return MATCH_GAS * BigInt(live.length + this.openings.size);
  }

  /** Does what a live match asks of this node, if anything. */
  private attend(match: Match): void {
    if (!this.isBacked(match)) {
      if (match.challenger === this.me) this.end(match, "dropMatch");
      return;
    }
    const hasExpired = this.hasExpired(match);
    if (!hasExpired && inTurn(match) === this.me) this.move(match);
    else if (hasExpired && this.isOursToTimeOut(match)) this.end(match, "timeOut");
  }

  /** Whether there is still something to play for: a match whose claim has lost its backing only waits to be dropped. */
  private isBacked({ asserter, terms }: Match): boolean {
    return this.context.view.isBacked({ asserter, nonce: Number(terms.nonce) });
  }

  /** Whether the clock of the side in turn has run out. */
  private hasExpired(match: Match): boolean {
    return BigInt(this.ticksSinceMove(match)) > clockInTurn(match);
  }

  private ticksSinceMove({ position }: Match): number {
    const { head, timing } = this.context;
    const { time, block } = position.lastMove;
    return ticksOf({ number: Number(block), timestamp: Number(time), hash: "" }, head, timing.blockTime);
  }

  /** Whether the side whose clock has run out should lose: it is against this node's line, or says what executing the batch here didn't. */
  private isOursToTimeOut(match: Match): boolean {
    if (match.asserter === this.me && inTurn(match) !== this.me) return true;
    return this.isHonest(match, inTurn(match)) === false;
  }

  /** Whether a side of a match says what executing the batch said here; undefined where that isn't known. */
  private isHonest(match: Match, side: string): boolean | undefined {
    const claim = this.claimOf(match);
    if (claim === undefined || this.context.results.executed(claim.index) === undefined) return undefined;
    const isTrue = this.context.results.isTrue(claim);
    return side === match.asserter ? isTrue : !isTrue;
  }

  private claimOf(match: Match): ClaimView | undefined {
    const { view, place } = this.context;
    const index = Number(match.terms.index);
    const posted = view.posted.get(index);
    if (posted === undefined) return undefined;
    return view.claims
      .get(index)
      ?.find(
        (claim) =>
          claim.asserter === match.asserter && claimKeyOf(place.id, posted, claim) === match.claimKey,
      );
  }

  private move(match: Match): void {
    const { results, log } = this.context;
    const id = `move/${match.id}/${match.position.log2len}/${match.position.turn}`;
    const deadline = Number(match.position.lastMove.time + clockInTurn(match));
    const prepare = async (): Promise<Duty> => {
      const index = Number(match.terms.index);
      const record = results.executed(index);
      if (record === undefined) throw new Error(`batch ${index} of match ${match.id} wasn't executed here`);
      const { move, report } = await this.examine(record, { deadline, match });
      if (move === undefined) {
        // By the emulator the other side is right. The moves went by it as well, so what drifts is what this side stands for.
        const says = resultOf(report) ?? endOf(report);
        throw new ExecutionsDisagree(index, toHex(record.commitment), says);
      }
      const { segment } = move;
      if ("states" in move) {
        log.info({ match: match.id, segment, log2len: match.position.log2len }, "moving in a match");
        const data = HUB.encodeFunctionData("dissect", dissectArguments(match, segment, move.states));
        return { data, deadline };
      }
      const step = match.from + BigInt(segment);
      log.warn({ match: match.id, step: step.toString() }, "settling a match at one instruction");
      const data = HUB.encodeFunctionData("settle", settleArguments(match, segment, move.witness));
      return { data, deadline };
    };
    this.attempt(id, prepare, { deadline });
  }

  /** A time-out is anybody's to send: whoever plays neither side lets the sides go first. */
  private end(match: Match, verb: "timeOut" | "dropMatch"): void {
    const isMine = match.asserter === this.me || match.challenger === this.me;
    const prepare = async () => ({ data: HUB.encodeFunctionData(verb, endArguments(match)) });
    this.attempt(`${verb}/${match.id}`, prepare, { isShared: !isMine });
  }

  private collect(matchId: string): void {
    this.attempt(`collect/${matchId}`, async () => ({
      data: HUB.encodeFunctionData("collect", [matchId, this.me]),
    }));
  }

  /**
   * What the emulator says of a batch's run: it is what the chain would say, so a move in an open match is made from it, whatever
   * WebAssembly says. Where `isAgreed` is asked for, both must say the same: only then something is bonded on it.
   */
  private async examine(
    record: BatchRecord,
    wish: { readonly deadline: number; readonly match?: Match; readonly isAgreed?: boolean },
  ): Promise<Examination> {
    const { program, config, results } = this.context;
    const { isAgreed = false, ...question } = wish;
    const gather = () => gatherMaterial(this.context, { ...record, data: results.dataOf(record.index) });
    const material = isAgreed ? gather() : undefined;
    const found = await this.deps.analyst.examine(program.name, () => material ?? gather(), {
      input: inputOf(this.context, record),
      opening: openingSteps(Number(parseConfig(config).logSteps)),
      ...question,
    });
    if (material !== undefined) this.requireAgreement(record, material.commitment, found);
    return found;
  }

  /** Raised when the three executions don't say the same: the one before, that from the input hash alone, and the emulator's. */
  private requireAgreement(record: BatchRecord, again: string | undefined, { report }: Examination): void {
    const { program } = this.context;
    const first = record.isSkipped === true ? undefined : toHex(record.commitment);
    const [trap, says] = ["no result (it traps)", resultOf(report)];
    if (again !== first) throw new ExecutionsDisagree(record.index, first ?? trap, again ?? trap);
    if (says !== first) throw new ExecutionsDisagree(record.index, first ?? trap, says ?? endOf(report));
    if (report.programHash !== program.hash)
      throw new ExecutionsDisagree(record.index, program.hash, report.programHash);
  }

  private attempt(id: string, prepare: () => Promise<Duty>, options: DutyOptions = {}): void {
    const failed = (error: unknown) => {
      this.openings.delete(id);
      if (!(error instanceof ExecutionsDisagree)) return false;
      const record = this.context.results.executed(error.batch);
      const commitment = record === undefined ? "" : toHex(record.commitment);
      if (this.deps.alarms.has(error.batch, commitment)) return true;
      const words = "THIS NODE'S TWO EXECUTIONS DISAGREE: it bonds nothing on this batch. Look at once.";
      this.alarm(error.batch, commitment, error, words);
      return true;
    };
    this.deps.attempts.start(id, prepare, { ...options, failed });
  }

  /** To challenge it would be to slash one's own operator; to leave it is to hope that nobody else looks. */
  private warnOfOwn(claim: ClaimView, record: BatchRecord): void {
    if (this.deps.alarms.has(claim.index, claim.commitment)) return;
    const error = new ExecutionsDisagree(claim.index, toHex(record.commitment), claim.commitment);
    this.alarm(
      claim.index,
      claim.commitment,
      error,
      "THIS NODE'S OWN CLAIM ISN'T WHAT IT EXECUTES. Look at once.",
      toHex(record.commitment),
    );
  }

  private alarm(batch: number, commitment: string, error: Error, words: string, executed?: string): void {
    const { log, activity } = this.context;
    log.fatal(describe(error), words);
    const raised = this.deps.alarms
      .raise(batch, commitment, error.message, executed)
      .catch((failure: unknown) => log.error(describe(failure), "an alarm couldn't be kept"));
    void activity.track(raised);
  }
}
