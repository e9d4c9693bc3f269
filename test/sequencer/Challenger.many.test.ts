import { expect } from "chai";
import { id, Wallet } from "ethers";
import { inTurn } from "../../sdk/src/dispute";
import { Bluffer, postLie } from "./bluffer";
import { eventually, Rollup, Settlement, TestNode } from "./fixture";

/** More than the emulator keeps runs of. */
const ROLLUPS = 5;

describe("Challenger > many matches at once", function () {
  this.timeout(300_000);
  let settlement: Settlement;
  let node: TestNode;

  before(async () => {
    settlement = await Settlement.start();
  });

  after(async () => {
    await node?.stop();
    await settlement?.stop();
  });

  it("watches many rollups and plays a match in each of them, also through a restart in the middle", async () => {
    const { anvil, hub } = settlement;
    const challenger = anvil.wallet(1);
    const games: { rollup: Rollup; liar: Wallet }[] = [];
    for (let at = 0; at < ROLLUPS; at++) {
      const liar = anvil.wallet(2 + at);
      const rollup = await settlement.createRollup(liar);
      await postLie(settlement, rollup, liar, id(`lie ${at}`));
      games.push({ rollup, liar });
    }
    node = await TestNode.start(settlement, { role: ["challenger"], key: challenger.privateKey });
    const opened = () => hub.queryFilter(hub.filters.MatchOpened);
    await eventually("a match in each rollup", async () => (await opened()).length === ROLLUPS, 60_000);
    const playing = games.map(({ rollup, liar }) => new Bluffer(settlement, liar, rollup).play());
    await eventually(
      "some moves",
      async () => (await hub.queryFilter(hub.filters.MatchMoved)).length > 2 * ROLLUPS,
      60_000,
    );
    node = await node.restart();
    const matches = await Promise.all(playing);
    expect(new Set(matches.map(({ terms }) => terms.rollup)).size).to.equal(ROLLUPS);
    // Whoever made his states up never has the last word that counts: what the node doesn't settle, the clock does.
    if (matches.some((match) => inTurn(match) !== challenger.address)) await anvil.pass(2_000, 120);
    const won = await eventually(
      "the victories",
      async () => {
        const found = await hub.queryFilter(hub.filters.MatchWon);
        return found.length === ROLLUPS && found;
      },
      60_000,
    );
    for (const { args } of won) expect(args.winner).to.equal(challenger.address);
    expect(await opened()).to.have.length(ROLLUPS);
  });
});
