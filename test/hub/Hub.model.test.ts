import { loadFixture, mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { ZeroHash, id } from "ethers";
import {
  IN_RING,
  ON_ITS_OWN,
  allowedTargets,
  packFinalizeTerms,
  entryWords,
  type Claim,
  type Entry,
} from "../../sdk/src/protocol";
import { BLOCK_TIME, CLAIM_LIFE, DEPOSIT_D, MESSAGE_BOUND, Stage, WINDOW, hubFixture } from "./fixture";

const SEED = BigInt(process.env.SEED ?? 4);
const STEPS = Number(process.env.STEPS ?? 250);

/** xorshift64*: the same history for the same seed. */
function randomness(seed: bigint) {
  let state = seed & 0xffffffffffffffffn;
  return (below: number): number => {
    state ^= state >> 12n;
    state = (state ^ (state << 25n)) & 0xffffffffffffffffn;
    state ^= state >> 27n;
    return Number(((state * 0x2545f4914f6cdd1dn) & 0xffffffffffffffffn) % BigInt(below));
  };
}

interface Known {
  claim: Claim;
  entry: Entry;
  place: number;
}

/**
 * Random histories of messages, batches, claims, matches and lost lines, against a model written from the tables: whatever is
 * final was backed, past its window and free of matches, and everything that was all that is taken.
 */
describe("RollupHub > model", () => {
  it(`agrees with the hub on a random history [Hub 1, 9] (seed ${SEED}: SEED, STEPS)`, async function () {
    this.timeout(300_000);
    const pick = randomness(SEED);
    const f = await loadFixture(hubFixture);
    const { hub } = f;
    const stage = await Stage.create(f, { lifetime: { ringLog2: 5n } });
    const keys = [f.sequencer, f.rival, f.stranger];
    const known: Known[] = [];
    const nonces = new Map<string, bigint>();
    const open = new Set<string>();
    let [final, finalCommitment, target, due] = [0n, f.program.entry.genesis, 0n, 0n];

    const openLine = async (key: (typeof keys)[number]) => {
      await stage.openLine(key);
      nonces.set(key.address, (nonces.get(key.address) ?? 0n) + 1n);
      open.add(key.address);
    };
    for (const key of keys) await openLine(key);

    /** Open matches by who asserts and with which nonce. */
    const matches = new Map<string, number>();
    const backingOf = ({ asserter, nonce }: Entry) => `${asserter} ${nonce}`;
    const matchesOf = (entry: Entry) => matches.get(backingOf(entry)) ?? 0;

    const isFinalizable = async ({ claim, entry }: Known) => {
      const [now, block] = [BigInt(await time.latest()) + 1n, BigInt(await time.latestBlock()) + 1n];
      const elapsed = now - entry.backedTime;
      const slow = BLOCK_TIME * (block - entry.backedBlock);
      const most = 4n * slow;
      return (
        claim.index === final + 1n &&
        claim.parent === finalCommitment &&
        nonces.get(entry.asserter) === entry.nonce &&
        (matchesOf(entry) === 0 || (elapsed < slow ? elapsed : slow) >= CLAIM_LIFE) &&
        (elapsed < most ? elapsed : most) >= WINDOW
      );
    };

    const verbs: Record<string, () => Promise<void>> = {
      message: () => stage.force(1 + pick(5)),
      post: async () => {
        const posted = BigInt(stage.batches.length);
        if (posted - final >= 24n) return;
        const count = BigInt(stage.heads.length - 1);
        const allowed = allowedTargets({ count, due, target, messageBound: MESSAGE_BOUND });
        const wrong = [count + 1n, target + MESSAGE_BOUND + 1n, due + 1n, count][pick(4)]!;
        if (wrong <= count && !allowed.includes(wrong)) {
          await expect(stage.send({ target: wrong })).to.be.revertedWithCustomError(hub, "TargetWrong");
        }
        const isClaimed = open.has(f.sequencer.address) && pick(4) !== 0;
        const parent = posted === final || pick(6) === 0 ? finalCommitment : stage.commitmentOf(posted);
        const batch = await stage.post({
          target: allowed[pick(allowed.length)]!,
          ...(isClaimed
            ? {
                parent: parent === ZeroHash ? finalCommitment : parent,
                commitment: id(`c${posted + 1n}.${pick(2)}`),
              }
            : { commitment: "" }),
        });
        [target, due] = [batch.header.target, count];
        if (isClaimed) {
          const claim = stage.claimFor(posted + 1n, batch.commitment, 0, batch.parent);
          known.push({ claim, entry: batch.entry, place: IN_RING });
        }
      },
      claim: async () => {
        const pending = BigInt(stage.batches.length) - final;
        if (pending === 0n) return;
        const index = final + 1n + BigInt(pick(Number(pending)));
        const key = keys[pick(3)]!;
        const parent =
          pick(6) === 0
            ? id("lie")
            : index === final + 1n
              ? finalCommitment
              : id(`c${index - 1n}.${pick(2)}`);
        const claim = stage.claimFor(index, id(`c${index}.${pick(2)}`), 0, parent);
        const stands = known.some(
          ({ claim: other, entry }) =>
            JSON.stringify(other, text) === JSON.stringify(claim, text) &&
            entry.asserter === key.address &&
            entry.nonce === nonces.get(key.address),
        );
        if (!open.has(key.address)) {
          await expect(stage.sendClaim(key, claim)).to.be.revertedWithCustomError(hub, "LineInvalid");
        } else if (stands) {
          await expect(stage.sendClaim(key, claim)).to.be.revertedWithCustomError(hub, "ClaimStands");
        } else {
          known.push({ claim, entry: await stage.claim(key, claim), place: ON_ITS_OWN });
        }
      },
      match: async () => {
        const one = known[pick(known.length || 1)];
        if (!one) return;
        const { claim, entry, place } = one;
        const terms = packFinalizeTerms({ ...claim, place });
        if (matchesOf(entry) > 0 && nonces.get(entry.asserter) === entry.nonce && pick(4) !== 0) {
          await hub.forgetMatch(stage.rollup, entry.asserter);
          matches.set(backingOf(entry), matchesOf(entry) - 1);
          return;
        }
        const isLate = stage.batches.length >= Number(claim.index) + 32; // the ring came round
        await hub
          .noteMatch(terms, claim.parent, claim.commitment, entryWords(entry))
          .then(() => {
            expect(nonces.get(entry.asserter)).to.equal(entry.nonce);
            expect(isLate && place === IN_RING).to.equal(false);
            matches.set(backingOf(entry), matchesOf(entry) + 1);
          })
          .catch((error: Error) => {
            if (!/ClaimUnbacked|WindowOver|EntryMismatch/.test(error.message)) throw error;
          });
      },
      lose: async () => {
        if (pick(3) !== 0 && open.size === keys.length) return;
        const key = keys[pick(3)]!;
        if (open.delete(key.address)) {
          await hub.loseLine(stage.rollup, key.address);
          nonces.set(key.address, nonces.get(key.address)! + 1n);
        } else await openLine(key);
      },
      wait: async () => {
        await mine(1 + pick(120), { interval: 1 + pick(40) });
        for (const key of keys) if (open.has(key.address)) await hub.connect(key).refreshLine(stage.rollup);
      },
      finalize: async () => {
        for (const one of [...known].reverse()) {
          if (one.claim.index !== final + 1n) continue;
          const attempt = () => stage.finalize(one.claim.index, one.place === IN_RING ? undefined : one);
          if (await isFinalizable(one)) {
            await attempt();
            [final, finalCommitment] = [one.claim.index, one.claim.commitment];
            return;
          }
          await expect(attempt()).to.be.revertedWithCustomError(
            hub,
            one.claim.parent === finalCommitment ? "NotFinalizable" : "EntryMismatch",
          );
        }
      },
    };
    const names = [
      "message",
      "post",
      "post",
      "claim",
      "claim",
      "match",
      "lose",
      "wait",
      "wait",
      "finalize",
      "finalize",
    ];
    for (let step = 0; step < STEPS; ++step) {
      await verbs[names[pick(names.length)]!]!();
      const progress = await hub.progress(stage.rollup);
      expect([progress.finalIndex, progress.finalCommitment]).to.deep.equal([final, finalCommitment]);
      expect([progress.target, progress.due]).to.deep.equal([target, due]);
      expect(progress.posted - progress.finalIndex).to.be.lessThanOrEqual(32n);
    }
    let deposits = 0n;
    for (const key of keys) deposits += (await hub.lineOf(stage.rollup, key.address)).deposit;
    expect(deposits).to.equal(BigInt(open.size) * DEPOSIT_D);
    expect(await ethers.provider.getBalance(hub)).to.be.greaterThanOrEqual(deposits);
    expect(final).to.be.greaterThan(0n);
  });
});

function text(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
