import { expect } from "chai";
import { concat, Interface, toBeHex, Wallet, ZeroHash } from "ethers";
import { SINGLE_MODULE } from "../../sdk/src/protocol";
import { RemoteFailure } from "../../sequencer/src/host/channel";
import { HUB } from "../../sequencer/src/l1/contracts";
import { Duties } from "../../sequencer/src/rollup/duties";
import { headerBytes } from "../../sequencer/src/rollup/batch";
import type { RollupContext } from "../../sequencer/src/rollup/context";

const ADDRESS = new Wallet(ZeroHash.replace(/0$/, "1")).address.toLowerCase();
const ZERO = new Uint8Array(32);
const ERROR_OF_NOBODY = new Interface(["error NobodyKnows()"]).encodeErrorResult("NobodyKnows");

describe("Duties: a post that isn't taken", () => {
  const frame = {
    index: 1,
    poster: ADDRESS,
    flags: 0,
    target: 0,
    targetHash: ZERO,
    l1Number: 1,
    l1Hash: ZeroHash,
    timestamp: 100,
  };
  const batch = {
    index: 1,
    header: headerBytes(frame, new Uint8Array(0)),
    bytes: 0,
    parent: ZERO,
    commitment: ZERO,
  };
  let discards: number;
  let posts: number;
  let waits: number[];
  let sealed: typeof batch | undefined;
  let failure: Error;
  let head: { number: number; hash: string; timestamp: number };
  let duties: Duties;

  beforeEach(() => {
    [discards, posts, waits, sealed] = [0, 0, [], batch];
    head = { number: 5, hash: ZeroHash, timestamp: 100 };
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const context = {
      view: {
        created: { sequencing: SINGLE_MODULE.toLowerCase(), sequencer: ADDRESS, ringLog2: 6 },
        posted: new Map(),
        closesAt: () => Infinity,
      },
      head,
      l1: {
        address: ADDRESS,
        call: () => Promise.resolve(concat(Array.from({ length: 12 }, () => toBeHex(0, 32)))),
        submit: () => {
          posts++;
          return Promise.reject(failure);
        },
        look: () => undefined,
      },
      results: { sealed: () => sealed, dataOf: () => new Uint8Array(0) },
      place: { id: 1, l2ChainId: 1n, l1ChainId: 1n, hub: ADDRESS },
      config: new Uint8Array(192),
      timing: { isStepped: false },
      mempool: { readyCount: 0 },
      store: { space: { require: () => undefined } },
      activity: { track: (task: Promise<void>) => task },
      log: silent,
    } as unknown as RollupContext;
    duties = new Duties(context, {
      builder: {
        discard: async () => {
          discards++;
          sealed = undefined;
        },
      } as never,
      attempts: {} as never,
      wakeIn: (ms) => void waits.push(ms),
      exclusively: (body) => body(),
    });
  });

  /** Looks at what there is to do once, with L1 a block further. */
  async function attempt(): Promise<void> {
    head.number++;
    await duties.sequence();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  const wouldRevert = (data: string): Error =>
    new RemoteFailure("WouldRevert", "post/1/1 would revert", data);

  for (const name of ["FundsTooLow", "L1Answer", "L1Unreachable", "NonceTaken", "ChannelClosed"])
    it(`keeps the batch on ${name} [a batch given up for what isn't its fault]`, async () => {
      failure = new RemoteFailure(name, "whatever");
      for (let times = 1; times <= 3; times++) {
        await attempt();
        expect([posts, discards]).to.deep.equal([times, 0]);
      }
    });

  it("keeps the batch when its post reverted after all, for the next simulation says why", async () => {
    failure = new Error("the post of batch 1 reverted in 0x00");
    await attempt();
    expect([posts, discards]).to.deep.equal([1, 0]);
  });

  it("keeps the batch while the hub has no room", async () => {
    const [args] = [HUB.getError("RingFull")!.inputs.map(() => 0)];
    failure = wouldRevert(HUB.encodeErrorResult("RingFull", args));
    await attempt();
    expect([posts, discards]).to.deep.equal([1, 0]);
  });

  for (const [what, data] of [
    [
      "its target",
      HUB.encodeErrorResult(
        "TargetWrong",
        HUB.getError("TargetWrong")!.inputs.map(() => 0),
      ),
    ],
    ["a reason unknown here", ERROR_OF_NOBODY],
    ["no reason", "0x"],
  ] as const)
    it(`gives the batch up when the hub would refuse it for ${what}`, async () => {
      failure = wouldRevert(data);
      await attempt();
      expect([posts, discards]).to.deep.equal([1, 1]);
    });

  it("asks less and less often, and at once when L1 has gone on", async () => {
    failure = new RemoteFailure("FundsTooLow", "whatever");
    for (let times = 0; times < 8; times++) await attempt();
    const delays = waits.filter((ms) => ms > 0);
    expect(delays).to.deep.equal([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await duties.sequence();
    expect(posts).to.equal(8);
  });
});
