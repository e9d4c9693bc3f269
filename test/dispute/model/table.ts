import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { expect } from "chai";
import { id } from "ethers";
import { currentSteps, disputedSegment, dissectionSteps } from "../../../sdk/src/dispute";
import { NORMAL, SKIP } from "../../../sdk/src/protocol";
import { BLOCK_TIME } from "../../hub/fixture";
import { Random } from "../../Random";
import { FalseRun, type Run, type Truth } from "../runs";
import { type Duel, Lockstep, type Twin, hasResult } from "./lockstep";
import { final, inTurn, longestMatch } from "./records";

/** How a side of a match plays. */
type Style = "honest" | "lying" | "lazy" | "stupid";

/**
 * Random matches on chain, with the model in step: the rival and one challenger are honest, the sequencer lies or throws the truth, the others lie, sleep
 * or babble. The honest act within a quarter of their clocks.
 */
export class Table {
  private readonly random: Random;
  private readonly styles = new Map<string, Style>();
  private readonly tales = new Map<Duel, Run>();
  private readonly honest: HardhatEthersSigner;
  private readonly crooks: HardhatEthersSigner[];
  private lies = 0;

  private constructor(
    private readonly lockstep: Lockstep,
    seed: number,
  ) {
    this.random = new Random(seed);
    const { arena } = lockstep;
    this.honest = arena.challenger;
    this.crooks = [arena.asserter, arena.f.stranger, ...arena.others.slice(0, 3)];
    this.styles.set(this.honest.address, "honest").set(arena.f.rival.address, "honest");
    for (const crook of this.crooks)
      this.styles.set(crook.address, this.random.pick(["lying", "lazy", "stupid"]));
  }

  static async create(source: string, seed: number): Promise<Table> {
    return new Table(await Lockstep.create(source), seed);
  }

  /** Plays so many acts, then lets the honest finish. */
  async play(acts: number): Promise<void> {
    for (let i = 0; i < acts; i++) {
      if (this.random.chance(0.25)) await this.wait();
      else await this.crook();
      await this.beHonest();
    }
    for (let i = 0; i < 400 && this.unfinished(); i++) {
      await this.lockstep.pass(this.random.between(1, 4));
      await this.beHonest();
    }
    await this.check();
  }

  private unfinished(): boolean {
    const { model, tips } = this.lockstep;
    return (
      this.lockstep.duels.some((duel) => this.isWatched(duel) && duel.match.payout === undefined) ||
      final(model.rollup(0)) < tips.length - 1
    );
  }

  /** Never more than a quarter of the least clock at once, for the honest wake up in between. */
  private async wait(): Promise<void> {
    const { random, lockstep } = this;
    if (random.chance(0.15)) await lockstep.pass(1, random.between(600, 6_000));
    else await lockstep.pass(random.between(1, 5));
  }

  // --- the honest ---

  private async beHonest(): Promise<void> {
    const { lockstep } = this;
    const { model, twins, duels } = lockstep;
    for (let index = 1; index < lockstep.tips.length; index++) await this.claimTruth(index);
    for (const twin of twins)
      if (this.hasTrueParent(twin) && !isTrue(twin) && this.isOpenTo(twin, this.honest.address))
        await this.open(twin, this.honest, twin.target.truth);
    for (const duel of duels) {
      const { match } = duel;
      if (match.payout !== undefined) {
        if (match.payout.paid === 0 && this.isHonest(match.payout.payee)) await lockstep.collect(duel);
      } else if (!model.isBacked(match.claim)) {
        if (this.isWatched(duel)) await lockstep.drop(duel);
      } else if (model.chain.since(match.last) > match.clocks[match.turn]) {
        if (this.isWatched(duel)) await lockstep.timeOut(duel);
      } else if (this.isHonest(inTurn(match))) await this.move(duel, duel.twin.target.truth);
    }
    const next = twins.filter((twin) => twin.claim.index === final(model.rollup(0)) + 1 && isTrue(twin));
    for (const twin of next) {
      const { claim } = twin;
      const isDue = model.chain.since(claim.backed) >= model.rollup(0).terms.window;
      if (
        isDue &&
        model.isBacked(claim) &&
        model.line(0, claim.asserter).openMatches === 0 &&
        this.hasTrueParent(twin)
      ) {
        await lockstep.finalize(twin);
        break;
      }
    }
  }

  private async claimTruth(index: number): Promise<void> {
    const { lockstep, random } = this;
    const { rival } = lockstep.arena.f;
    const { twins, tips, model } = lockstep;
    const isDone = twins.some(({ claim }) => claim.index === index && claim.asserter === rival.address);
    if (isDone || index <= final(model.rollup(0)) || random.chance(0.5)) return;
    const parent = tips[index - 1]!;
    const truth = await lockstep.runOf(index, parent);
    await lockstep.claim(rival, { index, parent, skip: !hasResult(truth), commitment: tips[index]! });
  }

