import { expect } from "chai";
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble, type Assembly, DATA_BASE } from "./assembler";
import { buildElf } from "./elf";
import { bootEmulator } from "./emulating";
import { INSTRUCTIONS } from "./instructions";
import { EDGES } from "./stepping";

const QEMU = "qemu-riscv64";
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const runs = Number(process.env["RUNS"] ?? 20);
const DUMP_SIZE = 32 * 8;

/** Mnemonics that only compute, and loads and stores around the data. */
const COMPUTING = [...INSTRUCTIONS].filter(([, { format }]) =>
  ["R", "I", "shift6", "shift5", "U"].includes(format),
);
const ACCESSES = ["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu", "sb", "sh", "sw", "sd"] as const;
/** All but x0, and two that the test keeps: x30 points at the data, x31 at the dump. */
const REGISTER = fc.integer({ min: 1, max: 29 });

const line: fc.Arbitrary<string> = fc.oneof(
  fc
    .record({
      row: fc.constantFrom(...COMPUTING),
      a: REGISTER,
      b: REGISTER,
      c: REGISTER,
      n: fc.integer({ min: -2048, max: 2047 }),
    })
    .map(({ row: [name, { format }], a, b, c, n }) => {
      if (format === "R") return `${name} x${a}, x${b}, x${c}`;
      if (format === "U") return `${name === "auipc" ? "lui" : name} x${a}, ${n}`;
      return `${name} x${a}, x${b}, ${format === "I" ? n : n & (format === "shift6" ? 63 : 31)}`;
    }),
  fc
    .record({ name: fc.constantFrom(...ACCESSES), a: REGISTER, n: fc.nat(31) })
    .map(({ name, a, n }) => `${name} x${a}, ${n * 8}(x30)`),
  fc
    .record({ name: fc.constantFrom("beq", "bne", "blt", "bge", "bltu", "bgeu"), a: REGISTER, b: REGISTER })
    .map(({ name, a, b }) => `${name} x${a}, x${b}, 8`),
);

/** A program that leaves all registers in memory at `dump`; `writing` hands them to the operating system as well. */
function dumping(lines: readonly string[], registers: readonly bigint[], writing: boolean): Assembly {
  return assemble(`
    la x30, data
    la x31, dump
    ${registers.map((value, index) => `li x${index + 1}, ${value}`).join("\n")}
    ${lines.join("\n")}
    nop
    ${Array.from({ length: 30 }, (_, index) => `sd x${index}, ${index * 8}(x31)`).join("\n")}
    ${writing ? `li a0, 1\nmv a1, x31\nli a2, ${DUMP_SIZE}\nli a7, 64\necall` : ""}
    li a0, 0
    li a7, 93
    ecall
    .data
    data: .zero 256
    dump: .zero ${DUMP_SIZE}`);
}

describe("Emulator and qemu", () => {
  let folder: string;
  before(function () {
    if (spawnSync(QEMU, ["--version"]).status !== 0) {
      console.log(`      ${QEMU} isn't installed (Debian's qemu-user has it)`);
      this.skip();
    }
    console.log(`      seed ${seed}`);
    folder = mkdtempSync(join(tmpdir(), "qemu-"));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  const registersInQemu = (program: Assembly): string => {
    const file = join(folder, "program");
    const segments = [
      { address: 0, bytes: program.text, flags: "rx" as const },
      { address: DATA_BASE, bytes: program.data, flags: "rw" as const },
    ];
    writeFileSync(file, buildElf(program.entry, segments, 0, 4096), { mode: 0o700 });
    const { status, stdout, stderr } = spawnSync(QEMU, ["-B", "0x100000000", file]);
    if (status !== 0) throw new Error(`qemu ended with ${status ?? "a signal"}: ${stderr.toString()}`);
    return stdout.toString("hex");
  };

  const registersInEmulator = (program: Assembly): string => {
    const emulator = bootEmulator(program);
    expect(emulator.runTo(1_000_000n).outcome).to.equal("exit");
    return Buffer.from(emulator.read(BigInt(program.symbols.get("dump") ?? 0), DUMP_SIZE)).toString("hex");
  };

  it("compute the same", () => {
    const value = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 200, maxLength: 1000 }),
        fc.array(value, { minLength: 29, maxLength: 29 }),
        (lines, registers) => {
          const expected = registersInQemu(dumping(lines, registers, true));
          expect(registersInEmulator(dumping(lines, registers, false))).to.equal(expected);
        },
      ),
      { seed, numRuns: runs },
    );
  });
});
