import { expect } from "chai";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { concat, dataSlice, hexlify, toBeHex } from "ethers";
import { ethers } from "hardhat";
import { BatchUnreadable, dataOfPost } from "../../sequencer/src/derivation/read";
import { HUB } from "../../sequencer/src/l1/contracts";
import { Stage, hubFixture } from "../hub/fixture";

const DATA = "0x0102030405";
/** 4 ‖ five words ‖ length */
const UNPADDED = 4 + 6 * 32 + 5;

describe("Derivation: data of a post", () => {
  async function posting() {
    const f = await hubFixture();
    const stage = await Stage.create(f);
    await stage.openLine();
    const { args, poster } = await stage.build({ data: DATA });
    return { hub: f.hub, poster, calldata: f.hub.interface.encodeFunctionData("post", args) };
  }

  /** The hub must take the calldata, and the node must find the data in it. */
  async function takesAndFinds(change: (calldata: string) => string): Promise<void> {
    const { hub, poster, calldata } = await loadFixture(posting);
    const data = change(calldata);
    const sent = await poster.sendTransaction({ to: hub, data });
    await expect(sent).to.emit(hub, "Posted");
    const { data: input } = (await ethers.provider.getTransaction(sent.hash)) ?? { data: "0x" };
    expect(hexlify(dataOfPost(HUB, input))).to.equal(DATA);
  }

  it("is found as every encoder writes it", () => takesAndFinds((calldata) => calldata));

  it("is found without padding after it [a batch that no node can read]", () =>
    takesAndFinds((calldata) => dataSlice(calldata, 0, UNPADDED)));

  it("is found at another offset, after words that mean nothing [a batch that no node can read]", () =>
    takesAndFinds((calldata) =>
      concat([
        dataSlice(calldata, 0, 68),
        toBeHex(0xc0 + 0x20, 32),
        dataSlice(calldata, 100, 164),
        "0x" + "ff".repeat(64),
        dataSlice(calldata, 164),
      ]),
    ));

  it("is refused where the hub would refuse it", async () => {
    const { calldata } = await loadFixture(posting);
    for (const [what, input] of [
      ["another function", concat(["0xdeadbeef", dataSlice(calldata, 4)])],
      ["data that ends too early", dataSlice(calldata, 0, UNPADDED - 1)],
      [
        "an offset beyond the end",
        concat([dataSlice(calldata, 0, 68), toBeHex(2n ** 63n, 32), dataSlice(calldata, 100)]),
      ],
      ["nothing", "0x"],
    ] as const)
      expect(() => dataOfPost(HUB, input), what).to.throw(BatchUnreadable);
  });
});
