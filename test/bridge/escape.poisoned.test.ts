import { expect } from "chai";
import { ZeroAddress, ZeroHash, getAddress, parseEther } from "ethers";
import { ethers } from "hardhat";
import { unreadMessage } from "../../sdk/src/bridge";
import { escapeHolding, payExit, refundDeposit } from "../../sdk/src/actions";
import { send } from "../../sdk/src/call";
import * as ledger from "../../sdk/src/ledger";
import { packCommitment } from "../../sdk/src/protocol";
import { MESSAGE_BOUND } from "../hub/fixture";
import { Poisoned, alice, bob } from "./Poisoned";
import { Status, assetWord, coin } from "./fixture";

const coins = { kind: 0, token: ZeroAddress, id: 0n };

describe("A rollup whose program fails on a message", function () {
  this.timeout(120_000);

  it("[an escape: a program that fails on a poisoned message] gives everybody everything back, to the wei", async () => {
    const [, , , , , , depositor, late, pusher] = await ethers.getSigners();
    if (!depositor || !late || !pusher) throw new Error("nine accounts are needed");
    const rollup = await Poisoned.create();
    const { bridge, stage } = rollup;
    const id = stage.rollup;
    const { hub } = stage;
    const bridgeAt = await bridge.getAddress();
    const token = await ethers.deployContract("MockERC20");
    const tokenAt = await token.getAddress();
    const things = await ethers.deployContract("MockERC721");
    await token.mint(depositor, 1_000n);
    await token.connect(depositor).approve(bridge, 1_000n);
    await things.mint(depositor, 7n);
    await things.connect(depositor).approve(bridge, 7n);
    const before = await ethers.provider.getBalance(bridge);

    // A life: deposits, assets born on the rollup, transfers, an exit that its owner doesn't claim.
    await bridge.connect(depositor).depositNative(id, alice.address, "0x", { value: parseEther("5") });
    await bridge.connect(depositor).deposit(id, token, 1_000n, alice.address, "0x");
    await bridge.connect(depositor).depositNft(id, things, 7n, bob.address, "0x");
    const chain = stage.config.l2ChainId;
    const born = ledger.assetAddress(chain, alice.address, 0n);
    const pieces = ledger.assetAddress(chain, alice.address, 1n);
    const texts = { name: "Token", symbol: "TKN", uri: "ipfs://token", maxSupply: 100n, openMint: false };
    const exit = {
      type: "Exit",
      targetRollup: 0n,
      to: bob.address,
      fallbackTo: bob.address,
      dataHash: ZeroHash,
    } as const;
    const life = [
      ...(await rollup.sign(
        alice,
        { type: "CreateAsset", kind: 5, ...texts },
        { type: "CreateAsset", kind: 6, ...texts, name: "Pieces", uri: "ipfs://pieces/" },
        { type: "Mint", token: born, id: 0n, to: bob.address, amount: 42n },
        { type: "MintNft", collection: pieces, to: alice.address, count: 2 },
        { type: "SendCoin", to: bob.address, amount: parseEther("1") },
        { type: "SendAsset", kind: 1, token: tokenAt, id: 0n, to: bob.address, amount: 300n },
      )),
      ...(await rollup.sign(bob, { ...exit, ...coins, amount: parseEther("0.25") })),
    ];
    expect(await rollup.batch(life)).to.equal("exit");
    const commitment = await rollup.lastFinal();
    expect([commitment.transactions, commitment.messagesConsumed]).to.deep.equal([7n, 3n]);

    // The poison, and a deposit behind it that the program will never read.
    await rollup.poison();
    await bridge.connect(late).depositNative(id, late, "0x", { value: parseEther("3") });
    expect(await rollup.messageOnly()).to.equal("error");
    expect(await hub.statusOf(id)).to.equal(Status.Active);
    expect(await rollup.messageOnly()).to.equal("error");
    expect(await hub.statusOf(id)).to.equal(Status.Escaped);
    expect(await rollup.lastFinal()).to.deep.equal(commitment);
    await expect(bridge.depositNative(id, late, "0x", { value: 1n })).to.be.revertedWithCustomError(
      hub,
      "DepositsClosed",
    );

    // Anybody pushes everything that the last final state owes.
    const state = rollup.stateReader(commitment.stateRoot);
    const owed: ledger.Holding[] = [];
    for await (const entry of state.entries()) {
      const holding = ledger.decodeHolding(entry);
      if (holding) owed.push(holding);
    }
    expect(owed.map(({ asset }) => asset.kind).sort()).to.deep.equal([0, 0, 0, 1, 1, 2, 5, 6, 6]);
    for (const { owner, asset, amount } of owed) {
      const holding = await ledger.proveHolding(state, owner, asset);
      const { result } = await send(
        pusher,
        escapeHolding({ bridge: bridgeAt, rollup: id, commitment, holding }),
      );
      expect(result).to.deep.equal({ recipient: getAddress(owner), amount });
      const again = escapeHolding({ bridge: bridgeAt, rollup: id, commitment, holding });
      await expect(pusher.sendTransaction(again))
        .to.be.revertedWithCustomError(bridge, "HoldingSpent")
        .withArgs(id, getAddress(owner), assetWord(asset.kind, asset.token), asset.id);
    }
    // The exit that was in the final state, and the deposit that was in none.
    const leaf = ledger.decodeExit("0x" + (rollup.host.exits[0] ?? "").slice(18));
    const { stateRoot } = commitment;
    const packed = packCommitment(commitment);
    const place = { slot: 1, count: 1n, index: 0n };
    await send(
      pusher,
      payExit({ bridge: bridgeAt, rollup: id, leaf, ...place, stateRoot, packed, siblings: [] }),
    );
    const unread = unreadMessage(rollup.messages, 4, Number(MESSAGE_BOUND));
    await expect(
      pusher.sendTransaction(
        refundDeposit({ bridge: bridgeAt, rollup: id, commitment, unread, recipient: late.address }),
      ),
    ).to.changeEtherBalance(late, parseEther("3"));

    const balance = async (owner: string) => ethers.provider.getBalance(owner);
    const fees = owed.find(({ owner }) => owner === stage.config.feeRecipient);
    expect(fees?.amount).to.be.greaterThan(0n);
    expect(await token.balanceOf(alice.address)).to.equal(700n);
    expect(await token.balanceOf(bob.address)).to.equal(300n);
    expect(await things.ownerOf(7n)).to.equal(bob.address);
    const mirror = await ethers.getContractAt("MirrorERC20", await bridge.mirrorOf(id, assetWord(5, born)));
    expect(await mirror.balanceOf(bob.address)).to.equal(42n);
    const collection = await ethers.getContractAt(
      "MirrorERC721",
      await bridge.mirrorOf(id, assetWord(6, pieces)),
    );
    expect([await collection.ownerOf(1n), await collection.tokenURI(1n)]).to.deep.equal([
      alice.address,
      "ipfs://pieces/1",
    ]);
    const paid = owed.filter(({ asset }) => asset.kind === 0).reduce((sum, { amount }) => sum + amount, 0n);
    expect(paid + parseEther("0.25")).to.equal(parseEther("5"));
    expect(await bridge.balanceOf(id, coin, 0n)).to.equal(0n);
    expect(await bridge.balanceOf(id, assetWord(1, tokenAt), 0n)).to.equal(0n);
    expect(await bridge.holderOf(things, 7n)).to.equal(0n);
    expect(await balance(bridgeAt)).to.equal(before);
    expect(await token.balanceOf(bridge)).to.equal(0n);
  });
});
