import { ethers } from "hardhat";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { mine, setBalance, time } from "@nomicfoundation/hardhat-network-helpers";
import { ZeroAddress, ZeroHash, concat, getCreateAddress, id, keccak256, parseEther, toBeHex } from "ethers";
import {
  CALLDATA_MODULE,
  DEPOSIT,
  FORCED,
  IN_RING,
  NORMAL,
  ON_ITS_OWN,
  OPEN_MODULE,
  SINGLE_MODULE,
  batchHash,
  calldataCommitment,
  chainMessage,
  claimArguments,
  claimKey,
  configHash,
  encodeMessage,
  finalizeArguments,
  headerHash,
  l2ChainId,
  postArguments,
  unclaimed,
  type Claim,
  type Config,
  type Entry,
  type Header,
} from "../../sdk/src/protocol";
import type { HubMock, VaultMock } from "../../sdk/src/typechain";

export const DAY = 86_400;
export const BLOCK_TIME = 12n;
/** Windows of the usual test rollup [ticks]. */
export const EXTENSION = 240n;
export const CLOCK = 960n;
export const WINDOW = 1_920n;
/** W + 2C + (30/3 + 1)·E [ticks] */
export const CLAIM_LIFE = WINDOW + 2n * CLOCK + 11n * EXTENSION;
export const FORCE_DELAY = 3_600n;
export const BOND_GAS_PRICE = 10n ** 9n;
export const BOND = 1_200_000n * BOND_GAS_PRICE;
export const DEPOSIT_D = 2n * BOND;
export const SLASH = parseEther("1000");
export const MESSAGE_BOUND = 8n;
export const NEVER = (1n << 34n) - 1n;
export const UNBONDING = BigInt(21 * DAY);

/** A program entry whose memory is empty above the text. */
export function programEntry(stateReader = ZeroAddress, code = "code") {
  const codeRoot = id(code);
  const siblings = Array.from({ length: 11 }, (_, level) => id(`sibling ${level}`));
  const memoryRoot0 = siblings.reduce((node, sibling) => keccak256(concat([node, sibling])), codeRoot);
  const entry = {
    codeRoot,
    memoryRoot0,
    entry: 0x1000n,
    genesis: id("genesis"),
    batchGas: 30_000_000n,
    logSteps: 30n,
    residual: false,
    stateReader,
  };
  const programHash = keccak256(concat([codeRoot, memoryRoot0, toBeHex(entry.entry, 32)]));
  return { entry, siblings, programHash };
}

export interface HubFixture {
  hub: HubMock;
  vault: VaultMock;
  governor: HardhatEthersSigner;
  bridge: HardhatEthersSigner;
  treasury: HardhatEthersSigner;
  owner: HardhatEthersSigner;
  sequencer: HardhatEthersSigner;
  rival: HardhatEthersSigner;
  stranger: HardhatEthersSigner;
  program: ReturnType<typeof programEntry>;
}

/** Deploys a hub whose bridge is an account, whose vault is a mock, and in which matches are lost at will. */
export function hubFixture(): Promise<HubFixture> {
  return deployHub("HubMock");
}

/**
 * Deploys a hub, the real one or the mock on top of it; the mock's verbs are missing in the real one. The vault is a mock unless one is
 * named; its verbs are missing in a real one.
 */
