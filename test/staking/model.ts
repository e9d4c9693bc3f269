/**
 * The vault's arithmetic for one operator, written from the design's formulas with plain integers: no packing, no checkpoints in slots, no
 * shortcuts. What it refuses it throws, by the name of the contract's error.
 */

const W = 10n ** 27n;
const DEAD_BELOW = 10n ** 21n;
const VIRTUAL = 10n ** 6n;
const DAY = 86_400n;
const EPOCH = 7n * DAY;

export class Refused extends Error {
  constructor(readonly error: string) {
    super(error);
  }
}

function demand(condition: boolean, error: string): void {
  if (!condition) throw new Refused(error);
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const up = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

export interface AllocationModel {
  magnitude: bigint;
  pending?: { lowered: bigint; effectiveAt: bigint };
  reserved: bigint;
  isJailed: boolean;
}

export class PoolModel {
  /** Active stake and shares. */
  A = 0n;
  S = 0n;
  /** Magnitude. */
  M = W;
  readonly shares = new Map<string, bigint>();
  /** Per owner and maturity day. */
  readonly tickets = new Map<string, bigint>();
  /** Every unbonding, as (maturity day, q), in order. */
  readonly leaving: { day: bigint; q: bigint }[] = [];
  /** Every slash, as (time, magnitude after), in order. */
  readonly history: { time: bigint; M: bigint }[] = [];
  readonly allocations = new Map<string, AllocationModel>();
  stream = { epoch: 0n, cur: 0n, done: 0n, next: 0n };
  treasuryDue = 0n;
  /** Everything that ever came in, and went out [ALT wei]. */
  received = 0n;
  paidOut = 0n;

  constructor(
    readonly operator: string,
    readonly services: readonly string[],
    readonly delay: bigint,
  ) {}

  get isDead(): boolean {
    return this.M < DEAD_BELOW;
  }

  allocationOf(service: string): AllocationModel {
    let allocation = this.allocations.get(service);
    if (allocation === undefined) {
      allocation = { magnitude: 0n, reserved: 0n, isJailed: false };
      this.allocations.set(service, allocation);
    }
    return allocation;
  }

  slashable(service: string, now: bigint): bigint {
    const { magnitude, pending } = this.allocationOf(service);
    return pending !== undefined && now >= pending.effectiveAt ? min(magnitude, pending.lowered) : magnitude;
  }

  backingMagnitude(service: string): bigint {
    const { magnitude, pending } = this.allocationOf(service);
    return pending === undefined ? magnitude : min(magnitude, pending.lowered);
  }

  activeBehind(magnitude: bigint): bigint {
    return this.M === 0n ? 0n : (this.A * magnitude) / this.M;
  }

  /** Sum of tickets that can still be slashed. */
  uq(now: bigint): bigint {
    return this.leaving.filter(({ day }) => day * DAY > now).reduce((sum, { q }) => sum + q, 0n);
  }

  U(now: bigint): bigint {
    return (this.uq(now) * this.M) / W;
  }

  H(time: bigint): bigint {
    return this.history.filter((entry) => entry.time <= time).at(-1)?.M ?? W;
  }

  valueOf(shares: bigint): bigint {
    return (shares * (this.A + 1n)) / (this.S + VIRTUAL);
  }

  ticketValue(owner: string, day: bigint, time: bigint): bigint {
    return ((this.tickets.get(`${owner} ${day}`) ?? 0n) * this.H(min(time, day * DAY - 1n))) / W;
  }

  feed(amount: bigint, now: bigint): void {
    this.roll(now);
    this.stream.next += amount;
    this.received += amount;
  }

  roll(now: bigint): void {
    const stream = this.stream;
    const epoch = now / EPOCH;
    let released = 0n;
    if (epoch > stream.epoch) {
      released += stream.cur - stream.done;
      stream.done = 0n;
      if (epoch === stream.epoch + 1n) stream.cur = stream.next;
      else {
        released += stream.next;
        stream.cur = 0n;
      }
      stream.next = 0n;
      stream.epoch = epoch;
    }
    const due = (stream.cur * (now - epoch * EPOCH)) / EPOCH;
    released += due - stream.done;
    stream.done = due;
    if (this.S === 0n || this.isDead) this.treasuryDue += released;
    else this.A += released;
  }

  private selfBond(now: bigint): void {
    const own = this.valueOf(this.shares.get(this.operator) ?? 0n);
    demand(own >= up((this.A + this.U(now)) * 5n, 100n), "SelfBondTooLow");
  }

  deposit(owner: string, amount: bigint, now: bigint): void {
    demand(!this.isDead, "PoolIsDead");
    this.roll(now);
    const shares = (amount * (this.S + VIRTUAL)) / (this.A + 1n);
    demand(shares !== 0n, "SharesAreZero");
    const before = [this.A, this.S, this.shares.get(owner) ?? 0n] as const;
    this.A += amount;
    this.S += shares;
    this.shares.set(owner, before[2] + shares);
    if (owner !== this.operator) this.selfBond(now);
    this.received += amount;
  }

  unbond(owner: string, shares: bigint, now: bigint): bigint {
    this.roll(now);
    const owned = this.shares.get(owner) ?? 0n;
    demand(shares !== 0n, "SharesAreZero");
    demand(shares <= owned, "SharesTooFew");
    const amount = (shares * (this.A + 1n)) / (this.S + VIRTUAL);
    this.A -= amount;
    this.S -= shares;
    this.shares.set(owner, owned - shares);
    const q = this.M === 0n ? 0n : (amount * W) / this.M;
    const last = this.leaving.at(-1)?.day ?? 0n;
    const soonest = up(now + this.delay, DAY);
    const day = last > soonest ? last : soonest;
    if (q !== 0n) this.leaving.push({ day, q });
    const ticket = `${owner} ${day}`;
    this.tickets.set(ticket, (this.tickets.get(ticket) ?? 0n) + q);
    const anyReserved = [...this.allocations.values()].some(({ reserved }) => reserved !== 0n);
    if (owner === this.operator && anyReserved && !this.isDead) this.selfBond(now);
    return day;
  }

  claim(owner: string, day: bigint, now: bigint): bigint {
    demand(day * DAY <= now, "TicketImmature");
    demand((this.tickets.get(`${owner} ${day}`) ?? 0n) !== 0n, "TicketUnknown");
    const amount = this.ticketValue(owner, day, now);
    this.tickets.delete(`${owner} ${day}`);
    this.paidOut += amount;
    return amount;
  }

  allocate(service: string, magnitude: bigint, now: bigint): void {
    demand(this.services.includes(service), "ServiceIsUnknown");
    this.roll(now);
    const allocation = this.allocationOf(service);
    if (allocation.pending !== undefined && now >= allocation.pending.effectiveAt) {
      allocation.magnitude = min(allocation.magnitude, allocation.pending.lowered);
      delete allocation.pending;
    }
    if (magnitude < allocation.magnitude) {
      demand(this.activeBehind(magnitude) >= allocation.reserved, "AllocationIsReserved");
      allocation.pending = { lowered: magnitude, effectiveAt: now + this.delay };
      return;
    }
    const others = [...this.allocations]
      .filter(([other]) => other !== service)
      .reduce((sum, [, other]) => sum + other.magnitude, 0n);
    demand(others + magnitude <= this.M, "AllocationTooHigh");
    allocation.magnitude = magnitude;
    delete allocation.pending;
  }

  back(service: string, amount: bigint, now: bigint): void {
    const allocation = this.allocationOf(service);
    demand(!this.isDead, "PoolIsDead");
    demand(!allocation.isJailed, "OperatorIsJailed");
    this.roll(now);
    const backing = this.activeBehind(this.backingMagnitude(service));
    demand(allocation.reserved + amount <= backing, "BackingTooLow");
    this.selfBond(now);
    allocation.reserved += amount;
  }

  release(service: string, amount: bigint): void {
    const allocation = this.allocationOf(service);
    allocation.reserved -= min(allocation.reserved, amount);
  }

  slash(service: string, X: bigint, now: bigint): bigint {
    this.roll(now);
    this.release(service, X);
    const allocation = this.allocationOf(service);
    const share = this.slashable(service, now);
    const uq = this.uq(now);
    const U = this.U(now);
    const T = this.A + U;
    if (T === 0n || this.M === 0n) return 0n;
    const x = min(X, (T * share) / this.M);
    if (x === 0n) return 0n;
    const dm = min(up(x * this.M, T), share);
    const M = this.M - dm;
    const A = (this.A * M) / this.M;
    const U_ = up(uq * M, W);
    const paid = this.A - A + (U > U_ ? U - U_ : 0n);
    if (allocation.pending !== undefined && now >= allocation.pending.effectiveAt) delete allocation.pending;
    allocation.magnitude = share - dm;
    this.A = A;
    this.M = M;
    this.history.push({ time: now, M });
    this.paidOut += paid;
    return paid;
  }

  /** What the vault holds, as far as it counts. */
  get held(): bigint {
    return this.received - this.paidOut;
  }

  /** What it owes: active stake, tickets, rewards to come, the treasury's. */
  owed(now: bigint): bigint {
    const tickets = [...this.tickets.keys()].reduce((sum, key) => {
      const [owner = "", day = "0"] = key.split(" ");
      return sum + this.ticketValue(owner, BigInt(day), now);
    }, 0n);
    const { cur, done, next } = this.stream;
    return this.A + tickets + cur - done + next + this.treasuryDue;
  }
}
