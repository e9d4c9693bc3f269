import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ZeroHash, concat, dataSlice, getBytes, hexlify, keccak256, toBeHex } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import { Emulator } from "../../sequencer/src/machine";
import { Host } from "./Host";

const elf = readFileSync(join(__dirname, "../../programs/artifacts/template.elf"));

describe("template", () => {
  it("counts messages within the bound, the same in WebAssembly and on the machine", () => {
    const host = new Host("template");
    const keep = (bytes: string): string => {
      host.keep(getBytes(bytes));
      return keccak256(bytes);
    };
    const parent = host.call((program) => program.genesis());
    expect(parent).to.equal(hashes.template.genesis);
    let head = ZeroHash;
    const heads = ["0x01", "0x02", "0x03"].map((message) => (head = keep(concat([head, keep(message)]))));
    const header = concat([
      concat([new Uint8Array(24 + 8 + 24), toBeHex(3, 8), keccak256("0x"), head]),
      concat([new Uint8Array(32 + 24), toBeHex(77, 8)]),
    ]);
    const bound = 2;
    const config = concat([new Uint8Array(32 + 20), toBeHex(bound, 2), new Uint8Array(192 - 54)]);
    const words = concat([new Uint8Array(128), parent, keep(header), keep(config)]);
    const input = keep(words);

    const commitment = host.call((program) => program.run(host.argument(input)[0]));
    const preimage = hexlify(host.preimages.get(commitment) ?? "0x");
    expect(dataSlice(preimage, 0, 32)).to.equal(keccak256(heads[1] ?? "0x"));
    expect(dataSlice(preimage, 64)).to.equal(
      concat([toBeHex(1, 8), toBeHex(77, 8), toBeHex(2, 8), toBeHex(0, 8)]),
    );

    const oracle = { preimage: (_kind: number, key: Uint8Array) => host.preimages.get(hexlify(key)) };
    const { outcome, output } = new Emulator({ elf }, { oracle }).run(input);
    expect([outcome, output]).to.deep.equal(["exit", commitment]);
  });
});