export async function deployHub(contract: "HubMock" | "RollupHub", realVault?: string): Promise<HubFixture> {
  const [governor, treasury, owner, sequencer, rival, stranger] = await ethers.getSigners();
  const vault = realVault
    ? await ethers.getContractAt("VaultMock", realVault)
    : await ethers.deployContract("VaultMock", [UNBONDING]);
  const machine = await ethers.deployContract("Machine");
  const libraries: Record<string, string> = {};
  for (const name of ["Catalogue", "Creation", "Inspection", "Lifecycle", "Lines", "Verdicts"]) {
    libraries[name] = await (await ethers.deployContract(name)).getAddress();
  }
  const nonce = await governor!.getNonce();
  const foreseen = getCreateAddress({ from: governor!.address, nonce: nonce + 1 });
  const bridge = await (await ethers.deployContract("BridgeMock", [foreseen])).getAddress();
  await setBalance(bridge, parseEther("100"));
  const hub = (await ethers.deployContract(
    contract,
    [
      governor!.address,
      bridge,
      await vault.getAddress(),
      await machine.getAddress(),
      treasury!.address,
      BLOCK_TIME,
      BOND_GAS_PRICE,
    ],
    { libraries },
  )) as unknown as HubMock;
  const program = programEntry();
  await hub.addProgram(program.entry, program.siblings);
  return {
    hub,
    vault,
    governor: governor!,
    bridge: await ethers.getImpersonatedSigner(bridge),
    treasury: treasury!,
    owner: owner!,
    sequencer: sequencer!,
    rival: rival!,
    stranger: stranger!,
    program,
  };
}

/** Parameters of the usual test rollup: single sequencer, owned, no end. */
export function parameters(f: HubFixture) {
  return {
    chain: {
      program: f.program.programHash,
      availability: CALLDATA_MODULE,
      sequencing: SINGLE_MODULE,
      sequencer: f.sequencer.address,
      feeRecipient: f.owner.address,
      gasPrice: 1_000_000n,
      messageGas: 100_000n,
      messageBound: MESSAGE_BOUND,
    },
    security: {
      policy: 0x0101n,
      window: WINDOW,
      clock: CLOCK,
      extension: EXTENSION,
      bond: BOND,
      deposit: DEPOSIT_D,
      slash: SLASH,
      fallbackDelay: 0n,
    },
    lifetime: {
      owner: f.owner.address,
      endTime: 0n,
      unwind: 1_000n,
      forceDelay: FORCE_DELAY,
      maxDormant: 0n,
      ringLog2: 4n,
    },
  };
}

export type ParameterSet = ReturnType<typeof parameters>;
type Changes = { [part in keyof ParameterSet]?: Partial<ParameterSet[part]> };

/** A batch that was posted, with what is needed to claim and finalise it. */
export interface Posted {
  header: Header;
  batchHash: string;
  parent: string;
  commitment: string;
  entry: Entry;
}

/** What a batch is to be like; the rest follows from where the rollup stands. */
export interface BatchWish {
  poster?: HardhatEthersSigner;
  data?: string;
  flags?: number;
  target?: bigint;
  targetHash?: string;
  index?: bigint;
  timestamp?: bigint;
  l1Number?: bigint;
  l1Hash?: string;
  mode?: number;
  /** "" for no claim */
  commitment?: string;
  parent?: string;
}

/** One rollup under test, followed as a node would: messages, heads, batches and their entries. */
export class Stage {
  heads: string[] = [ZeroHash];
  batches: Posted[] = [];
  private lastPost: bigint;

  private constructor(
    readonly f: HubFixture,
    readonly rollup: bigint,
    readonly params: ParameterSet,
    readonly config: Config,
    createdAt: bigint,
  ) {
    this.lastPost = createdAt;
  }

  get hub() {
    return this.f.hub;
  }

  /** Creates a rollup with the usual parameters but for the changes. */
  static async create(f: HubFixture, changes: Changes = {}): Promise<Stage> {
    const usual = parameters(f);
    const params = {
      chain: { ...usual.chain, ...changes.chain },
      security: { ...usual.security, ...changes.security },
      lifetime: { ...usual.lifetime, ...changes.lifetime },
    };
    const transaction = await f.hub.connect(f.owner).create(params.chain, params.security, params.lifetime);
    await transaction.wait();
    const rollup = await f.hub.rollupCount();
    const { chainId } = await ethers.provider.getNetwork();
    const config: Config = {
      programHash: params.chain.program,
      l2ChainId: l2ChainId(chainId, await f.hub.getAddress(), rollup),
      batchGas: f.program.entry.batchGas,
      messageGas: params.chain.messageGas,
      messageBound: params.chain.messageBound,
      logSteps: f.program.entry.logSteps,
      policyMask: params.security.policy >> 8n,
      policyThreshold: params.security.policy & 255n,
      availability: params.chain.availability,
      clock: params.security.clock,
      extension: params.security.extension,
      bond: params.security.bond,
      window: params.security.window,
      feeRecipient: params.chain.feeRecipient,
      gasPrice: params.chain.gasPrice,
    };
    return new Stage(f, rollup, params, config, BigInt(await time.latest()));
  }

