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
    file: "contracts/machine/Instruction.sol",
    text: "immediate := or(shl(5, sar(25, signextend(3, i))), and(shr(7, i), 0x1f))",
    change: "sar → shr",
    why: "the same value: an immediate's sign then stands in fewer of the word's 256 bits, and whoever uses it keeps 64",
  },
  {
    file: "contracts/machine/Instruction.sol",
    text: "immediate := shl(12, sar(31, signextend(3, i)))",
    change: "sar → shr",
    why: "the same value: an immediate's sign then stands in fewer of the word's 256 bits, and whoever uses it keeps 64",
  },
  {
    file: "contracts/machine/Instruction.sol",
    text: "immediate := shl(20, sar(31, signextend(3, i)))",
    change: "31 → 32",
    why: "the same: beyond its sign bit an extended word has nothing but sign bits",
  },
  {
    file: "contracts/machine/Instruction.sol",
    text: "immediate := shl(12, sar(31, signextend(3, i)))",
    change: "31 → 32",
    why: "the same: beyond its sign bit an extended word has nothing but sign bits",
  },
  {
    file: "contracts/machine/Instruction.sol",
    text: "immediate := or(immediate, and(shl(4, i), 0x800))",
    change: "0x800 → 0x801",
    why: "the same: bit 0 of what was shifted is 0",
  },
  {
    file: "contracts/machine/Instruction.sol",
    text: "immediate := shl(20, sar(31, signextend(3, i)))",
    change: "sar → shr",
    why: "the same value: an immediate's sign then stands in fewer of the word's 256 bits, and whoever uses it keeps 64",
  },
  {
    file: "contracts/machine/Instruction.sol",
    text: "immediate := shl(12, sar(12, signextend(3, i)))",
    change: "sar → shr",
    why: "the same value: an immediate's sign then stands in fewer of the word's 256 bits, and whoever uses it keeps 64",
  },
  {
    file: "contracts/machine/Arithmetic.sol",
    text: "if (funct7 != 0) return (0, false);",
    change: "0 → 1",
    why: "the same: the value of what isn't legal is never looked at",
  },
  {
    file: "contracts/machine/Arithmetic.sol",
    text: "return (0, false);",
    change: "0 → 1",
    why: "the same: the value of what isn't legal is never looked at",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "present := 32",
    change: "32 → 33",
    why: "the same result: the byte more falls into scratch space behind the word that is read",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "let success := staticcall(gasOffered, target, add(copy, HEAD_SIZE), input.length, 0, 0)",
    change: "0 → 1",
    why: "the same result: a byte of output falls into scratch space, which is cleared before it is read",
  },
  {
    file: "contracts/machine/State.sol",
    text: "calldatacopy(state, witness.offset, 0x120)",
    change: "0x120 → 0x121",
    why: "the same result: one byte more goes behind the state, into memory that nobody has taken",
  },
  {
    file: "contracts/dispute/Position.sol",
    text: "uint256 internal constant CHALLENGER = 1;",
    change: "1 → 2",
    why: "the same: it is only told apart from ASSERTER; whose turn it is flips by itself",
  },
  {
    file: "contracts/machine/BlobWord.sol",
    text: "word = bytes32(opening[:32]);",
    change: "32 → 33",
    why: "the same: bytes32 takes the first 32 of 33",
  },
  {
    file: "contracts/machine/BlobWord.sol",
    text: "success && keccak256(answer) == keccak256(abi.encode(WORDS, MODULUS)),",
    change: "&& → ||",
    why: "only a chain without the precompile shows it, which the tests' chain isn't",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "if gt(present, 32) {",
    change: "32 → 33",
    why: "the same result: of an output one byte longer, that byte falls into scratch space behind the word that is read",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "legal := 1",
    change: "1 → 2",
    why: "the same: nothing asks of it but whether it is 0",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "if (at >= input.length) break;",
    change: ">= → >",
    why: "the same: behind the end the length that is read is 0",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "uint256 target = uint16(bytes2(key[:2]));",
    change: "2 → 3",
    why: "the same: bytes2 takes the first two of three",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "if (!isAllowed(target, gasOffered, input)) return (0, 0, false);",
    change: "0 → 1",
    why: "the same: word and length of what isn't legal are never looked at",
  },
  {
    file: "contracts/machine/PrecompileCall.sol",
    text: "if (key.length < HEAD_SIZE) return (0, 0, false);",
    change: "0 → 1",
    why: "the same: word and length of what isn't legal are never looked at",
  },
  {
    file: "contracts/machine/Preimages.sol",
    text: "if (offset >= data.length) return 0;",
    change: ">= → >",
    why: "the same: of no bytes present, all 256 bits are shifted out",
  },
  {
    file: "contracts/machine/Preimages.sol",
    text: "if lt(present, 32) {",
    change: "32 → 33",
    why: "the same: of 32 bytes present nothing is shifted out",
  },
  {
    file: "contracts/dispute/Verdicts.sol",
    text: "uint256 reward = deposit < bond ? deposit : bond;",
    change: "< → <=",
    why: "the same where they are equal",
  },
  {
    file: "contracts/dispute/Clock.sol",
    text: "return left > Clock.unwrap(extension) ? Clock.wrap(uint32(left)) : extension;",
    change: "> → >=",
    why: "the same where they are equal",
  },
  {
    file: "contracts/dispute/Matches.sol",
    text: "calldatacopy(add(joined, 0x20), states, 0x100)",
    change: "0x100 → 0x101",
    why: "the same result: one byte more goes behind `joined`, into memory that nobody has taken",
  },
  {
    file: "contracts/machine/State.sol",
    text: "mstore(0x40, add(state, 0x120))",
    change: "0x120 → 0x121",
    why: "the same result: one byte of memory more is set aside, and nobody writes there",
  },
];

/** Returns why no test can notice this change, or undefined if nobody has looked at it. */
export function reasonOf({ file, line, before, after }: Survivor): string | undefined {
  const text = readFileSync(join(root, file), "utf8").split("\n")[line - 1]?.trim();
  const found = REASONS.find(
    (reason) => reason.file === file && reason.text === text && reason.change === `${before} → ${after}`,
  );
  return found?.why;
}
