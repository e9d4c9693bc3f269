import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BytesLike,
  Wallet,
  ZeroHash,
  concat,
  getBytes,
  hexlify,
  id,
  keccak256,
  parseEther,
  toBeHex,
  toUtf8Bytes,
} from "ethers";
import { ethers } from "hardhat";
import hashes from "../../programs/artifacts/hashes.json";
import * as ledger from "../../sdk/src/ledger";
import {
  type CommitmentFields,
  MESSAGE_ONLY,
  SKIP,
  calldataChunks,
  configHash,
  decodeCommitment,
  encodeConfig,
  encodeHeader,
} from "../../sdk/src/protocol";
import { type Outcome, Emulator } from "../../sequencer/src/machine";
import { type HubFixture, Stage } from "../hub/fixture";
import { Host } from "../programs/Host";
import { type OnHub, bridgeOnHub } from "./onHub";

const elf = readFileSync(join(__dirname, "../../programs/artifacts/brittle.elf"));

export const alice = new Wallet(id("alice"));
export const bob = new Wallet(id("bob"));
/** What the program can't stomach: a forced transaction that anybody may send. */
const POISON = hexlify(toUtf8Bytes("poison"));

/** A rollup on a real hub whose program, the ledger with a fault, is run for every batch by the machine's emulator. */
export class Poisoned {
  /** Runs what isn't poisoned as the ledger does, and keeps every preimage that it published. */
  readonly host = new Host();
  readonly messages: string[] = [];
  private readonly nonces = new Map<string, bigint>();

  private constructor(
    readonly onHub: OnHub,
    readonly stage: Stage,
  ) {
    this.keep(encodeConfig(stage.config));
  }

  static async create(): Promise<Poisoned> {
    const onHub = await bridgeOnHub();
    const { hub } = onHub.hub;
    const reader = await ethers.deployContract("LedgerStateReader");
    const { codeRoot, memoryRoot0, entry, log2Steps, siblings, programHash } = hashes.brittle;
    const program = {
      entry: {
        ...{ codeRoot, memoryRoot0, entry: BigInt(entry), logSteps: BigInt(log2Steps), residual: false },
        genesis: hashes.ledger.genesis,
        batchGas: BigInt(hashes.ledger.batchGas),
        stateReader: await reader.getAddress(),
      },
      siblings,
      programHash,
    };
    await hub.addProgram(program.entry, program.siblings);
    const f: HubFixture = { ...onHub.hub, program };
    const stage = await Stage.create(f, { chain: { messageGas: 5_000n, gasPrice: 1_000_000_000n } });
    await stage.openLine();
    const rollup = new Poisoned(onHub, stage);
    rollup.host.call((module) => module.genesis());
    return rollup;
  }

  get bridge() {
    return this.onHub.bridge;
  }

  /** Takes note of every message that the hub has enqueued since, as a node does. */
  async listen(): Promise<void> {
    const { hub, rollup, heads } = this.stage;
    for (const { args } of (await hub.queryFilter(hub.filters.MessageEnqueued(rollup))).slice(
      this.messages.length,
    )) {
      this.messages.push(args.message);
      heads.push(this.keep(concat([heads.at(-1) ?? ZeroHash, this.keep(args.message)])));
    }
  }

  async poison(): Promise<void> {
    await this.stage.hub.connect(this.stage.f.stranger).force(this.stage.rollup, POISON);
  }

  async sign(signer: Wallet, ...actions: ledger.Action[]): Promise<string[]> {
    const signed: string[] = [];
    for (const action of actions) {
      const nonce = this.nonces.get(signer.address) ?? 0n;
      this.nonces.set(signer.address, nonce + 1n);
      const transaction = { action, maxFee: parseEther("1"), nonce };
      signed.push(hexlify(await ledger.signTransaction(signer, this.stage.config.l2ChainId, transaction)));
    }
    return signed;
  }

  /** Posts a batch with the claim that an honest operator makes of what the machine says, and waits until it is final. */
  async batch(transactions: readonly string[], flags = 0): Promise<Outcome> {
    await this.listen();
    const data = transactions.length === 0 ? "0x" : ledger.encodeBatch([{ timestamp: 1n, transactions }]);
    const { header } = await this.stage.build({ data, flags });
    this.store(data);
    const parent = this.stage.commitmentOf(header.index - 1n);
    const input = await this.input(this.keep(encodeHeader(header)), header.index, parent);
    // First the module, which publishes what signatures the machine will ask for.
    const built = this.host.call((module) => module.run(this.host.argument(input)[0]));
    const emulator = new Emulator(
      { elf },
      { oracle: { preimage: (_kind, key) => this.host.preimages.get(hexlify(key)) } },
    );
    const { outcome, output } = emulator.run(input);
    const { l1Number, timestamp } = header;
    const wish = { data, flags, l1Number, timestamp };
    if (outcome === "exit") {
      if (built !== output) throw new Error(`the machine came to ${output}, WebAssembly to ${built}`);
      await this.stage.advance({ ...wish, commitment: output });
    } else {
      await this.stage.advance({ ...wish, mode: SKIP, commitment: parent });
    }
    return outcome;
  }

  messageOnly(): Promise<Outcome> {
    return this.batch([], MESSAGE_ONLY);
  }

  /** The last final commitment, opened. */
  async lastFinal(): Promise<CommitmentFields> {
    const { hub, rollup } = this.stage;
    const [, commitment] = await hub.lastFinal(rollup);
    const words = this.host.preimages.get(commitment);
    if (words === undefined) throw new Error(`nobody published ${commitment}`);
    const [stateRoot, exitRoot, packed] = [0, 32, 64].map((at) => hexlify(words.subarray(at, at + 32)));
    return decodeCommitment(stateRoot ?? "", exitRoot ?? "", packed ?? "");
  }

  stateReader(stateRoot: string): ledger.StateReader {
    return new ledger.StateReader(stateRoot, (hash) => {
      const found = this.host.preimages.get(hash);
      if (found === undefined) throw new Error(`no preimage of ${hash}`);
      return found;
    });
  }

  private async input(header: string, index: bigint, parent: string): Promise<string> {
    const { hub, rollup, config } = this.stage;
    const { chainId } = await ethers.provider.getNetwork();
    const words = [chainId, await hub.getAddress(), rollup, index, parent, header, configHash(config)];
    return this.keep(concat(words.map((word) => toBeHex(word, 32))));
  }

  private keep(bytes: BytesLike): string {
    this.host.keep(getBytes(bytes));
    return keccak256(bytes);
  }

  private store(data: BytesLike): void {
    this.keep(concat(calldataChunks(data).map((chunk) => this.keep(chunk))));
  }
}
