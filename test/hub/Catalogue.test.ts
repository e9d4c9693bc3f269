import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress, ZeroHash, concat, id, keccak256, toBeHex } from "ethers";
import { CALLDATA_MODULE, OPEN_MODULE, SINGLE_MODULE } from "../../sdk/src/protocol";
import { Stage, hubFixture, programEntry } from "./fixture";

/** A listable program that differs from the fixture's. */
function otherProgram(changes: Partial<ReturnType<typeof programEntry>["entry"]> = {}) {
  const { entry, siblings } = programEntry();
  const other = { ...entry, entry: 0x2000n, ...changes };
  return {
    entry: other,
    siblings,
    programHash: keccak256(concat([other.codeRoot, other.memoryRoot0, toBeHex(other.entry, 32)])),
  };
}

describe("RollupHub > catalogue", () => {
  describe("addProgram", () => {
    it("refuses all but the governor", async () => {
      const { hub, stranger } = await loadFixture(hubFixture);
      const { entry, siblings } = otherProgram();
      await expect(hub.connect(stranger).addProgram(entry, siblings))
        .to.be.revertedWithCustomError(hub, "CallerNotGovernor")
        .withArgs(stranger.address);
    });

    it("refuses a program that is listed", async () => {
      const { hub, program } = await loadFixture(hubFixture);
      await expect(hub.addProgram(program.entry, program.siblings))
        .to.be.revertedWithCustomError(hub, "ProgramListed")
        .withArgs(program.programHash);
    });

    it("refuses a text that isn't the lowest subtree of the memory", async () => {
      const { hub } = await loadFixture(hubFixture);
      const { entry, siblings } = otherProgram();
      const wrong = siblings.map((sibling, level) => (level === 10 ? id("wrong") : sibling));
      const computed = wrong.reduce((node, sibling) => keccak256(concat([node, sibling])), entry.codeRoot);
      await expect(hub.addProgram(entry, wrong))
        .to.be.revertedWithCustomError(hub, "CodeRootForeign")
        .withArgs(computed, entry.memoryRoot0);
    });

    it("refuses an L outside 30, 33, … 45", async () => {
      const { hub } = await loadFixture(hubFixture);
      for (const logSteps of [0n, 27n, 31n, 44n, 48n, 255n]) {
        const { entry, siblings } = otherProgram({ logSteps });
        await expect(hub.addProgram(entry, siblings))
          .to.be.revertedWithCustomError(hub, "StepsOutOfRange")
          .withArgs(logSteps);
      }
    });

    it("refuses a genesis of zero, and no gas", async () => {
      const { hub } = await loadFixture(hubFixture);
      const genesis = otherProgram({ genesis: ZeroHash });
      await expect(hub.addProgram(genesis.entry, genesis.siblings)).to.be.revertedWithCustomError(
        hub,
        "GenesisZero",
      );
      const gas = otherProgram({ batchGas: 0n });
      await expect(hub.addProgram(gas.entry, gas.siblings)).to.be.revertedWithCustomError(
        hub,
        "BatchGasZero",
      );
    });

    it("refuses a state reader that isn't there", async () => {
      const { hub, stranger } = await loadFixture(hubFixture);
      const { entry, siblings } = otherProgram({ stateReader: stranger.address });
      await expect(hub.addProgram(entry, siblings))
        .to.be.revertedWithCustomError(hub, "StateReaderWithoutCode")
        .withArgs(stranger.address);
    });

    it("lists a program with all it declares", async () => {
      const { hub } = await loadFixture(hubFixture);
      const reader = await hub.machine(); // any contract
      const { entry, siblings, programHash } = otherProgram({
        logSteps: 45n,
        batchGas: (1n << 48n) - 1n,
        residual: true,
        stateReader: reader,
      });
      await expect(hub.addProgram(entry, siblings))
        .to.emit(hub, "ProgramAdded")
        .withArgs(programHash, 2, Object.values(entry));
      expect(await hub.programEntry(programHash)).to.deep.equal([
        2n,
        false,
        true,
        45n,
        (1n << 48n) - 1n,
        entry.genesis,
        reader,
      ]);
      expect(await hub.programEntry(id("other"))).to.deep.equal([
        0n,
        false,
        false,
        0n,
        0n,
        ZeroHash,
        ZeroAddress,
      ]);
    });

    it("gives a rollup the state reader of its program", async () => {
      const f = await loadFixture(hubFixture);
      const reader = await f.hub.machine(); // any contract
      const { entry, siblings, programHash } = otherProgram({ stateReader: reader });
      await f.hub.addProgram(entry, siblings);
      const stage = await Stage.create(f, { chain: { program: programHash } });
      expect(await f.hub.stateReaderOf(stage.rollup)).to.equal(reader);
      expect((await f.hub.record(stage.rollup)).stateReader).to.equal(reader);
      expect(await f.hub.programOf(stage.rollup)).to.equal(programHash);
    });
  });

  it("lists the built-in modules at birth", async () => {
    const { hub } = await loadFixture(hubFixture);
    expect(await hub.moduleEntry(CALLDATA_MODULE)).to.deep.equal([1n, 1n, false]);
    expect(await hub.moduleEntry(SINGLE_MODULE)).to.deep.equal([2n, 1n, false]);
    expect(await hub.moduleEntry(OPEN_MODULE)).to.deep.equal([2n, 1n, false]);
    expect(await hub.moduleEntry(ZeroAddress)).to.deep.equal([0n, 0n, false]);
  });

  it("marks parts obsolete: the governor, what is listed", async () => {
    const { hub, stranger, program } = await loadFixture(hubFixture);
    for (const attempt of [
      () => hub.connect(stranger).markProgramObsolete(program.programHash),
      () => hub.connect(stranger).markModuleObsolete(OPEN_MODULE),
      () => hub.connect(stranger).proposeGovernor(stranger.address),
    ]) {
      await expect(attempt())
        .to.be.revertedWithCustomError(hub, "CallerNotGovernor")
        .withArgs(stranger.address);
    }
    await expect(hub.markProgramObsolete(id("other")))
      .to.be.revertedWithCustomError(hub, "ProgramUnknown")
      .withArgs(id("other"));
    await expect(hub.markModuleObsolete(stranger.address))
      .to.be.revertedWithCustomError(hub, "ModuleUnknown")
      .withArgs(stranger.address);
    await expect(hub.markProgramObsolete(program.programHash))
      .to.emit(hub, "ProgramMarkedObsolete")
      .withArgs(program.programHash);
    await expect(hub.markModuleObsolete(OPEN_MODULE))
      .to.emit(hub, "ModuleMarkedObsolete")
      .withArgs(OPEN_MODULE);
    expect((await hub.programEntry(program.programHash)).isObsolete).to.equal(true);
    expect(await hub.moduleEntry(OPEN_MODULE)).to.deep.equal([2n, 1n, true]);
  });

  it("hands governance over in two steps", async () => {
    const { hub, governor, stranger, rival } = await loadFixture(hubFixture);
    await expect(hub.proposeGovernor(rival.address)).to.emit(hub, "GovernorProposed").withArgs(rival.address);
    await expect(hub.connect(stranger).acceptGovernor())
      .to.be.revertedWithCustomError(hub, "CallerNotGovernor")
      .withArgs(stranger.address);
    expect(await hub.governor()).to.equal(governor.address);
    await expect(hub.connect(rival).acceptGovernor())
      .to.emit(hub, "GovernorChanged")
      .withArgs(governor.address, rival.address);
    expect(await hub.governor()).to.equal(rival.address);
    await expect(hub.connect(rival).acceptGovernor()).to.be.revertedWithCustomError(hub, "CallerNotGovernor");
  });
});
