import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet, ZeroAddress, parseEther } from "ethers";
import hre from "hardhat";
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
      expect(facts.next).to.equal(undefined);
    });

    it("dry, promises no time to claim", async () => {
      const { operator } = await withRollup();
      const { out } = await run("operator", "join", {
        rollup: "arcade",
        stake: "60000",
        from: operator,
        dryRun: true,
      });
      expect(out).to.match(/can claim until +it can't before it has a line/);
    });

    it("is what the creation of a rollup suggests, with stake that suffices for a fresh account", async () => {
      const { accounts } = await deployed();
      const operator = accounts[0]!.address;
      const create = { preset: "owned", name: "arcade", sequencer: operator, yes: true };
      const { facts } = await run("rollup", "create", create);
      expect(facts.next).to.equal(
        "npx hardhat --network hardhat operator join --rollup arcade --stake 50000",
      );
      expect((await run("rollup", "create", create)).facts.next).to.equal(facts.next);
      const joined = await run("operator", "join", {
        rollup: "arcade",
        stake: "50000",
        from: operator,
        yes: true,
      });
      expect(joined.facts.transactions).to.have.length(5);
    });

    it("suggests a node that claims and challenges, and posts where the sender may", async () => {
      const { operator, accounts } = await withRollup();
      const poster = await run("operator", "join", {
        rollup: "1",
        stake: "60000",
        from: operator,
        yes: true,
      });
      const node = "npx hardhat --network hardhat node run --rollups 1 --role";
      expect(poster.facts.next).to.equal(`${node} sequencer,claimer,challenger --key-file FILE`);
      const bond = { rollup: "1", bond: true, from: accounts[6]!.address, yes: true };
      expect((await run("operator", "join", bond)).facts.next).to.equal(
        `${node} claimer,challenger --key-file FILE`,
      );
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

    describe("with a hot key", () => {
      const place = withDeployments();
      const keyOf = (wallet: { privateKey: string }): string => {
        const path = join(place.folder, "hot.key");
        writeFileSync(path, wallet.privateKey);
        return path;
      };

      it("refuses a file that isn't there, and a bond line", async () => {
        const { operator } = await withRollup();
        const args = { rollup: "1", from: operator, yes: true };
        const nowhere = { ...args, hotKeyFile: join(place.folder, "none") };
        expect(pathsOf(await fails("operator", "join", nowhere))).to.deep.equal(["--hot-key-file"]);
        const bond = { ...args, bond: true, hotKeyFile: keyOf(Wallet.createRandom()) };
        expect(pathsOf(await fails("operator", "join", bond))).to.deep.equal(["--hot-key-file"]);
      });

      it("registers the key by its consent and lets it open the line itself", async () => {
        const { operator, vault, hub, accounts } = await withRollup();
        const hot = Wallet.createRandom();
        const args = { rollup: "1", stake: "60000", from: operator, hotKeyFile: keyOf(hot), yes: true };
        const { facts } = await run("operator", "join", args);
        expect(facts).to.deep.include({ operator, key: hot.address });
        expect(facts.transactions).to.have.length(4);
        expect((await vault.keyOf(hot.address))[0]).to.equal(operator);
        expect((await vault.keyOf(operator))[0]).to.equal(ZeroAddress);
        expect(facts.next).to.equal(
          `ROLLWORKS_KEY_FILE=${args.hotKeyFile} npx hardhat --network hardhat operator join --rollup 1`,
        );
        expect((await run("operator", "join", args)).facts.transactions).to.deep.equal([]);

        await accounts[0]!.sendTransaction({ to: hot.address, value: parseEther("1") });
        await hre.network.provider.request({ method: "hardhat_impersonateAccount", params: [hot.address] });
        const signer = await hre.ethers.getImpersonatedSigner(hot.address);
        await hub.connect(signer).openLine(1n, { value: parseEther("0.3") });
        expect((await run("operator", "join", args)).facts.next).to.equal(
          `npx hardhat --network hardhat node run --rollups 1 --role claimer,challenger --key-file ${args.hotKeyFile}`,
        );
      });

      it("adds the key where he is an operator already, and refuses one of another's", async () => {
        const { operator, vault, accounts } = await withRollup();
        await run("operator", "join", { rollup: "1", stake: "60000", from: operator, yes: true });
        const hot = Wallet.createRandom();
        // its line takes as much stake again
        const args = { rollup: "1", stake: "120000", hotKeyFile: keyOf(hot), yes: true };
        const { facts } = await run("operator", "join", { ...args, from: operator });
        expect((facts.transactions as { label: string }[])[0]?.label).to.contain("Add the hot key");
        expect((await vault.keyOf(hot.address))[0]).to.equal(operator);
        const { problems } = await fails("operator", "join", { ...args, from: accounts[6]!.address });
        expect(problems?.map(({ path }) => path)).to.include("--hot-key-file");
        expect(problems?.[0]?.rule).to.contain(`acts for ${operator}`);
        await vault.connect(accounts[0]).revokeKey(hot.address);
        expect(pathsOf(await fails("operator", "join", { ...args, from: operator }))).to.include(
          "--hot-key-file",
        );
      });
    });

    it("refuses a rollup that nobody can serve any more, and an unknown one", async () => {
      await withRollup();
      expect(pathsOf(await fails("operator", "join", { rollup: "9", yes: true }))).to.deep.equal([
        "--rollup",
      ]);
    });
  });
});
