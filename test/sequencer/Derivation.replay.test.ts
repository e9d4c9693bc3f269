import { expect } from "chai";
import * as fc from "fast-check";
import { getBytes, hexlify, keccak256, Wallet, ZeroAddress, ZeroHash } from "ethers";
import hashes from "../../programs/artifacts/hashes.json";
import { encodeBatch, joinBlocks, signTransaction, writeBlock } from "../../sdk/src/ledger";
import {
  CALLDATA_MODULE,
  calldataChunks,
  calldataCommitment,
  type Config,
  encodeConfig,
  encodeHeader,
  encodeInput,
  inputHash,
} from "../../sdk/src/protocol";
import { replay } from "../../sequencer/src/derivation/replay";
import { Executor } from "../../sequencer/src/executor/executor";
import { findProgram } from "../../sequencer/src/programs/catalogue";
import { hashingReady } from "../../sequencer/src/hashing";
import { readCommitment } from "../../sequencer/src/rollup/commitment";

const CHAIN_ID = 2n ** 51n + 7n;
const LAST = 2n ** 64n - 1n;
const TIME = 1_700_000_000;
const alice = new Wallet(keccak256("0xa11ce0"));

/** Posts a batch of this data to nobody: what the node derives, and what the program's whole run says. */
class Scene {
  readonly program = findProgram(hashes.ledger.programHash)!;
  private readonly preimages = new Map<string, Uint8Array>();
  private readonly parent: Uint8Array;
  readonly executor: Executor;

  constructor() {
    const preimage = (hash: Uint8Array) => this.preimages.get(hexlify(hash));
    this.executor = new Executor(this.program, { preimage, recovered: () => undefined });
    const genesis = this.executor.genesis();
    this.parent = genesis.commitment;
    for (const [, bytes] of genesis.preimages) this.keep(bytes);
  }

  derive(data: Uint8Array, batchGas = hashes.ledger.batchGas) {
    const config = getBytes(encodeConfig({ ...CONFIG, batchGas: BigInt(batchGas) }));
    const argument = { parent: this.parent, config, target: 0, targetHash: new Uint8Array(32), flags: 0 };
    return replay(this.executor, this.program, { argument, data, timestamp: TIME });
  }

  run(data: Uint8Array, batchGas = hashes.ledger.batchGas): string {
    const config = encodeConfig({ ...CONFIG, batchGas: BigInt(batchGas) });
    const header = encodeHeader({
      flags: 0,
      index: 1n,
      poster: alice.address,
      target: 0n,
      dataCommitment: calldataCommitment(data),
      targetHash: ZeroHash,
      l1Hash: ZeroHash,
      l1Number: 1n,
      timestamp: BigInt(TIME),
    });
    const chunks = calldataChunks(data);
    for (const bytes of [config, header, ...chunks]) this.keep(getBytes(bytes));
    this.keep(getBytes(`0x${chunks.map((chunk) => keccak256(chunk).slice(2)).join("")}`));
    const input = {
      chainId: 31_337n,
      hub: ZeroAddress,
      rollup: 1n,
      index: 1n,
      parent: hexlify(this.parent),
      headerHash: keccak256(header),
      configHash: keccak256(config),
    };
    this.keep(getBytes(encodeInput(input)));
    const oracle = {
      preimage: (hash: Uint8Array) => this.preimages.get(hexlify(hash)),
      recovered: () => undefined,
    };
    return hexlify(this.program.instantiate().run(oracle, getBytes(inputHash(input))).result);
  }

  private keep(bytes: Uint8Array): void {
    this.preimages.set(keccak256(bytes), bytes);
  }
}

const CONFIG: Config = {
  programHash: hashes.ledger.programHash,
  l2ChainId: CHAIN_ID,
  batchGas: 0n,
  messageGas: 5_000n,
  messageBound: 64n,
  logSteps: BigInt(hashes.ledger.log2Steps),
  policyMask: 1n,
  policyThreshold: 1n,
  availability: CALLDATA_MODULE,
  clock: 960n,
  extension: 240n,
  bond: 1n,
  window: 1_920n,
  feeRecipient: alice.address,
  gasPrice: 0n,
};

describe("Derivation: replay", function () {
  this.timeout(60_000);
  let scene: Scene;
  let signed: Uint8Array[];

  before(async () => {
    await hashingReady;
    scene = new Scene();
    const text = { name: "A", symbol: "A", uri: "" };
    const action = { type: "CreateAsset", kind: 5, ...text, maxSupply: 1n, openMint: false } as const;
    signed = await Promise.all(
      [0n, 1n, 2n, 3n].map(async (nonce) =>
        getBytes(await signTransaction(alice, CHAIN_ID, { action, nonce, maxFee: 0n })),
      ),
    );
  });

  /** The node's way and the program's own must end in one commitment; returns how many blocks the node kept. */
  function assertSame(data: Uint8Array, batchGas?: number): number {
    const { executed, closed } = scene.derive(data, batchGas);
    expect(hexlify(closed.commitment)).to.equal(scene.run(data, batchGas));
    expect(readCommitment(closed.parts).block).to.equal(executed.length);
    return executed.length;
  }

  for (const timestamp of [2n ** 53n, 2n ** 53n + 1n, LAST - 1_024n, LAST - 1_023n, LAST])
    it(`derives a block that says it is of ${timestamp} [a batch that no node can derive]`, () => {
      const data = getBytes(encodeBatch([{ timestamp, transactions: signed }]));
      expect(assertSame(data)).to.equal(1);
      const [block] = scene.derive(data).executed;
      expect(block!.block.timestamp).to.equal(Number.MAX_SAFE_INTEGER);
      expect(block!.receipts.map(({ status }) => status)).to.deep.equal(Array(4).fill("Applied"));
    });

  it("keeps no block that found no work left, not even an empty one", () => {
    const block = { timestamp: 1n, transactions: [] };
    const data = getBytes(encodeBatch([block, block, block, block]));
    expect(assertSame(data)).to.equal(4);
    expect(assertSame(data, 100)).to.equal(2);
  });

  it("gives what the whole run gives, for whatever is posted", () => {
    const transaction = fc.oneof(fc.constantFrom(...signed), fc.uint8Array({ maxLength: 60 }));
    const block = fc.record({
      timestamp: fc.oneof(
        fc.bigInt({ min: 0n, max: LAST }),
        fc.bigInt({ min: LAST - 2_048n, max: LAST }),
        fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
      ),
      transactions: fc.array(transaction, { maxLength: 6 }),
    });
    const whole = fc.array(block, { maxLength: 5 }).map((blocks) => joinBlocks(blocks.map(writeBlock)));
    const data = fc.oneof(
      whole,
      // cut short, with another version, or bytes of any kind
      fc
        .tuple(whole, fc.nat())
        .map(([bytes, cut]) => bytes.subarray(0, bytes.length - (cut % (bytes.length + 1)))),
      fc
        .tuple(whole, fc.uint8Array({ minLength: 1, maxLength: 20 }))
        .map(([head, tail]) => Buffer.concat([head, tail])),
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Uint8Array.of(1, ...bytes)),
      fc.uint8Array({ maxLength: 40 }),
    );
    const batchGas = fc.oneof(fc.constant(hashes.ledger.batchGas), fc.nat({ max: 1_000 }));
    fc.assert(
      fc.property(data, batchGas, (data, gas) => void assertSame(data, gas)),
      { numRuns: 300 },
    );
  });
});