  private isOpenTo({ claim }: Twin, challenger: string): boolean {
    const { model } = this.lockstep;
    return (
      model.isBacked(claim) &&
      model.chain.since(claim.backed) < model.rollup(0).terms.window &&
      !model.matches.some((match) => match.claim === claim && match.challenger === challenger)
    );
  }

  private isHonest(key: string): boolean {
    return this.styles.get(key) === "honest";
  }

  private hasTrueParent({ claim }: Twin): boolean {
    return this.lockstep.tips[claim.index - 1] === claim.parent;
  }

  private isWatched({ match, twin }: Duel): boolean {
    return this.isHonest(match.challenger) || this.isHonest(match.claim.asserter) || isTrue(twin);
  }

  // --- the others ---

  private async crook(): Promise<void> {
    const { random, lockstep } = this;
    const { twins, duels, tips } = lockstep;
    const crook = random.pick(this.crooks);
    const live = duels.filter(({ match }) => match.payout === undefined);
    const among = live.length > 0 && random.chance(0.85) ? live : duels;
    const duel = among.length === 0 ? undefined : random.pick(among);
    const twin = twins.length === 0 ? undefined : random.pick(twins);
    switch (random.below(14)) {
      case 0:
        if (tips.length < 4)
          await lockstep.post((truth) => (random.chance(0.5) ? this.lieAbout(truth) : truthOf(truth)));
        return;
      case 1:
      case 2: {
        if (tips.length === 1) return;
        const index = random.between(1, tips.length - 1);
        const parent = random.chance(0.8) ? tips[index - 1]! : id("no parent");
        const truth = await lockstep.runOf(index, parent);
        const said = random.pick([
          { skip: false, commitment: id("a falsehood") },
          { skip: true, commitment: parent },
          { skip: true, commitment: id("a foreign commitment") },
          { skip: false, commitment: `0x${"00".repeat(32)}` },
          { skip: !hasResult(truth), commitment: hasResult(truth) ? truth.output : parent },
        ]);
        await lockstep.claim(random.pick([lockstep.arena.asserter, crook]), { index, parent, ...said });
        return;
      }
      case 3:
      case 4: {
        if (twin === undefined) return;
        const run = random.chance(0.2) ? twin.target.truth : this.taleOf(twin);
        await this.open(twin, crook, run, random.chance(0.1) ? 1n : undefined);
        return;
      }
      case 5:
        await lockstep.openLine(lockstep.arena.asserter);
        return;
      case 6:
        if (twin !== undefined) await lockstep.finalize(twin);
        return;
      default:
        if (duel !== undefined) await this.meddle(duel, crook);
    }
  }

  private async meddle(duel: Duel, crook: HardhatEthersSigner): Promise<void> {
    const { random, lockstep } = this;
    const { match } = duel;
    if (match.payout === undefined && !this.isHonest(inTurn(match)) && random.chance(0.7)) {
      await this.crookedMove(duel);
      return;
    }
    switch (random.below(5)) {
      case 0:
        await lockstep.timeOut(duel);
        return;
      case 1:
        await lockstep.drop(duel);
        return;
      case 2:
        await lockstep.dissect(duel, crook, random.below(8), this.babble());
        return;
      case 3:
        await this.settle(duel, crook, random.below(8));
        return;
      default:
        if (match.payout !== undefined && !this.isHonest(match.payout.payee)) await lockstep.collect(duel);
    }
  }

  private async crookedMove(duel: Duel): Promise<void> {
    const { random, lockstep } = this;
    const { match, real } = duel;
    const mover = lockstep.arena.signerOf(inTurn(match));
    const style = this.styles.get(mover.address);
    const left = match.clocks[match.turn] - lockstep.model.chain.since(match.last);
    // Lazy: at the last tick, a tick late, or not at all. One block is worth four block times at most.
    const most = 4 * Number(BLOCK_TIME);
    const seconds = style === "lazy" && left > 0 && left < most ? left + random.between(0, 1) : 1;
    if (style === "lazy" && seconds === 1 && random.chance(0.6)) return;
    const tale =
      mover.address === match.claim.asserter && isTrue(duel.twin)
        ? duel.twin.target.truth
        : this.taleOfMatch(duel);
    if (style === "stupid") {
      const states = this.babble();
      const segment = random.below(8);
      if (random.chance(0.3)) states[7] = real.states[segment]!;
      await lockstep.dissect(duel, mover, segment, states, seconds);
      return;
    }
    await this.move(duel, tale, seconds);
  }

  // --- moves ---

  private async open(twin: Twin, challenger: HardhatEthersSigner, run: Run, halves?: bigint): Promise<void> {
    const duel = await this.lockstep.open(twin, challenger, run, halves);
    if (duel === undefined) return;
    if (run instanceof FalseRun) this.tales.set(duel, run);
  }

