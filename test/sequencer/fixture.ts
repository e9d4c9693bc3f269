import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AbiCoder, concat, getCreateAddress, parseEther, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { artifacts, ethers } from "hardhat";
import {
  CALLDATA_MODULE,
  calldataCommitment,
  chainMessage,
  type Config,
  headerHash,
  l2ChainId,
  SINGLE_MODULE,
  unpackPostTerms,
} from "../../sdk/src/protocol";
import { Action, gasOf, signTransaction } from "../../sdk/src/ledger";
import {
  ICatalogue__factory,
  IRollupHub__factory,
  type ICatalogue,
  type IRollupHub,
} from "../../sdk/src/typechain";
import { checkConfig, ConfigInput, createLog, Host } from "../../sequencer/src";
import hashes from "../../programs/artifacts/hashes.json";
import { Anvil } from "./anvil";

export const BLOCK_TIME = 12;
export const WINDOW = 1_920n;
export const GAS_PRICE = 1_000_000n;
const BOND_GAS_PRICE = 10n ** 9n;
export const BOND = 1_200_000n * BOND_GAS_PRICE;
const UNBONDING = 21 * 86_400;

/** A settlement chain with the protocol on it, for one test file. */
export class Settlement {
  private constructor(
    readonly anvil: Anvil,
    readonly hub: IRollupHub,
    readonly bridge: string,
    readonly startBlock: number,
  ) {}

  static async start(): Promise<Settlement> {
    const anvil = await Anvil.start();
    const deployer = anvil.wallet(0);
    const deploy = async (name: string, args: unknown[] = [], libraries: Record<string, string> = {}) => {
      const artifact = await artifacts.readArtifact(name);
      const factory = await ethers.getContractFactoryFromArtifact(artifact, { libraries, signer: deployer });
      const contract = await factory.deploy(...(args as []));
      await contract.waitForDeployment();
      return contract.getAddress();
    };
    const startBlock = await anvil.provider.getBlockNumber();
    const vault = await deploy("VaultMock", [UNBONDING]);
    const libraries: Record<string, string> = {};
    for (const name of ["Catalogue", "Creation", "Inspection", "Lifecycle", "Lines", "Verdicts"])
      libraries[name] = await deploy(name);
    const machine = await deploy("Machine");
    const nonce = await deployer.getNonce();
    const bridge = await deploy("BridgeMock", [
      getCreateAddress({ from: deployer.address, nonce: nonce + 1 }),
    ]);
    const treasury = anvil.wallet(9).address;
    const address = await deploy(
      "RollupHub",
      [deployer.address, bridge, vault, machine, treasury, BLOCK_TIME, BOND_GAS_PRICE],
      libraries,
    );
    await anvil.provider.send("anvil_setBalance", [bridge, "0x56bc75e2d63100000"]);
    await anvil.provider.send("anvil_impersonateAccount", [bridge]);
    const { codeRoot, memoryRoot0, entry, siblings, genesis, batchGas, log2Steps } = hashes.ledger;
    const catalogue: ICatalogue = ICatalogue__factory.connect(address, deployer);
    const program = {
      codeRoot,
      memoryRoot0,
      entry,
      genesis,
      batchGas,
      logSteps: log2Steps,
      residual: false,
      stateReader: ZeroAddress,
    };
    await (await catalogue.addProgram(program, siblings)).wait();
    return new Settlement(anvil, IRollupHub__factory.connect(address, deployer), bridge, startBlock);
  }

  async stop(): Promise<void> {
    await this.anvil.stop();
  }

  async hubAddress(): Promise<string> {
    return this.hub.getAddress();
  }

  /** The config of a rollup's batches. */
  async configOf(rollup: Rollup): Promise<Config> {
    const [created] = await this.hub.queryFilter(this.hub.filters.Created(rollup.id));
    const { chain, security } = created!.args;
    return {
      programHash: chain.program,
      l2ChainId: rollup.chainId,
      batchGas: BigInt(hashes.ledger.batchGas),
      messageGas: chain.messageGas,
      messageBound: chain.messageBound,
      logSteps: BigInt(hashes.ledger.log2Steps),
      policyMask: security.policy >> 8n,
      policyThreshold: security.policy & 255n,
      availability: chain.availability,
      clock: security.clock,
      extension: security.extension,
      bond: security.bond,
      window: security.window,
      feeRecipient: chain.feeRecipient,
      gasPrice: chain.gasPrice,
    };
  }

  /** The header hash of a batch without data whose target is all messages of the rollup. */
  async headerHashOf(rollup: Rollup, word: string, poster: string): Promise<string> {
    const terms = unpackPostTerms(word);
    const messages = await this.hub.queryFilter(this.hub.filters.MessageEnqueued(rollup.id));
    const targetHash = messages
      .slice(0, Number(terms.target))
      .reduce((head, { args }) => chainMessage(head, args.message), ZeroHash);
    const l1 = await this.anvil.provider.getBlock(Number(terms.l1Number));
    return headerHash({
      ...terms,
      poster,
      dataCommitment: calldataCommitment("0x"),
      targetHash,
      l1Hash: l1!.hash!,
    });
  }

