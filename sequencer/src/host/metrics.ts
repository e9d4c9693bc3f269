import { formatEther } from "ethers";
import { QueueVitals } from "../l1/queue";
import { L1Block } from "../l1/watcher";

/** How one rollup's runtime is, as numbers. */
export interface Vitals {
  readonly id: number;
  readonly isHalted: boolean;
  readonly posted: number;
  readonly derived: number;
  readonly final: number;
  /** transactions in no block yet */
  readonly waiting: number;
  /** live ones */
  readonly matches: number;
  /** what an operator must look at */
  readonly alarms: number;
  /** the least that is left of a clock in a match in which it is this node's turn [ticks] */
  readonly clock?: number | undefined;
}

const GAUGES: readonly (readonly [name: string, help: string, value: (one: Vitals) => number | undefined])[] =
  [
    ["rollup_halted", "1 if the node stopped the rollup after a fault", ({ isHalted }) => Number(isHalted)],
    ["batches_posted", "Last batch on L1", ({ posted }) => posted],
    ["batches_derived", "Last batch executed here", ({ derived }) => derived],
    ["batches_final", "Last final batch", ({ final }) => final],
    ["transactions_waiting", "Transactions in no block yet", ({ waiting }) => waiting],
    ["matches_live", "Matches that aren't over", ({ matches }) => matches],
    [
      "alarms",
      "Batches on which this node's executions disagree, or that it can't derive: look at once",
      ({ alarms }) => alarms,
    ],
    ["match_clock_left", "Least clock left of a match in this node's turn [ticks]", ({ clock }) => clock],
  ];

/** The figures in the text format that Prometheus reads. */
export function metricsText(
  host: {
    readonly isReady: boolean;
    readonly endpoint: number;
    /** the head, and when a look at L1 succeeded last [ms] */
    readonly l1: { readonly head: L1Block | undefined; readonly lastLook: number | undefined };
    /** of a node with a key */
    readonly queue: QueueVitals | undefined;
  },
  rollups: readonly Vitals[],
): string {
  const lines: string[] = [];
  const gauge = (name: string, help: string, values: readonly string[]) =>
    lines.push(`# HELP rollworks_${name} ${help}`, `# TYPE rollworks_${name} gauge`, ...values);
  const plain = (name: string, help: string, value: number) =>
    gauge(name, help, [`rollworks_${name} ${value}`]);
  plain("ready", "1 once the node has caught up with L1", Number(host.isReady));
  plain("l1_endpoint", "Place of the L1 endpoint in use among those configured", host.endpoint);
  plain("l1_head", "L1 block up to which the node has read", host.l1.head?.number ?? 0);
  if (host.l1.lastLook !== undefined)
    plain(
      "l1_look_age",
      "Time since a look at L1 succeeded [s]",
      Math.max(0, Date.now() - host.l1.lastLook) / 1_000,
    );
  if (host.queue !== undefined) queueGauges(host.queue, plain);
  plain("rollups", "Rollups served here", rollups.length);
  for (const [name, help, value] of GAUGES)
    gauge(
      name,
      help,
      rollups.flatMap((one) => {
        const figure = value(one);
        return figure === undefined ? [] : [`rollworks_${name}{rollup="${one.id}"} ${figure}`];
      }),
    );
  return `${lines.join("\n")}\n`;
}

function queueGauges(
  { balance, unmined, age, capped }: QueueVitals,
  plain: (name: string, help: string, value: number) => void,
): void {
  if (balance !== undefined)
    plain("key_balance", "Coins of the node's key on L1 [ETH]", Number(formatEther(balance)));
  plain("l1_unmined", "Transactions of the key that aren't mined", unmined);
  plain("l1_unmined_age", "Age of the oldest of them [s by L1]", age);
  plain(
    "l1_capped",
    "Those of them whose fee would have to rise beyond what is allowed: look at once",
    capped,
  );
}
