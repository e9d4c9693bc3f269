import { expect } from "chai";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { ZeroHash, dataSlice, getAddress, id as hashOf, keccak256, parseEther, toBeHex } from "ethers";
import hre, { ethers } from "hardhat";
import bounds from "../../config/peers/bounds.json";
import { type ExitLeaf, ExitTree, encodeExit, exitLeafHash } from "../../sdk/src/ledger";
import { commitmentHash, packCommitment } from "../../sdk/src/protocol";
import { encodeExitPlace } from "../../sdk/src/bridge/exitPlace";
import { exitLeafWords } from "../../sdk/src/bridge/exitLeaf";
import { exitLeaf } from "../bridge/fixture";
import { bridgeOnHub } from "../bridge/onHub";
import { GasSnapshot } from "./GasSnapshot";

/** Exits of the tree: proofs are 20 deep. */
const EXITS = 2 ** 20;

/** A tree of 2^20 exits of which only the first leaves are known: the others are stood for by the hashes of subtrees. */
class DeepTree {
  private readonly known: ExitTree;
  private readonly depth: number;

  constructor(readonly leaves: readonly ExitLeaf[]) {
    this.depth = Math.log2(leaves.length);
    if (!Number.isInteger(this.depth)) throw new Error("a power of two of exits is needed");
    this.known = new ExitTree(leaves.map((leaf) => exitLeafHash(encodeExit(leaf))));
  }

  /** The siblings above the known subtree. */
  private above(): string[] {
    return Array.from({ length: 20 - this.depth }, (_, i) => hashOf(`subtree ${i}`));
  }

  siblings(first: number, length = 1): string[] {
    return [...this.known.runProof(first, length), ...this.above()];
  }

  exitRoot(): string {
    let root = this.known.root();
    for (const right of this.above()) root = keccak256("0x01" + root.slice(2) + right.slice(2));
    return keccak256("0x02" + toBeHex(EXITS, 8).slice(2) + root.slice(2));
  }
}

/** An address without zero bytes, so that no figure depends on luck. */
function someone(seed: number | string): string {
  const address = dataSlice(keccak256(hashOf(`account ${seed}`)), 12);
  return /^0x(..)*00/.test(address) ? someone(`${seed}'`) : getAddress(address);
}

