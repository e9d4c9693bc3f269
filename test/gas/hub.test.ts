import { time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { artifacts } from "hardhat";
import { getBytes, hexlify, id, type ContractTransactionResponse } from "ethers";
import { MESSAGE_ONLY, SWEEP, SWEPT_PHASE, commitmentHash, packCommitment } from "../../sdk/src/protocol";
import { type HubFixture, Stage, WINDOW, blockOf, deployHub, parameters, passTicks } from "../hub/fixture";
import { GasSnapshot } from "./GasSnapshot";

const MAX_CODE = 24_576;

/** Bytes without a zero among them: the dearest calldata. */
function dense(length: number): string {
  return hexlify(Uint8Array.from({ length }, (_, i) => 1 + (i % 255)));
}

/** A hash without a zero byte. */
function denseId(text: string): string {
  for (let i = 0; ; ++i) {
    const hash = id(`${text} ${i}`);
    if (!getBytes(hash).includes(0)) return hash;
  }
}

/** Returns the size of a contract's code [bytes]. */
async function codeSize(name: string): Promise<number> {
  return getBytes(
    (await artifacts.readArtifact(name)).deployedBytecode.replace(/__\$[^_]*\$__/g, "00".repeat(20)),
  ).length;
}

describe("Gas of the hub", () => {
  const snapshot = new GasSnapshot("hub");
  let f: HubFixture;

  before(async function () {
    if (!GasSnapshot.isMeasurable) this.skip();
    await GasSnapshot.freshChain();
    f = await deployHub("RollupHub");
  });
  after(() => {
    if (GasSnapshot.isMeasurable) snapshot.finish();
  });

  /**
   * The gas of a transaction as if its calldata had so many zero bytes. Hashes, times and block numbers differ from run to run,
   * and with them how many of their bytes are zero; nothing else does.
   */
  async function normal(sent: ContractTransactionResponse, zeros: number): Promise<bigint> {
    const bytes = getBytes(sent.data);
    const actual = bytes.filter((byte) => byte === 0).length;
    const gas = await GasSnapshot.of(Promise.resolve(sent));
    const floor = 21_000 + 10 * (actual + 4 * (bytes.length - actual));
    return gas + BigInt((actual - zeros) * (Number(gas) === floor ? 30 : 12));
  }

  it("creates a rollup within 225 k", async () => {
    const { chain, security, lifetime } = parameters(f);
    const create = () => GasSnapshot.of(f.hub.connect(f.owner).create(chain, security, lifetime));
    snapshot.row("create, the hub's first rollup", await create());
    expect(snapshot.headline("create rollup", await create())).to.be.at.most(225_000);
  });

  it("takes a message of 100 bytes within 41 k, forced within 40 k", async () => {
    const stage = await Stage.create(f);
    const body = dense(100);
    const send = (verb: "call" | "force") =>
      GasSnapshot.of(f.hub.connect(f.stranger)[verb](stage.rollup, body));
    snapshot.row("message, a rollup's first", await send("call"));
    expect(snapshot.headline("message of 100 bytes", await send("call"))).to.be.at.most(41_000);
    expect(snapshot.headline("forced transaction", await send("force"))).to.be.at.most(40_000);
    for (let i = 3; i < 7; ++i) await send("call");
    snapshot.row("message whose head is kept as a mark", await send("call"));
    const longest = dense(4_074);
    snapshot.row("message of 4,096 bytes", await GasSnapshot.of(f.hub.force(stage.rollup, longest)));
    const deposit = f.hub.connect(f.bridge).deposit(stage.rollup, f.stranger.address, dense(160));
    snapshot.row(
      "deposit message of 160 bytes, called by the bridge as a transaction",
      await GasSnapshot.of(deposit),
    );
  });

  it("posts 1,000 bytes with their claim within 67.5 k, and makes it final within 48 k", async () => {
    const stage = await Stage.create(f);
    await stage.openLine();

    /** Posts a batch with its claim; returns the gas. */
    async function post(data: string): Promise<bigint> {
      const commitment = denseId(`commitment ${stage.batches.length}`);
      const flags = data === "0x" ? MESSAGE_ONLY : 0;
      const built = await stage.build({ data, commitment, flags });
      const sent = await f.hub.connect(built.poster).post(...built.args);
      await stage.notePost(built, await blockOf(sent));
      return normal(sent, data === "0x" ? 86 : 109);
    }
    async function finalize(index: number): Promise<bigint> {
      return normal(await stage.finalize(BigInt(index)), 57);
    }
    /** Posts two batches and finalises them within one hour; returns the gas of both finalisations. */
    async function pair(data: string): Promise<[bigint, bigint]> {
      await post(data);
      await post(data);
      await time.increaseTo(Math.ceil((await time.latest()) / 3_600) * 3_600 + 60);
      await passTicks(WINDOW);
      const last = stage.batches.length;
      return [await finalize(last - 1), await finalize(last)];
    }

    snapshot.headline("post batch of 1000 bytes of calldata, first", await post(dense(1_000)));
    await passTicks(WINDOW);
    // Not recorded: whether it opens an hour's slot too hangs on the clock.
    await finalize(1);
    for (let i = 0; i < 50; ++i) await pair("0x");
    snapshot.row("post batch without data, with its claim", await post("0x"));
    const gas = await post(dense(1_000));
    expect(snapshot.headline("post batch of 1000 bytes of calldata", gas)).to.be.at.most(67_500);
    snapshot.row("post batch of 4,096 bytes", await post(dense(4_096)));
    await passTicks(WINDOW);
    for (let i = 0; i < 3; ++i) await finalize(stage.batches.length - 2 + i);
    const [first, steady] = await pair("0x");
    snapshot.row("finalize, an hour's first", first);
    expect(snapshot.headline("finalize", steady)).to.be.at.most(48_000);
    await stage.force();
    snapshot.row("post batch without data after a message", await post("0x"));
  });

  it("takes a claim on its own, and makes it final", async () => {
    const stage = await Stage.create(f);
    snapshot.row(
      "open a line, the vault apart",
      await GasSnapshot.of(
        f.hub.connect(f.rival).openBondLine(stage.rollup, { value: stage.params.security.deposit }),
      ),
    );
    await f.hub.connect(f.rival).closeLine(stage.rollup);
    await stage.openLine(f.sequencer);
    await stage.openLine(f.stranger);
    await stage.post({ commitment: "" });
    const claim = stage.claimFor(1n, denseId("claim"));
    const built = stage.sendClaim(f.stranger, claim);
    snapshot.row("claim on its own", await normal(await built, 70));
  });

  it("closes a rollup within 45 k", async () => {
    const stage = await Stage.create(f);
    await stage.openLine();
    await stage.close();
    const fields = {
      stateRoot: denseId("state"),
      exitRoot: denseId("exits"),
      block: 0x123456n,
      timestamp: 0x65a1b2c3n,
      messagesConsumed: 0n,
      transactions: 0x123456n,
      phase: SWEPT_PHASE,
    };
    await stage.advance({ flags: MESSAGE_ONLY | SWEEP, commitment: commitmentHash(fields) });
    const sent = f.hub.retire(stage.rollup, fields.stateRoot, fields.exitRoot, packCommitment(fields));
    expect(snapshot.headline("retire rollup", await GasSnapshot.of(sent))).to.be.at.most(45_000);
  });

  it("fits the limit of code", async () => {
    for (const name of [
      "RollupHub",
      "Catalogue",
      "Creation",
      "Inspection",
      "Lifecycle",
      "Lines",
      "Verdicts",
    ]) {
      expect(snapshot.row(`${name}, code [bytes]`, await codeSize(name))).to.be.at.most(MAX_CODE);
    }
  });
});
