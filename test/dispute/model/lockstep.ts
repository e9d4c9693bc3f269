import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { type ContractTransactionResponse, keccak256 } from "ethers";
import { ethers } from "hardhat";
import {
  type Match as RealMatch,
  type MovedEvent,
  dissectArguments,
  endArguments,
  matchSlot,
  movedMatch,
  readMatchSlot,
  settleArguments,
} from "../../../sdk/src/dispute";
import {
  NORMAL,
  ON_ITS_OWN,
  SKIP,
  claimArguments,
  claimKey,
  finalizeArguments,
  headerHash,
} from "../../../sdk/src/protocol";
import { BLOCK_TIME, DAY, UNBONDING } from "../../hub/fixture";
import { Arena, type Target } from "../arena";
import type { Run, Truth } from "../runs";
import { stakedFixture } from "../staked";
import { Chain } from "./chain";
import type { Final, Machine, State } from "./machine";
import { Model } from "./model";
import { ASSERTER, type Claim, type Match, type Terms, final, inTurn } from "./records";
import { type Guard, Refused, Rules } from "./rules";
import { Vault } from "./vault";

/** How a match can end. */
export const ENDINGS = [
  "settled by the asserter",
  "settled by the challenger",
  "asserter timed out",
  "challenger timed out",
  "dropped",
] as const;
export type Ending = (typeof ENDINGS)[number];

/** What the contracts say where the model names a guard. */
export const ERRORS: Partial<Record<Guard, string>> = {
  "line: released only when every claim of it has ended": "LineNotReleased",
  "claim: index is pending": "ClaimIndexWrong",
  "claim: line is valid": "LineInvalid",
  "claim: a SKIP says its parent's commitment": "SkipCommitmentForeign",
  "claim: a result isn't zero": "CommitmentZero",
  "claim: once per asserter and backing": "ClaimStands",
  "finalize: the next index": "ClaimIndexWrong",
  "finalize: parent is the final commitment": "EntryMismatch",
  "finalize: still backed": "NotFinalizable",
  "finalize: window has passed": "NotFinalizable",
  "finalize: no open match": "NotFinalizable",
  "match: is live": "MatchOver",
  "open: claim is backed": "ClaimUnbacked",
  "open: within the window": "WindowOver",
  "open: bond is B": "BondWrong",
  "open: final state contradicts the claim": "ClaimConfirmed",
  "open: once per claim, backing and challenger": "MatchExists",
  "dissect: by the side in turn": "TurnWrong",
  "dissect: in time": "ClockExpired",
  "dissect: end is disputed": "EndUndisputed",
  "dissect: segments are longer than a step": "StepReached",
  "settle: by the side in turn": "TurnWrong",
  "settle: segments are single steps": "StepNotReached",
  "settle: in time": "ClockExpired",
  "settle: the step leads elsewhere": "StepConfirmed",
  "time-out: clock has run out": "ClockRunning",
  "end: asserter is still backed": "MatchObjectless",
  "drop: backing has moved on": "MatchAlive",
  "collect: once": "PayoutMissing",
  "collect: by the payee": "PayeeWrong",
};

/** The model counts coins in halves of B. */
const UNITS = 2n;
const GAS = { gasLimit: 2_000_000 };

/** The machine over real traces: it knows the steps of the true runs that it was shown, and nothing leads on from any other state. */
class TracedMachine implements Machine {
  private readonly starts = new Map<string, State>();
  private readonly steps = new Map<State, State>();

  learn(index: number, parent: string, run: Truth): void {
    this.starts.set(`${index} ${parent}`, run.stateBefore(0n));
    for (let step = 0n; step <= run.length; step++)
      this.steps.set(run.stateBefore(step), run.stateBefore(step + 1n));
  }

  start(_: number, index: number, parent: State): State {
    const state = this.starts.get(`${index} ${parent}`);
    if (state === undefined) throw new Error(`no run of batch ${index} on ${parent}`);
    return state;
  }

  hash(final: Final): State {
    return keccak256(String(final.tag));
  }

  step(state: State): State | undefined {
    return this.steps.get(state);
  }
}

/** A claim in the model and on chain. */
export interface Twin {
  readonly claim: Claim;
  readonly target: Target;
}

