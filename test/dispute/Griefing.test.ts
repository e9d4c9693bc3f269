import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { id } from "ethers";
import { ethers } from "hardhat";
import { type Match, endArguments, inTurn } from "../../sdk/src/dispute";
import { BLOCK_TIME, BOND_GAS_PRICE, CLOCK, DAY, EXTENSION, SLASH, WINDOW, passTicks } from "../hub/fixture";
import { Arena, type Target, atTicks, truthful } from "./arena";
import { MIXER } from "./runs";
import { FALSEHOOD, PLENTY, lapse, lied, timeOut, told } from "./scenes";

/** T_match over 2^30 steps [ticks] */
const LONGEST = 2n * CLOCK + 11n * EXTENSION;

/** What somebody gains or loses from now on, fees of the settlement chain apart. */
async function purse(key: HardhatEthersSigner) {
  const { provider } = ethers;
  const from = await provider.getBlockNumber();
  const before = await provider.getBalance(key);
  const spent = async () => {
    let [gas, fees] = [0n, 0n];
    for (let number = from + 1; number <= (await provider.getBlockNumber()); number++)
      for (const hash of (await provider.getBlock(number))?.transactions ?? []) {
        const receipt = await provider.getTransactionReceipt(hash);
        if (receipt?.from !== key.address) continue;
        gas += receipt.gasUsed;
        fees += receipt.fee;
      }
    return { gas, fees };
  };
  return {
    gas: async () => (await spent()).gas,
    gain: async () => (await provider.getBalance(key)) - before + (await spent()).fees,
  };
}

/** Plays a sham against a true claim until the asserter has the last word or the challenger, who then is silent. Returns the match as it is then. */
async function sham(arena: Arena, target: Target, opened: Match, isSlow: boolean): Promise<Match> {
  const lie = arena.lie(target, FALSEHOOD);
  let match = opened;
  while (match.position.log2len > 0) {
    const isHis = match.position.turn === 1;
    if (isHis && isSlow) await atTicks(match, match.position.clocks[1]);
    match = await arena.move(match, isHis ? lie : target.truth);
  }
  return match;
}

/** The asserter wins, by an instruction or by the challenger's clock, and takes his half of the bond. */
async function win(arena: Arena, target: Target, match: Match): Promise<void> {
  if (match.position.turn === 0) await arena.sendSettlement(match, target.truth);
  else {
    const { lastMove, clocks } = match.position;
    // Ticks need blocks as well as seconds.
    if ((await now()) + 120n <= lastMove.time + clocks[1]) await atTicks(match, clocks[1] + 1n);
    else await passTicks(clocks[1] / 4n + 120n);
    await arena.hub.connect(arena.asserter).timeOut(...endArguments(match), PLENTY);
  }
  await arena.hub.connect(arena.asserter).collect(match.id, arena.asserter);
}

const now = async () => BigInt(await time.latest());

