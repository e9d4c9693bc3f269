import { expect } from "chai";
import { time } from "@nomicfoundation/hardhat-network-helpers";
import { id as hashOf, toBeHex } from "ethers";
import { ethers } from "hardhat";
import { encodeExit, exitLeafHash } from "../../sdk/src/ledger";
import type { ExitLeaf } from "../../sdk/src/ledger";
import {
  type Fixture,
  ProvenExits,
  Status,
  assetWord,
  bridgeFixture,
  coin,
  consent,
  exitLeaf,
  fund,
  noConsent,
  other,
  rollup,
  zero,
} from "./fixture";

async function exiting(more: Partial<ExitLeaf> = {}, to?: string) {
  const f = await bridgeFixture();
  await fund(f, 100n);
  const exits = await new ProvenExits(f)
    .add(exitLeaf(to ?? f.friend.address, 10n, more), exitLeaf(to ?? f.friend.address, 11n, more))
    .commit();
  return { ...f, exits };
}

const leafHash = (exits: ProvenExits, index: number): string =>
  exitLeafHash(encodeExit(exits.leaves[index]!));

/** The owner's word that one exit goes to a recipient. */
function said(exits: ProvenExits, index: number, recipient: string) {
  return { rollup, index, leafHash: leafHash(exits, index), recipient };
}

const aliasOf = (address: string): string =>
  toBeHex((BigInt(address) + 0x1111000000000000000000000000000000001111n) & ((1n << 160n) - 1n), 20);

