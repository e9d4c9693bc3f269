import { expect } from "chai";
import { ZeroHash, concat, id as hashOf, keccak256, toBeHex } from "ethers";
import { ethers } from "hardhat";
import { unreadMessage } from "../../sdk/src/bridge";
import { chainMessage } from "../../sdk/src/protocol";
import {
  Mood,
  ProvenExits,
  Status,
  assetWord,
  bridgeFixture,
  coin,
  exitLeaf,
  fund,
  other,
  rollup,
  zero,
} from "./fixture";

/** The mock hub keeps a mark for every so many messages. */
const BOUND = 4;
/** Messages that the last final commitment has consumed. */
const CONSUMED = 3;

/** A rollup that escaped with eleven messages, of which three were read. */
async function escaped() {
  const f = await bridgeFixture();
  const { bridge, inbox, user, friend, token } = f;
  await fund(f, 100n, other);
  for (let i = 0; i < 5; i++) await fund(f, BigInt(10 + i));
  await bridge.connect(user).deposit(rollup, token, 60n, friend, "0xda7a");
  await inbox.enqueue(rollup, concat(["0x0102", user.address, "0x1234"]));
  for (let i = 7; i < 11; i++) await fund(f, BigInt(10 + i));
  const exits = await new ProvenExits(f).add(exitLeaf(user.address, 1n)).commit(BigInt(CONSUMED));
  await inbox.set(rollup, Status.Escaped, false, user, zero);
  const messages = await Promise.all(Array.from({ length: 11 }, (_, i) => inbox.messageOf(rollup, i)));
  const unread = (index: number) => {
    const { later, ...rest } = unreadMessage(messages, index, BOUND);
    return { ...rest, later: [...later] };
  };
  return { ...f, exits, fields: exits.fields(), messages, unread };
}