  /** Creates a rollup whose single sequencer is `sequencer`, and opens its line. */
  async createRollup(
    sequencer: Wallet,
    changes: { lifetime?: object; chain?: object } = {},
  ): Promise<Rollup> {
    const owner = this.anvil.wallet(1);
    const transaction = await this.hub.connect(owner).create(
      {
        program: hashes.ledger.programHash,
        availability: CALLDATA_MODULE,
        sequencing: SINGLE_MODULE,
        sequencer: sequencer.address,
        feeRecipient: owner.address,
        gasPrice: GAS_PRICE,
        messageGas: 1_000n,
        messageBound: 64n,
        ...changes.chain,
      },
      {
        policy: 0x0101n,
        window: WINDOW,
        clock: 960n,
        extension: 240n,
        bond: BOND,
        deposit: 2n * BOND,
        slash: parseEther("1000"),
        fallbackDelay: 0n,
      },
      {
        owner: owner.address,
        endTime: 0n,
        unwind: 1_000n,
        forceDelay: 3_600n,
        maxDormant: 0n,
        ringLog2: 6n,
        ...changes.lifetime,
      },
    );
    await transaction.wait();
    const id = await this.hub.rollupCount();
    await (await this.hub.connect(sequencer).openLine(id, { value: 2n * BOND })).wait();
    return new Rollup(this, id, l2ChainId(31_337n, await this.hubAddress(), id));
  }
}

/** A rollup under test. */
export class Rollup {
  constructor(
    private readonly settlement: Settlement,
    readonly id: bigint,
    readonly chainId: bigint,
  ) {}

  /** Gives coins on the rollup to accounts, as the bridge would. */
  async deposit(...owners: string[]): Promise<void> {
    const signer = await this.settlement.anvil.provider.getSigner(this.settlement.bridge);
    for (const owner of owners) {
      const body = AbiCoder.defaultAbiCoder().encode(
        ["uint256", "uint256", "uint256"],
        [0, 0, parseEther("1")],
      );
      await (
        await this.settlement.hub.connect(signer).deposit(this.id, owner, concat([body, owner, owner]))
      ).wait();
    }
  }

  sign(signer: Wallet, nonce: number, action: Action): Promise<string> {
    return this.signFor(signer, nonce, action, BigInt(gasOf(action)) * GAS_PRICE);
  }

  signFor(signer: Wallet, nonce: number, action: Action, maxFee: bigint): Promise<string> {
    return signTransaction(signer, this.chainId, { action, nonce: BigInt(nonce), maxFee });
  }

  send(signer: Wallet, nonce: number, to: string, amount = 1n): Promise<string> {
    return this.sign(signer, nonce, { type: "SendCoin", to, amount });
  }
}

/** A node under test, with its data directory; it is stopped, and the directory removed, by `stop`. */
export class TestNode {
  private constructor(
    private host: Host,
    readonly directory: string,
    readonly endpoint: string,
    private readonly input: ConfigInput,
  ) {}

  static async start(
    settlement: Settlement,
    changes: Partial<ConfigInput> & { key?: string } = {},
  ): Promise<TestNode> {
    const { key, ...rest } = changes;
    const directory = rest.data ?? mkdtempSync(join(tmpdir(), "rollworks-node-"));
    const input: ConfigInput = {
      l1: [settlement.anvil.url],
      hub: await settlement.hubAddress(),
      startBlock: settlement.startBlock,
      data: directory,
      port: 0,
      workers: 1,
      pollMs: 25,
      blockMs: 20,
      batchMs: 150,
      bumpMs: 2_000,
      logLevel: (process.env["NODE_LOG"] ?? "silent") as "silent",
      ...(key === undefined ? {} : { keyFile: keyFile(directory, key) }),
      ...rest,
    };
    const { host, endpoint } = await launch(input);
    return new TestNode(host, directory, endpoint, input);
  }

  /** Stops the node and leaves its directory. */
  async halt(): Promise<void> {
    await this.host.stop();
  }

  /** Stops the node and starts another on the same directory, with other settings where some are given. */
  async restart(changes: Partial<ConfigInput> = {}): Promise<TestNode> {
    await this.host.stop();
    const input = { ...this.input, ...changes };
    const { host, endpoint } = await launch(input);
    return new TestNode(host, this.directory, endpoint, input);
  }

  async stop(): Promise<void> {
    await this.host.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  rpc(rollup: Rollup): RpcClient {
    return new RpcClient(`${this.endpoint}/r/${rollup.chainId}`);
  }
}

async function launch(input: ConfigInput): Promise<{ host: Host; endpoint: string }> {
  const config = checkConfig(input);
  const host = new Host(config, { log: createLog(config.logLevel) });
  return { host, endpoint: await host.start() };
}

export function keyFile(directory: string, key: string): string {
  const path = join(directory, "hot-key");
  writeFileSync(path, `${key}\n`, { mode: 0o600 });
  return path;
}

export interface RpcFailure {
  code: number;
  message: string;
  data: Record<string, unknown> & { name: string };
}

/** JSON-RPC as any client speaks it. */
export class RpcClient {
  private id = 0;

  constructor(readonly url: string) {}

  async call<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
    const { result, error } = await this.body<{ result: T; error?: RpcFailure }>({
      jsonrpc: "2.0",
      id: ++this.id,
      method,
      params,
    });
    if (error !== undefined) throw new Error(`${error.data.name}: ${error.message}`);
    return result;
  }

  async failure(method: string, ...params: unknown[]): Promise<RpcFailure> {
    const { error } = await this.body<{ error?: RpcFailure }>({
      jsonrpc: "2.0",
      id: ++this.id,
      method,
      params,
    });
    if (error === undefined) throw new Error(`${method} didn't fail`);
    return error;
  }

  async body<T>(body: unknown): Promise<T> {
    const response = await fetch(this.url, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return (await response.json()) as T;
  }
}

/** Waits until `probe` returns something; fails with `what` after ten seconds. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  ms = 10_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} didn't happen in ${ms} ms`, { cause: last });
}

export interface Status {
  batch: { posted: number; derived: number; final: number };
  commitment: string;
  stateRoot: string;
  proposed: { stateRoot: string; block: number };
  waiting: number;
  phase: number;
  state: string;
  messages: { count: number; consumed: number };
  exits: number;
}
