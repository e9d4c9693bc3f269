import { expect } from "chai";
import { failureLine, failureOf } from "../../scripts/machine/failure";
import { assemble } from "./assembler";
import { bootEmulator } from "./emulating";

describe("npm run machine: why a program failed", () => {
  const failureIn = (source: string) => {
    const emulator = bootEmulator(assemble(source));
    expect(emulator.runTo(1000n).outcome).to.equal("error");
    const [end, hash] = [emulator.steps, emulator.stateHash()];
    const failure = failureOf(emulator);
    expect([emulator.steps, emulator.stateHash()], "left where it was").to.deep.equal([end, hash]);
    return failure;
  };

  const illegal: [string, string][] = [
    [".word 0", "no instruction: zero"],
    [".word 0x00008082", "a compressed instruction (C): compile without"],
    [".word 0x00b57553", "a floating-point instruction: the machine is RV64IM"],
    [".word 0x00053507", "a floating-point instruction: the machine is RV64IM"],
    [".word 0x00b5252f", "an atomic instruction: the machine is RV64IM"],
    [".word 0x0d007057", "a vector instruction: the machine is RV64IM"],
    ["unimp", "a system instruction that isn't ecall"],
    ["ebreak", "a system instruction that isn't ecall"],
    [".word 0x60051513", "no instruction of RV64IM"],
    [".word 0xffffffff", "no instruction of RV64IM"],
  ];
  for (const [source, reason] of illegal)
    it(`knows ${source}: ${reason}`, () => {
      const failure = failureIn(`nop\n${source}`);
      expect(failure).to.include({ step: 1, pc: "0x4", reason });
      expect(failureLine(failure)).to.equal(`step 1 at pc 0x4: ${failure.word}, ${reason}`);
    });

  const legal: [string, string, string][] = [
    ["lw a0, 4(t0)", "3", "load from 0x7, no multiple of 4"],
    ["lb a0, -1(t0)", "0", "load from 0xffffffffffffffff, outside the memory"],
    ["ld a0, 0(t0)", "0x100000000", "load from 0x100000000, outside the memory"],
    ["sh t1, 1(t0)", "0x200000", "store to 0x200001, no multiple of 2"],
    ["sb t1, -1(t0)", "0x200000", "store to 0x1fffff, in the text"],
    ["jalr ra, 2(t0)", "0", "a jump to an address that is no multiple of 4"],
    ["ecall", "0", "an unknown system call (a7 = 0)"],
  ];
  for (const [source, base, reason] of legal)
    it(`knows ${source} with ${base}: ${reason}`, () => {
      const { instruction, ...rest } = failureIn(`li t0, ${base}\n${source}`);
      expect(rest.reason).to.equal(reason);
      expect(instruction).to.equal(source);
    });

  it("knows a READ that the machine refuses", () => {
    expect(failureIn("li a0, 3\nli a7, 1\necall").reason).to.match(/^a READ whose registers/);
  });

  it("names a place that holds no instruction", () => {
    for (const [target, pc] of [
      ["0x200000", "0x200000"],
      ["-4", "0xfffffffffffffffc"],
    ]) {
      const failure = failureIn(`li t0, ${target}\njr t0`);
      expect(failure).to.deep.equal({ step: failure.step, pc, reason: "no instruction address" });
      expect(failureLine(failure)).to.equal(`step ${failure.step} at pc ${pc}: no instruction address`);
    }
  });
});
