import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { ZeroAddress, ZeroHash, parseEther } from "ethers";
import { encodeExit } from "../../sdk/src/ledger";
import { type Deployed, deployed } from "./deployed";
import { fails, pathsOf, run, withDeployments } from "./running";

/** Where nobody listens: the discard port. */
const NOWHERE = "http://127.0.0.1:9";

describe("bridge", () => {
  withDeployments();

  async function withRollup(): Promise<Deployed & { user: string }> {
    const fixture = await deployed();
    await run("rollup", "create", { preset: "owned", name: "arcade", yes: true });
    return { ...fixture, user: fixture.accounts[0]!.address };
  }

  describe("deposit", () => {
    it("refuses arguments with every problem at once", async () => {
      await deployed();
      const failure = await fails("bridge", "deposit", { amount: "lots", token: "0x1", to: "me", yes: true });
      expect(pathsOf(failure)).to.deep.equal(["--rollup", "--amount", "--token", "--to"]);
    });

    it("refuses nothing, and more decimals than the asset has", async () => {
      await withRollup();
      for (const amount of ["0", "0.0000000000000000001"]) {
        const failure = await fails("bridge", "deposit", { rollup: "arcade", amount, yes: true });
        expect(pathsOf(failure)).to.deep.equal(["--amount"]);
      }
    });

    it("refuses a token that is no contract", async () => {
      const { user } = await withRollup();
      const args = { rollup: "arcade", amount: "1", token: user, yes: true };
      expect((await fails("bridge", "deposit", args)).problems?.[0]?.rule).to.contain("no contract is there");
    });

    it("refuses a rollup that drains", async () => {
      const { hub } = await withRollup();
      await hub.drain(1n);
      const { problems } = await fails("bridge", "deposit", { rollup: "arcade", amount: "1", yes: true });
      expect(problems).to.deep.equal([
        { path: "--rollup", got: "1, Draining", rule: "only an Active rollup takes deposits" },
      ]);
    });

    it("refuses more coins than there are, before anything is sent", async () => {
      const { user } = await withRollup();
      const failure = await fails("bridge", "deposit", {
        rollup: "arcade",
        amount: "1000000",
        from: user,
        yes: true,
      });
      expect(pathsOf(failure)).to.deep.equal([`balance of ${user}`]);
    });

    it("dry, sends nothing", async () => {
      const { hub } = await withRollup();
      await run("bridge", "deposit", { rollup: "arcade", amount: "1", dryRun: true });
      expect((await hub.progress(1n)).count).to.equal(0n);
    });

    it("deposits coins, credited to whom it is told", async () => {
      const { hub, bridge, user } = await withRollup();
      const { facts } = await run("bridge", "deposit", {
        rollup: "arcade",
        amount: "1.5",
        to: user,
        yes: true,
      });
      expect(facts).to.include({ messageIndex: 0n, amount: parseEther("1.5"), to: user });
      expect((await hub.progress(1n)).count).to.equal(1n);
      expect(await bridge.balanceOf(1n, "0x" + "00".repeat(32), 0n)).to.equal(parseEther("1.5"));
    });

    it("approves and deposits tokens, and counts in the token's units", async () => {
      const { altToken, bridge, user } = await withRollup();
      const token = await altToken.getAddress();
      const args = { rollup: "1", amount: "20", token, from: user, yes: true };
      const { facts, err } = await run("bridge", "deposit", args);
      expect(facts.transactions).to.have.length(2);
      expect(err).to.contain("Deposit 20 ALT on rollup 1");
      expect(await altToken.balanceOf(await bridge.getAddress())).to.equal(parseEther("20"));
    });

    it("refuses more tokens than there are", async () => {
      const { altToken, accounts } = await withRollup();
      const from = accounts[7]!.address;
      const args = { rollup: "1", amount: "1", token: await altToken.getAddress(), from, yes: true };
      expect(pathsOf(await fails("bridge", "deposit", args))).to.deep.equal([`balance of ${from}`]);
    });
  });

  describe("exit", () => {
    it("refuses to guess between asking for an exit and paying one", async () => {
      await withRollup();
      for (const args of [{}, { amount: "1", index: "0" }]) {
        const failure = await fails("bridge", "exit", { rollup: "arcade", ...args, yes: true });
        expect(pathsOf(failure)).to.deep.equal(["--amount, --index"]);
      }
    });

    it("refuses arguments with every problem at once", async () => {
      await deployed();
      const args = { index: "-1", token: "0x1", kind: "4", id: "x", node: "here", yes: true };
      expect(pathsOf(await fails("bridge", "exit", args))).to.deep.equal([
        "--rollup",
        "--token",
        "--kind",
        "--id",
        "--index",
        "--node",
      ]);
    });

    it("says what to do when no node answers", async () => {
      await withRollup();
      const { message, next } = await fails("bridge", "exit", {
        rollup: "arcade",
        amount: "1",
        node: NOWHERE,
        yes: true,
      });
      expect(message).to.contain("No node answers at http://127.0.0.1:9/r/");
      expect(next).to.contain("devnet up");
    });
  });

  describe("status", () => {
    it("refuses to guess what is asked for", async () => {
      await withRollup();
      for (const args of [{}, { message: "0", exit: "0" }]) {
        const failure = await fails("bridge", "status", { rollup: "arcade", ...args });
        expect(pathsOf(failure)).to.deep.equal(["--message, --exit, --owner"]);
      }
    });

    it("suggests to pay only what is final, and to ask for an exit where there is none", async () => {
      const { user } = await withRollup();
      const leaf = encodeExit({
        ...{ flags: 0, kind: 0, targetRollup: 0n, token: ZeroAddress, id: 0n, amount: 1n },
        ...{ l2Sender: user, to: user, fallbackTo: user, metadataHash: ZeroHash, dataHash: ZeroHash },
      });
      let exits: readonly object[] = [];
      const server = createServer((_, response) =>
        response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: exits })),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const node = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const next = async (...list: readonly object[]): Promise<unknown> => {
        exits = list;
        const { facts } = await run("bridge", "status", { rollup: "arcade", owner: user, node });
        return facts.next;
      };
      const task = "npx hardhat --network hardhat bridge";
      try {
        expect(await next()).to.equal(`${task} exit --rollup arcade --amount 1`);
        const posted = { index: 4, leaf, finality: "posted" };
        expect(await next(posted)).to.equal(`${task} status --rollup arcade --exit 4`);
        expect(await next({ ...posted, finality: "final" })).to.equal(
          `${task} exit --rollup arcade --index 4`,
        );
      } finally {
        server.close();
      }
    });

    it("refuses a message that the rollup doesn't have", async () => {
      await withRollup();
      const { problems } = await fails("bridge", "status", { rollup: "arcade", message: "0" });
      expect(problems?.[0]?.rule).to.equal("the rollup has 0 messages, counted from 0");
    });
  });
});
