import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { ethers } from "hardhat";
import type { ContractTransactionResponse } from "ethers";
import {
  type Match,
  type MovedEvent,
  type OpenedEvent,
  currentSteps,
  disputedSegment,
  dissectArguments,
  dissectionSteps,
  inTurn,
  movedMatch,
  openedMatch,
  openingOf,
  openingSteps,
  settleArguments,
} from "../../sdk/src/dispute";
import {
  type Claim,
  type Entry,
  IN_RING,
  NORMAL,
  ON_ITS_OWN,
  SKIP,
  configHash,
  headerHash,
} from "../../sdk/src/protocol";
import type { IMatches } from "../../sdk/src/typechain";
import { BLOCK_TIME, type BatchWish, type HubFixture, type Posted, Stage, hubFixture } from "../hub/fixture";
import { MIXER, FalseRun, type Program, type Run, type Truth, programOf } from "./runs";

/** A claim as its challenger sees it. */
export interface Target {
  claim: Claim;
  entry: Entry;
  place: number;
  headerHash: string;
  /** the true run of the program on the batch */
  truth: Truth;
}

/** A hub with a program that can be run, and a rollup of it. */
export class Arena {
  private constructor(
    readonly f: HubFixture,
    readonly stage: Stage,
    readonly program: Program,
    readonly challenger: HardhatEthersSigner,
    readonly others: HardhatEthersSigner[],
  ) {}

  static async create(
    source: string | Program = MIXER,
    logSteps = 30n,
    changes: Parameters<typeof Stage.create>[1] = {},
    deploy: () => Promise<HubFixture> = hubFixture,
  ): Promise<Arena> {
    const f = await deploy();
    const program = typeof source === "string" ? programOf(source, logSteps) : source;
    await f.hub.addProgram(program.entry, program.siblings);
    const stage = await Stage.create({ ...f, program }, changes);
    await stage.openLine();
    const [, , , , , , challenger, ...others] = await ethers.getSigners();
    if (challenger === undefined) throw new Error("no signer");
    return new Arena(f, stage, program, challenger, others);
  }

  get hub() {
    return this.f.hub;
  }

  get asserter() {
    return this.f.sequencer;
  }

  get logSteps() {
    return this.program.entry.logSteps;
  }

  /** Posts a batch with the sequencer's claim of what `choose` makes of the true run; the truth if it isn't given. */
  async post(
    choose: (truth: Truth) => { commitment: string; mode?: number } = truthful,
    wish: BatchWish = {},
  ): Promise<Target> {
    const draft = await this.stage.build(wish);
    const truth = await this.runOf(draft.header, draft.parent, wish.data);
    const { commitment, mode = NORMAL } = choose(truth);
    const posted = await this.stage.post({
      ...wish,
      commitment: mode === SKIP ? draft.parent : commitment,
      mode,
    });
    return this.target(posted, {
      mode,
      commitment: posted.commitment,
      entry: posted.entry,
      place: IN_RING,
      truth,
    });
  }

  /** Claims a posted batch on its own. */
  async claim(key: HardhatEthersSigner, target: Target, commitment: string, mode = NORMAL): Promise<Target> {
    const claim = { ...target.claim, commitment, mode };
    const entry = await this.stage.claim(key, claim);
    return { ...target, claim, entry, place: ON_ITS_OWN };
  }

  private target(
    posted: Posted,
    given: { mode: number; commitment: string; entry: Entry; place: number; truth: Truth },
  ): Target {
    const { mode, commitment, entry, place, truth } = given;
    const claim = this.stage.claimFor(posted.header.index, commitment, mode, posted.parent);
    return { claim, entry, place, headerHash: headerHash(posted.header), truth };
  }

  async runOf(header: Posted["header"], parent: string, data = "0x"): Promise<Truth> {
    const { chainId } = await ethers.provider.getNetwork();
    const { rollup, config } = this.stage;
    const input = {
      chainId,
      hub: await this.hub.getAddress(),
      rollup,
      index: header.index,
      parent,
      headerHash: headerHash(header),
      configHash: configHash(config),
    };
    return this.program.run({ input, header, config, data });
  }

  /** Returns a lie that starts at a step, by default half-way. */
  lie(target: Target, output: string | undefined, from = target.truth.length / 2n, tale?: string): FalseRun {
    return new FalseRun(target.truth, from, this.logSteps, output, tale);
  }

