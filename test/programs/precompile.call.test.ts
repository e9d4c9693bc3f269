import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { concat, getBytes, hexlify, toBeHex, ZeroHash } from "ethers";
import { ProgramInstance, ProgramTrapped } from "../../sequencer/src/executor/instance";
import { hashingReady, keccak } from "../../sequencer/src/hashing";
import { Emulator, precompile, PreimageTable, PriceUncertain } from "../../sequencer/src/machine";

const artifact = (file: string): Buffer => readFileSync(join(__dirname, "../../programs/artifacts", file));
/** The load of the benchmark that is one call of a precompile. */
const CALL = "0x03";
const PRECOMPILE_KEY = 2;

interface Call {
  readonly address: number;
  readonly gas: number;
  readonly length: number;
  /** the end of the input's first word */
  readonly head?: number;
}

describe("a program's call of a precompile", () => {
  const keysOfCalls = new PreimageTable();
  let program: ProgramInstance;
  let machine: Emulator;

  before(async () => {
    await hashingReady;
    machine = Emulator.load(artifact("benchmark.elf"), keysOfCalls);
  });

  beforeEach(() => {
    program = new ProgramInstance(new WebAssembly.Module(artifact("benchmark.wasm")));
  });

  const inputOf = ({ address, gas, length, head = 0 }: Call): string =>
    concat([CALL, new Uint8Array(17), toBeHex(address, 2), toBeHex(gas, 4), toBeHex(length, 4), toBeHex(head, 4)]);

  /** What the node makes of it, and the keys that it leaves for a dispute. */
  function inWebAssembly(call: Call): { answer: string; keys: Uint8Array[] } {
    const none = { preimage: () => undefined, recovered: () => undefined };
    try {
      const { result, log } = program.run(none, getBytes(inputOf(call)));
      return {
        answer: hexlify(result),
        keys: log.filter(({ kind }) => kind === PRECOMPILE_KEY).map(({ bytes }) => bytes),
      };
    } catch (error) {
      if (!(error instanceof ProgramTrapped)) throw error;
      program = new ProgramInstance(new WebAssembly.Module(artifact("benchmark.wasm")));
      return { answer: "error", keys: [] };
    }
  }

  function assertAlike(call: Call): string {
    const { answer, keys } = inWebAssembly(call);
    for (const key of keys) keysOfCalls.add(key);
    const { outcome, output } = machine.run(inputOf(call));
    expect(outcome === "exit" ? output : outcome, JSON.stringify(call)).to.equal(answer);
    return answer;
  }

  const zeros = (length: number): string => hexlify(keccak(new Uint8Array(length)));

  it("ends alike in WebAssembly and on the machine, at and beyond each limit [a call that ends otherwise in WebAssembly]", () => {
    const refused: Call[] = [
      { address: 2, gas: 100_000, length: 5_000 },
      { address: 2, gas: 100_000, length: 4_097 },
      { address: 2, gas: 3_000_001, length: 1 },
      { address: 0, gas: 1_000, length: 1 },
      { address: 6, gas: 1_000, length: 1 },
      { address: 0x0102, gas: 1_000, length: 1 },
      { address: 5, gas: 3_000_000, length: 96, head: 1_025 },
    ];
    for (const call of refused) expect(assertAlike(call), JSON.stringify(call)).to.equal("error");
    // longer than what modexp returns, shorter than what identity may
    for (const length of [1_024, 1_025, 2_000, 4_096])
      expect(assertAlike({ address: 4, gas: 10_000, length })).to.equal(zeros(length));
    expect(assertAlike({ address: 5, gas: 3_000_000, length: 96, head: 1_024 })).to.equal(zeros(0));
    expect(assertAlike({ address: 2, gas: 59, length: 0 })).to.equal(ZeroHash);
  });

  it("ends alike for calls of any kind", function () {
    this.timeout(60_000);
    const call = fc.record({
      address: fc.integer({ min: 0, max: 6 }),
      gas: fc.oneof(fc.nat({ max: 3_100_000 }), fc.nat({ max: 4_000 })),
      length: fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 4_200 })),
      head: fc.oneof(fc.constant(0), fc.nat({ max: 1_100 })),
    });
    fc.assert(
      fc.property(call, (call) => {
        try {
          assertAlike(call);
        } catch (error) {
          if (!(error instanceof PriceUncertain)) throw error;
          program = new ProgramInstance(new WebAssembly.Module(artifact("benchmark.wasm")));
        }
      }),
      { numRuns: 150 },
    );
  });

  describe("when chains differ on modexp's price", () => {
    const modexp = (base: number, exponent: string, modulus: number): Uint8Array => {
      const size = getBytes(exponent).length;
      const lengths = [base, size, modulus].map((length) => toBeHex(length, 32));
      return getBytes(concat([...lengths, new Uint8Array(base), exponent, new Uint8Array(modulus)]));
    };
    // Prices by EIP-2565 and by EIP-7883, the latter's worked out by its formula.
    const cases: [string, Uint8Array, number, number][] = [
      ["the least", modexp(1, "0x03", 1), 200, 500],
      ["operands of 32 bytes, exponent 2^255", modexp(32, "0x80" + "00".repeat(31), 32), 1_360, 4_080],
      ["operands of 64 bytes, exponent 65,537", modexp(64, "0x010001", 64), 341, 2_048],
      ["an exponent of 40 bytes", modexp(64, "0x80" + "00".repeat(39), 64), 6_805, 49_024],
    ];

    for (const [name, input, former, present] of cases)
      it(`refuses to guess between the two: ${name}`, () => {
        expect(precompile(5, former - 1, input)).to.equal(undefined);
        for (const gas of [former, present - 1])
          expect(() => precompile(5, gas, input))
            .to.throw(PriceUncertain)
            .that.includes({ address: 5, gas });
        expect(precompile(5, present, input)).to.be.instanceOf(Uint8Array);
      });

    it("makes neither WebAssembly nor the machine go on", () => {
      const call = { address: 5, gas: 250, length: 96, head: 1 };
      expect(() => inWebAssembly(call)).to.throw(PriceUncertain);
      const key = getBytes(concat([toBeHex(5, 2), toBeHex(250, 4), toBeHex(1, 32), new Uint8Array(64)]));
      const emulator = Emulator.load(artifact("benchmark.elf"), new PreimageTable([key]));
      expect(() => emulator.run(inputOf(call))).to.throw(PriceUncertain);
    });
  });
});
