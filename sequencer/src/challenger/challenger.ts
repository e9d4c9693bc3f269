import {
  clockInTurn,
  currentSteps,
  disputedSegment,
  dissectArguments,
  dissectionSteps,
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
import { Attempts, Duty } from "../rollup/attempts";
import { ClaimView } from "../rollup/chain";
import { parseConfig } from "../rollup/config";
import { RollupContext } from "../rollup/context";
import { claimEntry, claimKeyOf, ticksOf } from "../rollup/entries";
import { BatchRecord } from "../store/rollup";
import { Alarms } from "./alarms";
import { Examination, Examiner } from "./analyst";
import { ExecutionsDisagree, gatherMaterial, inputOf } from "./material";

/** How far below the last final batch a claim may lie whose window is still open [batches]. */
const LOOK_BACK = 256;

/**
 * Plays matches: opens them against false claims, answers as either side from its own run of the batch, ends those whose
 * clock ran out, takes back bonds and collects payouts. All that a match needs is on L1 or follows from the batch, so a
 * restart in the middle of one loses nothing.
 */
export class Challenger {
  private readonly disagreed: Alarms;

  constructor(
    private readonly context: RollupContext,
    private readonly deps: { analyst: Examiner; attempts: Attempts },
    private readonly options: { challenges: boolean },
  ) {
    this.disagreed = new Alarms(context.store);
  }

  /** What an operator must know at once: batches on which this node's own executions disagree. */
  get alarms(): readonly string[] {
    return this.disagreed.messages;
  }

  /** Starts whatever is due; nothing here waits for it. */
  look(): void {
    const { view } = this.context;
    if (this.options.challenges) for (const claim of this.falseClaims()) this.challenge(claim);
    for (const { match, over } of view.matches.values()) {
      if (over === undefined) this.attend(match);
      else if (over.payee === this.me && !over.isPaid) this.collect(match.id);
    }
  }

  private get me(): string {
    return this.context.l1.address!;
  }

  /** Claims that can still be disputed, on a true parent, that say something else than executing the batch did. */
  private *falseClaims(): Iterable<ClaimView> {
    const { view, results, head, timing } = this.context;
    for (let index = Math.max(1, view.finalIndex - LOOK_BACK); index <= results.tip.index; index++) {
      const record = results.executed(index);
      if (record === undefined || this.disagreed.has(index, toHex(record.commitment))) continue;
      for (const claim of view.claims.get(index) ?? []) {
        if (claim.parent !== toHex(record.parent) || results.isTrue(claim)) continue;
        if (!view.isBacked(claim) || ticksOf(claim.block, head, timing.blockTime) >= view.created!.window)
          continue;
        if (!this.hasMatch(claim)) yield claim;
      }
    }
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
    const id = `challenge/${place.id}/${claim.index}/${claim.asserter}/${claim.nonce}/${claim.commitment}`;
    this.attempt(id, async () => {
      const posted = view.posted.get(claim.index)!;
      const record = results.executed(claim.index)!;
      const fields = parseConfig(config);
      const found = await this.examine(record, openingSteps(Number(fields.logSteps)));
      this.requireAgreement(record, found);
      const { report, hashes } = found;
      log.warn(
        {
          batch: claim.index,
          asserter: claim.asserter,
          claimed: claim.commitment,
          true: toHex(record.commitment),
        },
        "challenging a false claim",
      );
      const { mode, parent, commitment } = claim;
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
        states: hashes,
        finalState: report.finalState,
      });
      const deadline = claim.block.timestamp + view.created!.window;
      return { data: HUB.encodeFunctionData("openMatch", [opening]), value: fields.bond, deadline };
    });
  }

  /** Does what a live match asks of this node, if anything. */
  private attend(match: Match): void {
    const { view, head, timing } = this.context;
    if (!view.isBacked({ asserter: match.asserter, nonce: Number(match.terms.nonce) })) {
      if (match.challenger === this.me) this.end(match, "dropMatch");
      return;
    }
    const { time, block } = match.position.lastMove;
    const since = { number: Number(block), timestamp: Number(time), hash: "" };
    const hasExpired = BigInt(ticksOf(since, head, timing.blockTime)) > clockInTurn(match);
    if (!hasExpired && inTurn(match) === this.me) this.move(match);
    else if (hasExpired && this.isHonest(match, inTurn(match)) === false) this.end(match, "timeOut");
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
    this.attempt(id, async () => {
      const index = Number(match.terms.index);
      const record = results.executed(index);
      if (record === undefined) throw new Error(`batch ${index} of match ${match.id} wasn't executed here`);
      const { hashes: own } = await this.examine(record, currentSteps(match));
      const segment = disputedSegment(match, own);
      if (segment === undefined)
        throw new Error(`match ${match.id}: the other side is right, by this node's own run`);
      if (match.position.log2len > 0) {
        const { hashes: states } = await this.examine(record, dissectionSteps(match, segment));
        log.info({ match: match.id, segment, log2len: match.position.log2len }, "moving in a match");
        return {
          data: HUB.encodeFunctionData("dissect", dissectArguments(match, segment, states)),
          deadline,
        };
      }
      const step = match.from + BigInt(segment);
      const { witness } = await this.examine(record, [], step);
      if (witness === undefined) throw new Error(`the emulator has no witness of step ${step}`);
      log.warn({ match: match.id, step: step.toString() }, "settling a match at one instruction");
      return { data: HUB.encodeFunctionData("settle", settleArguments(match, segment, witness)), deadline };
    });
  }

  /** A time-out is anybody's to send: whoever plays neither side lets the sides go first. */
  private end(match: Match, verb: "timeOut" | "dropMatch"): void {
    const isMine = match.asserter === this.me || match.challenger === this.me;
    const prepare = async () => ({ data: HUB.encodeFunctionData(verb, endArguments(match)) });
    this.attempt(`${verb}/${match.id}`, prepare, !isMine);
  }

  private collect(matchId: string): void {
    this.attempt(`collect/${matchId}`, async () => ({
      data: HUB.encodeFunctionData("collect", [matchId, this.me]),
    }));
  }

  /** What the emulator says of a batch's run: it is what the chain would say, so a move in an open match is made from it. */
  private async examine(
    record: BatchRecord,
    steps: readonly bigint[],
    witnessOf?: bigint,
  ): Promise<Examination> {
    const { program, config } = this.context;
    const { logSteps } = parseConfig(config);
    return this.deps.analyst.examine(program.name, () => gatherMaterial(this.context, record), {
      input: inputOf(this.context, record),
      opening: openingSteps(Number(logSteps)),
      steps,
      ...(witnessOf === undefined ? {} : { witnessOf }),
    });
  }

  /** Raised when the emulator's result isn't what two executions in WebAssembly gave: only what both say is bonded on. */
  private requireAgreement(record: BatchRecord, { report }: Examination): void {
    const { program } = this.context;
    const { outcome, output, steps: length, programHash } = report;
    const [index, commitment] = [record.index, toHex(record.commitment)];
    const says = outcome === "exit" ? output : `no result (${outcome} after ${length} steps)`;
    if (says !== commitment) throw new ExecutionsDisagree(index, commitment, says);
    if (programHash !== program.hash) throw new ExecutionsDisagree(index, program.hash, programHash);
  }

  private attempt(id: string, prepare: () => Promise<Duty>, isShared = false): void {
    const failed = (error: unknown) => {
      if (!(error instanceof ExecutionsDisagree)) return false;
      this.alarm(error);
      return true;
    };
    this.deps.attempts.start(id, prepare, { failed, isShared });
  }

  private alarm(error: ExecutionsDisagree): void {
    const record = this.context.results.executed(error.batch);
    this.disagreed.raise(error.batch, record === undefined ? "" : toHex(record.commitment), error.message);
    this.context.log.fatal(
      describe(error),
      "THIS NODE'S TWO EXECUTIONS DISAGREE: it bonds nothing on this batch. Look at once.",
    );
  }
}
