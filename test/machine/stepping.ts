import { expect } from "chai";
import { concat, getBytes, hexlify, keccak256, toBeHex } from "ethers";
import { ethers } from "hardhat";
import type { Machine } from "../../sdk/src/typechain";
import { encode, type Fields } from "./instructions";
import { MemoryTree } from "./MemoryTree";
import { type Preimages, type State, boot, stateHash, step } from "./Reference";

/** Where tests put data: the first writable address, and the last 32 bytes. */
export const DATA = 0x200000n;
export const LAST_LEAF = 0xffffffe0n;

/** Values at which integer operations go wrong. */
export const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n ** 64n - 1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 63n - 1n,
  2n ** 63n,
  0x123456789abcdef0n,
  0xfedcba9876543211n,
  64n + 33n,
];

/** A store of preimages by hash. */
export class Known implements Preimages {
  private readonly byHash = new Map<string, Uint8Array>();
  readonly openings = new Map<string, string>();

  add(preimage: Uint8Array): string {
    const hash = keccak256(preimage);
    this.byHash.set(hash, preimage);
    return hash;
  }

  preimage(hash: string): Uint8Array | undefined {
    return this.byHash.get(hash);
  }

  blob(versionedHash: string, index: number): string {
    const opening = this.openings.get(`${versionedHash}:${index}`);
    if (opening === undefined) throw new Error(`no opening of word ${index}`);
    return opening;
  }
}

/** Returns the request of a precompile call, as READ kind 2 names it by its hash. */
export const call = (address: number, gas: number, input: Uint8Array | string) =>
  getBytes(concat([toBeHex(address, 2), toBeHex(gas, 4), input]));

/** Returns bytes that are all of some value. */
export const ramp = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) + 1) & 0xff);

export const NOTHING: Preimages = { preimage: () => undefined };

/** A state about to execute `instruction` at `pc`, with the given registers. */
export function before(instruction: number, registers: Record<number, bigint> = {}, pc = 0x100n): State {
  const memory = new MemoryTree();
  memory.store(pc, 4, BigInt(instruction));
  const state = boot(memory, pc, hexlify(new Uint8Array(32)));
  for (const [index, value] of Object.entries(registers))
    state.x.set(Number(index), BigInt.asUintN(64, value));
  return state;
}

/** The same with an instruction by its mnemonic. */
export const beforeOne = (
  mnemonic: string,
  fields: Fields,
  registers: Record<number, bigint> = {},
  pc?: bigint,
) => before(encode(mnemonic, fields), registers, pc);

export async function deployMachine(): Promise<Machine> {
  return ethers.deployContract("Machine");
}

/**
 * Steps `state` in the reference and in the contract; both must agree on both hashes. Returns the witness used; `state` is the next one then.
 */
export async function stepBoth(
  machine: Machine,
  state: State,
  preimages: Preimages = NOTHING,
): Promise<string> {
  const codeRoot = state.memory.codeRoot();
  const expectedBefore = stateHash(state);
  const witness = step(state, preimages);
  const [first, second] = await machine.step(codeRoot, witness);
  expect(first, "state before").to.equal(expectedBefore);
  expect(second, "state after").to.equal(stateHash(state));
  return witness;
}
