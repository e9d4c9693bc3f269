import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { HDNodeWallet, JsonRpcProvider, Mnemonic, Wallet, ZeroAddress, ZeroHash, parseEther } from "ethers";
import {
  NodeUnreachable,
  RollupNode,
  depositNative,
  getExit,
  listExits,
  getLedgerReceipt,
  payExit,
  send,
  sendLedgerTransaction,
} from "../../sdk/src";

const root = join(__dirname, "../..");
const hardhat = require.resolve("hardhat/internal/cli/bootstrap");
/** Those of Hardhat's chain; the devnet's operator is the second account. */
const MNEMONIC = "test test test test test test test test test test test junk";

interface Devnet {
  readonly chain: string;
  readonly node: string;
  readonly contracts: Readonly<Record<string, string>>;
  readonly rollup: { readonly id: string; readonly l2ChainId: string };
}

/** Asks again until there is an answer. */
async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} didn't happen within a minute.`);
}

describe("devnet up", function () {
  this.timeout(180_000);
  let folder: string;
  let child: ChildProcess;
  let devnet: Devnet;
  let provider: JsonRpcProvider;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rollworks-devnet-"));
    child = spawn(process.execPath, [hardhat, "devnet", "up", "--port", "0", "--node-port", "0", "--json"], {
      cwd: root,
      env: { ...process.env, ROLLWORKS_DEPLOYMENTS: folder },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let text = "";
    for await (const chunk of child.stdout ?? []) {
      text += String(chunk);
      if (text.endsWith("}\n")) break;
    }
    devnet = JSON.parse(text) as Devnet;
    provider = new JsonRpcProvider(devnet.chain, undefined, {
      staticNetwork: true,
      cacheTimeout: -1,
      pollingInterval: 50,
    });
  });

  after(async () => {
    provider?.destroy();
    if (child.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it("serves a rollup on which coins arrive, and from which they come home", async () => {
    const phrase = Mnemonic.fromPhrase(MNEMONIC);
    const user = new Wallet(HDNodeWallet.fromMnemonic(phrase, "m/44'/60'/0'/0/5").privateKey, provider);
    const { hub = "", bridge = "" } = devnet.contracts;
    const rollup = BigInt(devnet.rollup.id);
    const node = new RollupNode(devnet.node, BigInt(devnet.rollup.l2ChainId));

    const amount = parseEther("2");
    const deposited = await send(user, depositNative({ bridge, hub, rollup, to: user.address, amount }));
    expect(deposited.result).to.deep.equal({ messageIndex: 0n, amount });
    await eventually("the deposit's arrival", async () => {
      const balance = BigInt(await node.request<string>("ledger_getBalance", user.address));
      return balance === amount || undefined;
    });

    const to = Wallet.createRandom().address;
    const exit = { kind: 0, token: ZeroAddress, id: 0n, amount: parseEther("1"), targetRollup: 0n };
    const hash = await sendLedgerTransaction(node, user, {
      type: "Exit",
      ...exit,
      to,
      fallbackTo: to,
      dataHash: ZeroHash,
    });
    await eventually("the exit's posting", async () => {
      const receipt = await getLedgerReceipt(node, hash);
      expect(receipt?.applied ?? true).to.equal(true);
      return receipt?.finality === "posted" || undefined;
    });
    const place = { provider, node, bridge, rollup, index: 0n };
    expect((await getExit(place)).status).to.equal("pending");

    await provider.send("hardhat_mine", ["0x100", "0x1"]); // more than the window of 160 ticks
    const payment = await eventually("the exit's finality", async () => (await getExit(place)).payment);
    const { result } = await send(user, payExit(payment));
    expect(result.isPaid).to.equal(true);
    expect(await provider.getBalance(to)).to.equal(exit.amount);
    expect((await getExit(place)).status).to.equal("paid");
  });

  it("is what the tasks of other processes find", () => {
    const words = [
      "--network",
      "settlement",
      "bridge",
      "status",
      "--rollup",
      "dev",
      "--exit",
      "0",
      "--node",
      devnet.node,
    ];
    const out = execFileSync(process.execPath, [hardhat, ...words, "--json"], {
      cwd: root,
      env: { ...process.env, ROLLWORKS_RPC_URL: devnet.chain, ROLLWORKS_DEPLOYMENTS: folder },
      encoding: "utf8",
    });
    expect(JSON.parse(out)).to.deep.include({ ok: true, rollup: devnet.rollup.id, status: "paid" });
  });

  it("lets a user take coins home past the sequencer", async () => {
    const task = (...words: readonly string[]): Record<string, unknown> =>
      JSON.parse(
        execFileSync(process.execPath, [hardhat, "--network", "settlement", ...words, "--yes", "--json"], {
          cwd: root,
          env: { ...process.env, ROLLWORKS_RPC_URL: devnet.chain, ROLLWORKS_DEPLOYMENTS: folder },
          stdio: ["ignore", "pipe", "ignore"],
          encoding: "utf8",
        }),
      ) as Record<string, unknown>;
    const node = new RollupNode(devnet.node, BigInt(devnet.rollup.l2ChainId));
    const { to: owner } = task("bridge", "deposit", "--rollup", "dev", "--amount", "1") as { to: string };
    await eventually("the deposit's arrival", async () => {
      const balance = BigInt(await node.request<string>("ledger_getBalance", owner));
      return balance >= parseEther("1") || undefined; // he earns the fees, too
    });
    const words = ["bridge", "exit", "--rollup", "dev", "--amount", "1", "--forced", "--node", devnet.node];
    expect(task(...words)).to.include({ ok: true, messageIndex: "2" });
    const [exit] = await eventually("the forced exit", async () => {
      const exits = await listExits(node, owner);
      return exits.length > 0 ? exits : undefined;
    });
    expect(exit?.leaf).to.include({ amount: parseEther("1"), to: owner });
  });

  it("leaves a running one as it is when its port is asked for again", () => {
    const { port } = new URL(devnet.chain);
    const again = spawnSync(process.execPath, [hardhat, "devnet", "up", "--port", port], {
      cwd: root,
      env: { ...process.env, ROLLWORKS_DEPLOYMENTS: folder },
      encoding: "utf8",
    });
    expect(again.status).to.equal(1);
    expect(again.stderr).to.contain(`Port ${port} is taken`);
    expect(existsSync(join(folder, "local", `devnet-${port}`, "operator.key"))).to.equal(true);
  });

  it("ends with everything it started when it is interrupted", async () => {
    child.kill("SIGINT");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).to.equal(0);
    const node = new RollupNode(devnet.node, BigInt(devnet.rollup.l2ChainId));
    const answer = await node.request("rollup_status").catch((error: unknown) => error);
    expect(answer).to.be.instanceOf(NodeUnreachable);
  });
});
