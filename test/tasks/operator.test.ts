import { expect } from "chai";
import { parseEther } from "ethers";
import { WHOLE } from "../../sdk/src/actions/allocateStake";
import { type Deployed, deployed } from "./deployed";
import { fails, pathsOf, run, withDeployments } from "./running";

describe("operator", () => {
  withDeployments();

  async function withRollup(): Promise<Deployed & { operator: string }> {
    const fixture = await deployed();
    const operator = fixture.accounts[0]!.address;
    await run("rollup", "create", { preset: "owned", name: "arcade", sequencer: operator, yes: true });
    return { ...fixture, operator };
  }

  describe("join", () => {
    it("refuses arguments with every problem at once", async () => {
      await deployed();
      const failure = await fails("operator", "join", { stake: "much", allocation: "101", yes: true });
      expect(pathsOf(failure)).to.deep.equal(["--rollup", "--stake", "--allocation"]);
    });

    it("refuses stake that doesn't cover the line, with the figures", async () => {
      const { operator } = await withRollup();
      const { problems } = await fails("operator", "join", {
        rollup: "arcade",
        stake: "49999",
        from: operator,
        yes: true,
      });
      expect(problems).to.have.length(1);
      expect(problems?.[0]).to.deep.include({ path: "--stake", got: "49999 ALT behind lines" });
      expect(problems?.[0]?.rule).to.contain("50000 ALT are needed");
    });

    it("counts the allocation, not the stake alone", async () => {
      const { operator } = await withRollup();
      const args = { rollup: "arcade", stake: "60000", allocation: "50", from: operator, yes: true };
      expect(pathsOf(await fails("operator", "join", args))).to.deep.equal(["--stake"]);
    });

    it("dry, shows every step and sends nothing", async () => {
      const { operator, vault } = await withRollup();
      const args = { rollup: "arcade", stake: "60000", from: operator, dryRun: true };
      const { facts } = await run("operator", "join", args);
      expect(
        (facts.transactions as { label: string }[]).map(({ label }) => label.split(" ")[0]),
      ).to.deep.equal(["Register", "Approve", "Stake", "Allocate", "Open"]);
      expect((await vault.keyOf(operator))[0]).to.equal("0x" + "00".repeat(20));
    });

    it("registers, stakes, allocates and opens the line", async () => {
      const { operator, vault, hub } = await withRollup();
      const { facts } = await run("operator", "join", {
        rollup: "arcade",
        stake: "60000",
        from: operator,
        yes: true,
      });
      expect(facts.transactions).to.have.length(5);
      const line = await hub.lineOf(1n, operator);
      expect([line.isAlt, line.deposit, line.isPoster]).to.deep.equal([true, parseEther("0.3"), true]);
      const { backing, reserved } = await vault.allocationOf(operator, await hub.getAddress());
      expect([backing, reserved]).to.deep.equal([WHOLE, parseEther("50000")]);
    });

    it("does nothing the second time", async () => {
      const { operator } = await withRollup();
      const args = { rollup: "arcade", stake: "60000", from: operator, yes: true };
      await run("operator", "join", args);
      const { facts, err } = await run("operator", "join", args);
      expect(facts.transactions).to.deep.equal([]);
      expect(err).to.contain("nothing to do");
    });

    it("does only the rest after a run that was broken off", async () => {
      const { operator, vault, accounts } = await withRollup();
      await vault.connect(accounts[0]).registerOperator(operator, "0x");
      const { facts } = await run("operator", "join", {
        rollup: "arcade",
        stake: "60000",
        from: operator,
        yes: true,
      });
      expect(facts.transactions).to.have.length(4);
    });

    it("opens a bond line without any stake, and says what can't be changed", async () => {
      const { accounts, hub } = await withRollup();
      const from = accounts[6]!.address;
      await run("operator", "join", { rollup: "arcade", bond: true, from, yes: true });
      expect((await hub.lineOf(1n, from)).isAlt).to.equal(false);
      const again = await run("operator", "join", { rollup: "arcade", bond: true, from, yes: true });
      expect(again.facts.transactions).to.deep.equal([]);
      expect(pathsOf(await fails("operator", "join", { rollup: "arcade", from, yes: true }))).to.include(
        "--bond",
      );
    });

    it("refuses a rollup that nobody can serve any more, and an unknown one", async () => {
      await withRollup();
      expect(pathsOf(await fails("operator", "join", { rollup: "9", yes: true }))).to.deep.equal([
        "--rollup",
      ]);
    });
  });
});
