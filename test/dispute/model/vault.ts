import type { Chain } from "./chain";
import type { Rules } from "./rules";

/** An operator's stake: what there is, what is promised to lines, what is on its way out. */
interface Stake {
  amount: number;
  reserved: number;
  /** in the order they leave */
  leaving: { amount: number; time: number }[];
}

/**
 * The vault, as far as lines go: stake leaves `unbonding` seconds after somebody asks for it, whatever it is promised to; until then it can be
 * slashed. So a promise holds for `unbonding` seconds after it was last confirmed.
 */
export class Vault {
  /** refuses to slash while it is true */
  refuses = false;
  /** slashed of each operator so far */
  readonly slashed = new Map<string, number>();
  private readonly stakes = new Map<string, Stake>();

  constructor(
    private readonly chain: Chain,
    private readonly rules: Rules,
    /** [s] */
    readonly unbonding: number,
  ) {}

  deposit(key: string, amount: number): void {
    this.stakeOf(key).amount += amount;
  }

  /** Asks for stake back. */
  unbond(key: string, amount: number): void {
    const stake = this.stakeOf(key);
    const free = stake.amount - leavingOf(stake);
    const leaving = Math.min(amount, free);
    if (leaving > 0) stake.leaving.push({ amount: leaving, time: this.chain.now.time + this.unbonding });
  }

  /** Whether what stays covers what is promised and `more`. */
  confirms(key: string, more: number): boolean {
    const stake = this.stakeOf(key);
    return stake.amount - leavingOf(stake) >= stake.reserved + more;
  }

  reserve(key: string, amount: number): void {
    this.rules.require("reserve: free stake covers every line's X", this.confirms(key, amount));
    this.stakeOf(key).reserved += amount;
  }

  get operators(): Iterable<string> {
    return this.stakes.keys();
  }

  /** What is promised to an operator's lines. */
  reservedOf(key: string): number {
    return this.stakeOf(key).reserved;
  }

  release(key: string, amount: number): void {
    this.stakeOf(key).reserved -= amount;
  }

  /** Takes reserved stake. Returns undefined where the vault refuses, else what was taken. */
  slash(key: string, amount: number): number | undefined {
    if (this.refuses) return undefined;
    const stake = this.stakeOf(key);
    const taken = Math.min(amount, stake.amount);
    stake.amount -= taken;
    // What stays is taken last: leaving stake was promised too.
    let excess = leavingOf(stake) - stake.amount;
    while (excess > 0) {
      const last = stake.leaving.at(-1);
      if (last === undefined) break;
      const cut = Math.min(last.amount, excess);
      last.amount -= cut;
      excess -= cut;
      if (last.amount === 0) stake.leaving.pop();
    }
    this.slashed.set(key, (this.slashed.get(key) ?? 0) + taken);
    return taken;
  }

  private stakeOf(key: string): Stake {
    let stake = this.stakes.get(key);
    if (stake === undefined) this.stakes.set(key, (stake = { amount: 0, reserved: 0, leaving: [] }));
    while (stake.leaving.length > 0 && stake.leaving[0]!.time <= this.chain.now.time)
      stake.amount -= stake.leaving.shift()!.amount;
    return stake;
  }
}

function leavingOf(stake: Stake): number {
  let sum = 0;
  for (const { amount } of stake.leaving) sum += amount;
  return sum;
}
