import type { Chain } from "./chain";
import { type Line, type Spare, type Terms, claimLife } from "./records";
import type { Rules } from "./rules";
import type { Vault } from "./vault";

/** What becomes of a line, by the tables of the design: opened, refreshed, closed, withdrawn, lost. */
export class Lines {
  /** slashes that the vault refused, by operator */
  readonly due = new Map<string, number>();

  constructor(
    private readonly chain: Chain,
    private readonly rules: Rules,
    private readonly vault: Vault,
    private readonly options: Spare,
  ) {}

  /** Takes D and reserves X. */
  open(line: Line, terms: Terms, key: string): void {
    const { rules } = this;
    rules.require("line: one at a time", line.deposit === 0);
    rules.require("line: none for who owes a slash", (this.due.get(key) ?? 0) === 0);
    this.vault.reserve(key, terms.slash);
    line.deposit = terms.deposit;
    line.alt = true;
    line.validUntil = this.validityOf(terms);
    line.serial++;
    if (rules.holds("line: opening raises the nonce")) {
      line.nonce++;
      line.openMatches = 0;
    }
  }

  refresh(line: Line, terms: Terms, key: string): void {
    if (line.deposit === 0) return;
    const { rules } = this;
    rules.require("line: a closing one isn't refreshed", line.closing === undefined);
    rules.require("line: refreshed while what stays covers X", this.vault.confirms(key, 0));
    line.validUntil = this.validityOf(terms);
  }

  close(line: Line): void {
    this.rules.require("line: closes only if there is one", line.deposit > 0);
    if (line.closing !== undefined) return;
    line.closing = this.chain.now;
    if (this.rules.holds("line: a closing one claims nothing")) line.validUntil = 0;
  }

  /** Gives D back and lets X go. Returns D. */
  withdraw(line: Line, terms: Terms, key: string): number {
    const { rules } = this;
    const { closing, deposit } = line;
    rules.require("line: released only if it is closing", closing !== undefined);
    if (closing !== undefined)
      rules.require(
        "line: released only when every claim of it has ended",
        this.chain.sinceSlowly(closing) >= claimLife(terms) + this.options.spare,
      );
    line.deposit = 0;
    line.closing = undefined;
    if (line.alt) this.vault.release(key, terms.slash);
    if (rules.holds("effect: a released X can't be slashed")) line.alt = false;
    return deposit;
  }

  /** A match is lost: no claim of it is backed any more, X is slashed. */
  lose(line: Line, terms: Terms, key: string): void {
    const { rules } = this;
    const { alt } = line;
    if (rules.holds("effect: challenger's victory unbacks the asserter")) {
      line.nonce++;
      line.openMatches = 0;
      if (rules.holds("effect: a lost line has no D")) line.deposit = 0;
      line.validUntil = 0;
      if (rules.holds("effect: a lost line's closing is cancelled")) line.closing = undefined;
      line.alt = false;
    }
    if (alt) this.slash(key, terms.slash);
  }

  /** Tries again what the vault refused. */
  executeSlash(key: string): void {
    const amount = this.due.get(key) ?? 0;
    if (amount === 0 || this.vault.slash(key, amount) === undefined) return;
    if (this.rules.holds("effect: a slash that was due is executed once")) this.due.delete(key);
    this.vault.release(key, amount);
  }

  private slash(key: string, amount: number): void {
    if (this.vault.slash(key, amount) !== undefined) this.vault.release(key, amount);
    else if (this.rules.holds("effect: a slash that the vault refuses stays due"))
      this.due.set(key, (this.due.get(key) ?? 0) + amount);
  }

  private validityOf(terms: Terms): number {
    const { time } = this.chain.now;
    return this.rules.holds("line: valid until claims that it backs have ended before stake can leave")
      ? time + this.vault.unbonding - claimLife(terms) - this.options.spare
      : time + this.vault.unbonding;
  }
}
