import { expect } from "chai";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import {
  ZeroAddress,
  ZeroHash,
  dataSlice,
  getAddress,
  id as hashOf,
  keccak256,
  parseEther,
  toBeHex,
} from "ethers";
import hre, { ethers } from "hardhat";
import bounds from "../../config/peers/bounds.json";
import {
  type ExitLeaf,
  ExitTree,
  accountKey,
  encodeExit,
  exitLeafHash,
  proveHolding,
} from "../../sdk/src/ledger";
import { MESSAGE_ONLY, SKIP, commitmentHash, packCommitment } from "../../sdk/src/protocol";
import { encodeExitPlace } from "../../sdk/src/bridge/exitPlace";
import { exitLeafWords } from "../../sdk/src/bridge/exitLeaf";
import { exitLeaf } from "../bridge/fixture";
import { PlainState, entryOf } from "../bridge/PlainState";
import { bridgeOnHub } from "../bridge/onHub";
import { Stage, programEntry } from "../hub/fixture";
import { GasSnapshot } from "./GasSnapshot";

const DEPTH = 20;
/** Exits of the tree: proofs are 20 deep. */
const EXITS = 2 ** DEPTH;

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
    return Array.from({ length: DEPTH - this.depth }, (_, i) => hashOf(`subtree ${i}`));
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

  /** A ledger with a million accounts, proofs 20 deep, that has escaped. The owners here are known, strangers by their hashes. */
  async function escaped() {
    const { hub, bridge, user, token, deployer } = await running();
    const reader = await ethers.deployContract("LedgerStateReader");
    const program = programEntry(await reader.getAddress(), "ledger");
    await hub.hub.addProgram(program.entry, program.siblings);
    const stage = await Stage.create({ ...hub, program });
    await stage.openLine();
    await bridge.connect(user).depositNative(stage.rollup, user, "0x", { value: parseEther("10") });
    await bridge.connect(user).deposit(stage.rollup, token, parseEther("10"), user, "0x");
    const amount = 1_234_567_890_123_456_789n / 100n;
    const owners = [user.address, someone("first"), someone("pushed")];
    await token.transfer(someone("pushed"), 1n);
    for (const to of owners) await deployer.sendTransaction({ to, value: 1n });
    const tokenAt = await token.getAddress();
    const state = new PlainState(
      owners.flatMap((owner) => [
        entryOf.account(owner, amount),
        entryOf.balance(owner, 1, tokenAt, 0n, amount),
      ]),
      [],
      DEPTH - 1,
    );
    const fields = {
      stateRoot: state.stateRoot,
      exitRoot: new ExitTree().exitRoot(),
      block: 123_456n,
      timestamp: 1_800_000_000n,
      messagesConsumed: 2n,
      transactions: 1_234_567n,
      phase: 0,
    };
    const { head, count } = await hub.hub.inboxOf(stage.rollup);
    for (let i = 0n; i < count; i++) stage.heads.push(i + 1n === count ? head : ZeroHash);
    await stage.advance({ commitment: commitmentHash(fields) });
    const skip = { flags: MESSAGE_ONLY, mode: SKIP, commitment: commitmentHash(fields) };
    await stage.advance(skip);
    await stage.advance(skip);
    const escape = (owner: string, proof: string) =>
      bridge
        .connect(deployer)
        .escape(
          stage.rollup,
          { stateRoot: fields.stateRoot, exitRoot: fields.exitRoot, packed: packCommitment(fields) },
          proof,
          "0x",
          owner,
          { deadline: 0n, signature: "0x" },
        );
    return { escape, owners, tokenAt, state };
  }

  it("escapes from a ledger of a million accounts", async () => {
    const { escape, owners, tokenAt, state } = await loadFixture(escaped);
    const prove = async (owner: string, kind: number, token: string) =>
      (await proveHolding(state.reader, owner, { kind, token, id: 0n })).proof;
    const [user = "", first = "", pushed = ""] = owners;

    expect((await state.reader.prove(accountKey(user))).steps.length).to.be.at.least(DEPTH);
    await escape(first, await prove(first, 0, ZeroAddress));
    headline("escape by state proof, ledger", await of(escape(user, await prove(user, 0, ZeroAddress))));
    snapshot.row(
      "escape by state proof, ledger, ERC-20",
      await of(escape(pushed, await prove(pushed, 1, tokenAt))),
    );
  });

  it("fits a contract", async () => {
    const { deployedBytecode } = await hre.artifacts.readArtifact("CanonicalBridge");
    const size = (deployedBytecode.length - 2) / 2;
    snapshot.row("CanonicalBridge, code [bytes]", size);
    expect(size).to.be.at.most(24_576);
  });
});
