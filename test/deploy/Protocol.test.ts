import hre from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { parseEther } from "ethers";
import { parseParameters, readParameters } from "../../deploy/parameters";
import { programEntries } from "../../deploy/programs";
import { deployProtocol } from "../../deploy/protocol";
import { BLOCK_TIME, UNBONDING_DELAY, protocol } from "../fixture";

describe("Protocol", () => {
  describe("parameters", () => {
    it("are refused with every problem at once", () => {
      const { problems } = parseParameters({
        blockTime: 12,
        bondGasPrice: "0 wei",
        governance: "me",
        gas: 1,
      });
      expect(problems.map(({ path }) => path)).to.have.members([
        "blockTime",
        "bondGasPrice",
        "unbondingDelay",
        "governance",
        "gas",
      ]);
    });

    it("are right in every file", () => {
      for (const name of ["default", "local", "story"]) {
        expect(readParameters(`deploy/parameters/${name}.json5`).problems, name).to.deep.equal([]);
      }
    });
  });

  describe("deployment", () => {
    it("gives the supply of ALT to the deployer when nobody else is named", async () => {
      const { altToken, deployer } = await loadFixture(protocol);
      expect(await altToken.balanceOf(deployer.address)).to.equal(
        (await altToken.CAP()) - parseEther("50000000"),
      );
    });

    it("sets up the vault", async () => {
      const { altToken, vault, deployer } = await loadFixture(protocol);
      expect(await vault.alt()).to.equal(await altToken.getAddress());
      expect(await vault.owner()).to.equal(deployer.address);
      expect(await vault.treasury()).to.equal(deployer.address);
      expect(await vault.unbondingDelay()).to.equal(UNBONDING_DELAY);
    });

    it("makes hub and bridge know each other, and the vault know the hub", async () => {
      const { hub, bridge, vault, deployer } = await loadFixture(protocol);
      expect(await hub.bridge()).to.equal(await bridge.getAddress());
      expect(await bridge.hub()).to.equal(await hub.getAddress());
      expect(await hub.vault()).to.equal(await vault.getAddress());
      expect(await hub.governor()).to.equal(deployer.address);
      expect(await hub.blockTime()).to.equal(BLOCK_TIME);
      const { isListed, redistribution } = await vault.serviceOf(await hub.getAddress());
      expect([isListed, redistribution]).to.deep.equal([true, 2n]);
    });

    it("lists the committed programs in the catalogue, under the hashes that are recorded", async () => {
      const { hub } = await loadFixture(protocol);
      const programs = programEntries();
      expect(programs.map(({ name }) => name)).to.include("ledger");
      for (const { programHash, entry } of programs) {
        const listed = await hub.programEntry(programHash);
        expect([listed.isObsolete, listed.logSteps, listed.batchGas, listed.genesis]).to.deep.equal([
          false,
          entry.logSteps,
          entry.batchGas,
          entry.genesis,
        ]);
      }
    });

    it("offers governance to whom the parameters name", async () => {
      const [, treasury, governance] = (await hre.ethers.getSigners()).map(({ address }) => address);
      const { parameters } = parseParameters({
        blockTime: "12s",
        bondGasPrice: "20 gwei",
        unbondingDelay: "21d",
        governance,
        treasury,
        altHolder: treasury,
      });
      const { vault, altToken, hub } = await deployProtocol(hre, { parameters: parameters! });
      expect(await vault.pendingOwner()).to.equal(governance);
      await hub.connect(await hre.ethers.getSigner(governance!)).acceptGovernor();
      expect(await hub.governor()).to.equal(governance);
      expect(await vault.treasury()).to.equal(treasury);
      expect(await altToken.balanceOf(treasury!)).to.equal(await altToken.CAP());
    });
  });
});
