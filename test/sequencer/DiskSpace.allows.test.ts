import { expect } from "chai";
import { DiskFull, DiskSpace, type Work } from "../../sequencer/src/store/space";

const WORK: readonly Work[] = ["promises", "batches", "results"];

describe("DiskSpace", () => {
  let free: number;
  let looks: number;
  let now: number;
  let space: DiskSpace;

  beforeEach(() => {
    [free, looks, now] = [0, 0, 0];
    space = new DiskSpace(
      "/data",
      1_024 * 2 ** 20,
      () => {
        looks++;
        return free;
      },
      () => now,
    );
  });

  it("stops promises first and results last, whatever the disk's size [a full disk ends a challenger]", () => {
    for (const [mebibytes, allowed] of [
      [100_000, WORK],
      [1_024, WORK],
      [1_023, ["batches", "results"]],
      [512, ["batches", "results"]],
      [511, ["results"]],
      [256, ["results"]],
      [255, []],
      [0, []],
    ] as const) {
      now += 1_000;
      free = mebibytes * 2 ** 20;
      expect(
        WORK.filter((work) => space.allows(work)),
        `${mebibytes} MiB`,
      ).to.deep.equal(allowed);
    }
  });

  it("says how much is free and how much is needed", () => {
    free = 511 * 2 ** 20 + 5;
    expect(() => space.require("batches")).to.throw(
      DiskFull,
      "/data has 511 MiB free, and batches need 512 MiB: free some space",
    );
    expect(() => space.require("results")).not.to.throw();
  });

  it("looks once a second at most, and goes on once there is space", () => {
    expect(space.allows("results")).to.equal(false);
    free = 2 ** 40;
    now += 999;
    expect(space.allows("results")).to.equal(false);
    now += 1;
    expect(space.allows("promises")).to.equal(true);
    expect(looks).to.equal(2);
  });

  it("reads a real disk", () => {
    expect(new DiskSpace(".", 1).allows("promises")).to.equal(true);
    expect(new DiskSpace(".", 2 ** 80).allows("results")).to.equal(false);
  });
});
