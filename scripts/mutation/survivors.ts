/** A change that no test noticed. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Why a survivor changes nothing that a test could see, by its file and its change. */
const REASONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "contracts/machine/Instruction.sol": {
    "sar → shr":
      "the same value: an immediate's sign then stands in fewer of the word's 256 bits, and whoever uses it keeps 64",
  },
  "contracts/machine/PrecompileCall.sol": {
    "32 → 33":
      "the same result: of an output one byte longer, that byte falls into scratch space behind the word that is read",
  },
  "contracts/machine/State.sol": {
    "0x120 → 0x121": "the same result: one byte of memory more is set aside, and nobody writes there",
  },
};

/** Returns why nothing noticed this change. */
export function reasonOf({ file, before, after }: Survivor): string {
  return REASONS[file]?.[`${before} → ${after}`] ?? "not looked at yet";
}