/** Each title is a row of docs/security/disputes.md, and each test plays the cheapest way that we know. */
describe("Griefing", () => {
  it("to delay a rollup once, by at most T_match, costs B for every asserter of the true claim", async () => {
    const { arena, target } = await loadFixture(told);
    const { bond } = arena.stage.params.security;
    const [griefer, asserter] = [await purse(arena.challenger), await purse(arena.asserter)];
    await passTicks(WINDOW - 240n);
    await time.setNextBlockTimestamp(target.entry.backedTime + WINDOW - 1n);
    const match = await arena.open(target, arena.lie(target, FALSEHOOD));
    await win(arena, target, await sham(arena, target, match, true));
    await arena.stage.finalize(1n);
    const delay = (await now()) - (target.entry.backedTime + WINDOW);
    expect(delay > CLOCK && delay <= LONGEST).to.equal(true, `${delay} ticks`);
    expect(await griefer.gain()).to.equal(-bond);
    expect(await asserter.gain()).to.equal(bond / 2n);
  });

  it("delays a rollup with two asserters of the truth for 2·B only: a sham against each", async () => {
    const { arena, target } = await loadFixture(told);
    const { bond } = arena.stage.params.security;
    const second = await arena.claim(arena.f.rival, target, target.claim.commitment);
    const [one, other] = [arena.challenger, arena.others[0]!];
    const griefers = [await purse(one), await purse(other)];
    await passTicks(WINDOW - 240n);
    const shams = [
      await arena.open(target, arena.lie(target, FALSEHOOD), one),
      await arena.open(second, arena.lie(second, FALSEHOOD), other),
    ];
    // Both asserters answer, both griefers are silent.
    const answered: Match[] = [];
    for (const match of shams) answered.push(await arena.move(match, target.truth));
    await passTicks(240n);
    for (const claim of [[], [second]])
      await expect(arena.stage.finalize(1n, ...claim)).to.be.revertedWithCustomError(
        arena.hub,
        "NotFinalizable",
      );
    await lapse();
    for (const match of answered) await timeOut(arena, match);
    await arena.stage.finalize(1n, second);
    const delay = (await now()) - (second.entry.backedTime + WINDOW);
    expect(delay > 0n && delay <= LONGEST).to.equal(true, `${delay} ticks`);
    for (const { gain } of griefers) expect(await gain()).to.equal(-bond);
  });

  it("to delay nothing costs B as well, where another has claimed the same and isn't challenged", async () => {
    const { arena, target } = await loadFixture(told);
    const second = await arena.claim(arena.f.rival, target, target.claim.commitment);
    await arena.open(target, arena.lie(target, FALSEHOOD));
    await passTicks(WINDOW - 240n);
    await time.setNextBlockTimestamp(second.entry.backedTime + WINDOW);
    await arena.stage.finalize(1n, second);
  });

  it("to go on delaying costs B for every T_match: what is held up holds up what follows, no longer", async () => {
    const arena = await Arena.create(MIXER, 30n, { security: { window: 4n * CLOCK } });
    const first = await arena.post(truthful);
    await passTicks(4n * CLOCK - 240n);
    const second = await arena.post(truthful);
    const match = await arena.open(first, arena.lie(first, FALSEHOOD));
    await win(arena, first, await sham(arena, first, match, true));
    await arena.stage.finalize(1n);
    // The second one's window began while the first was held up, and passes without another bond.
    await passTicks(second.entry.backedTime + 4n * CLOCK + 2n * BLOCK_TIME - (await now()));
    await arena.stage.finalize(2n);
  });

  for (const [logSteps, factor] of [
    [30n, 20n],
    [45n, 15n],
  ] as const)
    it(`to exhaust an honest asserter by N shams costs N·B, and pays him ${Number(factor) / 10} times his gas over 2^${logSteps} steps`, async () => {
      const arena = await Arena.create(MIXER, logSteps);
      const target = await arena.post(truthful);
      const { bond } = arena.stage.params.security;
      const asserter = await purse(arena.asserter);
      const griefers = arena.others.slice(0, 3);
      const purses = await Promise.all(griefers.map(purse));
      const shams: Match[] = [];
      for (const griefer of griefers)
        shams.push(await arena.open(target, arena.lie(target, FALSEHOOD), griefer));
      const played: Match[] = [];
      for (const match of shams) played.push(await sham(arena, target, match, false));
      for (const match of played) await win(arena, target, match);
      for (const { gain } of purses) expect(await gain()).to.equal(-bond);
      const gain = await asserter.gain();
      expect(gain).to.equal((3n * bond) / 2n);
      // At the gas price that B was made for.
      const cost = (await asserter.gas()) * BOND_GAS_PRICE;
      expect(gain * 10n >= cost * factor).to.equal(true, `${gain} for ${cost}`);
    });

  it("to exhaust an honest challenger by N lies of as many lines costs N·(D + X), and pays him twice his gas", async () => {
    const { arena, target } = await loadFixture(lied);
    const { bond, deposit } = arena.stage.params.security;
    const liars = [arena.f.rival, ...arena.others.slice(0, 2)];
    const lies: Target[] = [];
    for (const liar of liars) {
      if (liar !== arena.f.rival) await arena.stage.openLine(liar);
      lies.push(await arena.claim(liar, target, FALSEHOOD));
    }
    const challenger = await purse(arena.challenger);
    for (const lie of lies) {
      const tale = arena.lie(lie, FALSEHOOD);
      const match = await arena.play(await arena.open(lie), { asserter: tale, challenger: lie.truth });
      await arena.sendSettlement(match, lie.truth);
      await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
    }
    const gain = await challenger.gain();
    expect(gain).to.equal(3n * bond);
    expect(gain >= 2n * (await challenger.gas()) * BOND_GAS_PRICE).to.equal(true);
    for (const liar of liars) {
      expect((await arena.hub.lineOf(arena.stage.rollup, liar)).deposit).to.equal(0);
      expect(await arena.f.vault.slashed(liar.address)).to.equal(SLASH);
    }
    expect(deposit).to.be.at.least(2n * bond);
  });

  it("to tell N rival lies by one line costs D + X, and takes one bond to answer", async () => {
    const { arena, target } = await loadFixture(told);
    const { bond } = arena.stage.params.security;
    const { hub, stage } = arena;
    const lies: Target[] = [];
    for (let i = 0; i < 5; i++) lies.push(await arena.claim(arena.f.rival, target, id(`lie ${i}`)));
    const challenger = await purse(arena.challenger);
    let match = await arena.open(lies[2]!);
    // The liar uses up his clocks, the challenger answers at once: so the match outlasts the window.
    const tale = arena.lie(lies[2]!, id("lie 2"));
    while (match.position.log2len > 0) {
      const isLiars = inTurn(match) === arena.f.rival.address;
      if (isLiars) await atTicks(match, match.position.clocks[0]);
      match = await arena.move(match, isLiars ? tale : lies[2]!.truth);
    }
    for (const lie of lies) {
      expect(BigInt(await time.latest()) - lie.entry.backedTime).to.be.at.least(WINDOW);
      await expect(stage.finalize(1n, lie))
        .to.be.revertedWithCustomError(hub, "NotFinalizable")
        .withArgs(0, 0x0101);
    }
    await arena.sendSettlement(match, lies[2]!.truth);
    await hub.connect(arena.challenger).collect(match.id, arena.challenger);
    expect(await challenger.gain()).to.equal(bond);
    for (const lie of lies)
      await expect(stage.finalize(1n, lie)).to.be.revertedWithCustomError(hub, "NotFinalizable");
    await stage.finalize(1n);
  });

  it("to fight oneself on a lie costs D − B, at least B, and X", async () => {
    const { arena, target } = await loadFixture(lied);
    const { bond, deposit } = arena.stage.params.security;
    const accomplice = arena.others[0]!;
    const gained = await purse(accomplice);
    const match = await arena.open(target, target.truth, accomplice);
    await lapse();
    await timeOut(arena, match);
    await arena.hub.connect(accomplice).collect(match.id, accomplice);
    // D went in when the line was opened; what comes back of it is B.
    const lost = deposit - (await gained.gain());
    expect(lost).to.equal(deposit - bond);
    expect(lost).to.be.at.least(bond);
    expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
    expect(await arena.f.vault.lastBeneficiary()).to.equal(arena.f.treasury.address);
  });

  it("to fight oneself on a lie with a bond line costs D − B, at least B", async () => {
    const { arena, target } = await loadFixture(told);
    await time.increase(DAY);
    const { bond, deposit } = arena.stage.params.security;
    const [liar, accomplice] = arena.others as [HardhatEthersSigner, HardhatEthersSigner];
    const purses = [await purse(liar), await purse(accomplice)];
    await arena.stage.openBondLine(liar);
    const match = await arena.open(await arena.claim(liar, target, FALSEHOOD), target.truth, accomplice);
    await lapse();
    await timeOut(arena, match);
    await arena.hub.connect(accomplice).collect(match.id, accomplice);
    const lost = -((await purses[0]!.gain()) + (await purses[1]!.gain()));
    expect(lost).to.equal(deposit - bond);
    expect(lost).to.be.at.least(bond);
  });

  it("to fight oneself on the truth costs B/2", async () => {
    const { arena, target } = await loadFixture(told);
    const accomplice = arena.others[0]!;
    const purses = [await purse(arena.asserter), await purse(accomplice)];
    const match = await arena.open(target, arena.lie(target, FALSEHOOD), accomplice);
    await win(arena, target, await sham(arena, target, match, false));
    expect((await purses[0]!.gain()) + (await purses[1]!.gain())).to.equal(
      -arena.stage.params.security.bond / 2n,
    );
  });

  it("to throw a true claim costs D − B, at least B, and X, and delays nobody who claimed the same", async () => {
    const { arena, target } = await loadFixture(told);
    const { bond, deposit } = arena.stage.params.security;
    const second = await arena.claim(arena.f.rival, target, target.claim.commitment);
    const accomplice = arena.others[0]!;
    const gained = await purse(accomplice);
    const match = await arena.open(target, arena.lie(target, FALSEHOOD), accomplice);
    await lapse();
    await timeOut(arena, match);
    await arena.hub.connect(accomplice).collect(match.id, accomplice);
    expect(deposit - (await gained.gain())).to.equal(deposit - bond);
    expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
    await passTicks(second.entry.backedTime + WINDOW - (await now()) - 10n * BLOCK_TIME);
    await time.setNextBlockTimestamp(second.entry.backedTime + WINDOW);
    await arena.stage.finalize(1n, second);
  });

  it("to lie where nobody has claimed yet costs D + X, and delays by as long as the truth waits to be claimed", async () => {
    const { arena, target } = await loadFixture(lied);
    const match = await arena.open(target);
    await passTicks(WINDOW / 4n);
    const truth = await arena.claim(arena.f.rival, target, target.truth.output ?? "");
    await lapse();
    await timeOut(arena, match);
    expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
    await passTicks(truth.entry.backedTime + WINDOW - (await now()) - 10n * BLOCK_TIME);
    await time.setNextBlockTimestamp(truth.entry.backedTime + WINDOW);
    await arena.stage.finalize(1n, truth);
  });

  it("to stand in the way of an honest challenger by freeloading costs gas alone, and takes him nothing", async () => {
    const { arena, target } = await loadFixture(lied);
    const { bond } = arena.stage.params.security;
    const [honest, free] = [await purse(arena.challenger), await purse(arena.f.stranger)];
    const behind = await arena.open(target, target.truth, arena.f.stranger);
    const match = await arena.open(target);
    await lapse();
    await timeOut(arena, match);
    await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
    await arena.hub.connect(arena.f.stranger).dropMatch(...endArguments(behind));
    await arena.hub.connect(arena.f.stranger).collect(behind.id, arena.f.stranger);
    expect([await honest.gain(), await free.gain()]).to.deep.equal([bond, 0n]);
    expect(await free.gas()).to.be.greaterThan(140_000n);
  });

  it("to take an honest challenger's reward by ending a match of one's own first takes him his gas, no more", async () => {
    const { arena, target } = await loadFixture(lied);
    const { bond, deposit } = arena.stage.params.security;
    const accomplice = arena.f.stranger;
    const [honest, thief] = [await purse(arena.challenger), await purse(accomplice)];
    const lapsing = await arena.open(target, target.truth, accomplice);
    const tale = arena.lie(target, FALSEHOOD);
    const match = await arena.move(await arena.open(target), tale); // this one the liar answers
    await lapse();
    await timeOut(arena, lapsing);
    await arena.hub.connect(accomplice).collect(lapsing.id, accomplice);
    await arena.hub.connect(arena.challenger).dropMatch(...endArguments(match));
    await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger);
    expect([await honest.gain(), await thief.gain()]).to.deep.equal([0n, bond]);
    // The liar is out of D and X all the same, and gets B of it back at most.
    expect(deposit - (await thief.gain())).to.be.at.least(bond);
    expect(await arena.f.vault.slashed(arena.asserter.address)).to.equal(SLASH);
  });

  it("are the price list, row by row", function () {
    const page = readFileSync(join(__dirname, "..", "..", "docs", "security", "disputes.md"), "utf8");
    const rows = [...page.matchAll(/^\| (to .*?) +\|/gm)].map(([, title]) => title);
    const titles = (this.test?.parent?.tests ?? []).map(({ title }) => title);
    expect(rows).to.have.members(titles.filter((title) => title.startsWith("to ")));
  });
});