/** A match in the model and on chain. */
export interface Duel {
  readonly twin: Twin;
  readonly match: Match;
  real: RealMatch;
  /** that passed before its moves and its settlement */
  ticks: number;
  /** that passed before it was timed out or dropped */
  lapsed: number;
}

/** Does everything twice, in the model and on chain, at the same moment, and compares what they say and what is so afterwards. */
export class Lockstep {
  readonly twins: Twin[] = [];
  readonly duels: Duel[] = [];
  /** the true commitments, genesis first */
  readonly tips: string[] = [];
  /** each guard that refused something, and each way in which a match ended */
  readonly met = new Set<Guard | Ending>();

  private constructor(
    readonly arena: Arena,
    readonly model: Model,
    private readonly machine: TracedMachine,
  ) {
    this.tips.push(arena.program.entry.genesis);
  }

  static async create(source: string, logSteps = 30n): Promise<Lockstep> {
    const arena = await Arena.create(source, logSteps, {}, stakedFixture);
    const { f, stage } = arena;
    const { security } = stage.params;
    const rules = new Rules();
    const chain = new Chain(rules, Number(BLOCK_TIME));
    const vault = new Vault(chain, rules, Number(UNBONDING));
    const machine = new TracedMachine();
    const model = new Model(chain, rules, vault, machine, { spare: DAY });
    const terms: Terms = {
      window: Number(security.window),
      clock: Number(security.clock),
      extension: Number(security.extension),
      bond: Number(UNITS),
      deposit: Number((security.deposit * UNITS) / security.bond),
      slash: 1_000,
      logSteps: Number(logSteps),
    };
    model.create(terms, arena.program.entry.genesis);
    const lockstep = new Lockstep(arena, model, machine);
    await lockstep.look(0);
    for (const key of [f.sequencer, f.rival]) vault.deposit(key.address, 5_000);
    model.openLine(0, f.sequencer.address); // the arena opened it
    await lockstep.openLine(f.rival);
    return lockstep;
  }

  get hub() {
    return this.arena.hub;
  }

  /** Decides when the next block comes: so many seconds after the last one. */
  private async look(seconds: number): Promise<void> {
    const latest = await ethers.provider.getBlock("latest");
    if (latest === null) throw new Error("no chain");
    this.model.chain.set({
      block: latest.number + (seconds === 0 ? 0 : 1),
      time: latest.timestamp + seconds,
    });
    if (seconds !== 0) await time.setNextBlockTimestamp(latest.timestamp + seconds);
  }

  /** Lets time pass; without blocks it is a halt. */
  async pass(blocks: number, seconds = Number(BLOCK_TIME)): Promise<void> {
    await mine(blocks, { interval: seconds });
    await this.look(0);
  }

  /** Does a thing in the model and then on chain. Returns what both made of it, or undefined if both refused, for the same reason. */
  private async both<T>(
    seconds: number,
    act: () => T,
    send: () => Promise<ContractTransactionResponse>,
    errors = ERRORS,
  ): Promise<{ made: T; sent: ContractTransactionResponse } | undefined> {
    await this.look(seconds);
    let made: T;
    try {
      made = act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { guard } = error;
      this.met.add(guard);
      const name = errors[guard];
      if (name === undefined) throw new Error(`nothing on chain is called: ${guard}`);
      await expect(send(), guard).to.be.revertedWithCustomError(this.hub, name);
      return undefined;
    }
    const sent = await send();
    return { made, sent };
  }

  async openLine(key: HardhatEthersSigner): Promise<void> {
    const value = this.arena.stage.params.security.deposit;
    if (this.model.line(0, key.address).deposit !== 0) return;
    await this.both(
      1,
      () => this.model.openLine(0, key.address),
      () => this.hub.connect(key).openLine(this.arena.stage.rollup, { value }),
    );
    await this.compareLine(key.address);
  }

  /** The sequencer posts a batch on the true line, with a claim if he has a line. */
  async post(choose: (truth: Truth) => { commitment: string; mode: number }): Promise<void> {
    const { arena, model } = this;
    const { stage } = arena;
    const index = stage.batches.length + 1;
    const parent = this.tips[index - 1];
    if (parent === undefined || model.line(0, arena.asserter.address).deposit === 0) return;
    const target = await arena.post(choose, { parent });
    await this.look(0);
    model.post(0);
    const { mode, commitment } = target.claim;
    const truth = await this.runOf(index, parent);
    this.tips.push(hasResult(truth) ? truth.output : parent);
    const claim = model.claim(
      { rollup: 0, index, parent, skip: mode === SKIP, commitment },
      arena.asserter.address,
    );
    this.twins.push({ claim, target: { ...target, truth } });
  }

