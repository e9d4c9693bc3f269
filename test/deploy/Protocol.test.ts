import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import hre from "hardhat";
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { loadFixture, mine } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { parseEther } from "ethers";
import { parseParameters, readParameters } from "../../deploy/parameters";
import { programEntries } from "../../deploy/programs";
import { deployProtocol } from "../../deploy/protocol";
import { BLOCK_TIME, UNBONDING_DELAY, protocol } from "../fixture";

/** The chain, told of each request before it is made. */
function watched(before: (method: string) => Promise<void>): EIP1193Provider {
  return {
    request: async ({ method, params }) => {
      await before(method);
      return hre.network.provider.request({ method, params });
    },
  };
}

/** The chain behind a line that is cut when the transaction after so many is prepared. */
function breaking(transactions: number): EIP1193Provider {
  let sent = 0;
  return watched(async (method) => {
    if (method === "eth_sendTransaction") sent++;
    if (method === "eth_estimateGas" && sent >= transactions) throw new Error("the line was cut");
  });
}

/** Returns what a promise was rejected with. */
async function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing",
    (error: Error) => error.message,
  );
}

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
      for (const { name, programHash, entry } of programs) {
        const listed = await hub.programEntry(programHash);
        if (name === "ledger") {
          const { deployedBytecode } = await hre.artifacts.readArtifact("LedgerStateReader");
          expect(await hre.ethers.provider.getCode(listed.stateReader)).to.equal(deployedBytecode);
        }
        expect([listed.isObsolete, listed.logSteps, listed.batchGas, listed.genesis]).to.deep.equal([
          false,
          entry.logSteps,
          entry.batchGas,
          entry.genesis,
        ]);
      }
    });

    it("goes on where it was broken off, with the addresses that it began with", async () => {
      const journal = mkdtempSync(join(tmpdir(), "rollworks-journal-"));
      const { parameters } = readParameters("deploy/parameters/default.json5");
      const options = { parameters: parameters!, journal, provider: breaking(12) };
      try {
        expect(await rejection(deployProtocol(hre, options))).to.contain("the line was cut");
        const { hub, bridge } = await deployProtocol(hre, { ...options, provider: hre.network.provider });
        expect(await hub.bridge()).to.equal(await bridge.getAddress());
        const { hub: foreseen } = JSON.parse(readFileSync(join(journal, "hub.json"), "utf8")) as {
          hub: string;
        };
        expect(await hub.getAddress()).to.equal(foreseen);
      } finally {
        rmSync(journal, { recursive: true });
      }
    });

    it("stops before anything is registered when the deployer sends something else meanwhile", async () => {
      const { deployer } = await loadFixture(protocol);
      const { parameters } = readParameters("deploy/parameters/default.json5");
      let stage: "before" | "foreseen" | "disturbed" = "before";
      const provider = watched(async (method) => {
        if (stage === "before" && method === "eth_getTransactionCount") stage = "foreseen";
        else if (stage === "foreseen") stage = "disturbed";
        else return;
        if (stage === "foreseen") return;
        await deployer.sendTransaction({ to: deployer.address });
        await mine(10);
      });
      expect(await rejection(deployProtocol(hre, { parameters: parameters!, provider }))).to.contain(
        "BridgeForeign",
      );
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
