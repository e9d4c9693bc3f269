import { AbiCoder, dataSlice, id } from "ethers";
import type { Emulator } from "../../sequencer/src/machine";

/** A step whose outcome in Solidity isn't the emulator's. */
export class Disagreement extends Error {
  constructor(step: bigint, expected: readonly string[], actual: readonly string[] | string) {
    const said = typeof actual === "string" ? actual : actual.join(" → ");
    super(`step ${step}: the emulator goes ${expected.join(" → ")}, Solidity says ${said}`);
  }
}

const SELECTOR = dataSlice(id("step(bytes32,bytes)"), 0, 4);
const coder = AbiCoder.defaultAbiCoder();

/** Deploys the machine on an in-process chain and returns how to make one step there. */
async function deploy(): Promise<(codeRoot: string, witness: string) => Promise<readonly string[]>> {
  // Hardhat takes seconds to load, and only this option needs it.
  const { default: hre } = await import("hardhat");
  if (hre.network.name !== "hardhat")
    throw new Error(
      `--onchain deploys the machine on a chain in this process, but HARDHAT_NETWORK names ${hre.network.name}: unset it`,
    );
  if (!(await hre.artifacts.artifactExists("Machine"))) await hre.run("compile", { quiet: true });
  const { bytecode } = await hre.artifacts.readArtifact("Machine");
  const request = (method: string, params: unknown[]): Promise<unknown> =>
    hre.network.provider.request({ method, params });
  const [from] = (await request("eth_accounts", [])) as string[];
  const hash = await request("eth_sendTransaction", [{ from, data: bytecode }]);
  const receipt = (await request("eth_getTransactionReceipt", [hash])) as { contractAddress: string };
  return async (codeRoot, witness) => {
    const data = SELECTOR + coder.encode(["bytes32", "bytes"], [codeRoot, witness]).slice(2);
    const result = await request("eth_call", [{ from, to: receipt.contractAddress, data }, "latest"]);
    return coder.decode(["bytes32", "bytes32"], String(result)).toArray().map(String);
  };
}

/** Replays steps 0, K, 2K … below `end` in Solidity and returns how many. Throws Disagreement at the first that differs. */
export async function replay(
  emulator: Emulator,
  end: bigint,
  every: bigint,
  progress: (step: bigint) => void,
): Promise<number> {
  const step = await deploy();
  let count = 0;
  for (let at = 0n; at < end; at += every, count++) {
    const witness = emulator.witness(at);
    const before = emulator.stateHash();
    emulator.seek(at + 1n);
    const expected = [before, emulator.stateHash()];
    const actual = await step(emulator.identity.codeRoot, witness).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    // A proof that doesn't hold is the file's fault: the emulator takes openings as they are.
    if (typeof actual === "string" && actual.includes("BlobOpeningWrong"))
      throw new Error(
        `step ${at}: the chain refuses the opening of the blob's word that it reads: ${actual}`,
      );
    if (typeof actual === "string" || actual[0] !== expected[0] || actual[1] !== expected[1])
      throw new Disagreement(at, expected, actual);
    progress(at);
  }
  return count;
}