describe("CanonicalBridge > refund", () => {
  it("refuses rollups that haven't escaped, and other fields than the last final commitment's", async () => {
    const { bridge, inbox, user, exits, fields, unread } = await escaped();
    for (const field of ["stateRoot", "exitRoot", "packed"] as const) {
      const lie = { ...fields, [field]: hashOf("lie") };
      await expect(bridge.refund(rollup, lie, unread(3), user))
        .to.be.revertedWithCustomError(bridge, "FinalCommitmentMismatch")
        .withArgs(keccak256(concat([lie.stateRoot, lie.exitRoot, lie.packed])), exits.commitment());
    }
    for (const status of [Status.Active, Status.Draining, Status.Retired]) {
      await inbox.set(rollup, status, false, user, zero);
      await expect(bridge.refund(rollup, fields, unread(3), user))
        .to.be.revertedWithCustomError(bridge, "RollupNotEscaped")
        .withArgs(rollup);
    }
  });

  it("refuses messages that were consumed: their deposits are in the state", async () => {
    const { bridge, user, fields, unread } = await escaped();
    for (const index of [0, 1, 2]) {
      await expect(bridge.refund(rollup, fields, unread(index), user))
        .to.be.revertedWithCustomError(bridge, "MessageConsumed")
        .withArgs(index, CONSUMED);
    }
  });

  it("[a read deposit given back] refuses it at an unread place, and any lie about place, message or chain", async () => {
    const { bridge, inbox, user, fields, messages, unread } = await escaped();
    const mark = await inbox.markOf(rollup, 2n);
    const fold = ({ before, message, later }: ReturnType<typeof unread>) =>
      later.reduce((head, hash) => keccak256(concat([head, hash])), chainMessage(before, message));
    const truth = unread(4);
    const lies = [
      { ...truth, before: hashOf("lie") },
      { ...truth, message: messages[1]! },
      { ...truth, message: truth.message.slice(0, -2) + "01" },
      { ...truth, later: [hashOf("lie"), ...truth.later.slice(1)] },
      { ...truth, later: [...truth.later].reverse() },
      { ...unread(0), index: 4n },
    ];
    for (const lie of lies) {
      await expect(bridge.refund(rollup, fields, lie, user))
        .to.be.revertedWithCustomError(bridge, "MessageChainMismatch")
        .withArgs(fold(lie), mark);
    }
    // Not up to a mark, or beyond the chain's head: nothing is kept there.
    const loose = [
      { ...truth, later: truth.later.slice(1) },
      { ...truth, index: 5n },
      { ...truth, index: 3n },
      { ...truth, index: 1_000_000n },
      { ...truth, index: 2n ** 64n - 1n },
    ];
    for (const lie of loose) {
      await expect(bridge.refund(rollup, fields, lie, user))
        .to.be.revertedWithCustomError(bridge, "MessageChainMismatch")
        .withArgs(fold(lie), ZeroHash);
    }
  });

  it("refuses messages that are no deposits, however they look", async () => {
    const { bridge, user, fields, unread } = await escaped();
    const forged = concat([
      "0x0102",
      user.address,
      coin,
      toBeHex(0, 32),
      toBeHex(99, 32),
      user.address,
      user.address,
    ]);
    const short = concat(["0x0101", user.address, coin, toBeHex(0, 32), toBeHex(99, 32), user.address]);
    for (const message of [unread(6).message, forged, short, "0x", "0x01"]) {
      await expect(
        bridge.refund(rollup, fields, { ...unread(6), message }, user),
      ).to.be.revertedWithCustomError(bridge, "MessageNotDeposit");
    }
  });

  it("pays fallbackTo, whoever calls; another only if fallbackTo calls", async () => {
    const { bridge, user, friend, stranger, fields, unread } = await escaped();
    await expect(bridge.refund(rollup, fields, unread(3), zero)).to.be.revertedWithCustomError(
      bridge,
      "RecipientZero",
    );
    for (const caller of [stranger, friend]) {
      await expect(bridge.connect(caller).refund(rollup, fields, unread(3), caller))
        .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
        .withArgs(caller, user);
    }
    await expect(bridge.connect(stranger).refund(rollup, fields, unread(3), user))
      .to.emit(bridge, "Refunded")
      .withArgs(rollup, 3n, user, coin, 0n, 13n);
    await expect(bridge.connect(user).refund(rollup, fields, unread(4), friend)).to.changeEtherBalances(
      [friend, bridge],
      [14n, -14n],
    );
  });

  it("pays each once", async () => {
    const { bridge, user, friend, fields, unread } = await escaped();
    await bridge.refund(rollup, fields, unread(3), user);
    expect([await bridge.isRefunded(rollup, 3n), await bridge.isRefunded(rollup, 4n)]).to.deep.equal([
      true,
      false,
    ]);
    for (const to of [user, friend]) {
      await expect(bridge.connect(user).refund(rollup, fields, unread(3), to))
        .to.be.revertedWithCustomError(bridge, "RefundSpent")
        .withArgs(rollup, 3n);
    }
    expect(await bridge.isRefunded(rollup, 3n + 256n)).to.equal(false);
  });

  it("gives back every unread deposit, up to a mark or to the chain's head, and nothing else", async () => {
    const { bridge, user, friend, token, fields, unread, exits, tokenWord } = await withWord();
    for (const index of [10, 3, 7, 4, 9, 8])
      await bridge.connect(friend).refund(rollup, fields, unread(index), user);
    await expect(bridge.refund(rollup, fields, unread(5), user)).to.changeTokenBalance(token, user, 60n);
    expect(await bridge.balanceOf(rollup, tokenWord, 0n)).to.equal(0n);
    // What was read is the state's and the exits'.
    expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(10n + 11n + 12n);
    await bridge.exit(...exits.exit(0));
    expect(await bridge.balanceOf(other, coin, 0n)).to.equal(100n);
  });

  it("keeps what can't be paid payable", async () => {
    const f = await bridgeFixture();
    const { bridge, inbox, user, friend } = f;
    const receiver = await ethers.deployContract("MockReceiver");
    const deposit = bridge.interface.encodeFunctionData("depositNative", [rollup, user.address, "0x"]);
    await receiver.act(bridge, 9n, deposit, { value: 9n });
    const exits = await new ProvenExits(f).add(exitLeaf(user.address, 1n)).commit(0n);
    await inbox.set(rollup, Status.Escaped, false, user, zero);
    const { later, ...rest } = unreadMessage([await inbox.messageOf(rollup, 0)], 0, BOUND);
    const unread = { ...rest, later: [...later] };
    await receiver.set(Mood.Reverts, bridge, "0x");
    await expect(bridge.refund(rollup, exits.fields(), unread, receiver))
      .to.be.revertedWithCustomError(bridge, "EscapePaymentFailed")
      .withArgs(rollup, receiver);
    const elsewhere = bridge.interface.encodeFunctionData("refund", [
      rollup,
      exits.fields(),
      unread,
      friend.address,
    ]);
    await expect(receiver.act(bridge, 0n, elsewhere)).to.changeEtherBalance(friend, 9n);
  });

  async function withWord() {
    const f = await escaped();
    return { ...f, tokenWord: assetWord(1, await f.token.getAddress()) };
  }
});