  async runOf(index: number, parent: string): Promise<Truth> {
    const run = await this.arena.runOf(this.arena.stage.batch(BigInt(index)).header, parent);
    this.machine.learn(index, parent, run);
    return run;
  }

  async claim(
    key: HardhatEthersSigner,
    said: { index: number; parent: string; skip: boolean; commitment: string },
  ): Promise<void> {
    const { stage } = this.arena;
    const { index, parent, skip, commitment } = said;
    const { header, entry: ring } = stage.batch(BigInt(index));
    const truth = await this.runOf(index, parent);
    const claim = stage.claimFor(BigInt(index), commitment, skip ? SKIP : NORMAL, parent);
    const done = await this.both(
      1,
      () => this.model.claim({ rollup: 0, ...said }, key.address),
      () => this.hub.connect(key).claim(...claimArguments(claim, ring), GAS),
    );
    if (done === undefined) return;
    const { made } = done;
    const entry = {
      ...ring,
      claimKey: claimKey(claim),
      asserter: key.address,
      nonce: BigInt(made.nonce),
      backedTime: BigInt(made.backed.time),
      backedBlock: BigInt(made.backed.block),
    };
    const target = { claim, entry, place: ON_ITS_OWN, headerHash: headerHash(header), truth };
    this.twins.push({ claim: made, target });
  }

  async finalize(twin: Twin): Promise<void> {
    const { claim, target } = twin;
    const said = { ...target.claim, place: target.place };
    await this.both(
      1,
      () => this.model.finalize(claim),
      () => this.hub.connect(this.arena.f.stranger).finalize(...finalizeArguments(said, target.entry), GAS),
    );
    const { finals } = this.model.rollup(0);
    const [index, commitment] = await this.hub.lastFinal(this.arena.stage.rollup);
    expect([Number(index), commitment]).to.deep.equal([final(this.model.rollup(0)), finals.at(-1)]);
  }

  async open(
    twin: Twin,
    challenger: HardhatEthersSigner,
    run: Run,
    halves = UNITS,
  ): Promise<Duel | undefined> {
    const { arena, model } = this;
    const size = 1n << (arena.logSteps - 3n);
    const states = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((i) => run.stateBefore(i * size));
    const { finalState, output } = run;
    const shown: Final = { tag: finalState, exited: output !== undefined, output: output ?? 0 };
    const opening = { final: shown, states, start: run.stateBefore(0n), end: run.stateBefore(8n * size) };
    const value = (arena.stage.params.security.bond * halves) / UNITS;
    const done = await this.both(
      1,
      () => model.open(twin.claim, challenger.address, opening, Number(halves)),
      () => this.hub.connect(challenger).openMatch(arena.opening(twin.target, run), { value, ...GAS }),
    );
    if (done === undefined) return undefined;
    const duel = { twin, match: done.made, real: await arena.openedBy(done.sent), ticks: 0, lapsed: 0 };
    this.duels.push(duel);
    await this.compare(duel);
    return duel;
  }

  async dissect(
    duel: Duel,
    caller: HardhatEthersSigner,
    segment: number,
    states: string[],
    seconds = 1,
  ): Promise<void> {
    const args = dissectArguments(duel.real, segment, states);
    // Whoever isn't in turn names the side that is. A stranger to the match can't even say its state.
    if (caller.address !== inTurn(duel.match)) args[1] = inTurn(duel.match);
    const isSide = [duel.match.claim.asserter, duel.match.challenger].includes(caller.address);
    const done = await this.both(
      seconds,
      () => {
        const ticks = this.sinceMove(duel);
        this.model.dissect(duel.match, caller.address, segment, states);
        duel.ticks += ticks;
      },
      () => this.hub.connect(caller).dissect(...args, GAS),
      isSide ? ERRORS : { ...ERRORS, "dissect: by the side in turn": "MatchStateWrong" },
    );
    if (done !== undefined)
      duel.real = movedMatch(duel.real, await this.arena.eventOf<MovedEvent>(done.sent, "MatchMoved"));
    await this.compare(duel);
  }

