import { expect } from "chai";
import { ENDINGS, ERRORS } from "./model/lockstep";
import { Table } from "./model/table";
import { Tour } from "./model/tour";
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

  // Of 2^30 steps the challenger settles, of 2^33 the asserter: after that many moves it is his turn.
  for (const [logSteps, other] of [
    [30n, "settled by the asserter"],
    [33n, "settled by the challenger"],
  ] as const)
    it(`agree in every refusal and every end of a match over 2^${logSteps} steps`, async () => {
      const met = await Tour.lead(MIXER, logSteps);
      const ends = ENDINGS.filter((ending) => ending !== other);
      expect([...met]).to.have.members([...Object.keys(ERRORS), ...ends]);
    });
});
