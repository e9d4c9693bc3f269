import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createLog } from "../../sequencer/src";
import { Backlog } from "../../sequencer/src/host/backlog";
import { Gaps } from "../../sequencer/src/host/gaps";
import type { L1Block, L1Log } from "../../sequencer/src/l1/reader";
import { HostStore } from "../../sequencer/src/store/host";
import { eventually } from "./fixture";

const ROLLUP = 1;
const CREATED = 100;
const HEAD = 10_000;
const SPAN = 33;
const block = (number: number): L1Block => ({ number, hash: `0x${number}`, timestamp: number });

describe("Gaps > report", () => {
  let folder: string;
  let store: HostStore;
  let backlog: Backlog;
  let gaps: Gaps;
  /** blocks from which the rollup was told again, and those that were read as parts of a range */
  let resumed: number[];
  let ranges: number[];
  let left: number;
  /** a log that the endpoint leaves out of ranges, and the one that shows the gap */
  let lost: number;
  let shown: number;
  let known: Set<number>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollworks-gaps-"));
    store = new HostStore(folder);
    [resumed, ranges, left, lost, shown] = [[], [], 0, 5_000, 8_500];
    known = new Set();
    backlog = new Backlog(store.behind, {
      log: createLog("silent"),
      read: async (rollup, from, to) => {
        const isRange = from > gaps.carefulUntil(rollup);
        const last = isRange ? to : Math.min(to, from + SPAN - 1);
        if (isRange) ranges.push(from);
        const found = [lost, shown].filter((number) => number >= from && number <= last);
        const logs = found.filter((number) => !isRange || number !== lost);
        return {
          logs: logs.map((number) => ({ block: block(number) }) as L1Log),
          blocks: [],
          last: block(last),
        };
      },
      resume: async (_rollup, from) => (resumed.push(from), true),
      deliver: async (_rollup, logs) => (logs.forEach((log) => known.add(log.block.number)), true),
    });
    gaps = new Gaps({
      isBehind: (rollup) => backlog.has(rollup),
      note: (rollup, number) => backlog.note(rollup, number),
      createdAt: () => CREATED,
      leave: () => void left++,
    });
  });

  afterEach(async () => {
    await backlog.stop();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Reports a gap, as a rollup does again and again, and reads what is noted. */
  async function mend(last: number): Promise<void> {
    await Promise.all([1, 2, 3].map(() => gaps.report(ROLLUP, last, shown)));
    await gaps.report(ROLLUP, last, shown);
    backlog.catchUp([ROLLUP], block(HEAD));
    await eventually("the end of the reading", async () => store.behind.get(ROLLUP) === HEAD);
    await eventually("its release", async () => {
      await backlog.release(HEAD, () => true);
      return !backlog.has(ROLLUP);
    });
  }

  it("has the logs read one by one up to where the gap showed, from another endpoint [a gap in L1's logs]", async () => {
    lost = 7_000;
    await mend(8_000);
    expect(resumed).to.deep.equal([6_000]);
    expect([...known].sort()).to.deep.equal([7_000, 8_500]);
    expect(ranges.length).to.equal(1);
    expect(ranges[0]).to.be.within(8_501, 8_501 + SPAN);
    expect(left).to.equal(1);
  });

  it("goes twice as far back each time the same gap shows again, down to the rollup's creation", async () => {
    await mend(8_000);
    expect(known.has(lost)).to.equal(false);
    await mend(8_000);
    expect(known.has(lost)).to.equal(true);
    for (let round = 0; round < 2; round++) await mend(8_000);
    expect(resumed).to.deep.equal([6_000, 4_000, CREATED, CREATED]);
  });

  it("begins near again for another gap", async () => {
    await mend(8_000);
    shown = 9_000;
    await mend(8_700);
    expect(resumed).to.deep.equal([6_000, 6_700]);
  });
});
