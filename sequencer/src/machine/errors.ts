import { hexlify } from "ethers";

/** Raised when a file isn't a program for this machine. Compile and link it as docs/programs.md says. */
export class ProgramRejected extends Error {
  override readonly name = "ProgramRejected";

  constructor(readonly reason: string) {
    super(`not a program for this machine: ${reason}`);
  }
}

/** A reading that the next step needs and can't have. The machine stands before that step. */
abstract class ReadingFailed extends Error {
  readonly key: string;

  constructor(
    readonly kind: number,
    key: Uint8Array,
    readonly index: number,
    readonly step: bigint,
    problem: string,
  ) {
    const word = kind === 1 ? `, word ${index}` : "";
    super(`step ${step} reads kind ${kind}, key ${hexlify(key)}${word}: ${problem}`);
    this.key = hexlify(key);
  }
}

/** Raised when the oracle doesn't know what the next step reads. Add it to the oracle and go on from there. */
export class PreimageMissing extends ReadingFailed {
  override readonly name = "PreimageMissing";
}

/** Raised when a program reads a preimage that no witness can carry. The program must keep to 24,576 bytes. */
export class PreimageTooLong extends ReadingFailed {
  override readonly name = "PreimageTooLong";
}

/** Raised when the oracle's bytes don't hash to the key. The oracle's data is damaged. */
export class PreimageWrong extends ReadingFailed {
  override readonly name = "PreimageWrong";
}

/**
 * Raised when a run touches more memory than the emulator has: 4 GiB for the pages that exist, in the present state and in those that are kept. The
 * emulator can't be used any more. A program must keep to about 3 GiB.
 */
export class MemoryExhausted extends Error {
  override readonly name = "MemoryExhausted";

  constructor(
    readonly step: bigint,
    readonly pages: number,
  ) {
    super(
      `the run holds ${pages.toLocaleString("en-US")} pages of 4 KiB soon after step ${step}, and the emulator has 4 GiB: ` +
        "the program must touch less memory, about 3 GiB at most",
    );
  }
}

/**
 * Raised when a program offers a precompile as much gas as it costs on some chains and not on others. Whether the call fails is the settlement
 * chain's to say, so nobody may claim, or put a bond on, what this host would make of it. The program must offer ten times the price.
 */
export class PriceUncertain extends Error {
  override readonly name = "PriceUncertain";

  constructor(
    readonly address: number,
    readonly gas: number,
    least: number,
    most: number,
  ) {
    super(
      `precompile ${address} is offered ${gas} gas and costs from ${least} to ${most}, by chain: offer ten times the price`,
    );
  }
}
