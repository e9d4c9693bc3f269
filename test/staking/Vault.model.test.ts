import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import type { ContractTransactionResponse } from "ethers";
import type { FedVault } from "../../sdk/src/typechain";
import { ALT, DAY, Redistribution, UNBONDING, W, deployStaking, nextAt } from "./fixture";
import { PoolModel, Refused } from "./model";

const RUNS = 40;
const seed = Date.now() & 0x7fffffff;

/** A step of a history; `part` is in 1/1000 of whatever the step takes a part of. */
type Step =
  | { verb: "deposit"; staker: number; amount: bigint }
  | { verb: "unbond"; staker: number; part: bigint }
  | { verb: "claim"; ticket: number }
  | { verb: "feed"; amount: bigint }
  | { verb: "allocate"; service: number; part: bigint }
  | { verb: "reserve"; service: number; part: bigint }
  | { verb: "confirm"; service: number }
  | { verb: "release"; service: number; part: bigint }
  | { verb: "slash"; service: number; part: bigint }
  | { verb: "wait"; seconds: bigint };

const staker = fc.integer({ min: 0, max: 2 });
const service = fc.integer({ min: 0, max: 2 });
const part = fc.bigInt(0n, 1_000n);
const amount = fc.oneof(
  fc.bigInt(0n, 100n),
  fc.bigInt(0n, 10_000n).map((n) => n * ALT),
  fc.bigInt(0n, 10n ** 23n),
);
const small = fc.oneof(fc.bigInt(0n, 50n), part);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ verb: fc.constant("deposit" as const), staker, amount }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant("unbond" as const), staker, part }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant("claim" as const), ticket: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("feed" as const), amount }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("allocate" as const), service, part }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("reserve" as const), service, part: small }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("confirm" as const), service }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("release" as const), service, part }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant("slash" as const), service, part: small }) },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant("wait" as const),
      seconds: fc.oneof(
        fc.bigInt(1n, DAY),
        fc.bigInt(1n, 25n).map((days) => days * DAY),
      ),
    }),
  },
);

async function deployFed() {
  const staking = await deployStaking();
  const { alt, governance, treasury, operator, alice, bob, hub, burner, paying, fund } = staking;
  const vault: FedVault = await ethers.deployContract("FedVault", [
    await alt.getAddress(),
    governance.address,
    treasury.address,
    UNBONDING,
  ]);
  for (const funder of [governance, operator, alice, bob])
    await alt.connect(funder).approve(vault, ethers.MaxUint256);
  await vault.addService(hub.address, Redistribution.Named, ethers.ZeroAddress);
  await vault.addService(burner.address, Redistribution.Burn, ethers.ZeroAddress);
  await vault.addService(paying.address, Redistribution.Fixed, fund.address);
  await vault.connect(operator).registerOperator(operator.address, "0x");
  return { ...staking, vault };
}

