import { ZeroAddress } from "ethers";
import type { Preset } from "./preset";

/** The three structs of `create`, as the hub's ABI reads them. */
export interface RollupParameters {
  readonly chain: {
    readonly program: string;
    readonly availability: string;
    readonly sequencing: string;
    readonly sequencer: string;
    readonly feeRecipient: string;
    readonly gasPrice: bigint;
    readonly messageGas: bigint;
    readonly messageBound: bigint;
  };
  readonly security: {
    readonly policy: bigint;
    readonly window: bigint;
    readonly clock: bigint;
    readonly extension: bigint;
    readonly bond: bigint;
    readonly deposit: bigint;
    readonly slash: bigint;
    readonly fallbackDelay: bigint;
  };
  readonly lifetime: {
    readonly owner: string;
    readonly endTime: bigint;
    readonly unwind: bigint;
    readonly forceDelay: bigint;
    readonly maxDormant: bigint;
    readonly ringLog2: bigint;
  };
}

/** Who a new rollup's people are. */
export interface People {
  /** Owns it if the preset says `creator`. */
  readonly owner: string;
  /** Posts its batches if the preset says `single`. */
  readonly sequencer: string;
  /** Earns its fees. */
  readonly feeRecipient: string;
}

/** What the preset's names stand for on a settlement chain. */
export interface Parts {
  readonly program: string;
  readonly availability: string;
  readonly sequencing: string;
}

/**
 * Returns the parameters of `create` that a preset stands for.
 *
 * @param now the settlement chain's time [s since 1970], from which a preset's lifetime counts
 */
export function parametersOf(preset: Preset, parts: Parts, people: People, now: bigint): RollupParameters {
  const { chain, security, lifetime } = preset;
  return {
    chain: {
      ...parts,
      sequencer: chain.sequencing === "single" ? people.sequencer : ZeroAddress,
      feeRecipient: people.feeRecipient,
      gasPrice: chain.gasPrice,
      messageGas: BigInt(chain.messageGas),
      messageBound: BigInt(chain.messageBound),
    },
    security: {
      policy: BigInt((security.policy.mask << 8) | security.policy.threshold),
      window: BigInt(security.window),
      clock: BigInt(security.clock),
      extension: BigInt(security.extension),
      bond: security.bond,
      deposit: security.deposit,
      slash: security.slash,
      fallbackDelay: BigInt(security.fallbackDelay),
    },
    lifetime: {
      owner: lifetime.owner === "creator" ? people.owner : ZeroAddress,
      endTime: lifetime.lasts === "forever" ? 0n : now + BigInt(lifetime.lasts),
      unwind: BigInt(lifetime.unwind),
      forceDelay: BigInt(lifetime.forceDelay),
      maxDormant: BigInt(lifetime.maxDormant),
      ringLog2: BigInt(lifetime.ringLog2),
    },
  };
}
