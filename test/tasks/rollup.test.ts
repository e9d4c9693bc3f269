import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { deployed } from "./deployed";
import { fails, pathsOf, run, withDeployments } from "./running";

describe("rollup", () => {
  const place = withDeployments();

  describe("create", () => {
    it("refuses arguments with every problem at once", async () => {
      await deployed();
      const failure = await fails("rollup", "create", {
        owner: "me",
        lasts: "a while",
        from: "0x12",
        yes: true,
      });
      expect(pathsOf(failure)).to.have.members(["--preset", "--name", "--owner", "--lasts", "--from"]);
      for (const { got, rule } of failure.problems ?? []) {
        expect(got).to.not.equal("");
        expect(rule).to.have.length.greaterThan(20);
      }
    });

    it("refuses a preset that isn't there, by naming those that are", async () => {
      await deployed();
      const { problems } = await fails("rollup", "create", { preset: "nix", name: "x", yes: true });
      expect(problems?.[0]?.rule).to.contain("devnet, flash, immutable, owned");
    });

    it("refuses a preset's file with every problem at once", async () => {
      await deployed();
      const file = join(place.folder, "mine.json");
      const owned = JSON.parse(readFileSync("config/presets/owned.json", "utf8")) as {
        chain: Record<string, unknown>;
        lifetime: Record<string, unknown>;
      };
      owned.chain.sequencing = "lottery";
      owned.lifetime.unwind = 5;
      delete owned.chain.gasPrice;
      writeFileSync(file, JSON.stringify(owned));
      expect(
        pathsOf(await fails("rollup", "create", { preset: file, name: "x", yes: true })),
      ).to.have.members(["chain.sequencing", "chain.gasPrice", "lifetime.unwind"]);
    });

    it("refuses every rule of the hub that is broken, where the hub would raise the first", async () => {
      await deployed();
      const file = join(place.folder, "mine.json");
      const preset = JSON.parse(readFileSync("config/presets/owned.json", "utf8")) as {
        chain: Record<string, unknown>;
        security: Record<string, unknown>;
      };
      preset.chain.messageBound = 2000;
      preset.chain.program = "chess";
      preset.security.bond = "1 wei";
      preset.security.window = "1h";
      writeFileSync(file, JSON.stringify(preset));
      expect(
        pathsOf(
          await fails("rollup", "create", { preset: file, name: "x", feeRecipient: ZeroAddress, yes: true }),
        ),
      ).to.have.members(["chain.program", "chain.feeRecipient", "security.window", "security.bond"]);
    });

    it("refuses people whom the preset has no place for", async () => {
      const { accounts } = await deployed();
      const someone = accounts[0]!.address;
      const people = { owner: someone, sequencer: someone };
      expect(
        pathsOf(await fails("rollup", "create", { preset: "immutable", name: "x", ...people, yes: true })),
      ).to.deep.equal(["--owner", "--sequencer"]);
    });

    it("dry, shows the cost, sends nothing and writes nothing", async () => {
      const { hub, addressBook } = await deployed();
      const before = readFileSync(addressBook.path, "utf8");
      const { facts, err } = await run("rollup", "create", { preset: "owned", name: "arcade", dryRun: true });
      expect(facts).to.include({ ok: true, dryRun: true });
      expect(err).to.match(/Create the rollup arcade: [\d,]+ gas/);
      expect(await hub.rollupCount()).to.equal(0n);
      expect(readFileSync(addressBook.path, "utf8")).to.equal(before);
    });

    it("creates the rollup that the preset describes", async () => {
      const { hub, deployer, accounts } = await deployed();
      const sequencer = accounts[1]!.address;
      const { facts, out } = await run("rollup", "create", {
        preset: "owned",
        name: "arcade",
        sequencer,
        yes: true,
        json: true,
      });
      expect(JSON.parse(out)).to.deep.include({ ok: true, name: "arcade", id: "1" });
      const record = await hub.record(1n);
      expect(record.owner).to.equal(deployer.address);
      expect(record.window).to.equal(3n * 86_400n);
      expect(facts.l2ChainId).to.equal(`${record.l2ChainId}`);
      expect((await hub.lineOf(1n, sequencer)).isPoster).to.equal(true);
    });

    it("creates each preset that is shipped", async () => {
      const { hub } = await deployed();
      for (const preset of ["immutable", "owned", "flash"]) {
        await run("rollup", "create", { preset, name: preset, yes: true });
      }
      expect(await hub.rollupCount()).to.equal(3n);
      expect(await hub.ownerOf(1n)).to.equal(ZeroAddress);
    });

    it("lets a lifetime be given", async () => {
      const { hub } = await deployed();
      await run("rollup", "create", { preset: "owned", name: "brief", lasts: "2h", yes: true });
      const { drainAt } = await hub.record(1n);
      const now = BigInt(await time.latest());
      // The lifetime counts from the moment of the call; the chain may have been ahead of it by what its fixtures skipped.
      expect(drainAt).to.be.within(now + 3_600n, now + 7_200n);
    });

    it("does nothing the second time", async () => {
      const { hub } = await deployed();
      const first = await run("rollup", "create", { preset: "flash", name: "drop", yes: true });
      const second = await run("rollup", "create", { preset: "flash", name: "drop", yes: true });
      expect(await hub.rollupCount()).to.equal(1n);
      expect(second.facts.id).to.equal(first.facts.id);
      expect(second.facts.transaction).to.equal(first.facts.transaction);
    });

    it("finds the result of a run that ended before it could note it", async () => {
      const { hub, addressBook } = await deployed();
      const { facts } = await run("rollup", "create", { preset: "flash", name: "drop", yes: true });
      addressBook.update((book) => ({
        ...book,
        rollups: { drop: { preset: "flash", transaction: facts.transaction as string } },
      }));
      const again = await run("rollup", "create", { preset: "flash", name: "drop", yes: true });
      expect(again.facts.id).to.equal("1");
      expect(await hub.rollupCount()).to.equal(1n);
      expect(addressBook.read()?.rollups.drop?.id).to.equal("1");
    });

    it("tries again after a run whose transaction never came to be", async () => {
      const { hub, addressBook } = await deployed();
      addressBook.update((book) => ({
        ...book,
        rollups: { drop: { preset: "flash", transaction: ZeroHash } },
      }));
      await run("rollup", "create", { preset: "flash", name: "drop", yes: true });
      expect(await hub.rollupCount()).to.equal(1n);
    });
  });

  describe("show", () => {
    it("refuses an id that no rollup has, and a name that the address book hasn't", async () => {
      await deployed();
      expect(pathsOf(await fails("rollup", "show", {}))).to.deep.equal(["--rollup"]);
      expect((await fails("rollup", "show", { rollup: "7" })).problems?.[0]?.rule).to.contain(
        "no rollup with this id",
      );
      expect((await fails("rollup", "show", { rollup: "arcade" })).problems?.[0]?.rule).to.contain(
        "none yet",
      );
    });

    it("shows a rollup by id and by name alike", async () => {
      await deployed();
      await run("rollup", "create", { preset: "owned", name: "arcade", yes: true });
      const byNumber = await run("rollup", "show", { rollup: "1", json: true });
      const byName = await run("rollup", "show", { rollup: "arcade", json: true });
      const shown = JSON.parse(byNumber.out) as { status: string; next: string };
      expect(shown.status).to.equal("Active");
      expect({ ...(JSON.parse(byName.out) as object), next: "" }).to.deep.equal({ ...shown, next: "" });
    });
  });

  describe("list", () => {
    it("refuses a count out of range", async () => {
      await deployed();
      for (const last of ["0", "many", "1001"]) {
        expect(pathsOf(await fails("rollup", "list", { last }))).to.deep.equal(["--last"]);
      }
    });

    it("lists the newest first, at most so many, with their names", async () => {
      await deployed();
      for (const name of ["a", "b", "c"]) await run("rollup", "create", { preset: "flash", name, yes: true });
      const { out } = await run("rollup", "list", { last: "2", json: true });
      const { count, rollups } = JSON.parse(out) as { count: string; rollups: { name: string }[] };
      expect(count).to.equal("3");
      expect(rollups.map(({ name }) => name)).to.deep.equal(["c", "b"]);
      expect((await run("rollup", "list")).out).to.match(/rollup +name +status/);
    });
  });
});
