import { expect } from "chai";
import type { Block } from "ethers";
import { paceProblems } from "../../tasks/protocol/pace";

/** A chain whose blocks have these timestamps. */
const chain = (times: readonly number[]) => ({
  getBlockNumber: () => Promise.resolve(times.length - 1),
  getBlock: (number: unknown) => Promise.resolve({ timestamp: times[Number(number)] } as Block),
});

describe("paceProblems", () => {
  const steady = Array.from({ length: 300 }, (_, i) => 1_000 + 12 * i);

  it("finds nothing where no block comes sooner than the block time after its parent", async () => {
    expect(await paceProblems(chain(steady), 12)).to.deep.equal([]);
    expect(await paceProblems(chain(steady), 2)).to.deep.equal([]);
    expect(await paceProblems(chain([1_000]), 12)).to.deep.equal([]);
  });

  it("refuses a block time longer than the shortest interval, though the average is longer", async () => {
    const times = steady.map((time, i) => (i > 250 ? time - 7 : time));
    expect(await paceProblems(chain(times), 12)).to.deep.equal([
      {
        path: "blockTime",
        got: "12 s",
        rule: "among the latest 201 blocks one came 5 s after its parent: 5s at most",
      },
    ]);
    expect(await paceProblems(chain(times), 5)).to.deep.equal([]);
  });

  it("refuses any block time where two blocks share a second [a liar at a halt]", async () => {
    const [problem] = await paceProblems(chain([10, 20, 20, 30]), 1);
    expect(problem?.rule).to.match(/two have the same second: the protocol isn't sound on such a chain/);
  });

  it("looks at the latest blocks only", async () => {
    expect(await paceProblems(chain([1, 1, ...steady]), 12)).to.deep.equal([]);
  });
});
