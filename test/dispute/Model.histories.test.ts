import { expect } from "chai";
import { play } from "./model/history";
import { GUARDS } from "./model/rules";

const SEED = Number(process.env.SEED ?? 1);
const HISTORIES = Number(process.env.HISTORIES ?? 100_000);
/** Histories within which the lack of any guard must show. */
const ENOUGH = 8_000;

/**
 * The model of the design's tables, played alone: halting chains, one or two rollups on one vault, lines that close and open anew, stake asked back
 * as soon as it is promised, lies in the last second of validity, and crooks who try everything.
 */
describe("Model of disputes", function () {
  this.timeout(600_000);

  it(`keeps every promise in ${HISTORIES} histories (from seed ${SEED}: SEED, HISTORIES) [Dispute 6]`, () => {
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const broken = play(seed);
      if (broken !== undefined) expect.fail(`${broken} (seed ${seed})`);
    }
  });

  describe("breaks a promise without the guard", () => {
    for (const guard of GUARDS)
      it(guard, () => {
        let seed = SEED;
        while (seed < SEED + ENOUGH && play(seed, [guard]) === undefined) seed++;
        expect(seed, "no history has shown that the guard is missing").to.be.below(SEED + ENOUGH);
      });
  });
});
