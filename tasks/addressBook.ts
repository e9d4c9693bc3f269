import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { HardhatConfig, HardhatRuntimeEnvironment } from "hardhat/types";
import { z } from "zod";
import { DEVELOPMENT_CHAINS } from "../sdk/src/protocol/chains";
import { Failed } from "./failure";
import { problemsOf } from "./problems";
import { toJson } from "./terminal";

/**
 * What is deployed on one settlement chain, as the tasks write it and everybody reads it: `deployments/<chainId>.json`
 * (`deployments/local/<chainId>.json` for chains that live on one machine, `deployments/local/in-process.json` for the one
 * that ends with the command; git ignores those).
 */

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, { error: "32 bytes in hexadecimal were expected" });
const place = z.string().regex(/^0x[0-9a-fA-F]{40}$/, { error: "an address was expected" });
const count = z.number().int().nonnegative();

const namedRollup = z.strictObject({
  /** Absent while the creating transaction is not known to be mined. */
  id: z.string().regex(/^\d+$/).optional(),
  l2ChainId: z.string().regex(/^\d+$/).optional(),
  preset: z.string(),
  transaction: hash,
  block: count.optional(),
});

const bookSchema = z.strictObject({
  chainId: z.number().int().positive(),
  /** Where readers of events begin: no event of the protocol is older. */
  fromBlock: count,
  /** The block in which the deployment was complete. */
  block: count,
  /** That block's hash tells this chain from another one with the same id. */
  blockHash: hash,
  deployer: place,
  contracts: z.record(z.string(), place),
  programs: z.record(z.string(), hash),
  rollups: z.record(z.string(), namedRollup),
});

export type NamedRollup = z.infer<typeof namedRollup>;
export type Book = z.infer<typeof bookSchema>;

/** Keyed by the configuration: each task sees an environment of its own. */
const served = new WeakSet<HardhatConfig>();

export function isLocal(chainId: bigint): boolean {
  return DEVELOPMENT_CHAINS.has(chainId);
}

export class AddressBook {
  private constructor(
    readonly path: string,
    private readonly root: string,
  ) {}

  /** The in-process chain of this run is served to others: its address book is found by its chain id, like theirs. */
  static serve(hre: HardhatRuntimeEnvironment): void {
    served.add(hre.config);
  }

  /** Whether the chain ends with this command, and all that is deployed on it. */
  static isFleeting(hre: HardhatRuntimeEnvironment): boolean {
    return hre.network.name === "hardhat" && !served.has(hre.config);
  }

  static of(hre: HardhatRuntimeEnvironment, chainId: bigint): AddressBook {
    const file = AddressBook.isFleeting(hre) ? "in-process" : `${chainId}`;
    const folder = join(hre.config.paths.deployments, ...(isLocal(chainId) ? ["local"] : []));
    return new AddressBook(join(folder, `${file}.json`), hre.config.paths.root);
  }

  /** Where the journal of a deployment is kept, from which one that was broken off goes on. */
  journal(hre: HardhatRuntimeEnvironment, chainId: bigint): string {
    // Where Ignition's own tasks look for it; local chains are nobody's business but this machine's.
    return isLocal(chainId)
      ? this.path.replace(/json$/, "journal")
      : join(hre.config.paths.ignition, "deployments", `chain-${chainId}`);
  }

  /** The path as people see it. */
  get shownPath(): string {
    const path = relative(this.root, this.path);
    return path.startsWith("..") ? this.path : path;
  }

  /** Returns what the file says; undefined when there is none. Raised when it isn't what the tasks wrote. */
  read(): Book | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.damaged((error as Error).message);
    }
    const result = bookSchema.safeParse(value);
    if (!result.success) {
      const list = problemsOf(result.error, value).map(
        ({ path, got, rule }) => `${path}: got ${got}; ${rule}`,
      );
      throw this.damaged(list.join("; "));
    }
    return result.data;
  }

  /** Writes all or nothing: a reader never sees half a file. */
  write(book: Book): void {
    mkdirSync(dirname(this.path), { recursive: true });
    const draft = `${this.path}.${process.pid}.part`;
    writeFileSync(draft, `${toJson(book)}\n`);
    renameSync(draft, this.path);
  }

  /** Reads, changes and writes in one go. */
  update(change: (book: Book) => Book): void {
    const book = this.read();
    if (book === undefined)
      throw new Failed(
        `${this.shownPath} is gone`,
        "It was removed meanwhile.",
        "Run protocol deploy again.",
      );
    this.write(change(book));
  }

  private damaged(cause: string): Failed {
    return new Failed(
      `${this.shownPath} can't be read`,
      cause,
      "Restore it from git, or remove it and run protocol deploy: finished deployments are found again.",
    );
  }
}
