import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hexlify, toUtf8Bytes, ZeroAddress, Wallet } from "ethers";
import { ICatalogue__factory } from "../../sdk/src/typechain";
import hashes from "../../programs/artifacts/hashes.json";
import {
  type CallResult,
  type Oracle,
  ProgramInstance,
  ProgramTrapped,
} from "../../sequencer/src/executor/instance";
import { LedgerProgram } from "../../sequencer/src/programs/ledger/ledger";
import type { Program } from "../../sequencer/src/programs/program";
import { Rollup, Settlement } from "./fixture";

/** The forced transaction that `programs/brittle` can't stomach. */
const POISON = hexlify(toUtf8Bytes("poison"));
const BODY_AT = 22;

/** The ledger's module, but that it traps where `programs/brittle` does on the machine. */
class SqueamishInstance extends ProgramInstance {
  override open(oracle: Oracle, argument: Uint8Array): CallResult {
    return tasting(oracle, (tasted) => super.open(tasted, argument));
  }

  override run(oracle: Oracle, input: Uint8Array): CallResult {
    return tasting(oracle, (tasted) => super.run(tasted, input));
  }
}

function tasting(oracle: Oracle, body: (oracle: Oracle) => CallResult): CallResult {
  let isPoisoned = false;
  const result = body({
    ...oracle,
    recovered: (input) => oracle.recovered(input),
    preimage: (hash) => {
      const bytes = oracle.preimage(hash);
      isPoisoned ||= bytes?.[1] === 2 && hexlify(bytes.subarray(BODY_AT)) === POISON;
      return bytes;
    },
  });
  if (isPoisoned) throw new ProgramTrapped("poison");
  return result;
}

/** `programs/brittle` as a node would know it: its machine program is the committed one, its module is the ledger's with the same fault. */
export function brittleProgram(hash: string): Program | undefined {
  if (hash !== hashes.brittle.programHash) return undefined;
  const module = new WebAssembly.Module(
    readFileSync(join(__dirname, "../../programs/artifacts/ledger.wasm")),
  );
  const ledger = new LedgerProgram({ hash, codeRoot: hashes.brittle.codeRoot }, module);
  return Object.create(ledger, {
    name: { value: "brittle" },
    instantiate: { value: () => new SqueamishInstance(module) },
  }) as Program;
}

/** Adds the program to the catalogue. */
export async function addBrittle(settlement: Settlement): Promise<void> {
  const { codeRoot, memoryRoot0, entry, siblings, log2Steps } = hashes.brittle;
  const { genesis, batchGas } = hashes.ledger;
  const program = {
    ...{ codeRoot, memoryRoot0, entry, genesis, batchGas },
    ...{ logSteps: log2Steps, residual: false, stateReader: ZeroAddress },
  };
  const catalogue = ICatalogue__factory.connect(await settlement.hubAddress(), settlement.anvil.wallet(0));
  await (await catalogue.addProgram(program, siblings)).wait();
}

export async function createBrittle(settlement: Settlement, sequencer: Wallet): Promise<Rollup> {
  return settlement.createRollup(sequencer, {
    chain: { program: hashes.brittle.programHash, messageGas: 5_000n },
  });
}

/** Anybody's message on which the program traps. */
export async function poison(settlement: Settlement, rollup: Rollup): Promise<void> {
  await (await settlement.hub.connect(settlement.anvil.wallet(8)).force(rollup.id, POISON)).wait();
}