  async settle(
    duel: Duel,
    caller: HardhatEthersSigner,
    segment: number,
    witness: string,
    seconds = 1,
  ): Promise<void> {
    const done = await this.both(
      seconds,
      () => {
        const ticks = this.sinceMove(duel);
        this.model.settle(duel.match, caller.address, segment);
        duel.ticks += ticks;
      },
      () => this.hub.connect(caller).settle(...settleArguments(duel.real, segment, witness), GAS),
    );
    if (done !== undefined)
      this.met.add(duel.match.winner === ASSERTER ? "settled by the asserter" : "settled by the challenger");
    await this.compare(duel);
  }

  async timeOut(duel: Duel, seconds = 1): Promise<void> {
    const done = await this.both(
      seconds,
      () => {
        const ticks = this.sinceMove(duel);
        this.model.timeOut(duel.match);
        duel.lapsed += ticks;
      },
      () => this.hub.timeOut(...endArguments(duel.real), GAS),
    );
    if (done !== undefined)
      this.met.add(duel.match.winner === ASSERTER ? "challenger timed out" : "asserter timed out");
    await this.compare(duel);
  }

  async drop(duel: Duel): Promise<void> {
    const done = await this.both(
      1,
      () => {
        const ticks = this.sinceMove(duel);
        this.model.drop(duel.match);
        duel.lapsed += ticks;
      },
      () => this.hub.dropMatch(...endArguments(duel.real), GAS),
    );
    if (done !== undefined) this.met.add("dropped");
    await this.compare(duel);
  }

  private sinceMove({ match }: Duel): number {
    return this.model.chain.since(match.last);
  }

  /** The winner takes what is his; or another tries to. */
  async collect(duel: Duel, caller?: HardhatEthersSigner): Promise<void> {
    const { payout } = duel.match;
    if (payout === undefined) return;
    const payee = caller ?? this.arena.signerOf(payout.payee);
    const done = await this.both(
      1,
      () => this.model.collect(duel.match, payee.address),
      () => this.hub.connect(payee).collect(duel.real.id, payee, GAS),
    );
    const amount = this.toWei(payout.amount);
    if (done !== undefined)
      await expect(done.sent).to.changeEtherBalances([payee, this.hub], [amount, -amount]);
    await this.compare(duel);
  }

  /** Closes a line and tries to withdraw it at once. */
  async withdrawClosing(key: HardhatEthersSigner): Promise<void> {
    const { rollup } = this.arena.stage;
    await this.both(
      1,
      () => this.model.closeLine(0, key.address),
      () => this.hub.connect(key).closeLine(rollup),
    );
    await this.both(
      1,
      () => this.model.withdrawLine(0, key.address),
      () => this.hub.connect(key).withdrawLine(rollup, key, GAS),
    );
    await this.compareLine(key.address);
  }

  toWei(units: number): bigint {
    return (BigInt(units) * this.arena.stage.params.security.bond) / UNITS;
  }

  private async compare({ match, real }: Duel): Promise<void> {
    const slot = await this.hub.matchOf(real.id);
    const { payout } = match;
    if (payout === undefined) {
      expect(slot).to.equal(matchSlot(real));
      const { position, start, states } = real;
      expect([position.clocks.map(Number), position.turn, position.log2len, start, states]).to.deep.equal([
        match.clocks,
        match.turn,
        match.log2len,
        match.start,
        match.states,
      ]);
    } else if (payout.paid === 0) {
      const owed = { kind: "payout", payee: payout.payee.toLowerCase(), amount: this.toWei(payout.amount) };
      expect(readMatchSlot(slot)).to.deep.equal(owed);
    } else expect(readMatchSlot(slot)).to.deep.equal({ kind: "paid" });
    await this.compareLine(match.claim.asserter);
  }

  private async compareLine(key: string): Promise<void> {
    const found = await this.hub.lineOf(this.arena.stage.rollup, key);
    const line = this.model.line(0, key);
    expect([found.deposit, Number(found.nonce), Number(found.openMatches)]).to.deep.equal([
      this.toWei(line.deposit),
      line.nonce,
      line.openMatches,
    ]);
  }
}

export const hasResult = (run: Run): run is Run & { output: string } =>
  run.output !== undefined && BigInt(run.output) !== 0n;
