import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { type Filter, id, type Provider, ZeroHash } from "ethers";
import hre from "hardhat";
import { listMatches } from "../../sdk/src/actions";
import { endArguments } from "../../sdk/src/dispute";
import { AddressBook } from "../../tasks/addressBook";
import { Arena } from "../dispute/arena";
import { fails, pathsOf, run, withDeployments } from "./running";

interface Shown {
  match: string;
  outcome: string;
  turn?: { by: string; used: bigint; clock: bigint };
  gas: bigint;
  payout?: bigint;
  burned?: bigint;
  isPaid: boolean;
  moves: { by: string; verb: string; segment?: number; range: [bigint, bigint]; gas: bigint }[];
}

/** What docs/disputes.md shows of a task's output. */
function drawn(task: string): string {
  const page = readFileSync(join(__dirname, "..", "..", "docs", "disputes.md"), "utf8");
  return new RegExp(`<!-- ${task} -->\\n+\`\`\`\\n([^\`]*)\`\`\``).exec(page)?.[1] ?? "";
}

/** A text without what tells one chain from another: hashes, addresses, blocks, figures of gas, and the room they take. */
const words = (text: string): string =>
  text
    .replace(/0x[0-9a-fA-F…]+/g, "0x")
    .replace(/[\d,]+ gas +L1 block \d+/g, "gas")
    .replace(/^( +gas, .*?|.*turn.*|.*won  .*?) +[\d,]{6,}/gm, "$1")
    .replace(/─+/g, "─")
    .replace(/(\S) +/g, "$1 ")
    .trim();

const LIE = id("a commitment that nothing leads to");

