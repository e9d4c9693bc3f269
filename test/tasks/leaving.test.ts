import { expect } from "chai";
import { parseEther } from "ethers";
import hre from "hardhat";
import type { LineState } from "../../sdk/src/actions/getLine";
import type { Ticket } from "../../sdk/src/actions/getTickets";
import { BLOCK_TIME } from "../fixture";
import { type Deployed, deployed } from "./deployed";
import { fails, pathsOf, run, withDeployments } from "./running";

const DAY = 86_400;

/** Lets time pass, with as many blocks as the chain has in it [s]. */
async function pass(seconds: number, blockTime = BLOCK_TIME): Promise<void> {
  const blocks = Math.ceil(seconds / blockTime) + 1; // the first comes at once
  await hre.network.provider.send("hardhat_mine", [
    `0x${blocks.toString(16)}`,
    `0x${blockTime.toString(16)}`,
  ]);
}

/** How an operator and a delegator get everything back. */
describe("leaving", () => {
  withDeployments();

  async function joined(): Promise<Deployed & { operator: string }> {
    const fixture = await deployed();
    const operator = fixture.accounts[0]!.address;
    await run("rollup", "create", { preset: "owned", name: "arcade", sequencer: operator, yes: true });
    await run("operator", "join", { rollup: "arcade", stake: "60000", from: operator, yes: true });
    return { ...fixture, operator };
  }

  describe("operator leave", () => {
    it("refuses arguments with every problem at once", async () => {
      await deployed();
      expect(pathsOf(await fails("operator", "leave", { to: "home", yes: true }))).to.deep.equal([
        "--rollup",
        "--to",
      ]);
    });

    it("does nothing without a line", async () => {
      const { accounts } = await joined();
      const { facts, err } = await run("operator", "leave", {
        rollup: "1",
        from: accounts[6]!.address,
        yes: true,
      });
      expect(facts.transactions).to.deep.equal([]);
      expect(err).to.contain("Nothing to do: there is no line.");
    });

    it("dry, shows what closing costs and closes nothing", async () => {
      const { operator, hub } = await joined();
      const { facts } = await run("operator", "leave", { rollup: "1", from: operator, dryRun: true });
      expect(facts.dryRun).to.equal(true);
      expect((await hub.lineOf(1n, operator)).closingTime).to.equal(0n);
    });

    it("closes the line, waits out its liability, and pays it out to whom it is told", async () => {
      const { operator, hub, vault, accounts } = await joined();
      const to = accounts[8]!.address;
      const args = { rollup: "arcade", from: operator, to, yes: true };
      const closed = await run("operator", "leave", args);
      const { claimLife } = await hub.record(1n);
      const line = closed.facts.line as LineState;
      expect([line.isClosing, line.releasedIn]).to.deep.equal([true, claimLife + BigInt(DAY)]);
      expect(closed.facts.next).to.equal("npx hardhat --network hardhat operator leave --rollup arcade");
      expect(
        pathsOf(await fails("operator", "join", { rollup: "1", from: operator, yes: true })),
      ).to.deep.equal(["--rollup"]);

      await pass(Number(claimLife));
      const early = await run("operator", "leave", args);
      expect(early.facts.transactions).to.deep.equal([]);
      expect(early.err).to.match(/Nothing to do: closed; liable for [\d,]+ more ticks/);

      await pass(DAY);
      const before = await hre.ethers.provider.getBalance(to);
      const paid = await run("operator", "leave", args);
      expect(paid.facts.transactions).to.have.length(1);
      expect((await hre.ethers.provider.getBalance(to)) - before).to.equal(parseEther("0.3"));
      expect((await vault.allocationOf(operator, await hub.getAddress())).reserved).to.equal(0n);
      expect(paid.facts.next).to.equal(
        `npx hardhat --network hardhat stake withdraw --operator ${operator} --amount all`,
      );
    });

    it("waits for a line as the hub does, at one block time a block, after a slow time too", async () => {
      const { operator, hub } = await joined();
      const args = { rollup: "1", from: operator, yes: true };
      await run("operator", "leave", args);
      const least = (await hub.record(1n)).claimLife + BigInt(DAY);
      await pass(Number(least), 2 * BLOCK_TIME);
      const { facts } = await run("operator", "leave", args);
      expect(facts.transactions).to.deep.equal([]);
      const { releasedIn = 0n } = facts.line as LineState;
      expect(releasedIn).to.be.within(least / 2n - 100n, least / 2n);
      await pass(Number(releasedIn));
      expect((await run("operator", "leave", args)).facts.transactions).to.have.length(1);
    });

    it("asks to look at the stake while another line needs some", async () => {
      const { operator, hub } = await joined();
      await run("rollup", "create", { preset: "owned", name: "other", yes: true });
      await run("operator", "join", { rollup: "2", stake: "110000", from: operator, yes: true });
      const args = { rollup: "1", from: operator, yes: true };
      await run("operator", "leave", args);
      await pass(Number((await hub.record(1n)).claimLife) + DAY);
      expect((await run("operator", "leave", args)).facts.next).to.equal(
        `npx hardhat --network hardhat stake show --operator ${operator}`,
      );
    });
  });

  describe("stake withdraw", () => {
    it("refuses arguments with every problem at once, an unknown operator, and more than there is", async () => {
      const { operator, accounts } = await joined();
      const wrong = { operator: "he", amount: "much", yes: true };
      expect(pathsOf(await fails("stake", "withdraw", wrong))).to.deep.equal(["--operator", "--amount"]);
      const stranger = accounts[7]!.address;
      expect(pathsOf(await fails("stake", "withdraw", { operator: stranger, yes: true }))).to.deep.equal([
        "--operator",
      ]);
      for (const amount of ["1", "all"])
        expect(
          (await fails("stake", "withdraw", { operator, amount, from: stranger, yes: true })).problems,
        ).to.deep.equal([
          { path: "--amount", got: amount === "all" ? "all" : "1 ALT", rule: "you have 0 ALT staked on him" },
        ]);
    });

    it("does nothing while nothing has matured", async () => {
      const { operator } = await joined();
      const { facts, err } = await run("stake", "withdraw", { operator, from: operator, yes: true });
      expect(facts.transactions).to.deep.equal([]);
      expect(err).to.contain("Nothing has matured");
    });

    it("tells why an operator's own stake must stay while lines need it", async () => {
      const { operator } = await joined();
      const { message, next } = await fails("stake", "withdraw", {
        operator,
        amount: "all",
        from: operator,
        yes: true,
      });
      expect(message).to.match(/^SelfBondTooLow\(own: 0, least: /);
      expect(next).not.to.equal("");
    });

    it("lets a part leave, and pays what has matured while more leaves", async () => {
      const { operator, accounts, altToken } = await joined();
      const from = accounts[1]!.address;
      await run("stake", "deposit", { operator, amount: "1000", from, yes: true });
      const had = await altToken.balanceOf(from);
      const first = await run("stake", "withdraw", { operator, amount: "400.5", from, yes: true });
      const [ticket] = first.facts.tickets as Ticket[];
      expect(ticket?.isMature).to.equal(false);
      expect((ticket?.amount ?? 0n) - parseEther("400.5")).to.be.within(0n, 1n);
      expect(first.out).to.match(/leaving +400\.5\d* ALT, from \d{4}-\d\d-\d\d on/);
      expect(first.facts.next).to.equal(
        `npx hardhat --network hardhat stake withdraw --operator ${operator}`,
      );

      await pass(23 * DAY);
      const second = await run("stake", "withdraw", { operator, amount: "all", from, yes: true });
      expect(
        (second.facts.transactions as { label: string }[]).map(({ label }) => label.split(" ")[0]),
      ).to.deep.equal(["Let", "Claim"]);
      expect((await altToken.balanceOf(from)) - had).to.equal(ticket?.amount);
      expect(second.facts.staked).to.equal(0n);
      expect(second.facts.tickets).to.have.length(1);

      await pass(23 * DAY);
      const third = await run("stake", "withdraw", { operator, from, yes: true });
      expect(third.facts.transactions).to.have.length(1);
      expect(third.facts.tickets).to.deep.equal([]);
      expect(parseEther("1000") - ((await altToken.balanceOf(from)) - had)).to.be.within(0n, 2n);
      expect(
        (await run("stake", "withdraw", { operator, from, yes: true })).facts.transactions,
      ).to.deep.equal([]);
    });
  });
});
