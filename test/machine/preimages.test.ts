import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { getBytes, hexlify, keccak256 } from "ethers";
import { replay } from "../../scripts/machine/onchain";
import { oracleOf } from "../../scripts/machine/preimages";
import { assemble } from "./assembler";
import { MODULUS, opening, VERSIONED_HASH, wordOf } from "./blob";
import { bootEmulator } from "./emulating";

describe("Files of preimages", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "preimages-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, bytes: Uint8Array | string): void =>
    writeFileSync(join(folder, name), getBytes(bytes));
  const digits = VERSIONED_HASH.slice(2);

  it("are known by their hash whatever they are called, also by a link", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    mkdirSync(join(folder, "deeper"));
    write(join("deeper", "kept"), bytes);
    symlinkSync(join(folder, "deeper", "kept"), join(folder, "link"));
    expect(oracleOf(folder).preimage(0, getBytes(keccak256(bytes)))).to.deep.equal(Buffer.from(bytes));
    expect(oracleOf(undefined).preimage(0, getBytes(keccak256(bytes)))).to.equal(undefined);
  });

  it("open a blob's word where their name says so, in capitals too", () => {
    write(`0x${digits.toUpperCase()}.5`, opening(5));
    const found = oracleOf(folder).blobWord?.(getBytes(VERSIONED_HASH), 5);
    expect(hexlify(found ?? "0x").slice(0, 66)).to.equal(wordOf(5));
  });

  it("refuse an opening that can't be one of that blob", () => {
    const wrong = (name: string, bytes: Uint8Array | string, message: RegExp): void => {
      write(name, bytes);
      expect(() => oracleOf(folder)).to.throw(message);
      rmSync(join(folder, name));
    };
    wrong(`${digits}.5`, getBytes(opening(5)).slice(1), /5 has 127 bytes, .* 128 bytes/);
    wrong(
      `${digits}.5`,
      `0x${MODULUS.toString(16)}${opening(5).slice(66)}`,
      /y isn't below the order of the field/,
    );
    wrong(
      `01${"ab".repeat(31)}.0`,
      opening(0),
      /its commitment has the versioned hash 0x01.*, not the one in its name/,
    );
  });

  it("are to blame where the chain refuses an opening, not the machine", async () => {
    write(`${digits}.0`, `${wordOf(1)}${opening(0).slice(66)}`);
    const reader = assemble(`
      mv a4, a3
      mv a3, a2
      mv a2, a1
      mv a1, a0
      li a0, 1
      li a5, 0
      li a6, 0x200000
      li a7, 1
      ecall
      li a7, 93
      ecall`);
    // The input is the key as it lies in registers: the hash's own bytes.
    const emulator = bootEmulator(reader, VERSIONED_HASH, oracleOf(folder));
    const { steps } = emulator.runTo(100n);
    let problem: unknown;
    await replay(emulator, steps, 1n, () => undefined).catch((error: unknown) => (problem = error));
    expect(problem)
      .to.be.instanceOf(Error)
      .with.property("message")
      .that.matches(/^step 8: the chain refuses the opening/);
    expect((problem as Error).constructor.name).to.equal("Error");
  });
});