  /** The side in turn moves by a run: where it has nothing to dispute, it tries the first segment all the same. */
  private async move(duel: Duel, run: Run, seconds = 1): Promise<void> {
    const { real, match } = duel;
    const mover = this.lockstep.arena.signerOf(inTurn(match));
    const segment =
      disputedSegment(
        real,
        currentSteps(real).map((step) => run.stateBefore(step)),
      ) ?? 0;
    if (match.log2len === 0) {
      await this.settle(duel, mover, segment, seconds);
      return;
    }
    const states = dissectionSteps(real, segment).map((step) => run.stateBefore(step));
    await this.lockstep.dissect(duel, mover, segment, states, seconds);
  }

  /** Settles where there is a witness: of a state that nobody can show, nobody can show what follows. */
  private async settle(duel: Duel, caller: HardhatEthersSigner, segment: number, seconds = 1): Promise<void> {
    const { real, twin } = duel;
    const step = real.from + BigInt(segment);
    const start = segment === 0 ? real.start : real.states[segment - 1];
    const { truth } = twin.target;
    if (real.position.log2len === 0 && truth.stateBefore(step) !== start) return;
    await this.lockstep.settle(duel, caller, segment, truth.witness(step), seconds);
  }

  private babble(): string[] {
    return Array.from({ length: 8 }, () => id(`babble ${this.lies++}`));
  }

  private lieAbout(truth: Truth): { commitment: string; mode: number } {
    const isSkip = hasResult(truth) && this.random.chance(0.3);
    return isSkip ? { commitment: "", mode: SKIP } : { commitment: id("a falsehood"), mode: NORMAL };
  }

  private taleOf({ claim, target }: Twin): FalseRun {
    const { truth } = target;
    const from = BigInt(this.random.below(Number(truth.length) + 1));
    // Against a claim: something else than it says.
    const output = claim.skip || this.random.chance(0.7) ? id("a tale's end") : undefined;
    return this.lockstep.arena.lie(target, output, from, `tale ${this.lies++}`);
  }

  private taleOfMatch(duel: Duel): Run {
    const known = this.tales.get(duel);
    if (known !== undefined) return known;
    const { claim, target } = duel.twin;
    const from = BigInt(this.random.below(Number(target.truth.length) + 1));
    const output = claim.skip ? undefined : String(claim.commitment);
    const tale = this.lockstep.arena.lie(target, output, from, `tale ${this.lies++}`);
    this.tales.set(duel, tale);
    return tale;
  }

  // --- what is promised ---

  private async check(): Promise<void> {
    const { lockstep } = this;
    const { model, duels, tips, arena } = lockstep;
    expect(model.rollup(0).finals, "what is final is true").to.deep.equal(tips);
    const lost = new Map<string, number>();
    for (const duel of duels) {
      const { match } = duel;
      const loser = match.winner === 0 ? match.challenger : match.claim.asserter;
      if (match.winner !== undefined)
        expect(this.styles.get(loser), "the honest never lose").not.to.equal("honest");
      if (match.winner === 1) lost.set(loser, (lost.get(loser) ?? 0) + 1);
      if (this.isWatched(duel)) expect(match.payout, "a watched match ends").not.to.equal(undefined);
      const ticks = duel.ticks + (this.isWatched(duel) ? duel.lapsed : 0);
      expect(ticks, "ends by its bound").to.be.at.most(longestMatch(model.rollup(0).terms));
      if (match.payout?.paid === 0) await lockstep.collect(duel);
      await lockstep.collect(duel); // refused: every bond is paid exactly once
    }
    const slashes = arena.hub.filters.SlashExecuted();
    const slashed = new Map<string, number>();
    for (const { args } of await arena.hub.queryFilter(slashes)) {
      expect([args.amount, args.paid], "what is slashed is what was promised").to.deep.equal([
        arena.stage.params.security.slash,
        arena.stage.params.security.slash,
      ]);
      slashed.set(args.key, (slashed.get(args.key) ?? 0) + 1);
    }
    expect(slashed, "once for every line that was lost").to.deep.equal(lost);
    let owed = model.burned;
    for (const { deposit } of model.rollup(0).lines.values()) owed += deposit;
    for (const { payout, bond } of model.matches) if (payout === undefined) owed += bond;
    const balance = await arena.hub.runner!.provider!.getBalance(arena.hub);
    expect(balance, "every coin is accounted for").to.equal(lockstep.toWei(owed));
  }
}

const isTrue = ({ claim, target }: Twin): boolean => {
  const { truth } = target;
  return hasResult(truth) ? !claim.skip && claim.commitment === truth.output : claim.skip;
};

const truthOf = (truth: Truth): { commitment: string; mode: number } =>
  hasResult(truth) ? { commitment: truth.output, mode: NORMAL } : { commitment: "", mode: SKIP };
