import { expect } from "chai";
import pino from "pino";
import { hashingReady } from "../../sequencer/src/hashing";
import { Activity } from "../../sequencer/src/rollup/activity";
import { Attempts } from "../../sequencer/src/rollup/attempts";
import type { RollupContext } from "../../sequencer/src/rollup/context";

/** Attempts with an L1 that can't be reached, and the waits that they asked for [ms]. */
function unreachable(): {
  attempts: Attempts;
  waits: number[];
  activity: Activity;
  head: { timestamp: number };
} {
  const waits: number[] = [];
  const activity = new Activity();
  const head = { number: 100, hash: "0x", timestamp: 1_000 };
  const context = {
    head,
    activity,
    log: pino({ level: "silent" }),
    place: { hub: "0x" },
    timing: { isStepped: false, blockTime: 12 },
    l1: {
      address: "0x11",
      submit: () => Promise.reject(new Error("no L1")),
      look: () => undefined,
    },
  };
  const attempts = new Attempts(context as unknown as RollupContext, { wakeIn: (ms) => void waits.push(ms) });
  return { attempts, waits, activity, head };
}

describe("Attempts", () => {
  before(() => hashingReady);

  /** Fails a duty so many times, whatever its wait. */
  async function fail(times: number, deadline?: number) {
    const { attempts, waits, activity } = unreachable();
    const now = Date.now;
    let clock = now();
    Date.now = () => clock;
    try {
      for (let time = 0; time < times; time++) {
        attempts.start("move/1", async () => ({ data: "0x" }), deadline === undefined ? {} : { deadline });
        await activity.quiet();
        clock += waits.at(-1)! + 1;
      }
    } finally {
      Date.now = now;
    }
    return { waits, passed: waits.reduce((sum, ms) => sum + ms, 0) };
  }

  it("waits twice as long after each failure", async () => {
    const { waits } = await fail(7);
    expect(waits).to.deep.equal([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000]);
  });

  it("never waits for more than a sixteenth of what is left until a deadline [a clock slept through]", async () => {
    const left = 240;
    const { waits, passed } = await fail(24, 1_000 + left);
    let before = 0;
    for (const ms of waits) {
      expect(ms).to.be.at.most(Math.max(1_000, (1_000 * left - before) / 16));
      before += ms;
    }
    expect(passed).to.be.below(1_000 * left);
  });

  it("begins nothing after it is stopped", async () => {
    const { attempts, waits, activity } = unreachable();
    await attempts.stop();
    let isPrepared = false;
    attempts.start("move/1", async () => {
      isPrepared = true;
      return { data: "0x" };
    });
    await activity.quiet();
    expect([isPrepared, waits]).to.deep.equal([false, []]);
  });
});
