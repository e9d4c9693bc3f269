import { expect } from "chai";
import { concat, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import { MemoryTree, zero } from "./MemoryTree";
import { execute } from "./Precompiles";
import { ERROR, EXIT, State, boot, encodeState, registersToBytes, step } from "./Reference";

const NOTHING = { preimage: () => undefined };

function machine(...instructions: number[]): State {
  const memory = new MemoryTree();
  instructions.forEach((instruction, i) => {
    memory.store(BigInt(4 * i), 4, BigInt(instruction));
  });
  return boot(memory, 0n, keccak256(toUtf8Bytes("input")));
}

describe("Reference machine", () => {
  it("hashes an empty memory like a chain of zero subtrees, and a leaf as a little-endian integer", () => {
    const memory = new MemoryTree();
    expect(memory.root()).to.equal(zero(27));
    memory.write(0, new Uint8Array([1]));
    expect(memory.node(0, 0)).to.equal(toBeHex(1, 32));
    expect(memory.node(1, 0)).to.equal(keccak256(concat([toBeHex(1, 32), zero(0)])));
  });

  it("boots with the input hash in a0..a3 and gives it back", () => {
    const state = machine();
    expect(registersToBytes(state.x, 10)).to.equal(keccak256(toUtf8Bytes("input")));
    expect((encodeState(state).length - 2) / 2).to.equal(288);
  });

  it("computes with immediates, exits by system call and stays halted", () => {
    const state = machine(0xfff00513, 0x05d00893, 0x00000073); // li a0, -1; li a7, 93; ecall
    for (let i = 0; i < 3; i++) expect((step(state, NOTHING).length - 2) / 2).to.equal(832);
    expect(state.pc).to.equal(EXIT);
    expect(state.x.get(10)).to.equal(2n ** 64n - 1n);
    expect((step(state, NOTHING).length - 2) / 2).to.equal(288);
    expect(state.pc).to.equal(EXIT);
  });

  it("halts with an error and zero a0..a3 on an illegal instruction and outside the text", () => {
    const state = machine(0xc0001073);
    step(state, NOTHING);
    expect(state.pc).to.equal(ERROR);
    expect(registersToBytes(state.x, 10)).to.equal(zero(0));
    const lost = machine();
    lost.pc = 2n ** 21n;
    expect((step(lost, NOTHING).length - 2) / 2).to.equal(288);
    expect(lost.pc).to.equal(ERROR);
  });

  it("stores and loads with sign extension", () => {
    const state = machine(0x002005b7, 0xffe00513, 0x00a59223, 0x00459603, 0x0045d683); // lui a1,0x200; li a0,-2; sh a0,4(a1); lh a2,4(a1); lhu a3,4(a1)
    for (let i = 0; i < 5; i++) step(state, NOTHING);
    expect(state.x.get(12)).to.equal(2n ** 64n - 2n);
    expect(state.x.get(13)).to.equal(0xfffen);
  });

  it("knows the published results of the precompiles", () => {
    const text = toUtf8Bytes("abc");
    expect(toBeHex(BigInt("0x" + Buffer.from(execute(2, 72n, text) ?? []).toString("hex")), 32)).to.equal(
      "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(Buffer.from(execute(3, 720n, text) ?? []).toString("hex")).to.equal(
      "0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
    );
    expect(execute(2, 71n, text)).to.equal(undefined);
  });
});
