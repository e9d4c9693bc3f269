import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concat, randomBytes, toBeHex, Wallet } from "ethers";
import { openingOf } from "../../sdk/src/dispute";
import { claimArguments, type Entry, IN_RING, NORMAL } from "../../sdk/src/protocol";
import hashes from "../../programs/artifacts/hashes.json";
import { hashingReady } from "../../sequencer/src/hashing";
import { Bluffer, randomStates } from "./bluffer";
import { BOND, Rollup, Settlement } from "./fixture";
import { LoneOptions, LoneRuntime } from "./LoneRuntime";
import { ringEntryOf } from "./posting";

const EXIT_PC = (1n << 64n) - 1n;
const { genesis: parent } = hashes.ledger;

/** A rollup whose sequencer lies, and somebody honest with a node of his own: a chain for one test. */
export class Duel {
  private readonly directory = mkdtempSync(join(tmpdir(), "rollworks-duel-"));
  private latest: LoneRuntime | undefined;

  private constructor(
    readonly settlement: Settlement,
    readonly rollup: Rollup,
    readonly liar: Wallet,
    readonly honest: Wallet,
  ) {}

  static async start(
    create = (settlement: Settlement, liar: Wallet): Promise<Rollup> => settlement.createRollup(liar),
  ): Promise<Duel> {
    await hashingReady;
    const settlement = await Settlement.start();
    const [liar, honest] = [settlement.anvil.wallet(2), settlement.anvil.wallet(3)];
    return new Duel(settlement, await create(settlement, liar), liar, honest);
  }

  /** The node that was started last. */
  get node(): LoneRuntime {
    return this.latest!;
  }

  /** Starts a node, in place of the one before it, on what that one kept. The key is the honest one's unless another is given. */
  async open(options: Partial<LoneOptions>): Promise<LoneRuntime> {
    await this.latest?.stop();
    const { settlement, rollup, honest: wallet, directory } = this;
    this.latest = await LoneRuntime.start(settlement, rollup, { wallet, directory, ...options });
    return this.latest;
  }

  bluffer(wallet = this.liar, codeRoot?: string): Bluffer {
    return new Bluffer(this.settlement, wallet, this.rollup, codeRoot);
  }

  /** Claims something about the first batch, which came with a claim, by a line that is open. */
  async claim(commitment: string, wallet = this.liar): Promise<void> {
    const entry = await ringEntryOf(this.settlement, this.rollup);
    const claim = { rollup: this.rollup.id, index: 1n, mode: NORMAL, parent, commitment };
    await (await this.settlement.hub.connect(wallet).claim(...claimArguments(claim, entry))).wait();
  }

  /** The events of the matches that were opened in the rollup. */
  async opened() {
    const { hub } = this.settlement;
    return hub.queryFilter(hub.filters.MatchOpened(undefined, this.rollup.id));
  }

  async stop(): Promise<void> {
    await this.latest?.stop();
    await this.settlement.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Opens a match without any run against the claim that came with the first batch. */
export async function openSham(settlement: Settlement, rollup: Rollup, sham: Wallet): Promise<void> {
  const { hub } = settlement;
  const [posted] = await hub.queryFilter(hub.filters.Posted(rollup.id));
  const { terms, commitment, poster } = posted!.args;
  const { ringLog2 } = await hub.record(rollup.id);
  const entry: Entry = await ringEntryOf(settlement, rollup);
  const { codeRoot, memoryRoot0, entry: boot } = hashes.ledger;
  const opening = openingOf({
    rollup: rollup.id,
    index: 1n,
    mode: NORMAL,
    place: IN_RING,
    ringLog2: Number(ringLog2),
    parent,
    commitment,
    entry,
    headerHash: await settlement.headerHashOf(rollup, terms, poster),
    config: await settlement.configOf(rollup),
    program: { codeRoot, memoryRoot0, entry: BigInt(boot) },
    states: randomStates(7),
    finalState: concat([randomBytes(32), toBeHex(EXIT_PC, 8), randomBytes(248)]),
  });
  await (await hub.connect(sham).openMatch(opening, { value: BOND })).wait();
}
