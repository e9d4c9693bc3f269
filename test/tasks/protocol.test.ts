import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import hre from "hardhat";
import { expect } from "chai";
import { RollupHub__factory, Vault__factory } from "../../sdk/src/typechain";
import { fails, pathsOf, run, withDeployments } from "./running";

describe("protocol", () => {
  const place = withDeployments();
  const book = (): string => join(place.folder, "local", "in-process.json");

  describe("deploy", () => {
    it("refuses parameters that aren't there, by naming those that are", async () => {
      const { problems } = await fails("protocol", "deploy", { parameters: "nix", yes: true });
      expect(problems).to.deep.equal([
        {
          path: "--parameters",
          got: '"nix"',
          rule: "default, local, story, or the path of a file, was expected",
        },
      ]);
    });

    it("refuses a file of parameters with every problem at once", async () => {
      const file = join(place.folder, "wrong.json5");
      writeFileSync(file, '{ blockTime: "1h", bondGasPrice: "many", treasury: "0x12" }');
      const paths = pathsOf(await fails("protocol", "deploy", { parameters: file, yes: true }));
      expect(paths.map((path) => path.replace(/^.*: /, ""))).to.have.members([
        "blockTime",
        "bondGasPrice",
        "unbondingDelay",
        "treasury",
      ]);
    });

    it("refuses a sender that the network doesn't have, and words that are no address", async () => {
      const stranger = "0x" + "12".repeat(20);
      expect(pathsOf(await fails("protocol", "deploy", { from: stranger, yes: true }))).to.deep.equal([
        "--from",
      ]);
      expect(pathsOf(await fails("protocol", "deploy", { from: "me", yes: true }))).to.deep.equal(["--from"]);
    });

    it("refuses a sender that can't pay for the gas", async () => {
      const [, poor] = await hre.ethers.getSigners();
      await hre.network.provider.send("hardhat_setBalance", [poor!.address, "0x1"]);
      expect(pathsOf(await fails("protocol", "deploy", { from: poor!.address, yes: true }))).to.deep.equal([
        `balance of ${poor!.address}`,
      ]);
    });

    it("sends nothing when nobody is there to confirm", async () => {
      const before = await hre.ethers.provider.getBlockNumber();
      expect((await fails("protocol", "deploy")).message).to.equal("Nobody is there to confirm");
      expect(await hre.ethers.provider.getBlockNumber()).to.equal(before);
    });

    it("dry, shows each transaction's gas, sends nothing and writes nothing", async () => {
      const before = await hre.ethers.provider.getBlockNumber();
      const { facts, out } = await run("protocol", "deploy", { dryRun: true });
      expect(facts.transactions).to.have.length.greaterThan(2);
      expect(out).to.match(/Vault +\d/);
      expect(await hre.ethers.provider.getBlockNumber()).to.equal(before);
      expect(existsSync(book())).to.equal(false);
    });

    it("deploys what the dry run has shown, and writes the address book", async () => {
      const dry = (await run("protocol", "deploy", { dryRun: true })).facts.transactions as { gas: bigint }[];
      const { facts, out } = await run("protocol", "deploy", { yes: true, json: true });
      const written = JSON.parse(readFileSync(book(), "utf8")) as { contracts: Record<string, string> };
      for (const [name, address] of Object.entries(written.contracts)) {
        expect(await hre.ethers.provider.getCode(address), name).to.not.equal("0x");
      }
      expect((facts.transactions as { gas: bigint }[]).length).to.equal(dry.length);
      expect((JSON.parse(out) as { contracts: unknown }).contracts).to.deep.equal(written.contracts);
    });

    it("says what the named governance has to accept, until it has", async () => {
      const [deployer, , governance] = await hre.ethers.getSigners();
      const file = join(place.folder, "governed.json5");
      writeFileSync(
        file,
        `{ blockTime: "1s", bondGasPrice: "1 gwei", unbondingDelay: "21d", governance: "${governance!.address}" }`,
      );
      const { facts, out } = await run("protocol", "deploy", { parameters: file, yes: true });
      expect(facts.toAccept).to.deep.equal(["vault.acceptOwnership()", "hub.acceptGovernor()"]);
      expect(out).to.contain(
        `${governance!.address} has to call vault.acceptOwnership() and hub.acceptGovernor()`,
      );

      const { vault = "", hub = "" } = facts.contracts as Record<string, string>;
      await Vault__factory.connect(vault, governance).acceptOwnership();
      const between = await run("protocol", "deploy", { parameters: file, yes: true });
      expect(between.facts.toAccept).to.deep.equal(["hub.acceptGovernor()"]);
      await RollupHub__factory.connect(hub, governance).acceptGovernor();
      const after = await run("protocol", "deploy", { parameters: file, yes: true });
      expect(after.facts.toAccept).to.deep.equal([]);
      expect(facts.deployer).to.equal(deployer!.address);
    });

    it("does nothing the second time", async () => {
      const first = await run("protocol", "deploy", { yes: true });
      const before = await hre.ethers.provider.getBlockNumber();
      const second = await run("protocol", "deploy", { yes: true });
      expect(second.facts.contracts).to.deep.equal(first.facts.contracts);
      expect(await hre.ethers.provider.getBlockNumber()).to.equal(before);
    });
  });

  describe("addresses", () => {
    it("says how to deploy when nothing is deployed", async () => {
      const { message, next } = await fails("protocol", "addresses");
      expect(message).to.equal("The protocol isn't deployed on chain 31337 (network hardhat)");
      expect(next).to.match(/^npx hardhat devnet up/);
    });

    it("refuses an address book of another chain with the same id", async () => {
      await run("protocol", "deploy", { yes: true });
      const text = readFileSync(book(), "utf8");
      writeFileSync(book(), text.replace(/"blockHash": "0x../, '"blockHash": "0x00'));
      expect((await fails("protocol", "addresses")).message).to.contain("speaks of another chain");
    });

    it("refuses an address book that isn't what the tasks wrote, with every problem", async () => {
      await run("protocol", "deploy", { yes: true });
      const changed = JSON.parse(readFileSync(book(), "utf8")) as Record<string, unknown>;
      writeFileSync(book(), JSON.stringify({ ...changed, deployer: 7, extra: 1 }));
      const { message, cause } = await fails("protocol", "addresses");
      expect(message).to.contain("can't be read");
      expect(cause).to.contain("deployer: got 7").and.contain("extra: got 1");
    });

    it("shows what was deployed", async () => {
      const { facts } = await run("protocol", "deploy", { yes: true });
      const shown = await run("protocol", "addresses", { json: true });
      expect((JSON.parse(shown.out) as { contracts: unknown }).contracts).to.deep.equal(facts.contracts);
    });
  });
});