describe("Vault, against the model", () => {
  it(`agrees on every random history (seed ${seed}) [Staking 1, 2, 3, 9]`, async () => {
    const { vault, alt, operator, alice, bob, governance, hub, burner, paying, fund } =
      await loadFixture(deployFed);
    const stakers = [operator, alice, bob];
    const services = [hub, burner, paying];
    // Midnight, so that a counterexample is one on any day.
    const start = 40_000n * DAY;

    const history = async (steps: readonly Step[]): Promise<void> => {
      const pool = new PoolModel(
        operator.address,
        services.map(({ address }) => address),
        UNBONDING,
      );
      let now = start;
      let magnitude = W;
      const attempt = async (
        model: () => unknown,
        contract: () => Promise<ContractTransactionResponse>,
      ): Promise<void> => {
        const kept = structuredClone({ ...pool });
        await nextAt(now);
        try {
          model();
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          Object.assign(pool, kept);
          await expect(contract()).to.be.revertedWithCustomError(vault, error.error);
          return;
        }
        await contract();
      };

      for (const entry of [
        { verb: "deposit", staker: 0, amount: 5_000n * ALT } as const,
        { verb: "allocate", service: 0, part: 600n } as const,
        ...steps,
      ]) {
        now += 7n;
        switch (entry.verb) {
          case "wait":
            now += entry.seconds;
            continue;
          case "deposit": {
            const { address } = stakers[entry.staker]!;
            await attempt(
              () => pool.deposit(address, entry.amount, now),
              () => vault.connect(stakers[entry.staker]).deposit(operator.address, entry.amount),
            );
            break;
          }
          case "unbond": {
            const { address } = stakers[entry.staker]!;
            const shares = ((pool.shares.get(address) ?? 0n) * entry.part) / 1_000n;
            await attempt(
              () => pool.unbond(address, shares, now),
              () => vault.connect(stakers[entry.staker]).unbond(operator.address, shares),
            );
            break;
          }
          case "claim": {
            const ticket = [...pool.tickets.keys()][entry.ticket];
            if (ticket === undefined) continue;
            const [owner = "", day = "0"] = ticket.split(" ");
            await attempt(
              () => pool.claim(owner, BigInt(day), now),
              () => vault.claim(operator.address, owner, day),
            );
            break;
          }
          case "feed":
            await attempt(
              () => pool.feed(entry.amount, now),
              () => vault.connect(governance).feed(operator.address, entry.amount),
            );
            break;
          case "allocate": {
            const { address } = services[entry.service]!;
            const share = (W * entry.part) / 1_000n;
            await attempt(
              () => pool.allocate(address, share, now),
              () => vault.connect(operator).allocate(address, share),
            );
            break;
          }
          case "reserve":
          case "confirm": {
            const { address } = services[entry.service]!;
            const more = entry.verb === "confirm" ? 0n : (pool.A * entry.part) / 1_000n;
            await attempt(
              () => pool.back(address, more, now),
              () =>
                entry.verb === "confirm"
                  ? vault.connect(services[entry.service]).confirm(operator.address)
                  : vault.connect(services[entry.service]).reserve(operator.address, more),
            );
            break;
          }
          case "release": {
            const { address } = services[entry.service]!;
            const less = (pool.allocationOf(address).reserved * entry.part) / 900n;
            await attempt(
              () => pool.release(address, less),
              () => vault.connect(services[entry.service]).release(operator.address, less),
            );
            break;
          }
          case "slash": {
            const { address } = services[entry.service]!;
            const taken = ((pool.A + pool.U(now)) * entry.part) / 1_000n;
            await attempt(
              () => pool.slash(address, taken, now),
              () => vault.connect(services[entry.service]).slash(operator.address, taken, fund.address),
            );
            break;
          }
        }
        const allocated = [...pool.allocations.values()].reduce((sum, { magnitude: m }) => sum + m, 0n);
        expect(await vault.poolOf(operator)).to.deep.equal([pool.A, pool.S, pool.U(now), pool.M, allocated]);
        expect(await alt.balanceOf(vault)).to.equal(pool.held);
        // The model's own promises.
        expect(pool.owed(now) <= pool.held, "solvent").to.equal(true);
        expect(pool.held - pool.owed(now) < 1_000n, "dust only").to.equal(true);
        expect([...pool.shares.values()].reduce((sum, s) => sum + s, 0n)).to.equal(pool.S);
        expect(allocated <= pool.M, "allocations fit").to.equal(true);
        expect(pool.M <= magnitude, "magnitude never rises").to.equal(true);
        magnitude = pool.M;
      }

      await nextAt(now);
      await ethers.provider.send("evm_mine", []);
      const { cur, done, epoch, next } = pool.stream;
      if (cur !== 0n || next !== 0n)
        expect(await vault.streamOf(operator)).to.deep.equal([cur, done, epoch, next]);
      expect(await vault.treasuryDue()).to.equal(pool.treasuryDue);
      for (const { address } of stakers) {
        const shares = pool.shares.get(address) ?? 0n;
        expect(await vault.stakeOf(operator, address)).to.deep.equal([shares, pool.valueOf(shares)]);
      }
      for (const ticket of pool.tickets.keys()) {
        const [owner = "", day = "0"] = ticket.split(" ");
        const value = pool.ticketValue(owner, BigInt(day), now);
        expect((await vault.ticketOf(operator, owner, day)).amount).to.equal(value);
      }
      for (const { address } of services) {
        const { reserved, pending, isJailed } = pool.allocationOf(address);
        expect(await vault.allocationOf(operator, address)).to.deep.equal([
          pool.slashable(address, now),
          pool.backingMagnitude(address),
          reserved,
          pending?.effectiveAt ?? 0n,
          isJailed,
        ]);
      }
    };
    const fresh = async (steps: readonly Step[]): Promise<void> => {
      const snapshot = await takeSnapshot();
      try {
        await history(steps);
      } finally {
        await snapshot.restore();
      }
    };

    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), fresh), {
      seed,
      numRuns: RUNS,
      endOnFailure: false,
    });
  });
});
