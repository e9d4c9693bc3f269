import { loadFixture, mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ZeroAddress } from "ethers";
import {
  BLOCK_TIME,
  CLAIM_LIFE,
  DAY,
  DEPOSIT_D,
  NEVER,
  SLASH,
  Stage,
  UNBONDING,
  hubFixture,
  passTicks,
} from "./fixture";

const SPARE = BigInt(DAY);
const RELEASE = CLAIM_LIFE + SPARE;
const REVERTING = 1;
const SILENT = 2;
const VERBOSE = 3;
const BURNING = 4;
const DEAR = 5;

async function staged() {
  const f = await loadFixture(hubFixture);
  const stage = await Stage.create(f);
  return { f, hub: f.hub, vault: f.vault, stage, key: f.rival };
}

describe("RollupHub > lines", () => {
  for (const verb of ["openLine", "openBondLine"] as const) {
    describe(verb, () => {
      it("refuses a rollup that doesn't exist", async () => {
        const { hub } = await staged();
        await expect(hub[verb](99, { value: 1 }))
          .to.be.revertedWithCustomError(hub, "RollupUnknown")
          .withArgs(99);
      });

      it("refuses another deposit than D", async () => {
        const { hub, stage } = await staged();
        for (const value of [0n, DEPOSIT_D - 1n, DEPOSIT_D + 1n]) {
          await expect(hub[verb](stage.rollup, { value }))
            .to.be.revertedWithCustomError(hub, "LineDepositWrong")
            .withArgs(value, DEPOSIT_D);
        }
      });

      it("refuses who has a line of either kind, open or closing", async () => {
        const { f, hub, stage } = await staged();
        await stage.openLine(f.rival);
        await stage.openBondLine(f.stranger);
        for (const key of [f.rival, f.stranger]) {
          const attempt = () => hub.connect(key)[verb](stage.rollup, { value: DEPOSIT_D });
          await expect(attempt())
            .to.be.revertedWithCustomError(hub, "LineExists")
            .withArgs(stage.rollup, key.address);
          await hub.connect(key).closeLine(stage.rollup);
          await expect(attempt()).to.be.revertedWithCustomError(hub, "LineExists");
        }
      });

      it("refuses a rollup that is over", async () => {
        const { f, hub, stage } = await staged();
        await hub.connect(f.owner).drain(stage.rollup);
        await time.increase(91 * DAY);
        await hub.escape(stage.rollup);
        await expect(hub[verb](stage.rollup, { value: DEPOSIT_D }))
          .to.be.revertedWithCustomError(hub, "RollupOver")
          .withArgs(stage.rollup);
      });
    });
  }

  describe("openLine", () => {
    it("refuses what the vault refuses", async () => {
      const { hub, vault, stage, key } = await staged();
      await vault.setRefused(key.address, true);
      await expect(
        hub.connect(key).openLine(stage.rollup, { value: DEPOSIT_D }),
      ).to.be.revertedWithCustomError(vault, "VaultRefused");
    });

    it("refuses an unbonding shorter than claimLife + 2 days, and takes one as long", async () => {
      const { hub, vault, stage, key } = await staged();
      const least = CLAIM_LIFE + 2n * SPARE;
      await vault.setUnbondingDelay(least - 1n);
      const open = () => hub.connect(key).openLine(stage.rollup, { value: DEPOSIT_D });
      await expect(open())
        .to.be.revertedWithCustomError(hub, "UnbondingTooShort")
        .withArgs(least - 1n, least);
      await vault.setUnbondingDelay(least);
      await open();
    });

    it("reserves X, and is valid until stake could leave, less claimLife and a day", async () => {
      const { hub, vault, stage, key } = await staged();
      const at = BigInt(await time.latest()) + 10n;
      await time.setNextBlockTimestamp(at);
      const end = at + UNBONDING - CLAIM_LIFE - SPARE;
      await expect(hub.connect(key).openLine(stage.rollup, { value: DEPOSIT_D }))
        .to.emit(hub, "LineOpened")
        .withArgs(stage.rollup, key.address, true, 1, end);
      expect(await hub.lineOf(stage.rollup, key.address)).to.deep.equal([
        DEPOSIT_D,
        1n,
        end,
        true,
        false,
        0n,
        0n,
        0n,
      ]);
      expect(await vault.reserved(key.address)).to.equal(SLASH);
      expect(await ethers.provider.getBalance(hub)).to.equal(DEPOSIT_D);
    });

    it("is of one rollup alone", async () => {
      const { f, hub, stage, key } = await staged();
      const other = await Stage.create(f);
      await stage.openLine(key);
      expect((await hub.lineOf(other.rollup, key.address)).deposit).to.equal(0n);
    });

    it("waits for a slash that is due", async () => {
      const { hub, vault, stage, key } = await staged();
      await stage.openLine(key);
      await vault.setSlashMood(REVERTING);
      await hub.loseLine(stage.rollup, key.address);
      await expect(hub.connect(key).openLine(stage.rollup, { value: DEPOSIT_D }))
        .to.be.revertedWithCustomError(hub, "SlashOutstanding")
        .withArgs(key.address, SLASH);
      await vault.setSlashMood(0);
      await hub.executeSlash(key.address);
      await stage.openLine(key);
    });
  });

  describe("openBondLine", () => {
    it("needs no vault and has no end", async () => {
      const { hub, vault, stage, key } = await staged();
      await vault.setRefused(key.address, true);
      await expect(hub.connect(key).openBondLine(stage.rollup, { value: DEPOSIT_D }))
        .to.emit(hub, "LineOpened")
        .withArgs(stage.rollup, key.address, false, 1, NEVER);
      expect(await hub.lineOf(stage.rollup, key.address)).to.deep.equal([
        DEPOSIT_D,
        1n,
        NEVER,
        false,
        false,
        0n,
        0n,
        0n,
      ]);
      expect(await vault.reserved(key.address)).to.equal(0n);
    });
  });

  describe("refreshLine", () => {
    it("refuses who has none, a bond line, and one that closes", async () => {
      const { f, hub, stage, key } = await staged();
      const refresh = () => hub.connect(key).refreshLine(stage.rollup);
      await expect(refresh())
        .to.be.revertedWithCustomError(hub, "LineMissing")
        .withArgs(stage.rollup, key.address);
      await stage.openBondLine(f.stranger);
      await expect(hub.connect(f.stranger).refreshLine(stage.rollup))
        .to.be.revertedWithCustomError(hub, "LineWithoutEnd")
        .withArgs(stage.rollup, f.stranger.address);
      await stage.openLine(key);
      await hub.connect(key).closeLine(stage.rollup);
      await expect(refresh())
        .to.be.revertedWithCustomError(hub, "LineAlreadyClosing")
        .withArgs(stage.rollup, key.address);
    });

    it("refuses what the vault refuses, and a delay that became too short", async () => {
      const { hub, vault, stage, key } = await staged();
      await stage.openLine(key);
      await vault.setRefused(key.address, true);
      await expect(hub.connect(key).refreshLine(stage.rollup)).to.be.revertedWithCustomError(
        vault,
        "VaultRefused",
      );
      await vault.setRefused(key.address, false);
      await vault.setUnbondingDelay(DAY);
      await expect(hub.connect(key).refreshLine(stage.rollup)).to.be.revertedWithCustomError(
        hub,
        "UnbondingTooShort",
      );
    });

    it("moves the end and leaves the nonce, and what was reserved", async () => {
      const { hub, vault, stage, key } = await staged();
      await stage.openLine(key);
      const at = BigInt(await time.latest()) + 1_000n;
      await time.setNextBlockTimestamp(at);
      const end = at + UNBONDING - CLAIM_LIFE - SPARE;
      await expect(hub.connect(key).refreshLine(stage.rollup))
        .to.emit(hub, "LineRefreshed")
        .withArgs(stage.rollup, key.address, end);
      expect(await hub.lineOf(stage.rollup, key.address)).to.deep.equal([
        DEPOSIT_D,
        1n,
        end,
        true,
        false,
        0n,
        0n,
        0n,
      ]);
      expect(await vault.reserved(key.address)).to.equal(SLASH);
    });
  });

  describe("closeLine and withdrawLine", () => {
    it("refuse who has none, who closes twice, and who hasn't closed", async () => {
      const { hub, stage, key } = await staged();
      const [close, withdraw] = [
        () => hub.connect(key).closeLine(stage.rollup),
        () => hub.connect(key).withdrawLine(stage.rollup, key.address),
      ];
      await expect(close())
        .to.be.revertedWithCustomError(hub, "LineMissing")
        .withArgs(stage.rollup, key.address);
      await expect(withdraw())
        .to.be.revertedWithCustomError(hub, "LineNotClosing")
        .withArgs(stage.rollup, key.address);
      await stage.openLine(key);
      await expect(withdraw()).to.be.revertedWithCustomError(hub, "LineNotClosing");
      await close();
      await expect(close())
        .to.be.revertedWithCustomError(hub, "LineAlreadyClosing")
        .withArgs(stage.rollup, key.address);
    });

    it("refuse the zero address and a receiver that takes no coins", async () => {
      const { hub, vault, stage, key } = await staged();
      await stage.openLine(key);
      await hub.connect(key).closeLine(stage.rollup);
      await passTicks(RELEASE);
      await expect(hub.connect(key).withdrawLine(stage.rollup, ZeroAddress)).to.be.revertedWithCustomError(
        hub,
        "ReceiverZero",
      );
      await expect(hub.connect(key).withdrawLine(stage.rollup, vault))
        .to.be.revertedWithCustomError(hub, "PaymentFailed")
        .withArgs(vault, DEPOSIT_D);
      await hub.connect(key).withdrawLine(stage.rollup, key.address);
    });

    for (const alt of [true, false]) {
      it(`free ${alt ? "D and X" : "a bond line's D"} claimLife + 1 day later: before, at [Hub 10]`, async () => {
        const { f, hub, vault, stage, key } = await staged();
        await (alt ? stage.openLine(key) : stage.openBondLine(key));
        await expect(hub.connect(key).closeLine(stage.rollup))
          .to.emit(hub, "LineClosing")
          .withArgs(stage.rollup, key.address);
        const line = await hub.lineOf(stage.rollup, key.address);
        expect([line.deposit, line.nonce, line.validUntil, line.isAlt]).to.deep.equal([
          DEPOSIT_D,
          1n,
          0n,
          alt,
        ]);
        expect(await vault.reserved(key.address)).to.equal(alt ? SLASH : 0n);
        await mine(RELEASE / BLOCK_TIME, { interval: Number(BLOCK_TIME) - 1 });
        await time.setNextBlockTimestamp(line.closingTime + RELEASE - 1n);
        await expect(hub.connect(key).withdrawLine(stage.rollup, f.stranger.address))
          .to.be.revertedWithCustomError(hub, "LineNotReleased")
          .withArgs(RELEASE - 1n, RELEASE);
        await time.setNextBlockTimestamp(line.closingTime + RELEASE);
        await expect(hub.connect(key).withdrawLine(stage.rollup, f.stranger.address)).to.changeEtherBalances(
          [hub, f.stranger],
          [-DEPOSIT_D, DEPOSIT_D],
        );
        expect(await vault.reserved(key.address)).to.equal(0n);
        expect(await hub.lineOf(stage.rollup, key.address)).to.deep.equal([
          0n,
          1n,
          0n,
          false,
          false,
          0n,
          0n,
          0n,
        ]);
      });
    }

    it("count ticks: a halted settlement chain frees nothing [a halted settlement chain]", async () => {
      const { hub, stage, key } = await staged();
      await stage.openLine(key);
      await hub.connect(key).closeLine(stage.rollup);
      await time.increase(1000 * DAY);
      await expect(hub.connect(key).withdrawLine(stage.rollup, key.address)).to.be.revertedWithCustomError(
        hub,
        "LineNotReleased",
      );
    });

    it("let it open anew with the next nonce, which no match of before reaches", async () => {
      const { hub, stage, key } = await staged();
      await stage.openLine(key);
      await hub.connect(key).closeLine(stage.rollup);
      await passTicks(RELEASE);
      await hub.connect(key).withdrawLine(stage.rollup, key.address);
      await stage.openBondLine(key);
      const line = await hub.lineOf(stage.rollup, key.address);
      expect([line.nonce, line.isAlt, line.closingTime]).to.deep.equal([2n, false, 0n]);
    });

    it("leave the sequencer's right to post", async () => {
      const { f, hub, stage } = await staged();
      await stage.openLine(f.sequencer);
      await hub.connect(f.sequencer).closeLine(stage.rollup);
      await passTicks(RELEASE);
      await hub.connect(f.sequencer).withdrawLine(stage.rollup, f.sequencer.address);
      expect((await hub.lineOf(stage.rollup, f.sequencer.address)).isPoster).to.equal(true);
      await stage.post({ commitment: "", data: "0x11" });
    });

    it("work though the rollup is over", async () => {
      const { f, hub, stage, key } = await staged();
      await stage.openLine(key);
      await hub.connect(f.owner).drain(stage.rollup);
      await time.increase(91 * DAY);
      await hub.escape(stage.rollup);
      await hub.connect(key).closeLine(stage.rollup);
      await passTicks(RELEASE);
      await hub.connect(key).withdrawLine(stage.rollup, key.address);
    });
  });

  describe("a line that is lost", () => {
    it("has its nonce raised, its deposit and validity taken, and X slashed [Hub 11]", async () => {
      const { f, hub, vault, stage } = await staged();
      await stage.openLine(f.sequencer);
      await expect(hub.loseLine(stage.rollup, f.sequencer.address))
        .to.emit(hub, "LineLost")
        .withArgs(stage.rollup, f.sequencer.address, 2, DEPOSIT_D, SLASH)
        .and.to.emit(hub, "SlashExecuted")
        .withArgs(f.sequencer.address, SLASH, SLASH);
      expect(await hub.lineOf(stage.rollup, f.sequencer.address)).to.deep.equal([
        0n,
        2n,
        0n,
        false,
        true,
        0n,
        0n,
        0n,
      ]);
      expect(await vault.slashed(f.sequencer.address)).to.equal(SLASH);
      expect(await vault.reserved(f.sequencer.address)).to.equal(0n);
      expect(await vault.lastBeneficiary()).to.equal(f.treasury.address);
    });

    it("slashes nothing if it was a bond line", async () => {
      const { hub, vault, stage, key } = await staged();
      await stage.openBondLine(key);
      await expect(hub.loseLine(stage.rollup, key.address))
        .to.emit(hub, "LineLost")
        .withArgs(stage.rollup, key.address, 2, DEPOSIT_D, 0)
        .and.not.to.emit(hub, "SlashExecuted");
      expect(await vault.slashed(key.address)).to.equal(0n);
    });

    it("has its closing cancelled, so that the next line isn't closing", async () => {
      const { hub, stage, key } = await staged();
      await stage.openLine(key);
      await hub.connect(key).closeLine(stage.rollup);
      await hub.loseLine(stage.rollup, key.address);
      expect((await hub.lineOf(stage.rollup, key.address)).closingTime).to.equal(0n);
      await expect(hub.connect(key).withdrawLine(stage.rollup, key.address)).to.be.revertedWithCustomError(
        hub,
        "LineNotClosing",
      );
      await stage.openLine(key);
      const line = await hub.lineOf(stage.rollup, key.address);
      expect([line.nonce, line.deposit, line.closingTime]).to.deep.equal([3n, DEPOSIT_D, 0n]);
    });

    for (const [mood, name] of [
      [REVERTING, "reverts"],
      [SILENT, "answers nothing"],
      [BURNING, "burns its gas"],
    ] as const) {
      it(`is lost though the vault ${name}; the slash waits until somebody executes it`, async () => {
        const { hub, vault, stage, key } = await staged();
        await stage.openLine(key);
        await vault.setSlashMood(mood);
        await expect(hub.loseLine(stage.rollup, key.address))
          .to.emit(hub, "SlashDeferred")
          .withArgs(key.address, SLASH);
        expect(await hub.slashDue(key.address)).to.equal(SLASH);
        expect((await hub.lineOf(stage.rollup, key.address)).nonce).to.equal(2n);
        await expect(hub.executeSlash(key.address)).to.emit(hub, "SlashDeferred");
        expect(await hub.slashDue(key.address)).to.equal(SLASH);
        await vault.setSlashMood(0);
        await expect(hub.executeSlash(key.address))
          .to.emit(hub, "SlashExecuted")
          .withArgs(key.address, SLASH, SLASH);
        expect(await hub.slashDue(key.address)).to.equal(0n);
        expect(await vault.slashed(key.address)).to.equal(SLASH);
        await expect(hub.executeSlash(key.address))
          .to.be.revertedWithCustomError(hub, "SlashNotDue")
          .withArgs(key.address);
      });
    }

    it("is slashed later where that takes more gas than a match may wait for", async () => {
      const { hub, vault, stage, key } = await staged();
      await stage.openLine(key);
      await vault.setSlashMood(DEAR);
      await expect(hub.loseLine(stage.rollup, key.address, { gasLimit: 2_000_000 })).to.emit(
        hub,
        "SlashDeferred",
      );
      // Too little gas for the vault leaves the debt.
      await expect(hub.executeSlash(key.address, { gasLimit: 320_000 })).to.emit(hub, "SlashDeferred");
      expect(await hub.slashDue(key.address)).to.equal(SLASH);
      await expect(hub.executeSlash(key.address, { gasLimit: 2_000_000 }))
        .to.emit(hub, "SlashExecuted")
        .withArgs(key.address, SLASH, SLASH);
      expect(await hub.slashDue(key.address)).to.equal(0n);
    });

    it("is lost though the vault answers at length", async () => {
      const { hub, vault, stage, key } = await staged();
      await stage.openLine(key);
      await vault.setSlashMood(VERBOSE);
      await expect(hub.loseLine(stage.rollup, key.address)).to.emit(hub, "SlashExecuted");
    });

    it("adds up the slashes of several lines that wait", async () => {
      const { f, hub, vault, stage, key } = await staged();
      const other = await Stage.create(f);
      await stage.openLine(key);
      await other.openLine(key);
      await vault.setSlashMood(REVERTING);
      await hub.loseLine(stage.rollup, key.address);
      await hub.loseLine(other.rollup, key.address);
      expect(await hub.slashDue(key.address)).to.equal(2n * SLASH);
      await vault.setSlashMood(0);
      await hub.executeSlash(key.address);
      expect(await vault.slashed(key.address)).to.equal(2n * SLASH);
    });

    it("can't be kept from its slash by starving the vault of gas", async () => {
      const { hub, stage, key } = await staged();
      await stage.openLine(key);
      let slashed = false;
      for (let gasLimit = 60_000n; gasLimit <= 460_000n; gasLimit += 20_000n) {
        const snapshot: unknown = await ethers.provider.send("evm_snapshot", []);
        const outcome = await hub
          .loseLine(stage.rollup, key.address, { gasLimit })
          .then((transaction) => transaction.wait())
          .catch(() => null);
        if (outcome) {
          slashed = true;
          expect(await hub.slashDue(key.address)).to.equal(0n);
        } else {
          expect(slashed).to.equal(false);
        }
        await ethers.provider.send("evm_revert", [snapshot]);
      }
      expect(slashed).to.equal(true);
    });

    it("names the gas that is missing", async () => {
      const { hub, stage, key } = await staged();
      await stage.openLine(key);
      await expect(hub.loseLine.staticCall(stage.rollup, key.address, { gasLimit: 250_000 }))
        .to.be.revertedWithCustomError(hub, "SlashGasTooLow")
        .withArgs((left: bigint) => left < 260_000n, 260_000);
    });
  });
});
