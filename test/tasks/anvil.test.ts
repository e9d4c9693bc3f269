import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { parseEther } from "ethers";
import { Anvil } from "../sequencer/anvil";

const root = join(__dirname, "../..");
const hardhat = require.resolve("hardhat/internal/cli/bootstrap");
const execute = promisify(execFile);

type Answer = Readonly<Record<string, unknown>>;

/** As on a testnet: a chain by its URL, a key in a file, each command a process of its own. */
describe("tasks on another chain", function () {
  this.timeout(180_000);
  let anvil: Anvil;
  let folder: string;
  let sender: string;

  before(async () => {
    anvil = await Anvil.start();
    folder = mkdtempSync(join(tmpdir(), "rollworks-tasks-"));
    const wallet = anvil.wallet(3);
    sender = wallet.address;
    writeFileSync(join(folder, "sender.key"), wallet.privateKey.slice(2), { mode: 0o600 });
  });

  after(async () => {
    await anvil?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function run(...words: string[]): Promise<Answer> {
    const { stdout } = await execute(
      process.execPath,
      [hardhat, "--network", "settlement", ...words, "--json"],
      {
        cwd: root,
        env: {
          ...process.env,
          ROLLWORKS_RPC_URL: anvil.url,
          ROLLWORKS_KEY_FILE: join(folder, "sender.key"),
          ROLLWORKS_DEPLOYMENTS: folder,
        },
      },
    );
    return JSON.parse(stdout) as Answer;
  }

  it("deploys, makes a rollup and deposits, each with the key of the file", async () => {
    const deployed = await run("protocol", "deploy", "--yes");
    expect(deployed.ok).to.equal(true);
    const { bridge = "" } = deployed.contracts as Record<string, string>;

    const made = await run("rollup", "create", "--preset", "owned", "--name", "mine", "--yes");
    expect(made.ok).to.equal(true);
    const shown = await run("rollup", "show", "--rollup", "mine");
    expect(JSON.stringify(shown)).to.contain(sender);

    const paid = await run("bridge", "deposit", "--rollup", "mine", "--amount", "1.5", "--yes");
    expect(paid.ok).to.equal(true);
    expect(await anvil.provider.getBalance(bridge)).to.equal(parseEther("1.5"));
  });
});