  /** Opens an ALT line. */
  async openLine(key: HardhatEthersSigner = this.f.sequencer) {
    await this.hub.connect(key).openLine(this.rollup, { value: this.params.security.deposit });
  }

  async openBondLine(key: HardhatEthersSigner) {
    await this.hub.connect(key).openBondLine(this.rollup, { value: this.params.security.deposit });
  }

  /** Enqueues forced transactions. */
  async force(count = 1, body = "0x1234") {
    for (let i = 0; i < count; ++i) {
      await this.hub.connect(this.f.stranger).force(this.rollup, body);
      this.noteMessage(FORCED, this.f.stranger.address, body);
    }
  }

  async deposit(body = "0x") {
    await this.hub.connect(this.f.bridge).deposit(this.rollup, this.f.stranger.address, body);
    this.noteMessage(DEPOSIT, this.f.stranger.address, body);
  }

  noteMessage(kind: number, sender: string, body: string) {
    this.heads.push(chainMessage(this.heads.at(-1)!, encodeMessage({ kind, sender, body })));
  }

  /** Returns what the next batch would be, as an honest poster builds it. */
  async build(wish: BatchWish = {}) {
    const poster = wish.poster ?? this.f.sequencer;
    const latest = await ethers.provider.getBlock("latest");
    const l1Number = wish.l1Number ?? BigInt(latest!.number);
    const l1Block = await ethers.provider.getBlock(Number(l1Number));
    const target = wish.target ?? BigInt(this.heads.length - 1);
    const data = wish.data ?? "0x";
    const index = wish.index ?? BigInt(this.batches.length + 1);
    const header: Header = {
      flags: wish.flags ?? 0,
      index,
      poster: poster.address,
      target,
      dataCommitment: calldataCommitment(data),
      targetHash: wish.targetHash ?? this.heads[Number(target)] ?? ZeroHash,
      l1Hash: wish.l1Hash ?? l1Block?.hash ?? ZeroHash,
      l1Number,
      timestamp: wish.timestamp ?? BigInt(latest!.timestamp),
    };
    const hash = batchHash(headerHash(header), configHash(this.config));
    const mode = wish.mode ?? NORMAL;
    const commitment = wish.commitment ?? id(`commitment ${this.rollup} ${index}`);
    const isClaimed = commitment !== "";
    const parent = isClaimed ? (wish.parent ?? this.commitmentOf(index - 1n)) : ZeroHash;
    const args = postArguments(
      {
        rollup: this.rollup,
        index,
        target,
        l1Number,
        timestamp: header.timestamp,
        flags: header.flags,
        mode: isClaimed ? mode : 0,
      },
      hash,
      data,
      isClaimed ? { parent, commitment } : undefined,
    );
    return {
      poster,
      header,
      hash,
      mode,
      parent,
      commitment: isClaimed ? commitment : ZeroHash,
      args,
      isClaimed,
    };
  }

  /** Sends a batch; for those that revert. */
  async send(wish: BatchWish = {}) {
    const built = await this.build(wish);
    return this.hub.connect(built.poster).post(...built.args);
  }

  /** Posts a batch, with a claim unless its commitment is "". */
  async post(wish: BatchWish = {}): Promise<Posted> {
    const built = await this.build(wish);
    const transaction = await this.hub.connect(built.poster).post(...built.args);
    return this.notePost(built, await blockOf(transaction));
  }

