import { ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Chain } from "./chain";

/** A reference node in a process of its own, and its JSON-RPC. */

export interface NodeOptions {
  readonly name: string;
  readonly roles: readonly string[];
  /** Hot key; a follower has none. */
  readonly key?: string;
  readonly rollups?: readonly bigint[];
  /** Acts only when the story says so; else by its own timers. */
  readonly isStepped: boolean;
  readonly folder: string;
}

interface Answer<T> {
  readonly id: number;
  readonly result?: T;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly name?: string };
  };
}

/** Raised when a node answers with an error. */
export class NodeError extends Error {
  constructor(
    readonly code: number,
    readonly errorName: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

export interface RollupStatus {
  readonly state: string;
  readonly phase: number;
  readonly l1: { readonly number: number };
  readonly messages: { readonly count: number; readonly consumed: number };
  readonly transactions: number;
  readonly batch: { readonly posted: number; readonly derived: number; readonly final: number };
  readonly commitment: string;
  readonly stateRoot: string;
  readonly proposed: { readonly stateRoot: string; readonly block: number };
  readonly waiting: number;
  readonly exits: number;
}

/** More than any moment of the story asks for. */
const MOST_STEPS = 500;

const root = join(__dirname, "..", "..");

export class StoryNode {
  private nextId = 1;

  private constructor(
    readonly name: string,
    readonly endpoint: string,
    private readonly child: ChildProcess,
    private readonly chain: Chain,
    private readonly isStepped: boolean,
  ) {}

  static async start(chain: Chain, hub: string, bridge: string, options: NodeOptions): Promise<StoryNode> {
    const data = join(options.folder, options.name);
    mkdirSync(data, { recursive: true });
    const args = ["--import", "tsx", join(root, "sequencer/src/main.ts")];
    const flags: Record<string, string> = {
      role: options.roles.join(","),
      l1: chain.url,
      hub,
      bridge,
      data,
      port: "0",
      "poll-ms": "40",
      "block-ms": "20",
      "batch-ms": "300",
      "log-level": process.env.STORY_LOG ?? "error",
    };
    if (options.key !== undefined) {
      flags["key-file"] = join(options.folder, `${options.name}.key`);
      writeFileSync(flags["key-file"], `${options.key}\n`, { mode: 0o600 });
    }
    if (options.rollups !== undefined) flags.rollups = options.rollups.join(",");
    for (const [flag, value] of Object.entries(flags)) args.push(`--${flag}`, value);
    if (options.isStepped) args.push("--stepped");
    args.push("--json");
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const endpoint = await new Promise<string>((resolve, reject) => {
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
      lines.once("line", (line) => {
        try {
          resolve((JSON.parse(line) as { endpoint: string }).endpoint);
        } catch {
          reject(new Error(`The node ${options.name} printed "${line}" instead of its endpoint.`));
        }
      });
      child.once("error", reject);
      child.once("exit", (code) =>
        reject(new Error(`The node ${options.name} ended with code ${code} while it started.`)),
      );
    });
    return new StoryNode(options.name, endpoint, child, chain, options.isStepped);
  }

  /** Lets the node do what is due until there is nothing left; a node that acts by itself does so anyway. */
  async act(): Promise<void> {
    if (!this.isStepped) return;
    for (let step = 0; step < MOST_STEPS; step++) {
      const { sent } = await this.call<{ sent: number }>("host_step");
      if (sent === 0) return;
    }
    throw new Error(`${this.name} isn't done after ${MOST_STEPS} steps.`);
  }

  /** Calls a method of the node, or of one of its rollups. */
  async call<T>(method: string, params: unknown[] = [], l2ChainId?: bigint): Promise<T> {
    const [answer] = await this.batch<T>([{ method, params }], l2ChainId);
    return answer as T;
  }

  async batch<T>(calls: readonly { method: string; params: unknown[] }[], l2ChainId?: bigint): Promise<T[]> {
    const path = l2ChainId === undefined ? "" : `/r/${l2ChainId}`;
    const first = this.nextId;
    this.nextId += calls.length;
    const body = calls.map((call, at) => ({ jsonrpc: "2.0", id: first + at, ...call }));
    const response = await fetch(`${this.endpoint}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body.length === 1 ? body[0] : body),
    });
    const parsed = (await response.json()) as Answer<T> | Answer<T>[];
    const answers = Array.isArray(parsed) ? parsed : [parsed];
    return answers.map(({ result, error }) => {
      if (error !== undefined) throw new NodeError(error.code, error.data?.name, error.message);
      return result as T;
    });
  }

  status(l2ChainId: bigint): Promise<RollupStatus> {
    return this.call<RollupStatus>("rollup_status", [], l2ChainId);
  }

  /** Waits until the node answers for a rollup: it hears of new ones by itself, also where the story drives it. */
  async answers(l2ChainId: bigint, seconds = 30): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (performance.now() < deadline) {
      try {
        await this.call("rollup_chainId", [], l2ChainId);
        return;
      } catch (error) {
        if (!(error instanceof NodeError) || error.errorName !== "RollupUnknown") throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${this.name}: no answer for rollup ${l2ChainId} after ${seconds} s`);
  }

  /** Waits until something holds of a rollup, as the node sees it. */
  async until(
    what: string,
    l2ChainId: bigint,
    holds: (status: RollupStatus) => boolean,
    seconds = 30,
  ): Promise<RollupStatus> {
    const deadline = performance.now() + seconds * 1000;
    let last: RollupStatus | undefined;
    while (performance.now() < deadline) {
      try {
        last = await this.status(l2ChainId);
        if (holds(last)) return last;
      } catch (error) {
        if (!(error instanceof NodeError) || error.errorName !== "RollupUnknown") throw error;
      }
      if (this.isStepped) await this.advance();
      else await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(
      `${this.name}: waited ${seconds} s for ${what}; the last status was ${JSON.stringify(last)}`,
    );
  }

  /** One step; where nothing was to be done, the settlement chain goes on by a block. */
  private async advance(): Promise<void> {
    const { sent } = await this.call<{ sent: number }>("host_step");
    if (sent === 0) await this.chain.beatOnce();
  }

  /** Waits until the node has seen L1's head, and has done what follows from it where the story drives it. */
  async caughtUp(l2ChainId: bigint): Promise<void> {
    await this.act();
    if (this.isStepped) return;
    const head = await this.chain.provider.getBlockNumber();
    await this.until(`L1 block ${head}`, l2ChainId, ({ l1 }) => l1.number >= head);
  }

  /** Ends the process: at once with SIGKILL, in order otherwise. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill(signal);
    await ended;
  }
}