  /** Returns the argument of `openMatch` for a challenger with that run. */
  opening(target: Target, run: Run) {
    return openingOf({
      ...target.claim,
      place: target.place,
      ringLog2: Number(this.stage.params.lifetime.ringLog2),
      entry: target.entry,
      headerHash: target.headerHash,
      config: this.stage.config,
      program: this.program.entry,
      states: openingSteps(Number(this.logSteps)).map((step) => run.stateBefore(step)),
      finalState: run.finalState,
    });
  }

  async sendOpening(
    target: Target,
    run: Run,
    challenger = this.challenger,
  ): Promise<ContractTransactionResponse> {
    return this.hub
      .connect(challenger)
      .openMatch(this.opening(target, run), { value: this.stage.params.security.bond });
  }

  /** Opens a match and returns it as the event tells it. */
  async open(target: Target, run: Run = target.truth, challenger = this.challenger): Promise<Match> {
    return this.openedBy(await this.sendOpening(target, run, challenger));
  }

  async openedBy(transaction: ContractTransactionResponse): Promise<Match> {
    return openedMatch(
      await this.eventOf<OpenedEvent>(transaction, "MatchOpened"),
      this.program.entry.codeRoot,
    );
  }

  signerOf(address: string): HardhatEthersSigner {
    const signer = [this.challenger, this.asserter, this.f.rival, this.f.stranger, ...this.others].find(
      (candidate) => candidate.address.toLowerCase() === address.toLowerCase(),
    );
    if (signer === undefined) throw new Error(`no signer ${address}`);
    return signer;
  }

  /** The side in turn moves by its run; returns the match after it. */
  async move(match: Match, run: Run): Promise<Match> {
    return this.moved(match, await this.sendMove(match, run));
  }

  async moved(match: Match, transaction: ContractTransactionResponse): Promise<Match> {
    return movedMatch(match, await this.eventOf<MovedEvent>(transaction, "MatchMoved"));
  }

  async sendMove(match: Match, run: Run): Promise<ContractTransactionResponse> {
    const segment = segmentFor(match, run);
    const states = dissectionSteps(match, segment).map((step) => run.stateBefore(step));
    return this.hub
      .connect(this.signerOf(inTurn(match)))
      .dissect(...dissectArguments(match, segment, states));
  }

  /** Both sides move until single steps are reached. */
  async play(match: Match, runs: { asserter: Run; challenger: Run }): Promise<Match> {
    while (match.position.log2len > 0)
      match = await this.move(match, inTurn(match) === match.asserter ? runs.asserter : runs.challenger);
    return match;
  }

  /** The side in turn settles by its run. */
  async sendSettlement(match: Match, run: Run, gasLimit = 2_000_000): Promise<ContractTransactionResponse> {
    const segment = segmentFor(match, run);
    const witness = run.witness(match.from + BigInt(segment));
    return this.hub
      .connect(this.signerOf(inTurn(match)))
      .settle(...settleArguments(match, segment, witness), { gasLimit });
  }

  async eventOf<Event>(
    transaction: ContractTransactionResponse,
    name: keyof IMatches["filters"],
  ): Promise<Event> {
    const receipt = await transaction.wait();
    for (const log of receipt?.logs ?? []) {
      const parsed = this.hub.interface.parseLog(log);
      if (parsed?.name === name) return parsed.args.toObject() as Event;
    }
    throw new Error(`no event ${String(name)}`);
  }
}

/** Sets the clock so that the next transaction happens `ticks` after the match's last move. */
export async function atTicks(match: Match, ticks: bigint): Promise<void> {
  const { time: last, block } = match.position.lastMove;
  const least = ticks / (4n * BLOCK_TIME) + 1n;
  const passed = BigInt(await ethers.provider.getBlockNumber()) - block;
  if (passed < least) await mine(least - passed, { interval: 1 });
  await time.setNextBlockTimestamp(last + ticks);
}

/** The first segment that ends elsewhere than one's own run. */
function segmentFor(match: Match, run: Run): number {
  const segment = disputedSegment(
    match,
    currentSteps(match).map((step) => run.stateBefore(step)),
  );
  if (segment === undefined) throw new Error("the other side is right");
  return segment;
}

/** The claim that the run makes. */
export function truthful(truth: Truth): { commitment: string; mode: number } {
  const { output } = truth;
  return output === undefined || BigInt(output) === 0n
    ? { commitment: "", mode: SKIP }
    : { commitment: output, mode: NORMAL };
}
