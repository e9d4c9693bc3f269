import { expect } from "chai";
import fc from "fast-check";
import { assemble, AssemblyError, loadImmediate } from "./assembler";
import { encode, ImmediateOutOfRange } from "./instructions";

const words = (text: Uint8Array): number[] => {
  const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
  return Array.from({ length: text.length / 4 }, (_, index) => view.getUint32(index * 4, true));
};

describe("assembler", () => {
  it("names the line it doesn't understand", () => {
    expect(() => assemble("nop\nfly a0, a1")).to.throw(AssemblyError, "line 2: unknown instruction fly");
    expect(() => assemble("addi a0, b1, 1")).to.throw(AssemblyError, "line 1: no register b1");
    expect(() => assemble("j away")).to.throw(AssemblyError, "line 1: no label away");
  });

  it("refuses immediates that don't fit", () => {
    expect(() => encode("addi", { immediate: 2048 })).to.throw(ImmediateOutOfRange);
    expect(() => encode("beq", { immediate: 3 })).to.throw(ImmediateOutOfRange);
    expect(() => encode("slliw", { immediate: 32 })).to.throw(ImmediateOutOfRange);
  });

  // Words made by llvm-mc 19 (-triple=riscv64 -mattr=+m).
  it("encodes as LLVM does", () => {
    const { text } = assemble(`
      lui a0, 0x12345
      auipc t6, 0xfffff
      jal ra, 2044
      jalr ra, -4(a5)
      bgeu s0, s1, -4096
      lwu s11, 2047(sp)
      sd t3, -2048(gp)
      sraiw a0, a1, 31
      srai a0, a1, 63
      mulhsu a4, a5, a6
      remuw t0, t1, t2
      sub x1, x2, x3
    `);
    expect(words(text)).to.deep.equal([
      0x12345537, 0xffffff97, 0x7fc000ef, 0xffc780e7, 0x80947063, 0x7ff16d83, 0x81c1b023, 0x41f5d51b,
      0x43f5d513, 0x0307a733, 0x027372bb, 0x403100b3,
    ]);
  });

  it("resolves labels forwards and backwards, and addresses of data", () => {
    const { text, symbols, data, entry } = assemble(`
      nop
      _start: j end
      beqz a0, _start
      end: la a0, value
      .data
      .byte 1
      .align 8
      value: .dword -1, _start
    `);
    expect(entry).to.equal(4);
    expect(symbols.get("value")).to.equal(0x200008);
    expect(words(text)).to.deep.equal([0x00000013, 0x0080006f, 0xfe050ee3, 0x00200537, 0x00850513]);
    expect([...data]).to.deep.equal([
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...Array<number>(8).fill(255),
      4,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
  });

  it("loads any constant", () => {
    const evaluate = (program: number[]): bigint => {
      let value = 0n;
      for (const word of program) {
        const immediate = BigInt(word | 0) >> 20n;
        if ((word & 0x7f) === 0x37) value = BigInt.asIntN(32, BigInt(word & 0xfffff000));
        else if ((word & 0x707f) === 0x1013) value = BigInt.asIntN(64, value << (immediate & 63n));
        else if ((word & 0x7f) === 0x1b) value = BigInt.asIntN(32, value + immediate);
        else value = BigInt.asIntN(64, (((word >>> 15) & 31) === 0 ? 0n : value) + immediate);
      }
      return BigInt.asUintN(64, value);
    };
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(63), (value, shift) => {
        const constant = value >> BigInt(shift);
        expect(evaluate(loadImmediate(5, constant))).to.equal(constant);
        const negative = BigInt.asUintN(64, -constant);
        expect(evaluate(loadImmediate(5, negative))).to.equal(negative);
      }),
      { numRuns: 2000 },
    );
  });
});
