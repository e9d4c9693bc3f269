import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { checkConfig, ConfigInvalid, loadConfig } from "../../sequencer/src";
import { openMode } from "../../sequencer/src/config";

const GOOD = { l1: ["http://127.0.0.1:8545"], hub: ZeroAddress, data: "/tmp/nowhere" };

function problemsOf(body: () => unknown): readonly string[] {
  try {
    body();
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("Config of the node", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rollworks-config-"));
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("names every problem at once, each with its path, what was got and the rule", () => {
    const problems = problemsOf(() =>
      checkConfig({ l1: ["nonsense"], hub: "0x12", port: 99_999, role: ["king"], pollMs: "soon" }),
    );
    expect(problems).to.have.length(6);
    expect(problems.join("\n"))
      .to.include('l1.0: got "nonsense", rule: an http(s) URL')
      .and.include('hub: got "0x12", rule: an address')
      .and.include("port: got 99999")
      .and.include('role.0: got "king"')
      .and.include("data: got nothing")
      .and.include('pollMs: got "soon"');
  });

  it("shows no key that an endpoint's URL holds [a key in a log]", () => {
    const given = [
      "wss://host/v3/SECRET",
      "host/v3/SECRET",
      "http://SECRET@host/x",
      "https://user:SECRET@host",
      "https://a b/?key=SECRET",
      "http://:::/SECRET",
    ];
    for (const one of given) {
      const inputs = [
        { ...GOOD, l1: [one] },
        { ...GOOD, l1: `http://good/SECRET,${one}` },
      ];
      for (const input of [...inputs, { ...inputs[0], colour: "red" }]) {
        const text = problemsOf(() => checkConfig(input)).join();
        expect(text).to.include("l1.").and.not.include("SECRET");
      }
    }
    const text = problemsOf(() =>
      checkConfig({ ...GOOD, l1: ["https://good/SECRET"], colour: "red" }),
    ).join();
    expect(text).to.include("colour").and.not.include("SECRET");
  });

  it("says which mode a key's file has that others may read", () => {
    const path = join(folder, "key");
    writeFileSync(path, "00", { mode: 0o600 });
    expect(openMode(path)).to.equal(undefined);
    chmodSync(path, 0o640);
    expect(openMode(path)).to.equal("640");
  });

  it("names an option that it doesn't know", () => {
    expect(problemsOf(() => checkConfig({ ...GOOD, colour: "red" })).join()).to.include("colour");
    expect(problemsOf(() => loadConfig(["--colour", "red"], {})).join()).to.include("--colour");
  });

  it("wants a key for every role that signs", () => {
    for (const role of ["sequencer", "claimer", "challenger"]) {
      expect(problemsOf(() => checkConfig({ ...GOOD, role: [role] })).join()).to.include(
        "keyFile: got nothing",
      );
    }
    expect(checkConfig(GOOD).role).to.deep.equal(["follower"]);
  });

  it("lets flags win over the environment, that over the file, that over the defaults", () => {
    const path = join(folder, "node.json");
    writeFileSync(path, JSON.stringify({ ...GOOD, port: 1, pollMs: 101, blockMs: 102 }));
    const environment = { ROLLWORKS_PORT: "2", ROLLWORKS_POLL_MS: "201", ROLLWORKS_CONFIG: path };
    const config = loadConfig(["--port", "3"], environment);
    expect(config).to.include({ port: 3, pollMs: 201, blockMs: 102, batchMs: 12_000, hub: ZeroAddress });
  });

  it("reads lists with commas, and --json as a flag", () => {
    const flags = [
      "--l1",
      "http://a,http://b",
      "--hub",
      ZeroAddress,
      "--data",
      folder,
      "--rollups",
      "1,2",
      "--json",
    ];
    expect(loadConfig(flags, {})).to.deep.include({
      l1: ["http://a", "http://b"],
      rollups: [1, 2],
      json: true,
    });
  });

  it("names a file that can't be read, or holds something else", () => {
    expect(problemsOf(() => loadConfig(["--config", join(folder, "none.json")], {})).join()).to.include(
      "a JSON file that can be read",
    );
    const path = join(folder, "list.json");
    writeFileSync(path, "[]");
    expect(problemsOf(() => loadConfig(["--config", path], {})).join()).to.include("a JSON object");
  });
});
