import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readEnvironment } from "../../config/environment";

const KEY = "0x" + "ab".repeat(32);

describe("The environment", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rollworks-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  describe("ROLLWORKS_RPC_URL", () => {
    it("refuses what is no http address", () => {
      for (const url of ["localhost:8545", "ws://127.0.0.1:8545", "nonsense"]) {
        expect(() => readEnvironment({ ROLLWORKS_RPC_URL: url })).to.throw(
          "ROLLWORKS_RPC_URL is no http or https address",
        );
      }
    });

    it("is absent when it isn't set or empty", () => {
      expect(readEnvironment({}).rpcUrl).to.equal(undefined);
      expect(readEnvironment({ ROLLWORKS_RPC_URL: "" }).rpcUrl).to.equal(undefined);
    });
  });

  describe("the key", () => {
    it("is refused when it isn't 32 bytes, without repeating it", () => {
      expect(() => readEnvironment({ ROLLWORKS_KEY: "0x1234beef" }))
        .to.throw("ROLLWORKS_KEY holds no private key")
        .with.property("message")
        .not.contain("beef");
    });

    it("is refused when its file can't be read", () => {
      expect(() => readEnvironment({ ROLLWORKS_KEY_FILE: join(folder, "none.key") })).to.throw(
        "ROLLWORKS_KEY_FILE can't be read",
      );
    });

    it("is refused when git tracks its file", () => {
      expect(() => readEnvironment({ ROLLWORKS_KEY_FILE: join(__dirname, "../../package.json") })).to.throw(
        "which git tracks",
      );
    });

    it("is read from a file, with or without 0x and a newline", () => {
      for (const text of [KEY, KEY.slice(2), `${KEY}\n`]) {
        writeFileSync(join(folder, "deployer.key"), text);
        expect(readEnvironment({ ROLLWORKS_KEY_FILE: join(folder, "deployer.key") }).key).to.equal(KEY);
      }
    });

    it("is the file's when both are given", () => {
      writeFileSync(join(folder, "deployer.key"), KEY);
      const both = { ROLLWORKS_KEY_FILE: join(folder, "deployer.key"), ROLLWORKS_KEY: "cd".repeat(32) };
      expect(readEnvironment(both).key).to.equal(KEY);
    });
  });
});
