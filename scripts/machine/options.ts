/** What `npm run -s machine -- run` was asked to do. */
export interface RunOptions {
  readonly program: string;
  /** stop at this state number, halted or not */
  readonly steps?: bigint;
  /** give up when the program hasn't halted by then */
  readonly maxSteps: bigint;
  readonly trace: boolean;
  /** replay every K-th step in Solidity */
  readonly onchain?: bigint;
  /** 32 bytes */
  readonly input: string;
  readonly preimages?: string;
  readonly json: boolean;
}

export const USAGE = `usage: npm run -s machine -- run program.elf [options]

  --steps N         stop after N steps and show the state there
  --max-steps N     give up after N steps (default 2^36)
  --trace           print every instruction and the registers it changed, on stderr
  --onchain [K]     replay every K-th step (default 1) through the Solidity step on an in-process chain and compare
  --input HEX       the program's input, 32 bytes (default zero)
  --preimages DIR   what READ finds: every file is a preimage, by its hash; a file <versioned hash>.<index> of 128 bytes is a
                    blob's word with its opening (y, commitment, proof)
  --json            one line of JSON instead of text
  --help            print this and do nothing

exit code: 0 the program exited with a0 = 0 (or --steps ended first), 1 it exited otherwise, 2 it halted on an error,
3 it couldn't be run to its end (the message says why), 4 Solidity disagrees`;

/** Raised when the command line can't be understood. */
export class UsageError extends Error {}

function count(flag: string, text: string | undefined): bigint {
  if (text === undefined || !/^\d+$/.test(text))
    throw new UsageError(`${flag}: a number expected, got ${text ?? "nothing"}`);
  const value = BigInt(text);
  if (value >= 1n << 63n) throw new UsageError(`${flag}: at most 2^63 − 1, got ${text}`);
  return value;
}

function inputOf(text: string | undefined): string {
  const digits = text?.replace(/^0x/, "") ?? "";
  if (!/^[0-9a-fA-F]{64}$/.test(digits))
    throw new UsageError(`--input: 32 bytes in hex expected, got ${text ?? "nothing"}`);
  return `0x${digits.toLowerCase()}`;
}

/** Parses the arguments after `--`. */
export function parseArguments(args: readonly string[]): RunOptions {
  const [verb, ...rest] = args;
  if (verb !== "run") throw new UsageError(verb === undefined ? "no command" : `unknown command ${verb}`);
  const options: { -readonly [K in keyof RunOptions]?: RunOptions[K] } = {};
  while (rest.length > 0) {
    const argument = rest.shift() ?? "";
    switch (argument) {
      case "--steps":
        options.steps = count(argument, rest.shift());
        break;
      case "--max-steps":
        options.maxSteps = count(argument, rest.shift());
        break;
      case "--trace":
        options.trace = true;
        break;
      case "--onchain":
        options.onchain = /^-?\d/.test(rest[0] ?? "") ? count(argument, rest.shift()) : 1n;
        if (options.onchain === 0n) throw new UsageError("--onchain: a number of at least 1 expected, got 0");
        break;
      case "--input":
        options.input = inputOf(rest.shift());
        break;
      case "--preimages":
        options.preimages = rest.shift();
        if (options.preimages === undefined) throw new UsageError("--preimages: a folder expected");
        break;
      case "--json":
        options.json = true;
        break;
      default:
        if (argument.startsWith("-")) throw new UsageError(`unknown option ${argument}`);
        if (options.program !== undefined) throw new UsageError(`one program expected, got also ${argument}`);
        options.program = argument;
    }
  }
  const { program } = options;
  if (program === undefined) throw new UsageError("no program");
  if (options.steps !== undefined && options.maxSteps !== undefined)
    throw new UsageError("--steps ends the run by itself: give it or --max-steps, not both");
  return {
    maxSteps: 1n << 36n,
    trace: false,
    input: `0x${"00".repeat(32)}`,
    json: false,
    ...options,
    program,
  };
}
