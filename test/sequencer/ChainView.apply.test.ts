import { expect } from "chai";
import { id } from "ethers";
import { ChainView, LogsIncomplete } from "../../sequencer/src/rollup/chain";
import type { Fact } from "../../sequencer/src/rollup/facts";

const fact = (number: number, body: object) =>
  ({ block: { number, hash: id(`block ${number}`), timestamp: 12 * number }, logIndex: 0, ...body }) as Fact;
const created = fact(1, { kind: "created", program: id("a program") });
const moved = fact(2, { kind: "matchMoved", matchId: id("a match"), position: "0x", states: [] });
const ended = fact(3, {
  kind: "matchEnded",
  matchId: id("a match"),
  payee: "0x",
  payout: "0",
  isDropped: false,
});

describe("ChainView > apply", () => {
  it("takes a move of a match that was never opened for a gap, and says where it showed", () => {
    const view = new ChainView(() => id("a code root"));
    view.apply(created);
    const [gap] = [moved].map((one) => {
      try {
        return view.apply(one);
      } catch (error) {
        return error as Error;
      }
    });
    expect(gap).to.be.instanceOf(LogsIncomplete).and.include({ block: 2 });
    expect(view.last).to.deep.equal([1, 0]);
  });

  it("follows no match of a program that this node doesn't have, and finds no gap in that", () => {
    const view = new ChainView(() => undefined);
    for (const one of [created, moved, ended]) view.apply(one);
    expect(view.last).to.deep.equal([3, 0]);
    expect(view.matches.size).to.equal(0);
  });
});
