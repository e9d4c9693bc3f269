import { expect } from "chai";
import hre from "hardhat";
import { TaskFailed } from "../../tasks/failure";
import { argumentsOf } from "../../tasks/node/process";
import { deployed } from "./deployed";
import { pathsOf, withDeployments } from "./running";

describe("node run", () => {
  withDeployments();

  async function failure(args: Readonly<Record<string, unknown>>): Promise<TaskFailed["failure"]> {
    const thrown: unknown = await hre
      .run("node", { command: "run", ...args })
      .catch((error: unknown) => error);
    if (thrown instanceof TaskFailed) return thrown.failure;
    throw new Error("node run was expected to fail.");
  }

  it("refuses arguments with every problem at once", async () => {
    const args = {
      role: "king",
      rollups: "one",
      l1: "http://127.0.0.1:8545,nowhere",
      keyFile: "/none",
      nodePort: "x",
    };
    expect(pathsOf(await failure(args))).to.deep.equal([
      "--role",
      "--rollups",
      "--key-file",
      "--l1",
      "--node-port",
    ]);
  });

  it("refuses a chain that ends with the command", async () => {
    await deployed();
    expect((await failure({})).message).to.equal("A node needs a chain that it can reach");
  });

  it("hands the node every endpoint that it is told", () => {
    const l1 = "http://127.0.0.1:8545,http://127.0.0.1:8546";
    const words = argumentsOf({
      root: "/",
      l1,
      hub: "0x1",
      bridge: "0x2",
      startBlock: 7,
      data: "/data",
      role: "challenger",
      port: 0,
    });
    expect(words[words.indexOf("--l1") + 1]).to.equal(l1);
    expect(words).not.to.include("--rollups");
  });
});
