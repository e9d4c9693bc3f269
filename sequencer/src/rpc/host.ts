import { Role } from "../config";
import { L1Block } from "../l1/watcher";
import { RpcError } from "./errors";
import { Call } from "./jsonrpc";
import { Params } from "./params";

/** What the host's methods look at. */
export interface HostParts {
  readonly roles: readonly Role[];
  readonly hub: string;
  readonly l1ChainId: bigint;
  readonly l1: L1Block | undefined;
  readonly isReady: boolean;
  /** in the order of their ids */
  rollups(): Iterable<{ readonly id: number; readonly l2ChainId: bigint }>;
  /** there where the node is stepped */
  readonly step: (() => Promise<number>) | undefined;
}

type Method = (values: readonly unknown[], parts: HostParts) => unknown;

const MAX_ROLLUPS = 1_000;

const HANDLERS: Readonly<Record<string, Method>> = {
  /** first id (0): the rollups served here from that one on, at most a thousand */
  host_rollups: (values, parts) => {
    const first = new Params(values, 1).integer(0, "first", 0);
    const found: unknown[] = [];
    for (const { id, l2ChainId } of parts.rollups()) {
      if (id < first) continue;
      if (found.length === MAX_ROLLUPS) break;
      found.push({ id, chainId: `0x${l2ChainId.toString(16)}`, path: `/r/${l2ChainId}` });
    }
    return found;
  },

  /** Does what is due; answers with the number of transactions sent to L1. */
  host_step: async (values, { step }) => {
    new Params(values, 0);
    if (step === undefined) throw new RpcError("NotStepped");
    return { sent: await step() };
  },

  host_status: (values, { roles, hub, l1ChainId, l1, isReady }) => {
    new Params(values, 0);
    return { roles, hub, l1ChainId: `0x${l1ChainId.toString(16)}`, l1: l1 ?? null, isReady };
  },
};

/** A map, so that no caller reaches what every object inherits. */
const METHODS: ReadonlyMap<string, Method> = new Map(Object.entries(HANDLERS));

export const HOST_METHODS: readonly string[] = [...METHODS.keys()];

/** Answers a method of the host. */
export async function answerHost({ method, params }: Call, parts: HostParts): Promise<unknown> {
  const own = METHODS.get(method);
  if (own === undefined) throw new RpcError("MethodNotFound", { method: method.slice(0, 64) });
  return own(params, parts);
}

/** What the host answers of a rollup by itself, at once, whatever the rollup's worker does. */
export const CHAIN_ID_METHODS: readonly string[] = ["eth_chainId", "rollup_chainId"];
