import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getBytes, hexlify, randomBytes, SigningKey, Wallet } from "ethers";
import { ecdsaSign } from "secp256k1";
import { encodeAction } from "../../sdk/src/ledger";
import { LedgerProgram } from "../../sequencer/src/programs/ledger/ledger";
import { Executor, findProgram } from "../../sequencer/src";
import { hashingReady, keccak, toHex } from "../../sequencer/src/hashing";
import { eventually, keyFile, Rollup, RpcClient, Settlement, Status } from "../../test/sequencer/fixture";
import hashes from "../../programs/artifacts/hashes.json";

/** What the node does with signed ledger transfers on this machine. */
export interface NodeFigures {
  readonly transactions: number;
  /** acknowledged, each durable, one request per transaction [1/s] */
  readonly acceptedSinglePerSecond: number;
  /** acknowledged, a hundred to a request [1/s] */
  readonly acceptedBatchedPerSecond: number;
  /** executed with a state root per block of 1,000, signers recovered before [1/s] */
  readonly executedPerSecond: number;
  /** on L1, from the first request on [1/s] */
  readonly postedPerSecond: number;
}

const SENDERS = 200;
const CONNECTIONS = 32;
const PER_REQUEST = 100;

/** Measures the node in a process of its own, against anvil, over HTTP. */
export async function measureNode(count: number): Promise<NodeFigures> {
  await hashingReady;
  const settlement = await Settlement.start();
  const directory = mkdtempSync(join(tmpdir(), "rollworks-bench-"));
  const sequencer = settlement.anvil.wallet(2);
  const rollup = await settlement.createRollup(sequencer, { chain: { messageBound: 256n } });
  const keys = Array.from({ length: SENDERS }, () => randomBytes(32));
  const owners = keys.map((key) => new Wallet(new SigningKey(key)).address);
  await rollup.deposit(...owners);
  const node = await launch(settlement, directory, sequencer.privateKey);
  try {
    const rpc = new RpcClient(`${node.endpoint}/r/${rollup.chainId}`);
    const richest = owners.at(-1)!;
    await eventually(
      "the deposits",
      async () => BigInt(await rpc.call<string>("ledger_getBalance", richest)) > 0n,
      60_000,
    );
    const transfers = signTransfers(rollup, keys, owners, 2 * count);
    const started = performance.now();
    const single = await send(
      rpc.url,
      transfers.slice(0, count).map((raw, id) => JSON.stringify(requestOf(id, raw))),
    );
    const middle = performance.now();
    const bodies: string[] = [];
    for (let at = count; at < 2 * count; at += PER_REQUEST) {
      bodies.push(JSON.stringify(requestOf(at, transfers.slice(at, at + PER_REQUEST))));
    }
    const batched = await send(rpc.url, bodies);
    const accepted = performance.now();
    for (const answer of [...single, ...batched])
      if (answer.includes('"error"')) throw new Error(answer.slice(0, 400));
    await eventually(
      "everything on L1",
      async () => {
        const status = await rpc.call<Status & { transactions: number }>("rollup_status");
        return status.transactions >= 2 * count;
      },
      300_000,
    );
    const posted = performance.now();
    return {
      transactions: 2 * count,
      acceptedSinglePerSecond: perSecond(count, middle - started),
      acceptedBatchedPerSecond: perSecond(count, accepted - middle),
      executedPerSecond: execute(rollup, keys, owners, count),
      postedPerSecond: perSecond(2 * count, posted - started),
    };
  } finally {
    await node.stop();
    await settlement.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function requestOf(id: number, raw: string | string[]): object {
  return { jsonrpc: "2.0", id, method: "ledger_sendTransaction", params: [raw] };
}

function perSecond(count: number, ms: number): number {
  return Math.round((1_000 * count) / ms);
}

/** Transfers of one wei, each sender's in the order of his nonces, signed natively: the load must not be the bottleneck. */
function signTransfers(
  rollup: Rollup,
  keys: readonly Uint8Array[],
  owners: readonly string[],
  count: number,
): string[] {
  const door = findProgram(hashes.ledger.programHash)!.door({ chainId: rollup.chainId, gasPrice: 0n });
  return Array.from({ length: count }, (_, position) => {
    const sender = position % SENDERS;
    const nonce = Math.floor(position / SENDERS);
    const action = getBytes(
      encodeAction({ type: "SendCoin", to: owners[(sender + nonce + 1) % SENDERS]!, amount: 1n }),
    );
    const body = Buffer.concat([action, uint(1_000_000_000n), uint(BigInt(nonce))]);
    const { recovery } = door(Buffer.concat([body, new Uint8Array(64)]));
    const { signature, recid } = ecdsaSign(recovery.subarray(0, 32), keys[sender]!);
    signature[32]! |= recid << 7;
    return hexlify(Buffer.concat([body, signature]));
  });
}

function uint(value: bigint): Uint8Array {
  const hex = value === 0n ? "" : value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

/** Sends bodies over a few connections that are kept open; returns the answers. */
async function send(url: string, bodies: readonly string[]): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const answers = new Array<string>(bodies.length);
  let next = 0;
  const connection = async () => {
    for (let at = next++; at < bodies.length; at = next++) answers[at] = await post(url, bodies[at]!, agent);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return answers;
}

function post(url: string, body: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: "POST", agent, headers: { "content-length": Buffer.byteLength(body) } },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve(Buffer.concat(parts).toString()));
        response.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

/** Runs blocks of a thousand transfers on the program alone: state roots, receipts and new nodes included. */
function execute(
  rollup: Rollup,
  keys: readonly Uint8Array[],
  owners: readonly string[],
  count: number,
): number {
  const program = findProgram(hashes.ledger.programHash) as LedgerProgram;
  const preimages = new Map<string, Uint8Array>();
  const signers = new Map<string, Uint8Array>();
  const executor = new Executor(program, {
    preimage: (hash) => preimages.get(toHex(hash)),
    recovered: (input) => signers.get(toHex(input)),
  });
  const keep = (products: { preimages: readonly (readonly [Uint8Array, Uint8Array])[] }) => {
    for (const [hash, bytes] of products.preimages) preimages.set(toHex(hash), bytes);
  };
  const genesis = executor.genesis();
  keep(genesis);
  let head: Uint8Array = new Uint8Array(32);
  for (const owner of owners) {
    const amount = Buffer.alloc(32, 0);
    amount.writeBigUInt64BE(10n ** 18n, 24);
    const address = getBytes(owner);
    const message = Buffer.concat([
      Uint8Array.of(1, 1),
      address,
      new Uint8Array(64),
      amount,
      address,
      address,
    ]);
    const link = Buffer.concat([head, keccak(message)]);
    head = keccak(link);
    preimages.set(toHex(keccak(message)), message).set(toHex(head), link);
  }
  const config = Buffer.alloc(192);
  config.writeBigUInt64BE(rollup.chainId, 32);
  config.writeBigUInt64BE(100_000_000n, 40); // batch gas: room for the whole count
  config.writeUInt32BE(1_000, 48);
  config.writeUInt16BE(256, 52);
  config[54] = 42;
  keep(executor.open({ parent: genesis.commitment, config, target: SENDERS, targetHash: head, flags: 0 }));
  const transfers = signTransfers(rollup, keys, owners, count).map((raw) => getBytes(raw));
  const door = program.door({ chainId: rollup.chainId, gasPrice: 0n });
  transfers.forEach((raw, position) => {
    const signer = new Uint8Array(32);
    signer.set(getBytes(owners[position % SENDERS]!), 12);
    signers.set(toHex(door(raw).recovery), signer);
  });
  const started = performance.now();
  for (let at = 0; at < count; at += program.maxBlockTransactions) {
    const built = executor.build(1, transfers.slice(at, at + program.maxBlockTransactions));
    keep(built);
    if (built.rejected.length > 0 || built.isFull)
      throw new Error(`a transfer was refused: ${JSON.stringify(built.rejected[0])}`);
  }
  return perSecond(count, performance.now() - started);
}

async function launch(
  settlement: Settlement,
  directory: string,
  key: string,
): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const flags = [
    ["role", "sequencer"],
    ["l1", settlement.anvil.url],
    ["hub", await settlement.hubAddress()],
    ["start-block", String(settlement.startBlock)],
    ["data", directory],
    ["key-file", keyFile(directory, key)],
    ["port", "0"],
    ["poll-ms", "50"],
    ["batch-ms", "500"],
    ["log-level", process.env["NODE_LOG"] ?? "silent"],
  ].flatMap(([name, value]) => [`--${name}`, value!]);
  const child = spawn(process.execPath, ["--import", "tsx", "sequencer/src/main.ts", ...flags, "--json"], {
    cwd: join(__dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (bytes: Buffer) => resolve(bytes.toString()));
    child.once("exit", (code) => reject(new Error(`the node ended with ${code}`)));
  });
  const { endpoint } = JSON.parse(line) as { endpoint: string };
  return {
    endpoint,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