describe("CanonicalBridge > exitTo", () => {
  it("refuses the zero recipient, a lie, an unknown version and a spent exit", async () => {
    const { bridge, friend, exits } = await exiting();
    const as = bridge.connect(friend);
    const [words, siblings, proof] = exits.exit(0);
    await expect(as.exitTo(words, siblings, proof, "0x", zero, noConsent)).to.be.revertedWithCustomError(
      bridge,
      "RecipientZero",
    );
    await expect(
      as.exitTo({ ...words, amount: 11n }, siblings, proof, "0x", friend, noConsent),
    ).to.be.revertedWithCustomError(bridge, "CommitmentNotKept");
    await expect(
      as.exitTo(
        { ...words, to: (await ethers.getSigners())[7]!.address },
        siblings,
        proof,
        "0x",
        friend,
        noConsent,
      ),
    ).to.be.revertedWithCustomError(bridge, "CommitmentNotKept");
    await as.exitTo(words, siblings, proof, "0x", friend, noConsent);
    await expect(as.exitTo(words, siblings, proof, "0x", friend, noConsent))
      .to.be.revertedWithCustomError(bridge, "ExitSpent")
      .withArgs(rollup, 0n);
    await expect(as.exit(words, siblings, proof))
      .to.be.revertedWithCustomError(bridge, "ExitSpent")
      .withArgs(rollup, 0n);
  });

  it("refuses leaves of another version", async () => {
    const f = await bridgeFixture();
    const { bridge, friend } = f;
    await fund(f, 10n);
    // A leaf of version 2, as a program of the future may write it.
    const exits = new ProvenExits(f);
    const leaf = exitLeaf(friend.address, 5n);
    exits.leaves.push(leaf);
    exits.tree.append(exitLeafHash("0x02" + encodeExit(leaf).slice(4)));
    await exits.commit();
    const [words, siblings, proof] = exits.exit(0);
    const newer = { ...words, head: words.head + (1n << 248n) };
    await expect(bridge.connect(friend).exitTo(newer, siblings, proof, "0x", friend, noConsent))
      .to.be.revertedWithCustomError(bridge, "ExitVersionUnknown")
      .withArgs(2n);
    await expect(bridge.connect(friend).move(newer, siblings, proof, "0x", "0x"))
      .to.be.revertedWithCustomError(bridge, "ExitVersionUnknown")
      .withArgs(2n);
  });

  it("sends it where its owner says, calling; nobody else's word counts", async () => {
    const { bridge, friend, user, stranger, exits } = await exiting();
    await expect(bridge.connect(stranger).exitTo(...exits.exit(0), "0x", stranger, noConsent))
      .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
      .withArgs(stranger, friend);
    await expect(
      bridge.connect(friend).exitTo(...exits.exit(0), "0x", user, noConsent),
    ).to.changeEtherBalances([user, friend, bridge], [10n, 0n, -10n]);
  });

  it("takes the owner's signature for exactly this: rollup, index, leaf, recipient, time, bridge", async () => {
    const f = await exiting();
    const { bridge, friend, user, stranger, exits } = f;
    const truth = said(exits, 0, stranger.address);
    const lies = [
      { ...truth, rollup: other },
      { ...truth, index: 1 },
      { ...truth, leafHash: leafHash(exits, 1) },
      { ...truth, recipient: user.address },
    ];
    const as = bridge.connect(stranger);
    const send = async (signature: Awaited<ReturnType<typeof consent>>) =>
      as.exitTo(...exits.exit(0), "0x", stranger, signature);
    for (const lie of lies) {
      await expect(send(await consent(f, friend, "ExitTo", lie)))
        .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
        .withArgs(friend);
    }
    await expect(send(await consent(f, stranger, "ExitTo", truth)))
      .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
      .withArgs(friend);
    const good = await consent(f, friend, "ExitTo", truth);
    await expect(send({ ...good, deadline: good.deadline + 1n }))
      .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
      .withArgs(friend);
    for (const signature of ["0x00", good.signature.slice(0, -2), good.signature + "00"]) {
      await expect(send({ ...good, signature }))
        .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
        .withArgs(friend);
    }
    const another = await ethers.deployContract("MockReceiver");
    const elsewhere = await consent(
      { ...f, bridge: another as unknown as Fixture["bridge"] },
      friend,
      "ExitTo",
      truth,
    );
    await expect(send(elsewhere)).to.be.revertedWithCustomError(bridge, "ConsentInvalid").withArgs(friend);
    const deadline = BigInt(await time.latest()) + 50n;
    const late = await consent(f, friend, "ExitTo", truth, deadline);
    await time.setNextBlockTimestamp(deadline + 1n);
    await expect(send(late))
      .to.be.revertedWithCustomError(bridge, "ConsentExpired")
      .withArgs(deadline + 1n, deadline);
    await expect(send(good)).to.changeEtherBalance(stranger, 10n);
    // A signature serves once: its leaf is spent.
    await expect(send(good)).to.be.revertedWithCustomError(bridge, "ExitSpent").withArgs(rollup, 0n);
  });

  it("takes a signature in its last second", async () => {
    const f = await exiting();
    const { bridge, friend, stranger, exits } = f;
    const deadline = BigInt(await time.latest()) + 50n;
    const signed = await consent(f, friend, "ExitTo", said(exits, 0, stranger.address), deadline);
    await time.setNextBlockTimestamp(deadline);
    await bridge.exitTo(...exits.exit(0), "0x", stranger, signed);
  });

  it("takes a contract wallet's word (EIP-1271), and its call", async () => {
    const f = await bridgeFixture();
    const { bridge, friend, stranger } = f;
    await fund(f, 100n);
    const wallet = await (await ethers.deployContract("MockWallet", [friend])).getAddress();
    const exits = await new ProvenExits(f).add(exitLeaf(wallet, 10n), exitLeaf(wallet, 11n)).commit();
    const wrong = await consent(f, stranger, "ExitTo", said(exits, 0, stranger.address));
    await expect(bridge.exitTo(...exits.exit(0), "0x", stranger, wrong))
      .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
      .withArgs(wallet);
    const signed = await consent(f, friend, "ExitTo", said(exits, 0, stranger.address));
    await expect(bridge.exitTo(...exits.exit(0), "0x", stranger, signed)).to.changeEtherBalance(
      stranger,
      10n,
    );
    const calling = await ethers.getImpersonatedSigner(wallet);
    await ethers.provider.send("hardhat_setBalance", [wallet, "0xde0b6b3a7640000"]);
    await expect(
      bridge.connect(calling).exitTo(...exits.exit(1), "0x", stranger, noConsent),
    ).to.changeEtherBalance(stranger, 11n);
  });

  describe("[an L1 address that is somebody else's: Wintermute] [Bridge 9] when the exit is keyOnly", () => {
    it("isn't paid to the contract that stands at the address on L1, whatever it says", async () => {
      const { friend: signer } = await bridgeFixture();
      const f = await exiting({ flags: 1 }, "0x00000000000000000000000000000000c0de1271");
      const { bridge, stranger, exits } = f;
      const owner = exits.leaves[0]!.to;
      const squatter = await ethers.deployContract("MockWallet", [signer]);
      await ethers.provider.send("hardhat_setCode", [owner, await ethers.provider.getCode(squatter)]);
      await expect(bridge.exit(...exits.exit(0)))
        .to.be.revertedWithCustomError(bridge, "ExitNeedsKey")
        .withArgs(ethers.getAddress(owner));
      const signed = await consent(f, signer, "ExitTo", said(exits, 0, stranger.address));
      await expect(bridge.exitTo(...exits.exit(0), "0x", stranger, signed))
        .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
        .withArgs(ethers.getAddress(owner));
      const squatting = await ethers.getImpersonatedSigner(owner);
      await ethers.provider.send("hardhat_setBalance", [owner, "0xde0b6b3a7640000"]);
      await expect(bridge.connect(squatting).exitTo(...exits.exit(0), "0x", stranger, noConsent))
        .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
        .withArgs(squatting, ethers.getAddress(owner));
    });

    it("is paid on its key's signature, to where it says, whoever brings it", async () => {
      const f = await exiting({ flags: 1 });
      const { bridge, friend, user, stranger, exits } = f;
      await expect(bridge.connect(friend).exitTo(...exits.exit(0), "0x", friend, noConsent))
        .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
        .withArgs(friend, friend);
      const wrong = await consent(f, user, "ExitTo", said(exits, 0, stranger.address));
      await expect(bridge.exitTo(...exits.exit(0), "0x", stranger, wrong))
        .to.be.revertedWithCustomError(bridge, "ConsentInvalid")
        .withArgs(friend);
      const signed = await consent(f, friend, "ExitTo", said(exits, 0, stranger.address));
      await expect(
        bridge.connect(user).exitTo(...exits.exit(0), "0x", stranger, signed),
      ).to.changeEtherBalance(stranger, 10n);
    });

    it("is paid to an L1 contract's word whose alias the owner is", async () => {
      const { user: caller } = await bridgeFixture();
      const f = await exiting({ flags: 1 }, aliasOf(caller.address));
      const { bridge, user, friend, stranger, exits } = f;
      await expect(bridge.connect(stranger).exitTo(...exits.exit(0), "0x", stranger, noConsent))
        .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
        .withArgs(stranger, ethers.getAddress(aliasOf(caller.address)));
      await expect(
        bridge.connect(user).exitTo(...exits.exit(0), "0x", friend, noConsent),
      ).to.changeEtherBalance(friend, 10n);
    });
  });

  describe("when the exit goes to a rollup", () => {
    const toOther = (friend: string) => ({ targetRollup: other, fallbackTo: friend });

    it("is the target's while that takes deposits", async () => {
      const { user } = await bridgeFixture();
      const { bridge, exits } = await exiting(toOther(user.address));
      await expect(bridge.connect(user).exitTo(...exits.exit(0), "0x", user, noConsent))
        .to.be.revertedWithCustomError(bridge, "TargetAccepts")
        .withArgs(other);
    });

    it("is fallbackTo's once the target refuses: paused, draining, over, or never there", async () => {
      const { user } = await bridgeFixture();
      const { bridge, inbox, owner, friend, exits } = await exiting(toOther(user.address));
      await inbox.set(other, Status.Active, true, owner, zero);
      // The receiver on the target has no say on L1.
      await expect(bridge.connect(friend).exitTo(...exits.exit(0), "0x", friend, noConsent))
        .to.be.revertedWithCustomError(bridge, "CallerNotExitOwner")
        .withArgs(friend, user);
      await expect(bridge.connect(user).exitTo(...exits.exit(0), "0x", user, noConsent))
        .to.emit(bridge, "ExitPaid")
        .withArgs(rollup, user, 0n, coin, 10n);
      await inbox.set(other, Status.Retired, false, owner, zero);
      await bridge.connect(user).exitTo(...exits.exit(1), "0x", user, noConsent);
      expect(await bridge.balanceOf(rollup, coin, 0n)).to.equal(79n);
    });
  });

  it("[a blocklist] is answered: a token that refuses the receiver pays where he says", async () => {
    const f = await bridgeFixture();
    const { bridge, user, friend, stranger } = f;
    const token = await ethers.deployContract("MockBlockingERC20");
    await token.mint(user, 100n);
    await token.connect(user).approve(bridge, 100n);
    await bridge.connect(user).deposit(rollup, token, 100n, user, "0x");
    const word = { kind: 1, token: await token.getAddress() };
    const exits = await new ProvenExits(f).add(exitLeaf(friend.address, 40n, word)).commit();
    await token.setBlocked(friend, true);
    await expect(bridge.exit(...exits.exit(0)))
      .to.be.revertedWithCustomError(bridge, "ExitPaymentFailed")
      .withArgs(rollup, 0n, friend);
    await bridge.connect(friend).exitTo(...exits.exit(0), "0x", stranger, noConsent);
    expect(await token.balanceOf(stranger)).to.equal(40n);
    expect(await bridge.balanceOf(rollup, assetWord(1, word.token), 0n)).to.equal(60n);
  });

  it("pays without the call that the exit asks for", async () => {
    const { bridge, friend, user, exits } = await exiting({
      dataHash: hashOf("a call that nobody can make"),
    });
    await expect(
      bridge.connect(friend).exitTo(...exits.exit(0), "0x", user, noConsent),
    ).to.changeEtherBalance(user, 10n);
  });
});
