import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { hexlify, keccak256, randomBytes, ZeroHash } from "ethers";
import { ethers } from "hardhat";
import { encodeExitPlace } from "../../sdk/src/bridge/exitPlace";
import { type ExitLeaf, ExitTree, encodeExit, exitLeafHash } from "../../sdk/src/ledger";
import { type ExitLeafWords, exitLeafWords } from "../../sdk/src/bridge/exitLeaf";
import { commitmentHash, packCommitment } from "../../sdk/src/protocol";

export enum Status {
  None,
  Active,
  Dormant,
  Draining,
  Retired,
  Escaped,
}

export enum Mood {
  Accepts,
  Reverts,
  BurnsGas,
  Bombs,
  CallsBack,
}

export const zero = ethers.ZeroAddress;
export const rollup = 1n;
export const other = 2n;
export const noConsent = { deadline: 0n, signature: "0x" };

/** A bridge over a hub that keeps what a test tells it to, and two living rollups. */
async function deployBridge() {
  const [deployer, user, friend, stranger, owner] = await ethers.getSigners();
  if (!deployer || !user || !friend || !stranger || !owner) throw new Error("five accounts are needed");
  const inbox = await ethers.deployContract("MockInbox");
  const code = {
    fungible: await ethers.deployContract("MirrorERC20"),
    collection: await ethers.deployContract("MirrorERC721"),
    multi: await ethers.deployContract("MirrorERC1155"),
  };
  const bridge = await ethers.deployContract("CanonicalBridge", [inbox, code], {
    libraries: {
      Mirrors: await ethers.deployContract("Mirrors"),
      Unread: await ethers.deployContract("Unread"),
    },
  });
  for (const id of [rollup, other]) await inbox.set(id, Status.Active, false, owner, zero);
  const token = await ethers.deployContract("MockERC20");
  await token.mint(user, 10n ** 24n);
  await token.connect(user).approve(bridge, ethers.MaxUint256);
  return { deployer, user, friend, stranger, owner, inbox, bridge, token };
}

export const bridgeFixture = () => loadFixture(deployBridge);
export type Fixture = Awaited<ReturnType<typeof deployBridge>>;

/** A plain exit; say what differs. */
export function exitLeaf(to: string, amount: bigint, more: Partial<ExitLeaf> = {}): ExitLeaf {
  return {
    flags: 0,
    kind: 0,
    token: zero,
    targetRollup: 0n,
    id: 0n,
    amount,
    l2Sender: to,
    to,
    fallbackTo: to,
    metadataHash: ZeroHash,
    dataHash: ZeroHash,
    ...more,
  };
}

/** The arguments of `exit`. */
export type ExitArguments = [
  leaf: ExitLeafWords,
  siblings: string[],
  proof: { place: bigint; stateRoot: string; packed: string },
];

/** The arguments of `exitBatch`. */
export type RunArguments = [
  leaves: ExitLeafWords[],
  siblings: string[],
  proof: ExitArguments[2],
  metadata: string[],
];

/** An asset as the bridge knows it. */
export const assetWord = (kind: number, token: string): string =>
  ethers.toBeHex((BigInt(kind) << 248n) | BigInt(token), 32);
export const coin = ZeroHash;

/** What a rollup's program and its claims do in life: keeps the exits, and has commitments made final. */
export class ProvenExits {
  readonly tree = new ExitTree();
  readonly leaves: ExitLeaf[] = [];
  readonly stateRoot: string;
  private counters = { block: 0n, timestamp: 1n, messagesConsumed: 0n, transactions: 0n, phase: 0 };
  private committed = 0;

  constructor(
    private readonly fixture: Fixture,
    readonly id = rollup,
    readonly slot = 3,
    stateRoot = keccak256("0x5eed"),
  ) {
    this.stateRoot = stateRoot;
  }

  add(...leaves: ExitLeaf[]): this {
    for (const leaf of leaves) {
      this.leaves.push(leaf);
      this.tree.append(exitLeafHash(encodeExit(leaf)));
    }
    return this;
  }

  /** Grows the tree with leaves nobody can open, to `count`. */
  fill(count: number): this {
    while (this.tree.count < count) this.tree.append(hexlify(randomBytes(32)));
    return this;
  }

  /** Has the hub keep a commitment of the exits so far. */
  async commit(messagesConsumed = 0n): Promise<this> {
    this.committed = this.tree.count;
    this.counters = { ...this.counters, block: BigInt(this.committed), messagesConsumed };
    await this.fixture.inbox.keep(this.id, this.slot, this.commitment());
    return this;
  }

  /** What the bridge takes of a commitment. */
  fields() {
    const exitRoot = this.tree.exitRoot(this.committed);
    return { stateRoot: this.stateRoot, exitRoot, packed: packCommitment(this.counters) };
  }

  commitment(): string {
    const exitRoot = this.tree.exitRoot(this.committed);
    return commitmentHash({ stateRoot: this.stateRoot, exitRoot, ...this.counters });
  }

  siblings(index: number, length = 1): string[] {
    return this.tree.runProof(index, length, this.committed);
  }

  proof(index: number) {
    return {
      place: encodeExitPlace({
        slot: this.slot,
        rollup: this.id,
        count: BigInt(this.committed),
        index: BigInt(index),
      }),
      stateRoot: this.stateRoot,
      packed: packCommitment(this.counters),
    };
  }

  words(index: number) {
    const leaf = this.leaves[index];
    if (leaf === undefined) throw new Error(`no exit ${index}`);
    return exitLeafWords(leaf);
  }

  exit(index: number): ExitArguments {
    return [this.words(index), this.siblings(index), this.proof(index)];
  }

  run(first: number, length: number, metadata: string[] = []): RunArguments {
    const words = Array.from({ length }, (_, i) => this.words(first + i));
    return [words, this.siblings(first, length), this.proof(first), metadata];
  }
}

/** Deposits enough coins for what a test exits. */
export async function fund(fixture: Fixture, amount: bigint, id = rollup): Promise<void> {
  const { bridge, user } = fixture;
  await bridge.connect(user).depositNative(id, user, "0x", { value: amount });
}

/** Signs what the bridge's owner functions ask for. */
export async function consent(
  { bridge }: Fixture,
  signer: HardhatEthersSigner,
  type: string,
  fields: Record<string, unknown>,
  deadline = 2n ** 40n,
) {
  const { chainId } = await ethers.provider.getNetwork();
  const domain = {
    name: "Rollworks Bridge",
    version: "1",
    chainId,
    verifyingContract: await bridge.getAddress(),
  };
  const signature = await signer.signTypedData(
    domain,
    { [type]: consentTypes[type] ?? [] },
    { ...fields, deadline },
  );
  return { deadline, signature };
}

const consentTypes: Record<string, { name: string; type: string }[]> = {
  ExitTo: [
    { name: "rollup", type: "uint64" },
    { name: "index", type: "uint256" },
    { name: "leafHash", type: "bytes32" },
    { name: "recipient", type: "address" },
    { name: "deadline", type: "uint256" },
  ],
  Sell: [
    { name: "rollup", type: "uint64" },
    { name: "index", type: "uint256" },
    { name: "leafHash", type: "bytes32" },
    { name: "price", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
  EscapeTo: [
    { name: "rollup", type: "uint64" },
    { name: "owner", type: "address" },
    { name: "asset", type: "bytes32" },
    { name: "id", type: "uint256" },
    { name: "recipient", type: "address" },
    { name: "deadline", type: "uint256" },
  ],
};
