import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Emulator, PreimageTable, ProgramRejected } from "../../sequencer/src/machine";
import { assemble, DATA_BASE } from "./assembler";
import { buildElf, type Segment } from "./elf";
import { bootReference } from "./emulating";
import { programHash } from "./Reference";

const CODE: Segment = { address: 0, bytes: new Uint8Array([0x73, 0, 0, 0]), flags: "rx" };
const ARTIFACTS = join(__dirname, "..", "..", "programs", "artifacts");

const load = (elf: Uint8Array): Emulator => Emulator.load(elf, new PreimageTable());

/** A good file with one field overwritten. */
function patched(offset: number, ...bytes: number[]): Uint8Array {
  const elf = buildElf(0, [CODE]);
  elf.set(bytes, offset);
  return elf;
}

describe("Emulator", () => {
  describe("load", () => {
    const refusals: [string, Uint8Array, string][] = [
      ["a file that isn't ELF", new Uint8Array(100), "not an ELF file"],
      ["an empty file", new Uint8Array(0), "not an ELF file"],
      ["a file that ends in its header", buildElf(0, [CODE]).slice(0, 40), "the file ends early: 40 bytes"],
      ["32-bit code", patched(4, 1), "not a 64-bit ELF file (class 1, 2 expected)"],
      ["big-endian code", patched(5, 2), "not a little-endian ELF file (data encoding 2, 1 expected)"],
      ["a relocatable file", patched(16, 1), "not a static executable (ELF type 1, 2 expected)"],
      ["a position-independent one", patched(16, 3), "not a static executable (ELF type 3, 2 expected)"],
      ["another architecture", patched(18, 62), "not a RISC-V program (ELF machine 62, 243 expected)"],
      ["compressed code", buildElf(0, [CODE], 1), "has compressed instructions (C)"],
      ["floating-point code", buildElf(0, [CODE], 4), "uses a floating-point ABI (F, D or Q)"],
      ["the embedded ABI", buildElf(0, [CODE], 8), "uses the embedded ABI (RVE)"],
      [
        "an entry point that isn't aligned",
        buildElf(2, [CODE]),
        "the entry point 0x2 is no instruction address",
      ],
      [
        "an entry point outside the text",
        buildElf(DATA_BASE, [CODE]),
        "the entry point 0x200000 is no instruction",
      ],
      ["no segment", buildElf(0, []), "has no loadable segment"],
      [
        "program headers outside the file",
        patched(32, 0xff, 0xff, 0xff),
        "program headers at 0xffffff, outside the file",
      ],
      ["program headers of another size", patched(54, 32), "program headers of 32 bytes (56 expected)"],
      ["a dynamic program", patched(64, 2), "needs a dynamic loader: link statically"],
      [
        "code above 2 MiB",
        buildElf(0, [{ ...CODE, address: DATA_BASE - 2 }]),
        "segment 0 at 0x1ffffe: executable, but reaches to 0x200002: code must lie below 0x200000",
      ],
      [
        "writable memory below 2 MiB",
        buildElf(0, [{ ...CODE, flags: "rw" }]),
        "segment 0 at 0x0: writable, but below 0x200000, where memory is never written",
      ],
      [
        "a segment beyond 4 GiB",
        buildElf(0, [CODE, { address: 2 ** 32 - 4, bytes: new Uint8Array(5), flags: "rw" }]),
        "segment 1 at 0xfffffffc: 5 bytes reach beyond 4 GiB",
      ],
      [
        "segments that overlap",
        buildElf(0, [CODE, { ...CODE, address: 3, flags: "r" }]),
        "segment 1 at 0x3: overlaps the segment at 0x0",
      ],
      [
        "a segment whose bytes are missing",
        buildElf(0, [CODE]).slice(0, -1),
        "segment 0 at 0x0: its bytes (4 at offset 120) reach beyond the file (123 bytes)",
      ],
      [
        "more bytes than memory",
        buildElf(0, [{ ...CODE, memorySize: 2 }]),
        "segment 0 at 0x0: more bytes in the file (4) than in memory (2)",
      ],
    ];
    for (const [what, elf, message] of refusals)
      it(`refuses ${what}`, () => {
        expect(() => load(elf)).to.throw(ProgramRejected, message);
      });

    it("accepts segments up to both ends of their ranges", () => {
      const last = { address: 2 ** 32 - 8, bytes: new Uint8Array(4), flags: "rw" as const, memorySize: 8 };
      const text = { address: DATA_BASE - 4, bytes: CODE.bytes, flags: "rx" as const };
      expect(load(buildElf(DATA_BASE - 4, [text, last])).identity.entry).to.equal(BigInt(DATA_BASE - 4));
    });

    it("says no twice and then yes, and keeps instances apart", () => {
      expect(() => load(new Uint8Array(1))).to.throw(ProgramRejected);
      const [first, second] = [load(assemble("li a0, 1").elf), load(assemble("li a0, 2").elf)];
      expect(first.runTo(1n).steps).to.equal(1n);
      second.runTo(1n);
      expect([first.register(10), second.register(10)]).to.deep.equal([1n, 2n]);
    });
  });

  describe("identity", () => {
    it("is the reference's", () => {
      const program = assemble(`nop
        _start: la a0, value
        .data
        .zero 5000
        value: .dword 0x0102030405060708`);
      const { memory } = bootReference(program);
      expect(load(program.elf).identity).to.deep.equal({
        codeRoot: memory.codeRoot(),
        memoryRoot0: memory.root(),
        entry: 4n,
        programHash: programHash(memory, 4n),
      });
    });

    it("is what stands beside the artifacts", () => {
      const hashes = JSON.parse(readFileSync(join(ARTIFACTS, "hashes.json"), "utf8")) as Record<
        string,
        Record<"programHash" | "codeRoot" | "memoryRoot0", string>
      >;
      for (const name of ["ledger", "template"]) {
        const {
          codeRoot,
          memoryRoot0,
          programHash: hash,
        } = load(readFileSync(join(ARTIFACTS, `${name}.elf`))).identity;
        expect(hashes[name]).to.include({ codeRoot, memoryRoot0, programHash: hash });
      }
    });
  });
});
