import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createAddressFromString, hexToBytes } from "@ethereumjs/util";
import { createVM } from "@ethereumjs/vm";
import { expect } from "chai";
import { concat, getBytes, hexlify, ripemd160, sha256, toBeHex, toUtf8Bytes, zeroPadValue } from "ethers";
import { artifacts } from "hardhat";
import { Machine__factory } from "../../sdk/src/typechain";

/** A precompile as some chain has it. */
interface Precompile {
  readonly output: string;
  readonly gas: bigint;
  readonly succeeds: boolean;
}

const ABC = hexlify(toUtf8Bytes("abc"));
const RECOVERED = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";

/** What Ethereum answers to the constructor's inputs. */
const RIGHT: Readonly<Record<number, string>> = {
  1: zeroPadValue(RECOVERED, 32),
  2: sha256(ABC),
  3: zeroPadValue(ripemd160(ABC), 32),
  4: ABC,
  5: toBeHex(1, 32),
};

/** The most gas with which the constructor tries one: programs offer more. */
const PROBE = 50_000n;

/** Deploys the machine on a chain whose precompile `target` is another one. Returns the error it refuses with, if it does. */
async function deployWhere(target: number, { output, gas, succeeds }: Precompile): Promise<unknown> {
  const { bytecode } = await artifacts.readArtifact("Machine");
  const vm = await createVM({
    common: new Common({ chain: Mainnet, hardfork: Hardfork.Prague }),
    evmOpts: {
      customPrecompiles: [
        {
          address: createAddressFromString(toBeHex(target, 20)),
          function: ({ data, gasLimit }) => {
            const isEnough = gas <= gasLimit;
            // The constructor recovers from nothing too, to which there is no answer.
            const answer = target === 1 && data.length === 0 ? "0x" : output;
            return {
              executionGasUsed: isEnough ? gas : gasLimit,
              returnValue: isEnough ? getBytes(answer) : new Uint8Array(),
              ...(isEnough && succeeds ? {} : { exceptionError: { error: "revert" } as never }),
            };
          },
        },
      ],
    },
  });
  const { execResult } = await vm.evm.runCall({
    data: hexToBytes(bytecode as `0x${string}`),
    gasLimit: 10_000_000n,
  });
  if (execResult.exceptionError === undefined) return undefined;
  const error = Machine__factory.createInterface().parseError(execResult.returnValue);
  return error === null ? "unknown" : [error.name, ...(error.args.toArray() as unknown[])];
}

describe("Machine > deployment, where a precompile", () => {
  for (const target of [1, 2, 3, 4, 5]) {
    const output = RIGHT[target] ?? "0x";
    const refusal = ["PrecompileDiffers", BigInt(target)];

    it(`${target} is as on Ethereum`, async () => {
      expect(await deployWhere(target, { output, gas: 3_000n, succeeds: true })).to.equal(undefined);
    });

    it(`${target} answers something else`, async () => {
      const other = concat([output, "0x00"]);
      expect(await deployWhere(target, { output: other, gas: 3_000n, succeeds: true })).to.deep.equal(
        refusal,
      );
    });

    it(`${target} fails, whatever it returns`, async () => {
      expect(await deployWhere(target, { output, gas: 3_000n, succeeds: false })).to.deep.equal(refusal);
    });

    it(`${target} costs more than programs offer [a precompile that became dearer]`, async () => {
      expect(await deployWhere(target, { output, gas: PROBE, succeeds: true })).to.equal(undefined);
      expect(await deployWhere(target, { output, gas: PROBE + 1n, succeeds: true })).to.deep.equal(refusal);
    });
  }
});
