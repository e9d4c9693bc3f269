import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export interface NodeOptions {
  readonly root: string;
  /** Endpoints of the settlement chain, with commas. */
  readonly l1: string;
  readonly hub: string;
  readonly bridge: string;
  /** Block from which the hub's events are read. */
  readonly startBlock: number;
  readonly data: string;
  readonly role: string;
  readonly port: number;
  readonly rollups?: string;
  readonly keyFile?: string;
  /** Longest wait of a block for its batch [ms]. */
  readonly batchMs?: number;
}

/** The node as a process of its own. */
export class NodeProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where its JSON-RPC server listens. */
    readonly endpoint: string,
    /** Ends with the process: code 0, or an interruption. Fails otherwise. */
    readonly ended: Promise<void>,
  ) {}

  /** Starts a node; returns once it serves. Its log goes to stderr. */
  static async start(options: NodeOptions): Promise<NodeProcess> {
    const child = spawn(process.execPath, argumentsOf(options), {
      cwd: options.root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        if (code === 0 || signal === "SIGINT" || signal === "SIGTERM") resolve();
        else reject(new Error(`The node ended with ${signal ?? `code ${code}`}; its log says why.`));
      });
    });
    const endpoint = await Promise.race([
      ready(child),
      ended.then(() => {
        throw new Error("The node ended before it served; its log says why.");
      }),
    ]);
    return new NodeProcess(child, endpoint, ended);
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended;
  }
}

/** Returns the words that start a node. */
export function argumentsOf(options: NodeOptions): string[] {
  const { root, l1, hub, bridge, startBlock, data, role, port, rollups, keyFile, batchMs } = options;
  const flags: Record<string, string | undefined> = {
    role,
    l1,
    hub,
    bridge,
    "start-block": `${startBlock}`,
    data,
    port: `${port}`,
    rollups,
    "key-file": keyFile,
    "batch-ms": batchMs === undefined ? undefined : `${batchMs}`,
  };
  const given = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, value],
  );
  return ["--import", "tsx", join(root, "sequencer", "src", "main.ts"), ...given, "--json"];
}

/** The node prints one line of JSON with its endpoint on stdout when it serves. */
async function ready(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const end = text.indexOf("\n");
    if (end < 0) continue;
    const { endpoint } = JSON.parse(text.slice(0, end)) as { endpoint?: unknown };
    if (typeof endpoint !== "string") throw new Error(`The node named no endpoint: ${text.slice(0, end)}`);
    child.stdout?.resume();
    return endpoint;
  }
  throw new Error("The node closed its output before it served.");
}
