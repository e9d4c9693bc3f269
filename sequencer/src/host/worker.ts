import { parentPort, workerData } from "node:worker_threads";
import { Analyst } from "../challenger/analyst";
import { hashingReady } from "../hashing";
import { L1Outcome, L1Request } from "../l1/queue";
import { L1Block, L1Log } from "../l1/watcher";
import { createLog } from "../log";
import { Activity } from "../rollup/activity";
import { L1Access, RollupTiming } from "../rollup/context";
import { RollupRuntime } from "../rollup/runtime";
import { RpcError } from "../rpc/errors";
import { Channel } from "./channel";

/** What every worker thread is started with. */
export interface WorkerSettings {
  readonly index: number;
  readonly directory: string;
  /** see `RuntimeOptions` [bytes] */
  readonly minFree: number;
  readonly logLevel: string;
  readonly l1ChainId: bigint;
  readonly hub: string;
  /** the node's key, lower case */
  readonly address: string | undefined;
  readonly sequences: boolean;
  readonly claims: boolean;
  readonly challenges: boolean;
  readonly timing: RollupTiming;
}

/** The rollups that a reorg undid, and those whose store didn't take it. */
export interface Rewound {
  readonly gone: readonly number[];
  readonly broken: readonly number[];
}

const settings = workerData as WorkerSettings;
const log = createLog(settings.logLevel, { worker: settings.index });
const channel = new Channel(parentPort!);
const analyst = new Analyst();
const activity = new Activity();
const runtimes = new Map<number, RollupRuntime>();

const l1: L1Access = {
  address: settings.address,
  call: <T>(method: string, params: unknown[]) => channel.call<T>("l1.call", method, params),
  submit: (request: L1Request) => activity.atSea(channel.call<L1Outcome>("l1.submit", request)),
  look: () => void channel.call("l1.look").catch(() => undefined),
  missing: (rollup, last, shown) =>
    void channel.call("l1.missing", rollup, last, shown).catch(() => undefined),
};

channel.handle("open", async (id: number, l2ChainId: bigint, created: L1Log[], head: L1Block) => {
  await hashingReady;
  const { l1ChainId, hub, timing, directory, minFree, sequences, claims, challenges } = settings;
  const place = { id, l2ChainId, l1ChainId, hub };
  const runtime = new RollupRuntime(
    { place, timing, directory, minFree, sequences, claims, challenges },
    { l1, log, analyst, activity },
  );
  runtimes.set(id, runtime);
  await runtime.start(created, head);
});
channel.handle("ready", () => hashingReady);
channel.handle(
  "advance",
  (id: number, logs: L1Log[], head: L1Block) => runtimes.get(id)?.advance(logs, head) ?? false,
);
channel.handle("resume", (id: number, block: number) => runtimes.get(id)?.resume(block) ?? false);
channel.handle("tick", (head: L1Block, except: number[]) => {
  for (const [id, runtime] of runtimes) if (!except.includes(id)) runtime.tick(head);
});
channel.handle("step", async () => {
  for (const [, runtime] of [...runtimes].sort(([a], [b]) => a - b)) await runtime.step();
  await activity.quiet();
});
channel.handle("vitals", () => [...runtimes.values()].map((runtime) => runtime.vitals()));
channel.handle("quiet", () => activity.quiet());
channel.handle("rewind", async (block: number): Promise<Rewound> => {
  const [gone, broken]: [number[], number[]] = [[], []];
  const rewind = async ([id, runtime]: [number, RollupRuntime]) => {
    const outcome = await runtime.rewind(block);
    if (outcome === "broken") broken.push(id);
    if (outcome !== "gone") return;
    runtimes.delete(id);
    await runtime.stop();
    gone.push(id);
  };
  await Promise.all([...runtimes].map(rewind));
  return { gone, broken };
});
channel.handle("answer", (id: number, method: string, params: unknown[]) => {
  const runtime = runtimes.get(id);
  if (runtime !== undefined) return runtime.answer(method, params);
  throw new RpcError("RollupUnknown", { id });
});
channel.handle("stop", async () => {
  await analyst.stop();
  await Promise.all([...runtimes.values()].map((runtime) => runtime.stop()));
  runtimes.clear();
});
