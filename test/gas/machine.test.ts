import { expect } from "chai";
import { concat, getBytes, hexlify, toBeHex } from "ethers";
import { ethers } from "hardhat";
import type { Machine } from "../../sdk/src/typechain";
import { type State, step } from "../machine/Reference";
import { DATA, Known, before as stateBefore, beforeOne, deployMachine } from "../machine/stepping";
import { GasSnapshot, type Parts } from "./GasSnapshot";

/** Full registers and full proofs: a state with as few zero bytes as a program can bring about. */
function crowded(state: State, spared: number[] = []): State {
  for (let i = 1; i < 32; i++)
    if (!spared.includes(i)) state.x.set(i, (0x9e3779b97f4a7c15n * BigInt(i)) | 0x0101010101010101n);
  for (let level = 0; level < 26; level++) state.memory.store(DATA ^ (32n << BigInt(level)), 8, 0x5555n);
  for (let level = 0; level < 16; level++) state.memory.store(0x100n ^ (32n << BigInt(level)), 8, 0x5555n);
  return state;
}

describe("Gas of the machine", () => {
  const snapshot = new GasSnapshot("machine");
  const known = new Known();
  let machine: Machine;

  before(async function () {
    if (!GasSnapshot.isMeasurable) this.skip();
    await GasSnapshot.freshChain();
    machine = await deployMachine();
  });
  after(() => {
    if (GasSnapshot.isMeasurable) snapshot.finish();
  });

  /** What the step from a state costs. */
  async function measure(state: State): Promise<Parts> {
    const data = machine.interface.encodeFunctionData("step", [state.memory.codeRoot(), step(state, known)]);
    const [sender] = await ethers.getSigners();
    if (sender === undefined) throw new Error("no signer");
    const sent = await sender.sendTransaction({ to: await machine.getAddress(), data, gasLimit: 16_000_000 });
    return GasSnapshot.partsOf(sent);
  }

  it("keeps register steps within 58 k and 5 k", async () => {
    const states = [
      ...["add", "sub", "mulhsu", "remu", "remuw", "sraw"].map((mnemonic) =>
        beforeOne(mnemonic, { rd: 5, rs1: 6, rs2: 7 }),
      ),
      beforeOne("addi", { rd: 5, rs1: 6, immediate: -1 }),
      beforeOne("sraiw", { rd: 5, rs1: 6, immediate: 3 }),
      beforeOne("bgeu", { rs1: 6, rs2: 7, immediate: -8 }),
      beforeOne("jal", { rd: 1, immediate: 2048 }),
      beforeOne("auipc", { rd: 1, immediate: 4 }),
    ];
    const measured: Parts[] = [];
    for (const state of states) measured.push(await measure(crowded(state)));
    const dearest = measured.reduce((a, b) => (b.whole > a.whole ? b : a));
    const execution = Math.max(...measured.map((parts) => parts.execution));
    snapshot.part("step, register instruction", dearest);
    snapshot.row("execution of the dearest register instruction", execution);
    expect(snapshot.headline("step, register instruction", dearest.whole)).to.be.at.most(58_000);
    expect(execution).to.be.at.most(5_000);
  });

  it("keeps memory steps within 92 k and 11 k", async () => {
    const load = await measure(crowded(beforeOne("lw", { rd: 5, rs1: 6 }, { 6: DATA }), [6]));
    const store = await measure(crowded(beforeOne("sw", { rs2: 7, rs1: 6 }, { 6: DATA }), [6]));
    snapshot.part("step, memory instruction", store);
    snapshot.row("execution of a load", load.execution);
    snapshot.row("execution of a store", store.execution);
    snapshot.row("load, whole transaction", load.whole);
    expect(snapshot.headline("step, memory instruction", store.whole)).to.be.at.most(92_000);
    expect(store.execution).to.be.at.most(11_000);
  });

  it("shows what halted and failing states and READ cost", async () => {
    const halted = stateBefore(0);
    halted.pc = 2n ** 64n - 1n;
    snapshot.row("halted state", (await measure(crowded(halted))).whole);
    snapshot.row("illegal instruction", (await measure(crowded(stateBefore(0)))).whole);

    const reading = (kind: bigint, preimage: Uint8Array) => {
      const state = crowded(stateBefore(0x73));
      const key = getBytes(known.add(preimage));
      for (let i = 0; i < 4; i++) state.x.set(11 + i, BigInt(hexlify(key.slice(8 * i, 8 * i + 8).reverse())));
      for (const [index, value] of [
        [10, kind],
        [15, 0n],
        [16, DATA],
        [17, 1n],
      ] as const)
        state.x.set(index, value);
      return state;
    };
    const bytes = (length: number) => new Uint8Array(length).fill(0xa5);
    snapshot.row("READ of a preimage of 96 bytes", (await measure(reading(0n, bytes(96)))).whole);
    snapshot.row("READ of a preimage of 4,096 bytes", (await measure(reading(0n, bytes(4096)))).whole);
    snapshot.row("READ of a preimage of 24,576 bytes", (await measure(reading(0n, bytes(24_576)))).whole);
    const recovery = getBytes(concat(["0x0001", toBeHex(3000, 4), bytes(128)]));
    snapshot.row("READ of a recovery", (await measure(reading(2n, recovery))).whole);
  });

  it("records the contract's size and the gas of its deployment", async () => {
    const code = await ethers.provider.getCode(machine);
    snapshot.row("Machine, code [bytes]", (code.length - 2) / 2);
    const deployed = machine.deploymentTransaction();
    if (deployed !== null) snapshot.row("deployment", await GasSnapshot.of(Promise.resolve(deployed)));
  });
});
