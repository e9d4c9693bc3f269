import { expect } from "chai";
import { ZeroAddress, parseEther } from "ethers";
import { deployed } from "./deployed";
import { fails, pathsOf, run, withDeployments } from "./running";

describe("stake", () => {
  withDeployments();

  describe("deposit", () => {
    it("refuses arguments with every problem at once", async () => {
      await deployed();
      const failure = await fails("stake", "deposit", {
        operator: "him",
        amount: "-1",
        from: "me",
        yes: true,
      });
      expect(pathsOf(failure)).to.deep.equal(["--operator", "--amount", "--from"]);
      expect(pathsOf(await fails("stake", "deposit", { yes: true }))).to.deep.equal([
        "--operator",
        "--amount",
      ]);
    });

    it("refuses amounts that are none", async () => {
      await deployed();
      for (const amount of ["0", "0.0000000000000000001", "1e3", "1,5", "0wei", "1.5wei"]) {
        const failure = await fails("stake", "deposit", { operator: ZeroAddress, amount, yes: true });
        expect(pathsOf(failure), amount).to.deep.equal(["--amount"]);
      }
    });

    it("refuses an unknown operator and too little ALT together", async () => {
      const { accounts } = await deployed();
      const [operator, , , , , poor] = accounts.map(({ address }) => address);
      const failure = await fails("stake", "deposit", { operator, amount: "5", from: poor, yes: true });
      expect(pathsOf(failure)).to.deep.equal([`balance of ${poor}`, "--operator"]);
    });

    it("approves and stakes, and leaves the approval out where there is one", async () => {
      const { vault, altToken, accounts } = await deployed();
      const [operator, delegator] = accounts;
      await vault.connect(operator).registerOperator(operator!.address, "0x");
      const args = { operator: operator!.address, amount: "100", yes: true };
      const first = await run("stake", "deposit", { ...args, from: operator!.address });
      expect(first.facts.transactions).to.have.length(2);

      await altToken.connect(delegator).approve(await vault.getAddress(), parseEther("1000"));
      const second = await run("stake", "deposit", { ...args, from: delegator!.address });
      expect(second.facts.transactions).to.have.length(1);
      expect((await vault.stakeOf(operator!.address, delegator!.address)).amount).to.be.closeTo(
        parseEther("100"),
        10n,
      );
    });

    it("tells a revert's cause and next step", async () => {
      const { vault, accounts } = await deployed();
      const [operator, delegator] = accounts;
      await vault.connect(operator).registerOperator(operator!.address, "0x");
      const args = { operator: operator!.address, amount: "100", from: delegator!.address, yes: true };
      const { message, cause, next } = await fails("stake", "deposit", args);
      expect(message).to.contain("SelfBondTooLow(own: 0, least: 5");
      expect(cause).to.contain("below its part of the pool");
      expect(next).to.contain("The operator must add stake");
      expect(next).to.contain("running the task again goes on from there");
    });

    it("dry, sends nothing", async () => {
      const { vault, altToken, accounts } = await deployed();
      const [operator] = accounts;
      await vault.connect(operator).registerOperator(operator!.address, "0x");
      const args = { operator: operator!.address, amount: "100", from: operator!.address, dryRun: true };
      expect((await run("stake", "deposit", args)).facts.dryRun).to.equal(true);
      expect(await altToken.allowance(operator!.address, await vault.getAddress())).to.equal(0n);
    });
  });

  describe("show", () => {
    it("refuses who isn't an operator", async () => {
      const { accounts } = await deployed();
      expect(pathsOf(await fails("stake", "show", {}))).to.deep.equal(["--operator"]);
      expect(pathsOf(await fails("stake", "show", { operator: accounts[0]!.address }))).to.deep.equal([
        "--operator",
      ]);
    });

    it("shows a pool and a part of it", async () => {
      const { vault, accounts } = await deployed();
      const [operator] = accounts;
      await vault.connect(operator).registerOperator(operator!.address, "0x");
      await run("stake", "deposit", {
        operator: operator!.address,
        amount: "2.5",
        from: operator!.address,
        yes: true,
      });
      const { out } = await run("stake", "show", { operator: operator!.address, json: true });
      expect(JSON.parse(out)).to.include({ ok: true, active: `${parseEther("2.5")}`, isJailed: false });
      expect((await run("stake", "show", { operator: operator!.address })).out).to.match(
        /pool, active +2\.5 ALT/,
      );
    });
  });
});
