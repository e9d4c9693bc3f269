import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getBytes, id, keccak256, toUtf8Bytes, ZeroHash } from "ethers";
import { Disagreement, replay } from "../../scripts/machine/onchain";
import { USAGE } from "../../scripts/machine/options";
import { Emulator } from "../../sequencer/src/machine";
import { assemble } from "./assembler";
import { opening, VERSIONED_HASH, wordOf } from "./blob";

const ROOT = join(__dirname, "..", "..");

/** Runs the command with the arguments that stand behind `--`. */
function command(...args: string[]) {
  const script = join(ROOT, "scripts", "machine", "main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", script, ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("npm run machine", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "machine-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (source: string | Uint8Array, ...options: string[]) => {
    const file = join(folder, "program.elf");
    writeFileSync(file, typeof source === "string" ? assemble(source).elf : source);
    return command("run", file, ...options);
  };

  it("exits with 0 for a0 = 0, 1 for another, 2 for an error, and says so in JSON", () => {
    const pass = run("li a0, 0\nli a1, 7\nli a7, 93\necall", "--json");
    expect(JSON.parse(pass.stdout)).to.include({ outcome: "exit", a0: "0x0", a1: "0x7", steps: 4 });
    expect(pass.stdout.trim().split("\n").length).to.equal(1);
    expect(pass.status).to.equal(0);
    expect(run("li a0, 3\nli a7, 93\necall").status).to.equal(1);
    const error = run("unimp", "--json");
    expect([error.status, (JSON.parse(error.stdout) as { outcome: string }).outcome]).to.deep.equal([
      2,
      "error",
    ]);
  });

  it("names the instruction that failed and what it looks like, in text and in JSON", () => {
    const compressed = run("nop\n.half 0x4501, 0x4501");
    expect([compressed.status, compressed.stdout.split("\n").at(-2)]).to.deep.equal([
      2,
      "failure     step 1 at pc 0x4: 0x45014501, a compressed instruction (C): compile without",
    ]);
    const text = run("li t0, 3\nlw a0, 4(t0)", "--json");
    expect((JSON.parse(text.stdout) as { failure: unknown }).failure).to.deep.equal({
      step: 1,
      pc: "0x4",
      word: "0x0042a503",
      instruction: "lw a0, 4(t0)",
      reason: "load from 0x7, no multiple of 4",
    });
  });

  it("prints its usage when asked", () => {
    for (const args of [["--help"], ["run", "--help"]])
      expect(command(...args)).to.deep.equal({ status: 0, stdout: `${USAGE}\n`, stderr: "" });
  });

  it("stops where it is told, traces, and gives up on what doesn't end", () => {
    const traced = run("li s0, 5\nj 0", "--steps", "2", "--trace");
    expect(traced.status).to.equal(0);
    expect(traced.stderr).to.match(/^0\t0x0\taddi s0, zero, 5 +\ts0 = 0x5\n1\t0x4\tjal zero, 0x4 +\t\n/m);
    const endless = run("j 0", "--max-steps", "1000");
    expect([endless.status, endless.stderr]).to.deep.equal([
      3,
      "the program hasn't halted after 1000 steps: raise --max-steps\n",
    ]);
  });

  it("replays steps in Solidity, with an input and preimages from files", () => {
    writeFileSync(join(folder, "preimage"), "hello");
    const input = keccak256(toUtf8Bytes("hello"));
    const program = `
      mv a4, a3
      mv a3, a2
      mv a2, a1
      mv a1, a0
      li a0, 0
      la a6, word
      li a7, 1
      ecall
      ld a0, 0(a6)
      li t0, 0x6f6c6c6568
      sub a0, a0, t0
      li a7, 93
      ecall
      .data
      word: .dword 0`;
    const missing = run(program, "--input", input);
    expect(missing.status).to.equal(3);
    expect(missing.stderr).to.contain(`reads kind 0, key ${input}: the oracle doesn't know it`);
    const replayed = run(program, "--input", input, "--preimages", folder, "--onchain", "--json");
    expect(replayed.stderr).to.equal("");
    const { replayed: count, steps } = JSON.parse(replayed.stdout) as { replayed: number; steps: number };
    expect([replayed.status, count]).to.deep.equal([0, steps]);
  });

  it("replays the reading of a blob's word, from a file with its opening", () => {
    const folderOfBlobs = mkdtempSync(join(folder, "blobs-"));
    writeFileSync(join(folderOfBlobs, `${VERSIONED_HASH}.5`), getBytes(opening(5)));
    const program = `
      mv a4, a3
      mv a3, a2
      mv a2, a1
      mv a1, a0
      li a0, 1
      li a5, 160
      la a6, word
      li a7, 1
      ecall
      ld a0, 0(a6)
      ld a1, 24(a6)
      li a7, 93
      ecall
      .data
      word: .dword 0, 0, 0, 0`;
    const options = ["--input", VERSIONED_HASH, "--preimages", folderOfBlobs, "--onchain", "--json"];
    const { status, stdout, stderr } = run(program, ...options);
    expect([status, stderr]).to.deep.equal([1, ""]);
    const { a0, a1, replayed, steps } = JSON.parse(stdout) as Record<string, string>;
    const word = Buffer.from(getBytes(wordOf(5)));
    expect([a0, a1].map((value) => BigInt(value ?? 0))).to.deep.equal(
      [0, 24].map((at) => word.readBigUInt64LE(at)),
    );
    expect(replayed).to.equal(steps);
  });

  it("replays every K-th step, up to the step where it was told to stop", () => {
    const every = run("li s0, 5\nj 0", "--steps", "10", "--onchain", "4", "--json");
    expect(every.stderr).to.equal("");
    expect(JSON.parse(every.stdout)).to.include({ outcome: "limit", steps: 10, replayed: 3 });
  });

  it("names the step at which Solidity goes elsewhere, or refuses", async () => {
    const { elf } = assemble("li a0, 0\nli a7, 93\necall");
    const refused = (emulator: Emulator): Promise<string> =>
      replay(emulator, steps, 1n, () => undefined).then(
        () => "",
        (error: unknown) => (error instanceof Disagreement ? error.message : ""),
      );
    const unknown = { preimage: () => undefined };
    const whole = Emulator.load(elf, unknown);
    const { steps } = whole.run(ZeroHash);
    expect(await replay(whole, steps, 1n, () => undefined)).to.equal(Number(steps));
    const liar = Emulator.load(elf, unknown);
    liar.run(ZeroHash);
    const hash = liar.stateHash.bind(liar);
    liar.stateHash = () => (liar.steps === 2n ? id("elsewhere") : hash());
    expect(await refused(liar)).to.match(/^step 1: the emulator goes 0x/);
    const forger = Emulator.load(elf, unknown);
    forger.run(ZeroHash);
    const witness = forger.witness.bind(forger);
    forger.witness = (step) => (step === 2n ? `0x${witness(step).slice(4)}00` : witness(step));
    expect(await refused(forger)).to.match(/^step 2: /);
  });

  it("prints what docs/programs.md shows", () => {
    const page = readFileSync(join(ROOT, "docs", "programs.md"), "utf8");
    const [, words = "", output = ""] =
      /```sh\nnpm run -s machine -- run (.*)\n```\n+```\n([^`]*)```/.exec(page) ?? [];
    const [file = "", ...options] = words.split(" ");
    expect(run(readFileSync(join(ROOT, file)), ...options)).to.deep.equal({
      status: 1,
      stdout: output,
      stderr: "",
    });
    for (const option of USAGE.match(/^ {2}--[a-z-]+/gm) ?? [])
      expect(page).to.contain(`| \`${option.trim()}`);
  });

  it("says what is wrong with a file or an option", () => {
    const file = run(new Uint8Array(8));
    expect([file.status, file.stderr]).to.deep.equal([
      3,
      "not a program for this machine: not an ELF file: it doesn't start with 7f 45 4c 46\n",
    ]);
    for (const [options, problem] of [
      [["--input", "0x12"], "--input: 32 bytes in hex expected, got 0x12"],
      [["--steps"], "--steps: a number expected, got nothing"],
      [["--max-steps", "-1"], "--max-steps: a number expected, got -1"],
      [["--steps", String(2n ** 63n)], `--steps: at most 2^63 − 1, got ${2n ** 63n}`],
      [["--onchain", "0"], "--onchain: a number of at least 1 expected, got 0"],
      [["--onchain", "-1"], "--onchain: a number expected, got -1"],
      [
        ["--steps", "1", "--max-steps", "2"],
        "--steps ends the run by itself: give it or --max-steps, not both",
      ],
      [["--preimages"], "--preimages: a folder expected"],
      [["--slow"], "unknown option --slow"],
      [["other.elf"], "one program expected, got also other.elf"],
    ] as const) {
      const option = run("nop", ...options);
      expect([option.status, option.stderr.split("\n")[0]], options.join(" ")).to.deep.equal([3, problem]);
      expect(option.stderr).to.contain("usage: npm run -s machine -- run program.elf");
    }
  });
});
