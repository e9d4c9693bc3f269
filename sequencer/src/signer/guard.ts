import { Database } from "lmdb";
import { keccak256 } from "ethers";

/** Raised when a signature is asked for a slot that was used for something else. */
export class SlotUsed extends Error {
  override readonly name = "SlotUsed";

  constructor(domain: string, slot: string) {
    super(`another payload was signed for ${domain} ${slot} already: one signature per slot, for ever`);
  }
}

/**
 * One signature per slot: before a signature leaves the process, (domain, slot) → payload hash is on disk. Asking again
 * for the same payload is fine, for another one is refused, also after a restart.
 */
export class SigningGuard {
  constructor(private readonly slots: Database<string, string>) {}

  /** What `record` puts into the same environment is on disk with the slot, or neither is: a crash can't come between. */
  async claim(
    domain: string,
    slot: string,
    payload: Uint8Array | string,
    record?: () => void,
  ): Promise<void> {
    const hash = keccak256(payload);
    const key = `${domain}/${slot}`;
    let known: string | undefined;
    await this.slots.transaction(() => {
      known = this.slots.get(key);
      if (known === undefined) void this.slots.put(key, hash);
      if (known === undefined || known === hash) record?.();
    });
    if (known !== undefined && known !== hash) throw new SlotUsed(domain, slot);
  }
}
