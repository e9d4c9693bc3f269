import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseUnits } from "ethers";
import { createLog } from "../../sequencer/src";
import { L1Client } from "../../sequencer/src/l1/client";
import { L1Queue } from "../../sequencer/src/l1/queue";
import { SigningGuard } from "../../sequencer/src/signer/guard";
import { HostStore } from "../../sequencer/src/store/host";
import { Anvil } from "./anvil";
import { eventually } from "./fixture";

const log = createLog("silent");
const NOW = 1_000_000;

describe("L1 queue > before a deadline", function () {
  this.timeout(60_000);
  let anvil: Anvil;
  let folder: string;
  let store: HostStore;

  beforeEach(async () => {
    anvil = await Anvil.start();
    await anvil.provider.send("evm_setAutomine", [false]);
    folder = mkdtempSync(join(tmpdir(), "rollworks-queue-"));
    store = new HostStore(folder);
  });

  afterEach(async () => {
    await store.close();
    await anvil.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A queue that raises no fee within the test unless a deadline asks for it. */
  const open = (maxFee: bigint, urgentMaxFee = maxFee) =>
    new L1Queue(
      { key: anvil.wallet(6).privateKey, chainId: 31_337n, maxFee, urgentMaxFee, bumpAfterMs: 3_600_000 },
      {
        client: new L1Client({ endpoints: [anvil.url] }, { log }),
        entries: (address) => store.entries(address),
        guard: new SigningGuard(store.slots),
        log,
      },
    );
  const tick = (queue: L1Queue, seconds: number) => queue.tick({ number: 1, timestamp: NOW + seconds });

  /** Fees of what waits, by nonce. */
  async function fees(count: number): Promise<bigint[]> {
    return eventually("the transactions", async () => {
      const pending = (await anvil.provider.send("eth_getBlockByNumber", ["pending", true])) as {
        transactions: { nonce: string; maxFeePerGas: string }[];
      };
      const found = [...pending.transactions].sort((a, b) => Number(a.nonce) - Number(b.nonce));
      return found.length === count && found.map(({ maxFeePerGas }) => BigInt(maxFeePerGas));
    });
  }

  function send(queue: L1Queue, id: string, deadline?: number): void {
    const request = { id, to: anvil.wallet(7).address, data: "0x", value: 1n };
    void queue.submit(deadline === undefined ? request : { ...request, deadline }).catch(() => undefined);
  }

  const pause = () => new Promise((resolve) => setTimeout(resolve, 1_200));

  it("raises the fee of what has one, and of what stands before it, but of nothing else", async () => {
    const queue = open(parseUnits("1000", "gwei"));
    await tick(queue, 0);
    send(queue, "finalize/1/1");
    await queue.idle();
    const [plain] = await fees(1);
    await pause();
    await tick(queue, 1);
    expect(await fees(1)).to.deep.equal([plain]);

    send(queue, "move/1", NOW + 17);
    await queue.idle();
    const before = await fees(2);
    await pause();
    await tick(queue, 1);
    const after = await eventually("higher fees", async () => {
      const found = await fees(2);
      return found.every((fee, at) => fee > before[at]!) && found;
    });
    after.forEach((fee, at) => expect(fee).to.be.at.least((before[at]! * 110n) / 100n));
  });

  it("goes beyond the usual limit once half of the time is over, and not before", async () => {
    const usual = parseUnits("3", "gwei");
    const queue = open(usual, parseUnits("1000", "gwei"));
    await tick(queue, 0);
    send(queue, "move/1", NOW + 20);
    await queue.idle();
    const [first] = await fees(1);
    expect(first! <= usual).to.equal(true);
    for (let round = 0; round < 2; round++) {
      await pause();
      await tick(queue, 9);
    }
    expect((await fees(1))[0]! <= usual).to.equal(true);
    await eventually(
      "a fee beyond the limit",
      async () => {
        await pause();
        await tick(queue, 11);
        return (await fees(1))[0]! > usual;
      },
      20_000,
    );
  });
});
