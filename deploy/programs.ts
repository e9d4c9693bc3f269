import recorded from "../programs/artifacts/hashes.json";

/** A program as the hub's catalogue lists it. */
export interface ListedProgram {
  readonly name: string;
  readonly programHash: string;
  readonly entry: {
    readonly codeRoot: string;
    readonly memoryRoot0: string;
    readonly entry: bigint;
    readonly genesis: string;
    readonly batchGas: bigint;
    readonly logSteps: bigint;
    readonly residual: boolean;
  };
  /** The contract that proves what accounts hold under its state roots. */
  readonly stateReader: "LedgerStateReader" | undefined;
  /** From the text's root to the memory's, upwards. */
  readonly siblings: readonly string[];
}

interface Artefact {
  readonly programHash?: string;
  readonly codeRoot?: string;
  readonly memoryRoot0?: string;
  readonly siblings?: readonly string[];
  readonly entry?: string;
  readonly log2Steps?: number;
  readonly batchGas?: number;
  readonly genesis?: string;
}

/** Returns the committed programs that rollups can be made of: those whose artefacts say what a batch may use. */
export function programEntries(): ListedProgram[] {
  return Object.entries(recorded as Readonly<Record<string, Artefact>>).flatMap(([name, artefact]) => {
    const { programHash, codeRoot, memoryRoot0, siblings, entry, log2Steps, batchGas, genesis } = artefact;
    if (
      !programHash ||
      !codeRoot ||
      !memoryRoot0 ||
      !siblings ||
      !entry ||
      !log2Steps ||
      !batchGas ||
      !genesis
    )
      return [];
    return [
      {
        name,
        programHash,
        entry: {
          codeRoot,
          memoryRoot0,
          entry: BigInt(entry),
          genesis,
          batchGas: BigInt(batchGas),
          logSteps: BigInt(log2Steps),
          residual: false,
        },
        stateReader: name === "ledger" ? ("LedgerStateReader" as const) : undefined,
        siblings,
      },
    ];
  });
}
