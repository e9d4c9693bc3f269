import { Table } from "./model/table";
import { ENDLESS, FAILING, MIXER, ZERO } from "./runs";

const SEED = Number(process.env.SEED ?? 1);
const GAMES = Number(process.env.GAMES ?? 8);
const ACTS = Number(process.env.ACTS ?? 90);
const SOURCES = [MIXER, MIXER, MIXER, FAILING, MIXER, ZERO, MIXER, ENDLESS];

/** The contracts, over the real vault and real traces, in step with the model of the design's tables. */
describe("Model of disputes and contracts", function () {
  this.timeout(600_000);

  for (let game = 0; game < GAMES; game++) {
    const seed = SEED + game;
    it(`agree in every act of a random game (seed ${seed}: SEED, GAMES, ACTS)`, async () => {
      const table = await Table.create(SOURCES[seed % SOURCES.length] ?? MIXER, seed);
      await table.play(ACTS);
    });
  }
});