describe("Gas of the bridge", () => {
  const snapshot = new GasSnapshot("bridge");
  const of: typeof GasSnapshot.of = (sent) => GasSnapshot.of(sent);

  before(async function () {
    if (!GasSnapshot.isMeasurable) this.skip();
    await GasSnapshot.freshChain();
  });
  after(() => {
    if (GasSnapshot.isMeasurable) snapshot.finish();
  });

  function headline(key: keyof typeof bounds.rows, gas: bigint): void {
    snapshot.headline(key, gas);
    if (process.env.SHOW) console.log(`      ${key}: ${gas} of ${bounds.rows[key].most}`);
    else
      expect(gas <= bounds.rows[key].most, `${key}: ${gas} is over ${bounds.rows[key].most}`).to.equal(true);
  }

  async function running() {
    const onHub = await bridgeOnHub();
    const { bridge, stage } = onHub;
    const [deployer, , , , , user] = await ethers.getSigners();
    if (deployer === undefined || user === undefined) throw new Error("accounts are needed");
    const token = await ethers.deployContract("MockFixedERC20");
    await token.transfer(user, parseEther("1000"));
    await token.connect(user).approve(bridge, parseEther("100"));
    // Steady state: no slot is written for the first time, but a message mark.
    await bridge.connect(user).depositNative(stage.rollup, user, "0x", { value: parseEther("10") });
    await bridge.connect(user).deposit(stage.rollup, token, parseEther("10"), user, "0x");
    return { ...onHub, deployer, user, token };
  }

  /** Exits of coins and tokens, final on the hub; receivers that exist. */
  async function exiting() {
    const before = await running();
    const { hub, stage, token, deployer, user } = before;
    const kind = { kind: 1, token: await token.getAddress() };
    const amount = 1_234_567_890_123_456_789n / 100n;
    const leaves = [
      exitLeaf(user.address, amount),
      exitLeaf(user.address, amount),
      exitLeaf(user.address, amount, kind),
      exitLeaf(user.address, amount),
      exitLeaf(user.address, amount, kind),
    ];
    while (leaves.length < 32) leaves.push(exitLeaf(user.address, amount));
    while (leaves.length < 64) leaves.push(exitLeaf(someone(leaves.length), amount));
    while (leaves.length < 96) leaves.push(exitLeaf(someone(leaves.length), amount, kind));
    while (leaves.length < 128) leaves.push(exitLeaf(someone(leaves.length), amount));
    for (const { to } of leaves.slice(32, 64)) await deployer.sendTransaction({ to, value: 1n });
    for (const { to } of leaves.slice(64, 96)) await token.transfer(to, 1n);
    const tree = new DeepTree(leaves);
    const fields = {
      stateRoot: hashOf("state"),
      exitRoot: tree.exitRoot(),
      block: 123_456n,
      timestamp: 1_800_000_000n,
      messagesConsumed: 2n,
      transactions: 1_234_567n,
      phase: 0,
    };
    stage.noteMessage(1, user.address, "0x");
    stage.heads = [ZeroHash, ZeroHash, (await hub.hub.inboxOf(stage.rollup)).head];
    await stage.advance({ commitment: commitmentHash(fields) });
    const proof = (index: number) => ({
      place: encodeExitPlace({ slot: 1, rollup: stage.rollup, count: BigInt(EXITS), index: BigInt(index) }),
      stateRoot: fields.stateRoot,
      packed: packCommitment(fields),
    });
    const words = (index: number) => {
      const leaf = leaves[index];
      if (leaf === undefined) throw new Error(`no exit ${index}`);
      return exitLeafWords(leaf);
    };
    const exit = (index: number) => [words(index), tree.siblings(index), proof(index)] as const;
    const run = (first: number) =>
      [
        Array.from({ length: 32 }, (_, i) => words(first + i)),
        tree.siblings(first, 32),
        proof(first),
        [] as string[],
      ] as const;
    return { ...before, exit, run };
  }

  it("deposits", async () => {
    const { bridge, stage, user, token } = await loadFixture(running);
    const { rollup } = stage;
    const value = parseEther("1");
    headline("deposit ETH", await of(bridge.connect(user).depositNative(rollup, user, "0x", { value })));
    headline("deposit ERC-20", await of(bridge.connect(user).deposit(rollup, token, value, user, "0x")));
    await token.connect(user).approve(bridge, ethers.MaxUint256);
    snapshot.row(
      "deposit ERC-20 with an endless allowance",
      await of(bridge.connect(user).deposit(rollup, token, value, user, "0x")),
    );
  });

  it("exits", async () => {
    const { bridge, user, deployer, exit } = await loadFixture(exiting);
    snapshot.row("exit ETH, first of 128", await of(bridge.connect(user).exit(...exit(0))));
    headline("exit ETH", await of(bridge.connect(user).exit(...exit(1))));
    headline("exit ERC-20", await of(bridge.connect(user).exit(...exit(2))));
    snapshot.row("exit ETH, pushed by another", await of(bridge.connect(deployer).exit(...exit(3))));
    snapshot.row("exit ERC-20, pushed by another", await of(bridge.connect(deployer).exit(...exit(4))));
  });

  it("runs of exits", async () => {
    const { bridge, user, deployer, exit, run } = await loadFixture(exiting);
    await bridge.connect(user).exit(...exit(0));
    const coins = await of(bridge.connect(deployer).exitBatch(...run(32)));
    headline("exit ETH in a batch of 32, each", coins / 32n);
    const tokens = await of(bridge.connect(deployer).exitBatch(...run(64)));
    snapshot.row("exit ERC-20 in a batch of 32, each", tokens / 32n);
    const fresh = await of(bridge.connect(deployer).exitBatch(...run(96)));
    snapshot.row("exit ETH in a batch of 32 to new accounts, each", fresh / 32n);
  });

  it("fits a contract", async () => {
    const { deployedBytecode } = await hre.artifacts.readArtifact("CanonicalBridge");
    const size = (deployedBytecode.length - 2) / 2;
    snapshot.row("CanonicalBridge, bytes of code", size);
    expect(size).to.be.at.most(24_576);
  });
});