describe("dispute", () => {
  withDeployments();

  /** A hub with a false claim and a match about it. */
  async function disputedFixture() {
    const arena = await Arena.create();
    const target = await arena.post(() => ({ commitment: LIE }));
    return { arena, target, lie: arena.lie(target, LIE), match: await arena.open(target) };
  }

  /** The same, with the address book that speaks of it. */
  async function disputed() {
    const found = await loadFixture(disputedFixture);
    const latest = await hre.ethers.provider.getBlock("latest");
    AddressBook.of(hre, 31_337n).write({
      chainId: 31_337,
      fromBlock: 0,
      block: latest?.number ?? 0,
      blockHash: latest?.hash ?? "",
      deployer: found.arena.challenger.address,
      contracts: { hub: await found.arena.hub.getAddress() },
      programs: {},
      rollups: {},
    });
    return found;
  }

  const shown = async (match: string): Promise<{ facts: Shown; out: string }> => {
    const { facts, out } = await run("dispute", "show", { match });
    return { facts: facts as unknown as Shown, out };
  };

  describe("list", () => {
    it("refuses arguments with every problem at once", async () => {
      await disputed();
      expect(pathsOf(await fails("dispute", "list", { last: "0" }))).to.have.members(["--last"]);
      expect(pathsOf(await fails("dispute", "list", { rollup: "nix" }))).to.have.members(["--rollup"]);
      expect(pathsOf(await fails("dispute", "list", { rollup: "77" }))).to.have.members(["--rollup"]);
    });

    it("says whose turn it is and what is left of his clock, and filters", async () => {
      const { arena, match } = await disputed();
      const { facts, out } = await run("dispute", "list");
      const [only] = facts.matches as Shown[];
      expect(facts.count).to.equal(1);
      expect(only).to.deep.include({ match: match.id, outcome: "live" });
      expect(only?.turn?.by).to.equal("asserter");
      expect(out)
        .to.match(/asserter's turn +\d+ ticks/)
        .and.to.contain(match.id.slice(0, 18));
      const { rollup } = arena.stage;
      expect((await run("dispute", "list", { rollup: `${rollup}`, live: true })).facts.count).to.equal(1);
    });

    it("halves the span of blocks that an endpoint refuses, down to one", async () => {
      const { arena, match } = await disputed();
      const hub = await arena.hub.getAddress();
      const spans: number[] = [];
      const limited = (most: number): Provider =>
        new Proxy<Provider>(hre.ethers.provider, {
          get: (provider, name) => {
            if (name !== "getLogs") return Reflect.get(provider, name) as unknown;
            return async (filter: Filter) => {
              const span = Number(filter.toBlock) - Number(filter.fromBlock) + 1;
              spans.push(span);
              if (span > most) throw new Error("query returned more than 10000 results");
              return provider.getLogs(filter);
            };
          },
        });
      const found = await listMatches(limited(3), hub, 0);
      expect(found.map((played) => played.match.id)).to.deep.equal([match.id]);
      expect(Math.max(...spans.slice(-3))).to.be.at.most(3);
      expect(await listMatches(limited(2_000), hub, 0)).to.deep.equal(found);
      const refused: unknown = await listMatches(limited(0), hub, 0).catch((error: unknown) => error);
      expect((refused as Error).message).to.contain("more than 10000 results");
      expect(spans.at(-1)).to.equal(1);
    });

    it("is empty where nobody disputes anything", async () => {
      const { arena, match, lie, target } = await disputed();
      const last = await arena.play(match, { asserter: lie, challenger: target.truth });
      await arena.sendSettlement(last, target.truth);
      const { facts } = await run("dispute", "list", { live: true });
      expect(facts.count).to.equal(0);
      expect((await run("dispute", "list")).facts.count).to.equal(1);
    });
  });

  describe("show", () => {
    it("refuses what is no match", async () => {
      await disputed();
      for (const match of [undefined, "0x", "0xzz", "12", ZeroHash])
        expect(pathsOf(await fails("dispute", "show", { match }))).to.have.members(["--match"]);
    });

    it("draws a live match, and says when a clock has run out", async () => {
      const { arena, match, lie } = await disputed();
      await arena.sendMove(match, lie);
      const { facts, out } = await shown(match.id.slice(0, 12));
      expect(facts.moves.map(({ by, verb }) => `${by} ${verb}`)).to.deep.equal([
        "challenger open",
        "asserter dissect",
      ]);
      expect(facts.turn?.by).to.equal("challenger");
      expect(out).to.contain("challenger opens: steps 0 … 1,073,741,824");
      expect(out).to.match(/└─ asserter: segment \d, steps/);
      expect(out).to.match(/challenger's turn, [\d,]+ of [\d,]+ ticks used/);
      const list = (await run("dispute", "list")).out;
      expect(words(drawn("list"))).to.equal(words(list.slice(0, list.indexOf("\nNext:"))));
      await hre.network.provider.send("hardhat_mine", ["0x1000", "0xc"]);
      expect((await shown(match.id)).out).to.contain("challenger's clock has run out: anyone may end it");
    });

    it("draws a match to its end: ever deeper segments, each side's gas, who got what", async () => {
      const { arena, match, lie, target } = await disputed();
      const last = await arena.play(match, { asserter: lie, challenger: target.truth });
      const sent = await arena.sendSettlement(last, target.truth);
      const settled = await sent.wait();
      const before = await shown(match.id);
      expect(before.facts).to.deep.include({ outcome: "challenger won", isPaid: false });
      expect(before.out).to.contain("to be collected");
      await (await arena.hub.connect(arena.challenger).collect(match.id, arena.challenger)).wait();

      const { facts, out } = await shown(match.id);
      const { bond, deposit } = arena.stage.params.security;
      expect(facts).to.deep.include({ outcome: "challenger won", isPaid: true });
      expect([facts.payout, facts.burned]).to.deep.equal([2n * bond, deposit - bond]);
      expect(facts.moves.map(({ verb }) => verb)).to.deep.equal([
        "open",
        ...Array<string>(9).fill("dissect"),
        "settle",
        "collect",
      ]);
      let [from, to] = [0n, 1n << 30n];
      for (const { verb, range, by } of facts.moves) {
        expect(by).to.be.oneOf(["asserter", "challenger"]);
        expect(range[0] >= from && range[1] <= to, verb).to.equal(true);
        [from, to] = range;
      }
      expect(to - from).to.equal(8n);
      expect(facts.moves.find(({ verb }) => verb === "settle")?.gas).to.equal(settled?.gasUsed);
      expect(facts.gas).to.equal(facts.moves.reduce((sum, { gas }) => sum + gas, 0n));
      const tree = out.split("\n").filter((line) => line.includes("└─"));
      const depths = tree.map((line) => line.indexOf("└─"));
      expect(depths.slice(0, 9)).to.deep.equal(Array.from({ length: 9 }, (_, at) => 2 + 3 * at));
      expect(words(drawn("show"))).to.equal(words(out.slice(0, out.indexOf("\nNext:"))));
      expect(out).to.contain("settles at one instruction").and.to.contain("challenger won");
    });

    it("tells a time-out from a settlement", async () => {
      const { arena, match } = await disputed();
      await hre.network.provider.send("hardhat_mine", ["0x1000", "0xc"]);
      await (await arena.hub.connect(arena.challenger).timeOut(...endArguments(match))).wait();
      const { facts, out } = await shown(match.id);
      expect(facts.outcome).to.equal("challenger won");
      expect(facts.moves.at(-1)?.verb).to.equal("timeOut");
      expect(out).to.contain("the other clock ran out");
    });
  });
});
