import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Survivor } from "./report";
import { root } from "./targets";

/** Why a survivor changes nothing that a test could see. */
interface Reason {
  readonly file: string;
  /** the line, without what surrounds it */
  readonly text: string;
  readonly change: string;
  readonly why: string;
}

const REASONS: readonly Reason[] = [
  {
    file: "contracts/machine/Instruction.sol",
    text: "immediate := sar(20, signextend(3, i))",
    change: "sar → shr",
    why: "the same value: an immediate's sign then stands in fewer of the word's 256 bits, and whoever uses it keeps 64",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "if gt(present, 32) {",
    change: "32 → 33",
    why: "the same result: of an output one byte longer, that byte falls into scratch space behind the word that is read",
  },
  {
    file: "contracts/machine/State.sol",
    text: "mstore(0x40, add(state, 0x120))",
    change: "0x120 → 0x121",
    why: "the same result: one byte of memory more is set aside, and nobody writes there",
  },
];

/** Returns why nothing noticed this change. */
export function reasonOf({ file, line, before, after }: Survivor): string {
  const text = readFileSync(join(root, file), "utf8").split("\n")[line - 1]?.trim();
  const found = REASONS.find(
    (reason) => reason.file === file && reason.text === text && reason.change === `${before} → ${after}`,
  );
  return found?.why ?? "not looked at yet";
}
