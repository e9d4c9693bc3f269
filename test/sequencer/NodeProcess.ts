import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./anvil";
import { keyFile, Rollup, RpcClient, Settlement } from "./fixture";

const ROOT = join(__dirname, "../..");

/** A node in a process of its own, as an operator runs it: it can be killed. */
export class NodeProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly settlement: Settlement,
    private readonly role: "sequencer" | "challenger",
    private readonly directory: string,
    private readonly key: string,
    private readonly port: number,
    private readonly l1: string,
  ) {}

  static async create(
    settlement: Settlement,
    role: "sequencer" | "challenger",
    key: string,
    l1 = settlement.anvil.url,
  ): Promise<NodeProcess> {
    const directory = mkdtempSync(join(tmpdir(), "rollworks-killed-"));
    return new NodeProcess(settlement, role, directory, key, await freePort(), l1);
  }

  async start(): Promise<void> {
    const { settlement, role, directory, key, port, l1 } = this;
    const flags = {
      role,
      l1,
      hub: await settlement.hubAddress(),
      "start-block": String(settlement.startBlock),
      data: directory,
      "key-file": keyFile(directory, key),
      port: String(port),
      workers: "1",
      "poll-ms": "50",
      "batch-ms": "100",
      "batch-bytes": "4096",
      "bump-ms": "1000",
      "log-level": process.env["NODE_LOG"] ?? "silent",
    };
    const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(process.execPath, ["--import", "tsx", "sequencer/src/main.ts", ...argv, "--json"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: process.env["PATH"] },
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", (code) => reject(new Error(`the node ended with ${code}`)));
    });
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    child.kill(signal);
    await once(child, "exit");
    return child.exitCode;
  }

  rpc(rollup: Rollup): RpcClient {
    return new RpcClient(`http://127.0.0.1:${this.port}/r/${rollup.chainId}`);
  }

  /** Ends it at once, and forgets all it wrote. */
  async remove(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }
}
