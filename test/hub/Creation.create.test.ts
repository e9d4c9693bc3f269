import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ZeroAddress, ZeroHash, dataSlice, getAddress, id } from "ethers";
import { CALLDATA_MODULE, OPEN_MODULE, SINGLE_MODULE, configHash, l2ChainId } from "../../sdk/src/protocol";
import {
  BOND,
  CLAIM_LIFE,
  CLOCK,
  DAY,
  EXTENSION,
  FORCE_DELAY,
  MESSAGE_BOUND,
  NEVER,
  OPEN,
  Stage,
  WINDOW,
  hubFixture,
  parameters,
  type HubFixture,
  type ParameterSet,
} from "./fixture";

const UNLISTED = getAddress(dataSlice(id("x"), 12));

type Change = (set: ParameterSet) => void;

/** What is left of 60 days by the longest forceDelay, a day, and a match of the usual rollup [ticks]. */
const LONGEST_WINDOW = BigInt(60 * DAY - 30 * DAY - DAY) - (CLAIM_LIFE - WINDOW);

describe("RollupHub > create", () => {
  async function attempt(f: HubFixture, change: Change) {
    const set = parameters(f);
    change(set);
    return f.hub.connect(f.owner).create(set.chain, set.security, set.lifetime);
  }

  describe("when the parts don't fit, the first problem is raised", () => {
    const bigInts = (...values: number[]) => values.map(BigInt);
    const cases: [string, Change, string, (f: HubFixture) => unknown[]][] = [
      ["an unlisted program", (s) => (s.chain.program = id("other")), "ProgramUnknown", () => [id("other")]],
      ["an unlisted data layer", (s) => (s.chain.availability = UNLISTED), "ModuleUnknown", () => [UNLISTED]],
      [
        "a sequencing module as data layer",
        (s) => (s.chain.availability = OPEN_MODULE),
        "ModuleKindWrong",
        () => [OPEN_MODULE, 2, 1],
      ],
      [
        "an unlisted sequencing module",
        (s) => (s.chain.sequencing = ZeroAddress),
        "ModuleUnknown",
        () => [ZeroAddress],
      ],
      [
        "a data layer as sequencing module",
        (s) => (s.chain.sequencing = CALLDATA_MODULE),
        "ModuleKindWrong",
        () => [CALLDATA_MODULE, 1, 2],
      ],
      [
        "single without a sequencer",
        (s) => (s.chain.sequencer = ZeroAddress),
        "SequencerMisplaced",
        () => [SINGLE_MODULE, ZeroAddress],
      ],
      [
        "open with a sequencer",
        (s) => (s.chain.sequencing = OPEN_MODULE),
        "SequencerMisplaced",
        (f) => [OPEN_MODULE, f.sequencer.address],
      ],
      [
        "fees that nobody earns",
        (s) => (s.chain.feeRecipient = ZeroAddress),
        "FeeRecipientMissing",
        () => [1_000_000n],
      ],
      ["messages without gas", (s) => (s.chain.messageGas = 0n), "MessageGasTooLow", () => [0, 14_648]],
      [
        "messages with so little gas that the program would refuse them",
        (s) => (s.chain.messageGas = 14_647n), // batchGas is 30,000,000, a batch's share of 2,048
        "MessageGasTooLow",
        () => [14_647, 14_648],
      ],
      [
        "no messages in a batch",
        (s) => (s.chain.messageBound = 0n),
        "MessageBudgetExceeded",
        () => bigInts(0, 100_000, 30_000_000),
      ],
      [
        "too many messages in a batch",
        (s) => ((s.chain.messageBound = 4_096n), (s.chain.messageGas = 14_648n)),
        "MessageBudgetExceeded",
        () => bigInts(4_096, 14_648, 30_000_000),
      ],
      [
        "messages that exceed the batch's gas",
        (s) => (s.chain.messageBound = 301n),
        "MessageBudgetExceeded",
        () => bigInts(301, 100_000, 30_000_000),
      ],
      ...[0x0100n, 0x0102n, 0x0301n, 0x0201n, 0x0001n, 0x0000n].map((policy): (typeof cases)[number] => [
        `the policy 0x${policy.toString(16)}`,
        (s) => (s.security.policy = policy),
        "PolicyUnsupported",
        () => [policy],
      ]),
      [
        "an extension below 20 block times",
        (s) => (s.security.extension = 239n),
        "ExtensionTooShort",
        () => [239n, 240n],
      ],
      [
        "a clock below four extensions",
        (s) => (s.security.clock = 4n * EXTENSION - 1n),
        "ClockTooShort",
        () => [4n * EXTENSION - 1n, 4n * EXTENSION],
      ],
      [
        "a window below two clocks",
        (s) => (s.security.window = 2n * CLOCK - 1n),
        "WindowOutOfRange",
        () => [2n * CLOCK - 1n, 2n * CLOCK, 60 * DAY],
      ],
      [
        "a window above 60 days",
        (s) => (s.security.window = BigInt(60 * DAY) + 1n),
        "WindowOutOfRange",
        () => [60 * DAY + 1, 2n * CLOCK, 60 * DAY],
      ],
      [
        "a bond that doesn't pay for a match",
        (s) => (s.security.bond = BOND - 1n),
        "BondTooSmall",
        () => [BOND - 1n, BOND],
      ],
      [
        "a deposit below two bonds",
        (s) => (s.security.deposit = 2n * BOND - 1n),
        "DepositOutOfRange",
        () => [2n * BOND - 1n, 2n * BOND, (1n << 80n) - 1n],
      ],
      [
        "a deposit that doesn't fit its field",
        (s) => (s.security.deposit = 1n << 80n),
        "DepositOutOfRange",
        () => [1n << 80n, 2n * BOND, (1n << 80n) - 1n],
      ],
      ["no slash", (s) => (s.security.slash = 0n), "SlashOutOfRange", () => [0n, (1n << 95n) - 1n]],
      [
        "a slash above its limit",
        (s) => (s.security.slash = 1n << 95n),
        "SlashOutOfRange",
        () => [1n << 95n, (1n << 95n) - 1n],
      ],
      [
        "an end beyond its field",
        (s) => (s.lifetime.endTime = NEVER),
        "EndTimeOutOfRange",
        () => [NEVER, () => true, NEVER - 1n],
      ],
      [
        "an unwind above 90 days",
        (s) => (s.lifetime.unwind = BigInt(90 * DAY) + 1n),
        "UnwindTooLong",
        () => [90 * DAY + 1, 90 * DAY],
      ],
      [
        "a force delay below 20 block times",
        (s) => (s.lifetime.forceDelay = 239n),
        "ForceDelayOutOfRange",
        () => [239n, 240n, 30 * DAY],
      ],
      [
        "a force delay above 30 days",
        (s) => (s.lifetime.forceDelay = BigInt(30 * DAY) + 1n),
        "ForceDelayOutOfRange",
        () => [30 * DAY + 1, 240n, 30 * DAY],
      ],
      ["a ring of 2^3", (s) => (s.lifetime.ringLog2 = 3n), "RingOutOfRange", () => bigInts(3, 4, 12)],
      ["a ring of 2^13", (s) => (s.lifetime.ringLog2 = 13n), "RingOutOfRange", () => bigInts(13, 4, 12)],
      [
        "a ring that keeps outsiders waiting longer than forceDelay",
        (s) => (s.lifetime.forceDelay = CLAIM_LIFE / 4n - 1n),
        "RingTooSmall",
        () => [CLAIM_LIFE / 4n, CLAIM_LIFE / 4n - 1n],
      ],
      [
        "an ending so long that an escape could come before the sweep [escape before the sweep]",
        (s) => {
          s.lifetime.forceDelay = BigInt(30 * DAY);
          s.lifetime.ringLog2 = 12n;
          s.security.window = LONGEST_WINDOW + 1n;
        },
        "EndingTooLong",
        () => [60 * DAY + 1, 60 * DAY],
      ],
    ];
    for (const [name, change, error, args] of cases) {
      it(`refuses ${name}`, async () => {
        const f = await loadFixture(hubFixture);
        await expect(attempt(f, change))
          .to.be.revertedWithCustomError(f.hub, error)
          .withArgs(...args(f));
      });
    }

    it("refuses an end that has passed, and takes one a second ahead", async () => {
      const f = await loadFixture(hubFixture);
      const next = (await time.latest()) + 10;
      await time.setNextBlockTimestamp(next);
      await expect(attempt(f, (s) => (s.lifetime.endTime = BigInt(next))))
        .to.be.revertedWithCustomError(f.hub, "EndTimeOutOfRange")
        .withArgs(next, next + 1, NEVER - 1n);
      await time.setNextBlockTimestamp(next + 10);
      await attempt(f, (s) => (s.lifetime.endTime = BigInt(next + 11)));
    });

    it("refuses what was marked obsolete, and leaves what runs on it alone", async () => {
      const f = await loadFixture(hubFixture);
      const stage = await Stage.create(f);
      await f.hub.markModuleObsolete(SINGLE_MODULE);
      await expect(attempt(f, () => undefined))
        .to.be.revertedWithCustomError(f.hub, "ModuleObsolete")
        .withArgs(SINGLE_MODULE);
      await f.hub.markProgramObsolete(f.program.programHash);
      await expect(attempt(f, () => undefined))
        .to.be.revertedWithCustomError(f.hub, "ProgramObsolete")
        .withArgs(f.program.programHash);
      await stage.openLine();
      await stage.advance();
      expect(await f.hub.statusOf(stage.rollup)).to.equal(1);
    });
  });

  it("takes every parameter at its limit", async () => {
    const f = await loadFixture(hubFixture);
    await attempt(f, (s) => {
      s.chain.messageBound = 2_048n;
      s.chain.messageGas = 14_648n; // 2,048 · 14,648 = 29,999,104
      s.security.window = LONGEST_WINDOW; // with forceDelay, a day and the longest match: 60 days
      s.security.deposit = (1n << 80n) - 1n;
      s.security.slash = (1n << 95n) - 1n;
      s.lifetime.endTime = NEVER - 1n;
      s.lifetime.unwind = BigInt(90 * DAY);
      s.lifetime.forceDelay = BigInt(30 * DAY);
      s.lifetime.ringLog2 = 12n;
      s.lifetime.maxDormant = (1n << 32n) - 1n;
    });
    const record = await f.hub.record(1);
    expect(record.drainAt).to.equal(NEVER - 1n);
    expect(record.unwind).to.equal(90 * DAY);
    expect(record.window).to.equal(LONGEST_WINDOW);
    expect(record.messageBound).to.equal(2_048);
    expect(record.deposit).to.equal((1n << 80n) - 1n);
    expect(record.slash).to.equal((1n << 95n) - 1n);
    expect(record.maxDormant).to.equal((1n << 32n) - 1n);
    expect(record.ringLog2).to.equal(12);
  });

  it("keeps the record, under an id and a chain id of its own", async () => {
    const f = await loadFixture(hubFixture);
    const first = await Stage.create(f);
    const second = await Stage.create(f, OPEN);
    expect([first.rollup, second.rollup]).to.deep.equal([1n, 2n]);
    const { chainId } = await ethers.provider.getNetwork();
    for (const stage of [first, second]) {
      const record = await f.hub.record(stage.rollup);
      expect(record.status).to.equal(1);
      expect(record.owner).to.equal(f.owner.address);
      expect(record.program).to.equal(f.program.programHash);
      expect(record.configHash).to.equal(configHash(stage.config));
      expect(record.l2ChainId).to.equal(l2ChainId(chainId, await f.hub.getAddress(), stage.rollup));
      expect(record.l2ChainId >> 50n).to.equal(2n);
      expect(record.sequencing).to.equal(stage.params.chain.sequencing);
      expect(record.policy).to.equal(0x0101);
      expect(record.window).to.equal(WINDOW);
      expect(record.claimLife).to.equal(CLAIM_LIFE);
      expect(record.deposit).to.equal(stage.params.security.deposit);
      expect(record.slash).to.equal(stage.params.security.slash);
      expect(record.forceDelay).to.equal(FORCE_DELAY);
      expect(record.drainAt).to.equal(NEVER);
      expect(record.messageBound).to.equal(MESSAGE_BOUND);
      expect(await f.hub.lastFinal(stage.rollup)).to.deep.equal([0n, f.program.entry.genesis]);
      expect(await f.hub.commitmentIn(stage.rollup, 0)).to.equal(f.program.entry.genesis);
    }
    expect((await f.hub.record(1)).l2ChainId).to.not.equal((await f.hub.record(2)).l2ChainId);
    expect((await f.hub.lineOf(1, f.sequencer.address)).isPoster).to.equal(true);
    expect((await f.hub.lineOf(2, f.sequencer.address)).isPoster).to.equal(false);
  });

  it("tells all of it in its event", async () => {
    const f = await loadFixture(hubFixture);
    const set = parameters(f);
    const transaction = await attempt(f, () => undefined);
    const receipt = await transaction.wait();
    const event = receipt!.logs
      .map((log) => f.hub.interface.parseLog(log))
      .find((log) => log?.name === "Created")!;
    expect(event.args.rollup).to.equal(1n);
    expect(event.args.owner).to.equal(f.owner.address);
    expect(event.args.program).to.equal(f.program.programHash);
    const args = event.args as unknown as { chain: unknown[]; security: unknown[]; lifetime: unknown[] };
    expect([...args.chain]).to.deep.equal(Object.values(set.chain));
    expect([...args.security]).to.deep.equal(Object.values(set.security));
    expect([...args.lifetime]).to.deep.equal(Object.values(set.lifetime));
  });

  it("answers for a rollup that doesn't exist with nothing, and never reverts", async () => {
    const { hub, stranger } = await loadFixture(hubFixture);
    for (const rollup of [0n, 1n, (1n << 64n) - 1n]) {
      expect(await hub.statusOf(rollup)).to.equal(0);
      expect((await hub.record(rollup)).configHash).to.equal(ZeroHash);
      expect((await hub.progress(rollup)).posted).to.equal(0n);
      expect(await hub.lastFinal(rollup)).to.deep.equal([0n, ZeroHash]);
      expect(await hub.isFinal(rollup, 0)).to.equal(false);
      expect(await hub.ownerOf(rollup)).to.equal(ZeroAddress);
      expect(await hub.programOf(rollup)).to.equal(ZeroHash);
      expect(await hub.stateReaderOf(rollup)).to.equal(ZeroAddress);
      expect(await hub.acceptsDeposits(rollup)).to.equal(false);
      expect(await hub.inboxOf(rollup)).to.deep.equal([0n, ZeroHash, 0n]);
      expect(await hub.mayPost(rollup, stranger.address)).to.deep.equal([false, false]);
      expect((await hub.lineOf(rollup, stranger.address)).deposit).to.equal(0n);
      for (const slot of [0n, 63n, 64n, 111n, 112n, (1n << 256n) - 1n]) {
        expect(await hub.commitmentIn(rollup, slot)).to.equal(ZeroHash);
      }
      for (const index of [0n, (1n << 64n) - 1n]) {
        expect(await hub.ringEntryOf(rollup, index)).to.equal(0n);
        expect(await hub.markOf(rollup, index)).to.equal(ZeroHash);
      }
    }
  });
});
