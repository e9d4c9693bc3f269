import { expect } from "chai";
import { hexlify, keccak256, randomBytes } from "ethers";
import { ethers } from "hardhat";
import {
  Mood,
  ProvenExits,
  assetWord,
  bridgeFixture,
  coin,
  exitLeaf,
  fund,
  noConsent,
  rollup,
  zero,
} from "./fixture";

const data = "0xda7ada7a";

async function calling(to?: string, dataHash = keccak256(data)) {
  const f = await bridgeFixture();
  await fund(f, 100n);
  const receiver = await ethers.deployContract("MockReceiver");
  const target = to ?? (await receiver.getAddress());
  const exits = await new ProvenExits(f)
    .add(exitLeaf(target, 10n, { l2Sender: f.user.address, dataHash }), exitLeaf(target, 5n))
    .commit();
  const caller = await ethers.getContractAt("ExitCaller", await f.bridge.exitCaller());
  return { ...f, receiver, exits, caller };
}

describe("CanonicalBridge > exits with a call", () => {
  it("refuses other data than the exit commits to: none, other, more", async () => {
    const { bridge, exits } = await calling();
    for (const [lie, computed] of [
      ["0x", "0x" + "00".repeat(32)],
      ["0xda7ada7b", keccak256("0xda7ada7b")],
      [data + "00", keccak256(data + "00")],
    ] as const) {
      await expect(bridge.exitWith(...exits.exit(0), "0x", lie))
        .to.be.revertedWithCustomError(bridge, "ExitDataMismatch")
        .withArgs(computed, keccak256(data));
    }
    await expect(bridge.exit(...exits.exit(0)))
      .to.be.revertedWithCustomError(bridge, "ExitDataMismatch")
      .withArgs("0x" + "00".repeat(32), keccak256(data));
    expect(await bridge.isSpent(rollup, 0n)).to.equal(false);
  });

  it("calls the receiver after paying, from a caller that owns nothing, with rollup, sender, asset and amount", async () => {
    const { bridge, stranger, user, receiver, exits, caller } = await calling();
    await bridge.connect(stranger).exitWith(...exits.exit(0), "0x", data);
    expect([await receiver.lastCaller(), await receiver.lastData(), await receiver.calls()]).to.deep.equal([
      await caller.getAddress(),
      data,
      1n,
    ]);
    expect(await ethers.provider.getBalance(receiver)).to.equal(10n);
    expect(await ethers.provider.getBalance(caller)).to.equal(0n);
    expect(await caller.bridge()).to.equal(await bridge.getAddress());
    expect(user.address).to.equal(exits.leaves[0]!.l2Sender);
  });

  it("makes no call for an exit that asks for none, whatever data is brought", async () => {
    const { bridge, receiver, exits } = await calling();
    await bridge.exitWith(...exits.exit(1), "0x", data);
    expect(await receiver.calls()).to.equal(0n);
  });

  it("undoes the payment when the call fails: reverts, burns gas, bombs, has no code", async () => {
    const { bridge, receiver, exits } = await calling();
    for (const mood of [Mood.Reverts, Mood.BurnsGas, Mood.Bombs]) {
      await receiver.set(mood, zero, "0x");
      await expect(
        bridge.exitWith(...exits.exit(0), "0x", data, { gasLimit: 3_000_000n }),
      ).to.be.revertedWithCustomError(bridge, "ExitPaymentFailed");
    }
    const { bridge: again, exits: toNobody } = await calling(hexlify(randomBytes(20)));
    await expect(again.exitWith(...toNobody.exit(0), "0x", data))
      .to.be.revertedWithCustomError(again, "ExitCallFailed")
      .withArgs(rollup, 0n, ethers.getAddress(toNobody.leaves[0]!.to));
    expect(await again.balanceOf(rollup, coin, 0n)).to.equal(100n);
    expect(await again.isSpent(rollup, 0n)).to.equal(false);
  });

  it("undoes a token payment when onExit refuses; the owner may take it without the call", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend, token } = f;
    await bridge.connect(user).deposit(rollup, token, 50n, user, "0x");
    const receiver = await ethers.deployContract("MockReceiver");
    const word = { kind: 1, token: await token.getAddress() };
    const exits = await new ProvenExits(f)
      .add(exitLeaf(await receiver.getAddress(), 20n, { ...word, dataHash: keccak256(data) }))
      .commit();
    for (const mood of [Mood.Reverts, Mood.BurnsGas, Mood.Bombs]) {
      await receiver.set(mood, zero, "0x");
      await expect(bridge.exitWith(...exits.exit(0), "0x", data, { gasLimit: 3_000_000n }))
        .to.be.revertedWithCustomError(bridge, "ExitCallFailed")
        .withArgs(rollup, 0n, receiver);
    }
    expect(await token.balanceOf(receiver)).to.equal(0n);
    expect(await bridge.balanceOf(rollup, assetWord(1, word.token), 0n)).to.equal(50n);
    const elsewhere = bridge.interface.encodeFunctionData("exitTo", [
      ...exits.exit(0),
      "0x",
      friend.address,
      noConsent,
    ]);
    await receiver.act(bridge, 0n, elsewhere);
    expect(await token.balanceOf(friend)).to.equal(20n);
  });

  it("finds the bridge locked from within the call", async () => {
    const { bridge, receiver, exits } = await calling();
    const again = bridge.interface.encodeFunctionData("exit", exits.exit(1));
    await receiver.set(Mood.CallsBack, bridge, again);
    await bridge.exitWith(...exits.exit(0), "0x", data);
    expect((await receiver.calledBackWith()).slice(0, 10)).to.equal(
      bridge.interface.getError("BridgeLocked")?.selector,
    );
    expect(await bridge.isSpent(rollup, 1n)).to.equal(false);
  });

  it("[an exit that calls token.approve] drains nobody: the bridge calls no target of others' choice", async () => {
    const f = await bridgeFixture();
    const { bridge, user, stranger, token } = f;
    await bridge.connect(user).deposit(rollup, token, 50n, user, "0x");
    const tokenAt = await token.getAddress();
    const approve = token.interface.encodeFunctionData("approve", [stranger.address, 50n]);
    const exits = await new ProvenExits(f)
      .add(exitLeaf(tokenAt, 1n, { kind: 1, token: tokenAt, dataHash: keccak256(approve) }))
      .commit();
    await expect(bridge.exitWith(...exits.exit(0), "0x", approve))
      .to.be.revertedWithCustomError(bridge, "ExitCallFailed")
      .withArgs(rollup, 0n, tokenAt);
    expect(await token.allowance(bridge, stranger)).to.equal(0n);
    expect(await token.allowance(await bridge.exitCaller(), stranger)).to.equal(0n);
  });

  it("delivers for the bridge alone", async () => {
    const { caller, stranger, receiver } = await calling();
    await expect(caller.connect(stranger).deliver(receiver, rollup, stranger, coin, 1n, data))
      .to.be.revertedWithCustomError(caller, "CallerNotExitingBridge")
      .withArgs(stranger);
  });
});
