import type { Crook } from "./crooks";
import { type Claim, type Match, claimLife, inTurn } from "./records";
import { BLOCK_TIME, SPARE, type World } from "./world";

/** A parent that nobody ever claimed: the honest look at nothing that is said of it. */
const ASIDE = 9e6;

/** Whether a match is about something that no honest player looks at; then crooks let it lie, but for their schemes. */
export const isAside = ({ claim }: Match): boolean => claim.parent === ASIDE;

/** What a crook and an accomplice do with a line, each in its time. */
export class Schemes {
  private tales = 0;

  constructor(
    private readonly world: World,
    private readonly crook: Crook,
    private readonly accomplice: Crook,
    private readonly rollup: number,
  ) {}

  private get key(): string {
    return this.crook.key;
  }

  private at(block: number, ...acts: (() => void)[]): void {
    for (const act of acts) this.world.at(block, act, true);
  }

  /** Claims something false of the newest batch on a parent aside. */
  private claimAside(): Claim {
    const { world, rollup } = this;
    const index = Math.max(1, world.model.rollup(rollup).posted);
    const said = { rollup, index, parent: ASIDE, skip: false, commitment: 8e6 + this.tales++ };
    return world.referee.claim(said, this.key);
  }

  /** The same, and lets the accomplice dispute it. */
  private matchAside(): Match | undefined {
    const claim = this.claimAside();
    this.accomplice.sham(claim);
    const match = this.world.model.matches.at(-1);
    return match?.claim === claim ? match : undefined;
  }

  /** The first block in which a line that closes in a block can be withdrawn. */
  private release(closing: number): number {
    return closing + Math.ceil((claimLife(this.world.terms[this.rollup]!) + SPARE) / BLOCK_TIME);
  }

  private withdraw(): void {
    this.world.referee.withdrawLine(this.rollup, this.key);
  }

  private readonly close = (): void => {
    this.world.model.closeLine(this.rollup, this.key);
  };

  /** Stakes for one line more and opens it. */
  private reopen(): void {
    this.world.vault.deposit(this.key, 1000);
    this.world.referee.openLine(this.rollup, this.key);
  }

  /** Lets a match of a line outlive it: closes, withdraws, perhaps opens anew; then somebody ends the match. */
  outlive(): void {
    const { world } = this;
    const match = this.matchAside();
    if (match === undefined) return;
    const closing = match.opened.block + 1;
    this.at(closing, this.close);
    const release = this.release(closing);
    this.at(release, () => this.withdraw());
    if (world.random.chance(0.5)) this.at(release, () => this.reopen());
    this.at(release + 1, () => world.referee.timeOut(match));
  }

  /** Plays on, and settles, long after every clock has run out. */
  sleepwalk(): void {
    const { world } = this;
    const match = this.matchAside();
    if (match === undefined) return;
    const { random } = world;
    const pace = random.pick([10, 300]);
    let { block } = world.chain.now;
    for (let moves = world.terms[this.rollup]!.logSteps / 3 + 1; moves >= 0; moves--)
      this.at((block += random.between(1, moves < 2 ? 600 : pace)), () => {
        if (match.payout === undefined)
          (inTurn(match) === this.key ? this.crook : this.accomplice).move(match);
      });
  }

  /** Asks all his stake back, and just before it leaves tries to make his line valid anew, and lies. */
  refreshAtTheLast(): void {
    const { world, rollup, key } = this;
    const { vault } = world;
    vault.unbond(key, Infinity);
    const leaves = world.chain.now.time + vault.unbonding;
    const block = world.lastBlockBefore(leaves) - 1;
    this.at(block - 2, () => world.post(rollup));
    this.at(
      block,
      () => world.model.refreshLine(rollup, key),
      () => {
        const { posted } = world.model.rollup(rollup);
        const parent = world.tip(rollup, posted - 1);
        world.referee.claim({ rollup, index: posted, parent, skip: false, commitment: 1e7 }, key);
      },
    );
  }

  /** Lies as the chain is about to halt, uses up every clock, and tries to make the lie final once the ticks since then have caught up. */
  lieBeforeHalt(): void {
    const { world, rollup, key } = this;
    const halt = world.halts[0];
    if (halt === undefined) return;
    this.crook.slowDown();
    this.at(halt.block - 2, () => world.post(rollup));
    this.at(halt.block - 1, () => {
      const { posted } = world.model.rollup(rollup);
      const parent = world.tip(rollup, posted - 1);
      const said = { rollup, index: posted, parent, skip: false, commitment: 1e7 };
      const claim = world.referee.claim(said, key);
      const block = world.blockAfter(claim.backed, claimLife(world.terms[rollup]!));
      this.at(block, () => world.referee.finalize(claim));
    });
  }

  /** Closes a line and claims by it all the same: in what would be its last second, and when it is about to be released. */
  claimWhileClosing(): void {
    const { world, rollup, key } = this;
    const { block } = world.chain.now;
    world.vault.deposit(key, 1000);
    const last = world.lastBlockBefore(world.model.line(rollup, key).validUntil);
    this.close();
    const release = this.release(block);
    for (const claiming of [last, release - 2]) {
      this.at(claiming - 1, () => world.post(rollup));
      this.at(
        claiming,
        () => world.model.refreshLine(rollup, key),
        () => this.claimAside(),
      );
    }
    this.at(release, () => this.withdraw());
  }

  /** Loses a line while it closes, closes what isn't there, opens anew, claims, and withdraws as if the new line had been closing. */
  loseWhileClosing(): void {
    const { world, rollup } = this;
    const match = this.matchAside();
    if (match === undefined) return;
    this.at(match.opened.block + 1, this.close);
    const lapse = world.blockAfter(match.last, match.clocks[match.turn]);
    this.at(lapse, () => world.referee.timeOut(match), this.close);
    const release = this.release(lapse);
    this.at(release - 2, () => world.post(rollup));
    this.at(
      release - 1,
      () => this.reopen(),
      () => this.claimAside(),
    );
    this.at(release, () => this.withdraw());
  }
}
