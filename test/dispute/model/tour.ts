import { id } from "ethers";
import { currentSteps, disputedSegment, dissectionSteps } from "../../../sdk/src/dispute";
import { NORMAL } from "../../../sdk/src/protocol";
import type { Run } from "../runs";
import { type Duel, Lockstep } from "./lockstep";
import { ASSERTER, inTurn } from "./records";

const ZERO = `0x${"00".repeat(32)}`;
const NOWHERE = id("a parent that nobody claimed");
const FALSEHOOD = { commitment: id("a falsehood"), mode: NORMAL };

/** Leads the contracts and the model through every way to end a match that 2^L steps allow, and through every refusal. */
export class Tour {
  private constructor(private readonly lockstep: Lockstep) {}

  /** Returns what was met. */
  static async lead(source: string, logSteps: bigint): Promise<ReadonlySet<string>> {
    const lockstep = await Lockstep.create(source, logSteps);
    await new Tour(lockstep).lead();
    return lockstep.met;
  }

  private async lead(): Promise<void> {
    const { lockstep } = this;
    const { arena, tips } = lockstep;
    const { asserter: liar, challenger } = arena;
    const { rival, stranger } = arena.f;
    const [griefer, idler, late] = arena.others as [typeof liar, typeof liar, typeof liar];

    await lockstep.post(() => FALSEHOOD);
    const lie = lockstep.twins[0]!;
    const { truth } = lie.target;
    const said = { index: 1, parent: tips[0]!, skip: false, commitment: tips[1]! };
    await lockstep.claim(rival, { ...said, commitment: ZERO });
    await lockstep.claim(rival, { ...said, skip: true });
    await lockstep.claim(stranger, said);
    await lockstep.claim(rival, said);
    await lockstep.claim(rival, said);
    const told = lockstep.twins[1]!;
    await lockstep.claim(rival, { ...said, parent: NOWHERE });
    await lockstep.finalize(lockstep.twins[2]!);
    await lockstep.finalize(told);

    await lockstep.open(told, challenger, truth);
    await lockstep.open(lie, challenger, truth, 1n);
    const hunt = (await lockstep.open(lie, challenger, truth))!;
    await lockstep.open(lie, challenger, truth);
    const copy = (await lockstep.open(lie, late, truth))!;
    const tale = arena.lie(lie.target, String(FALSEHOOD.commitment));
    const sham = (await lockstep.open(told, griefer, tale))!;
    const idle = (await lockstep.open(told, idler, tale))!;

    await lockstep.finalize(told);
    await lockstep.dissect(hunt, challenger, 0, [...hunt.real.states]);
    await lockstep.dissect(hunt, liar, 0, Array<string>(8).fill(hunt.real.states[0]!));
    await lockstep.settle(hunt, challenger, 0, truth.witness(0n));
    await lockstep.settle(hunt, liar, 0, truth.witness(0n));
    await lockstep.timeOut(hunt);
    await lockstep.drop(hunt);
    await this.move(idle, truth);

    await this.dissectAll(hunt, tale, truth);
    await this.dissectAll(sham, truth, tale);
    const mover = arena.signerOf(inTurn(hunt.match));
    await lockstep.dissect(hunt, mover, 0, Array<string>(8).fill(id("more")));
    // Who is right and in turn settles; who is wrong and in turn can't, and runs out of time.
    const [won, stuck] = hunt.match.turn === ASSERTER ? [sham, hunt] : [hunt, sham];
    await lockstep.settle(stuck, arena.signerOf(inTurn(stuck.match)), 0, truth.witness(stuck.real.from));
    await this.settle(won, truth);
    await lockstep.settle(won, arena.signerOf(inTurn(won.match)), 0, truth.witness(won.real.from));
    await lockstep.pass(90);
    await lockstep.settle(stuck, arena.signerOf(inTurn(stuck.match)), 0, truth.witness(stuck.real.from));
    await lockstep.dissect(
      idle,
      idler,
      0,
      idle.real.states.map((state) => id(state)),
    );
    for (const duel of [stuck, idle]) await lockstep.timeOut(duel);

    // The line that lied is lost: what else is said by it or against it has no object.
    await lockstep.timeOut(copy);
    await lockstep.drop(copy);
    await lockstep.open(lie, stranger, truth);
    await lockstep.finalize(lie);
    await lockstep.openLine(liar);
    await lockstep.post(() => FALSEHOOD);
    const next = lockstep.twins.at(-1)!;
    const unanswered = (await lockstep.open(next, challenger, next.target.truth))!;
    await lockstep.pass(90);
    await lockstep.timeOut(unanswered);

    await lockstep.open(told, stranger, tale);
    await lockstep.finalize(next);
    await lockstep.finalize(told);
    await lockstep.claim(rival, said);
    await lockstep.collect(won, stranger);
    for (const duel of lockstep.duels) await lockstep.collect(duel);
    await lockstep.collect(won);
    await lockstep.withdrawClosing(rival);
  }

  /** Both sides move, each by its run, until single steps are reached. */
  private async dissectAll(duel: Duel, asserters: Run, challengers: Run): Promise<void> {
    while (duel.match.log2len > 0)
      await this.move(duel, duel.match.turn === ASSERTER ? asserters : challengers);
  }

  private async move(duel: Duel, run: Run): Promise<void> {
    const { real, match } = duel;
    const segment = this.segmentFor(duel, run);
    const states = dissectionSteps(real, segment).map((step) => run.stateBefore(step));
    await this.lockstep.dissect(duel, this.lockstep.arena.signerOf(inTurn(match)), segment, states);
  }

  private async settle(duel: Duel, run: Run): Promise<void> {
    const segment = this.segmentFor(duel, run);
    const witness = run.witness(duel.real.from + BigInt(segment));
    await this.lockstep.settle(duel, this.lockstep.arena.signerOf(inTurn(duel.match)), segment, witness);
  }

  private segmentFor({ real }: Duel, run: Run): number {
    const own = currentSteps(real).map((step) => run.stateBefore(step));
    const segment = disputedSegment(real, own);
    if (segment === undefined) throw new Error("nothing is disputed");
    return segment;
  }
}
