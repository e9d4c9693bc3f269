import { AbiCoder, ErrorFragment, isHexString } from "ethers";
import { splitAbout } from "./about";
import declared from "./declared.json";
import foreign from "./foreign.json";

/** An error as a contract declares it, with what its documentation says about it. */
interface DeclaredError {
  readonly signature: string;
  readonly about: string;
}

/** A revert in words. */
export interface DecodedRevert {
  /** The error's name, `Unknown` when no contract of ours declares the selector, `Empty` when there is no data. */
  readonly name: string;
  /** The error's arguments by the names in its declaration. */
  readonly args: Readonly<Record<string, unknown>>;
  /** `Name(first: 1, second: 2)`. */
  readonly message: string;
  /** When the error is raised. */
  readonly cause: string;
  /** What to do about it. */
  readonly next: string;
  /** The revert data. */
  readonly data: string;
}

const table = new Map<string, { readonly fragment: ErrorFragment; readonly about: string }>();
for (const { signature, about } of [...(declared as DeclaredError[]), ...(foreign as DeclaredError[])]) {
  const fragment = ErrorFragment.from(signature);
  if (!table.has(fragment.selector)) table.set(fragment.selector, { fragment, about });
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inWords).join(", ")}]`;
  return typeof value === "string" && !isHexString(value) ? JSON.stringify(value) : String(value);
}

/** Returns an error's arguments by name; undefined when the data isn't what the declaration says. */
function argumentsOf(fragment: ErrorFragment, data: string): Record<string, unknown> | undefined {
  try {
    const values = AbiCoder.defaultAbiCoder()
      .decode(fragment.inputs, `0x${data.slice(10)}`)
      .toArray(true);
    return Object.fromEntries(fragment.inputs.map(({ name }, at) => [name || String(at), values[at]]));
  } catch {
    return undefined;
  }
}

/**
 * Returns what revert data means, in words. Never throws: data that nobody declares is named `Unknown`.
 *
 * @param data the revert data, selector first
 */
export function decodeRevert(data: string): DecodedRevert {
  if (!isHexString(data) || data.length < 10) {
    return {
      name: "Empty",
      args: {},
      message: "The call reverted without data",
      cause: "A call ran out of gas, or went to a contract that doesn't know the function.",
      next: "Check the address, the chain and the gas limit.",
      data,
    };
  }
  const entry = table.get(data.slice(0, 10).toLowerCase());
  const args = entry && argumentsOf(entry.fragment, data);
  if (!entry || !args) {
    return {
      name: "Unknown",
      args: {},
      message: `The call reverted with ${data}`,
      cause: entry
        ? `The data isn't what the declaration of ${entry.fragment.name} says.`
        : `No contract of the protocol declares an error with selector ${data.slice(0, 10)}.`,
      next: "Look the selector up in docs/errors.md of the version that is deployed.",
      data,
    };
  }
  const { name } = entry.fragment;
  const list = Object.entries(args).map(([named, value]) => `${named}: ${inWords(value)}`);
  return { name, args, message: `${name}(${list.join(", ")})`, ...splitAbout(entry.about), data };
}

/**
 * Returns the revert data that hides in an error thrown by ethers, a provider or Hardhat; undefined when there is none.
 *
 * @param thrown what was caught
 */
export function revertDataOf(thrown: unknown): string | undefined {
  const seen = new Set<unknown>();
  const queue: unknown[] = [thrown];
  for (let at = 0; at < queue.length && at < 64; at++) {
    const value = queue[at];
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const { data } = value as { data?: unknown };
    if (typeof data === "string" && isHexString(data) && data.length >= 10 && data.length % 2 === 0)
      return data;
    for (const key of ["data", "error", "info", "cause", "parent"]) {
      queue.push((value as Record<string, unknown>)[key]);
    }
  }
  return undefined;
}

/**
 * Returns a caught error's revert in words; undefined when it wasn't a revert with data.
 *
 * @param thrown what was caught
 */
export function explainRevert(thrown: unknown): DecodedRevert | undefined {
  const data = revertDataOf(thrown);
  return data === undefined ? undefined : decodeRevert(data);
}