  async notePost(
    built: Awaited<ReturnType<Stage["build"]>>,
    block: { timestamp: number; number: number },
  ): Promise<Posted> {
    const now = BigInt(block.timestamp);
    const { nonce } = await this.hub.lineOf(this.rollup, built.poster.address);
    const claimed: Entry = {
      batchHash: built.hash,
      claimKey: claimKey({
        rollup: this.rollup,
        index: built.header.index,
        batchHash: built.hash,
        parent: built.parent,
        mode: built.mode,
        commitment: built.commitment,
      }),
      asserter: built.poster.address,
      nonce,
      window: this.params.security.window,
      policyMask: 1,
      policyThreshold: 1,
      flags: built.header.flags,
      backedTime: now,
      backedBlock: BigInt(block.number),
      postTime: now,
      gap: now - this.lastPost,
    };
    this.lastPost = now;
    const posted: Posted = {
      header: built.header,
      batchHash: built.hash,
      parent: built.parent,
      commitment: built.commitment,
      entry: built.isClaimed ? claimed : unclaimed(claimed),
    };
    this.batches.push(posted);
    return posted;
  }

  /** Forgets the last batch, whose block was taken back. */
  forgetLast() {
    const lost = this.batches.pop();
    if (lost) this.lastPost = lost.entry.postTime - lost.entry.gap;
  }

  batch(index: bigint): Posted {
    return this.batches[Number(index) - 1]!;
  }

  /** The commitment that a posted batch's own claim gave, or genesis. */
  commitmentOf(index: bigint): string {
    return index === 0n
      ? this.f.program.entry.genesis
      : (this.batches[Number(index) - 1]?.commitment ?? id("unknown"));
  }

  claimFor(index: bigint, commitment: string, mode = NORMAL, parent = this.commitmentOf(index - 1n)): Claim {
    return { rollup: this.rollup, index, batchHash: this.batch(index).batchHash, parent, mode, commitment };
  }

  /** Claims on its own; for those that revert. */
  async sendClaim(key: HardhatEthersSigner, claim: Claim, entry = this.batch(claim.index).entry) {
    return this.hub.connect(key).claim(...claimArguments(claim, entry));
  }

  /** Claims on its own. */
  async claim(key: HardhatEthersSigner, claim: Claim): Promise<Entry> {
    const ring = this.batch(claim.index).entry;
    const block = await blockOf(await this.sendClaim(key, claim));
    const { nonce } = await this.hub.lineOf(this.rollup, key.address);
    return {
      ...ring,
      claimKey: claimKey(claim),
      asserter: key.address,
      nonce,
      backedTime: BigInt(block.timestamp),
      backedBlock: BigInt(block.number),
    };
  }

  /** Finalises a batch by the claim that came with it, or by one on its own. */
  async finalize(index: bigint, own?: { claim: Claim; entry: Entry }, mode = NORMAL) {
    const posted = this.batch(index);
    const args = own
      ? finalizeArguments({ ...own.claim, place: ON_ITS_OWN }, own.entry)
      : finalizeArguments(
          { rollup: this.rollup, index, mode, commitment: posted.commitment, place: IN_RING },
          posted.entry,
        );
    return this.hub.connect(this.f.stranger).finalize(...args);
  }

  /** Posts a batch, waits its window out and finalises it. */
  async advance(wish: BatchWish = {}): Promise<Posted> {
    const posted = await this.post(wish);
    await passTicks(WINDOW);
    await this.finalize(posted.header.index, undefined, wish.mode);
    return posted;
  }

  /** Brings the rollup to the moment after its message door has closed. */
  async close() {
    await this.hub.connect(this.f.owner).drain(this.rollup);
    await time.increase(this.params.lifetime.unwind);
  }
}

export async function blockOf(transaction: { wait(): Promise<{ blockNumber: number } | null> }) {
  const receipt = await transaction.wait();
  const block = await ethers.provider.getBlock(receipt!.blockNumber);
  return { timestamp: block!.timestamp, number: block!.number };
}

/** Lets so many ticks pass, as many seconds with a block per block time. */
export async function passTicks(ticks: bigint) {
  await mine(ticks / BLOCK_TIME + 1n, { interval: Number(BLOCK_TIME) });
}

export const OPEN = { chain: { sequencing: OPEN_MODULE, sequencer: ZeroAddress } };
