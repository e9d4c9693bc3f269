import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ZeroAddress, parseEther } from "ethers";
import {
  type Preset,
  type PresetSource,
  type RollupParameters,
  parametersOf,
  parsePreset,
  problemsOfParameters,
} from "../../sdk/src/presets";

const folder = join(__dirname, "../../config/presets");
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
const source = (name: string): PresetSource =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as PresetSource;

const surroundings = {
  blockTime: 12n,
  leastBond: parseEther("0.024"),
  batchGas: 1_000_000n,
  logSteps: 36n,
  now: 1_800_000_000n,
};
const parts = {
  program: "0x" + "01".repeat(32),
  availability: "0x" + "02".repeat(20),
  sequencing: "0x" + "03".repeat(20),
};
const people = {
  owner: "0x" + "04".repeat(20),
  sequencer: "0x" + "05".repeat(20),
  feeRecipient: "0x" + "06".repeat(20),
};

function preset(name: string): Preset {
  const result = parsePreset(source(name));
  if (!result.preset) throw new Error(JSON.stringify(result.problems));
  return result.preset;
}

const parameters = (name: string): RollupParameters =>
  parametersOf(preset(name), parts, people, surroundings.now);

describe("Presets", () => {
  describe("parsePreset", () => {
    it("reports every problem at once, with path, got and rule", () => {
      const wrong = structuredClone(source("owned")) as unknown as Record<string, Record<string, unknown>>;
      wrong.chain!.messageBound = 0;
      delete wrong.chain!.program;
      wrong.security!.window = "three days";
      wrong.security!.bond = "1 ALT";
      wrong.lifetime!.owner = "me";
      wrong.lifetime!.colour = "red";
      const { problems } = parsePreset(wrong);
      expect(problems.map(({ path, got }) => `${path} ${got}`)).to.have.members([
        "chain.messageBound 0",
        "chain.program nothing",
        'security.window "three days"',
        'security.bond "1 ALT"',
        'lifetime.owner "me"',
        'lifetime.colour "red"',
      ]);
      for (const { rule } of problems) expect(rule).to.have.length.greaterThan(10);
    });

    it("refuses what isn't an object", () => {
      for (const value of [null, 7, "flash", []]) expect(parsePreset(value).problems).to.have.length(1);
    });

    it("refuses amounts beyond their field and decimals beyond their unit", () => {
      for (const bond of ["79228162515 ETH", "0.5 wei", "1.0000000001 gwei", "-1 ETH", "1ETH"]) {
        const wrong = { ...source("flash"), security: { ...source("flash").security, bond } };
        expect(
          parsePreset(wrong).problems.map(({ path }) => path),
          bond,
        ).to.deep.equal(["security.bond"]);
      }
    });
  });

  describe("problemsOfParameters", () => {
    it("finds every broken rule at once", () => {
      const { chain, security, lifetime } = parameters("owned");
      const problems = problemsOfParameters(
        {
          chain: { ...chain, gasPrice: 1n, feeRecipient: ZeroAddress, messageGas: 0n, messageBound: 4_096n },
          security: {
            policy: 0x0302n,
            window: 1n,
            clock: 200n,
            extension: 239n,
            bond: 1n,
            deposit: 1n,
            slash: 0n,
            fallbackDelay: 0n,
          },
          lifetime: { ...lifetime, endTime: 5n, unwind: 7_776_001n, forceDelay: 239n, ringLog2: 13n },
        },
        surroundings,
      );
      expect(problems.map(({ path }) => path)).to.deep.equal([
        "chain.feeRecipient",
        "chain.messageGas",
        "chain.messageBound",
        "security.policy.mask",
        "security.extension",
        "security.clock",
        "security.window",
        "security.bond",
        "security.deposit",
        "security.slash",
        "lifetime.forceDelay",
        "lifetime.lasts",
        "lifetime.unwind",
        "lifetime.ringLog2",
      ]);
      expect(security.window).to.equal(259_200n);
    });

    it("holds the message budget against the program's gas", () => {
      const found = problemsOfParameters(parameters("owned"), { ...surroundings, batchGas: 999_999n });
      expect(found.map(({ path }) => path)).to.deep.equal(["chain.messageBound"]);
      expect(
        problemsOfParameters(parameters("owned"), { ...surroundings, batchGas: 1_000_000n }),
      ).to.deep.equal([]);
    });
  });

  for (const file of files) {
    const name = file.replace(/\.json$/, "");
    // The devnet's chain mines a block per second, and its gas is cheap.
    const there =
      name === "devnet" ? { ...surroundings, blockTime: 1n, leastBond: parseEther("0.0012") } : surroundings;
    it(`${name} keeps every rule`, () => {
      expect(problemsOfParameters(parameters(name), there)).to.deep.equal([]);
    });
  }

  it("devnet is refused on a chain whose blocks take twelve seconds", () => {
    const paths = problemsOfParameters(parameters("devnet"), surroundings).map(({ path }) => path);
    expect(paths).to.include.members(["security.extension", "security.bond", "lifetime.forceDelay"]);
  });

  describe("parametersOf", () => {
    it("gives an owner only to a preset that has one", () => {
      expect(parameters("owned").lifetime.owner).to.equal(people.owner);
      expect(parameters("immutable").lifetime.owner).to.equal(ZeroAddress);
    });

    it("gives a sequencer only to `single`", () => {
      expect(parameters("flash").chain.sequencer).to.equal(people.sequencer);
      expect(parameters("immutable").chain.sequencer).to.equal(ZeroAddress);
    });

    it("counts a lifetime from now", () => {
      expect(parameters("flash").lifetime.endTime).to.equal(surroundings.now + 3_600n);
      expect(parameters("owned").lifetime.endTime).to.equal(0n);
    });
  });
});
