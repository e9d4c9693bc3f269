import { expect } from "chai";
import { ZeroAddress, ZeroHash, parseEther } from "ethers";
import { decodeTransaction, encodeExit, signerOf } from "../../sdk/src/ledger";
import { decodeMessage } from "../../sdk/src/protocol";
import { answering } from "./answering";
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

  describe("exit --forced", () => {
    const held = parseEther("2");
    const answers = {
      ledger_getBalance: `0x${held.toString(16)}`,
      ledger_getNonce: 3,
      rollup_status: { gasPrice: "0x3b9aca00" },
    };

    it("refuses to pay an exit by force", async () => {
      await withRollup();
      const failure = await fails("bridge", "exit", { rollup: "1", index: "0", forced: true, yes: true });
      expect(pathsOf(failure)).to.deep.equal(["--amount, --index"]);
    });

    it("refuses more than there is", async () => {
      const { user } = await withRollup();
      await answering(answers, async (node) => {
        const args = { rollup: "1", amount: "2.1", forced: true, node, from: user, yes: true };
        expect(pathsOf(await fails("bridge", "exit", args))).to.deep.equal([
          `balance of ${user} on the rollup`,
        ]);
      });
    });

    it("dry, sends nothing", async () => {
      const { hub, user } = await withRollup();
      await answering(answers, async (node) => {
        const args = { rollup: "1", amount: "1", forced: true, node, from: user, dryRun: true };
        expect((await run("bridge", "exit", args)).facts.dryRun).to.equal(true);
      });
      expect((await hub.progress(1n)).count).to.equal(0n);
    });

    it("sends what the owner has signed through the hub, with all that he has, for no fee there", async () => {
      const { hub, user } = await withRollup();
      const { l2ChainId } = await hub.record(1n);
      await answering(answers, async (node) => {
        const args = { rollup: "arcade", amount: "2", forced: true, node, from: user, yes: true };
        const { facts } = await run("bridge", "exit", args);
        expect(facts.messageIndex).to.equal(0n);
        expect(facts.next).to.equal(
          "npx hardhat --network hardhat bridge status --rollup arcade --message 0",
        );
      });
      const [enqueued] = await hub.queryFilter(hub.filters.MessageEnqueued(1n));
      const { kind, sender, body } = decodeMessage(enqueued!.args.message);
      expect([kind, sender]).to.deep.equal([2, user]);
      const transaction = decodeTransaction(body);
      expect(signerOf(l2ChainId, transaction)).to.equal(user);
      expect(transaction).to.deep.include({ nonce: 3n, maxFee: 0n });
      expect(transaction.action).to.deep.include({ type: "Exit", amount: held, to: user });
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
      const next = async (...exits: readonly object[]): Promise<unknown> => {
        let found: unknown;
        await answering({ rollup_exits: exits }, async (node) => {
          found = (await run("bridge", "status", { rollup: "arcade", owner: user, node })).facts.next;
        });
        return found;
      };
      const task = "npx hardhat --network hardhat bridge";
      expect(await next()).to.equal(`${task} exit --rollup arcade --amount 1`);
      const posted = { index: 4, leaf, finality: "posted" };
      expect(await next(posted)).to.equal(`${task} status --rollup arcade --exit 4`);
      const last = { ...posted, finality: "final" };
      expect(await next(last)).to.equal(`${task} exit --rollup arcade --index 4`);
    });

    it("refuses a message that the rollup doesn't have", async () => {
      await withRollup();
      const { problems } = await fails("bridge", "status", { rollup: "arcade", message: "0" });
      expect(problems?.[0]?.rule).to.equal("the rollup has 0 messages, counted from 0");
    });
  });
});
