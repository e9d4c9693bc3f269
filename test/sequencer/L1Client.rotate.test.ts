import { expect } from "chai";
import { createLog } from "../../sequencer/src";
import { L1Client } from "../../sequencer/src/l1/client";
import { FakeL1 } from "./FakeL1";

const log = createLog("silent");

describe("L1 client > checkHealth", () => {
  const client = (...endpoints: FakeL1[]) => new L1Client({ endpoints, lagBlocks: 3 }, { log });

  it("stays where an endpoint is a little behind, and leaves one that lags", async () => {
    const [first, second] = [new FakeL1(100), new FakeL1(103)];
    const both = client(first, second);
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
    second.height = 104;
    await both.checkHealth();
    expect(both.endpoint).to.equal(1);
    first.height = 105;
    await both.checkHealth();
    expect(both.endpoint).to.equal(1);
    expect(await both.call("eth_blockNumber", [])).to.equal("0x68");
  });

  it("leaves an endpoint that is gone, and comes back when the other one goes", async () => {
    const [first, second] = [new FakeL1(100), new FakeL1(100)];
    const both = client(first, second);
    first.isGone = true;
    await both.checkHealth();
    expect(both.endpoint).to.equal(1);
    first.isGone = false;
    second.isGone = true;
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
  });

  it("never takes an endpoint of another chain, however far it is", async () => {
    const [first, other] = [new FakeL1(100), new FakeL1(9_000, "0x1")];
    const both = client(first, other);
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
  });

  it("stays where nobody answers, and with one endpoint", async () => {
    const [first, second] = [new FakeL1(1), new FakeL1(1)];
    first.isGone = second.isGone = true;
    const both = client(first, second);
    await both.checkHealth();
    expect(both.endpoint).to.equal(0);
    await client(first).checkHealth();
  });
});
