import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import type { ContractTransactionResponse } from "ethers";
import { ALT, DAY, SHARES, UNBONDING, W, deployStaked, maturityOf, nextAt, nextSecond } from "./fixture";

/** Attacks that need no random pool; those that do are in Vault.attacks.t.sol. */
describe("Vault, attacked", () => {
  describe("[an operator that slashes itself with delegators' money]", () => {
    it("can't begin: his own part must be there when a line opens or is refreshed", async () => {
      const { vault, operator, key, hub } = await loadFixture(deployStaked);
      await vault.connect(operator).unbond(operator.address, 501n * ALT * SHARES);
      for (const line of [
        () => vault.connect(hub).reserve(key.address, ALT),
        () => vault.connect(hub).confirm(key.address),
      ])
        await expect(line()).to.be.revertedWithCustomError(vault, "SelfBondTooLow");
    });

    it("can't slip out while a line stands, not even after the delegators came", async () => {
      const { vault, operator, key, hub, bob } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, ALT);
      await vault.connect(bob).deposit(operator.address, 10_000n * ALT);
      await expect(
        vault.connect(operator).unbond(operator.address, 2n * SHARES),
      ).to.be.revertedWithCustomError(vault, "SelfBondTooLow");
    });

    it("loses his part, and half of all is burned, before his accomplice sees a wei", async () => {
      const { vault, alt, operator, key, hub, fund } = await loadFixture(deployStaked);
      await vault.connect(hub).reserve(key.address, 5_000n * ALT);
      const supply = await alt.totalSupply();
      await vault.connect(hub).slash(key.address, 5_000n * ALT, fund.address);
      expect((await vault.stakeOf(operator, operator)).amount).to.equal(500n * ALT);
      expect(supply - (await alt.totalSupply())).to.equal(2_500n * ALT);
    });
  });

  describe("[hostile service]", () => {
    it("that nobody allocated to can neither slash, nor reserve, nor keep anybody from leaving", async () => {
      const { vault, alt, operator, key, stranger, alice } = await loadFixture(deployStaked);
      await expect(
        vault.connect(stranger).slash(key.address, ethers.MaxUint256, stranger.address),
      ).to.changeTokenBalances(alt, [vault, stranger], [0n, 0n]);
      await expect(vault.connect(stranger).reserve(key.address, 1n)).to.be.revertedWithCustomError(
        vault,
        "BackingTooLow",
      );
      await vault.connect(stranger).jail(key.address);
      await vault.connect(alice).unbond(operator.address, ALT * SHARES);
      await vault.connect(operator).unbond(operator.address, ALT * SHARES);
    });

    it("can't be allocated to before governance has listed it, and never gets what it slashes when it only burns", async () => {
      const { vault, alt, operator, key, stranger, burner } = await loadFixture(deployStaked);
      await expect(vault.connect(operator).allocate(stranger.address, 1n)).to.be.revertedWithCustomError(
        vault,
        "ServiceIsUnknown",
      );
      await vault.connect(operator).allocate(burner.address, W / 10n);
      await expect(
        vault.connect(burner).slash(key.address, ethers.MaxUint256, burner.address),
      ).to.changeTokenBalances(alt, [vault, burner], [-1_000n * ALT, 0n]);
    });

    it("takes at most its allocation and leaves what backs other services' lines [Staking 4]", async () => {
      const { vault, operator, key, hub, burner, fund, alt } = await loadFixture(deployStaked);
      await vault.connect(operator).allocate(burner.address, W / 2n);
      await vault.connect(hub).reserve(key.address, 5_000n * ALT);
      await vault.connect(burner).slash(key.address, ethers.MaxUint256, ethers.ZeroAddress);
      expect(await vault.backingOf(operator, hub)).to.equal(5_000n * ALT);
      await vault.connect(hub).confirm(key.address);
      await expect(vault.connect(hub).slash(key.address, 5_000n * ALT, fund.address)).to.changeTokenBalance(
        alt,
        vault,
        -5_000n * ALT,
      );
    });
  });

  describe("[donation]", () => {
    it("changes neither shares nor slashes nor tickets", async () => {
      const { vault, alt, operator, alice, bob } = await loadFixture(deployStaked);
      const before = [await vault.poolOf(operator), await vault.stakeOf(operator, alice)];
      await alt.transfer(await vault.getAddress(), 1_000_000n * ALT);
      expect([await vault.poolOf(operator), await vault.stakeOf(operator, alice)]).to.deep.equal(before);
      await vault.connect(bob).deposit(operator.address, ALT);
      expect((await vault.stakeOf(operator, bob)).shares).to.equal(ALT * SHARES);
    });
  });

  describe("[exit between fault and execution]", () => {
    it("doesn't help: who left after the fault loses the same part as who stayed [Staking 7]", async () => {
      const { vault, operator, key, hub, alice, bob } = await loadFixture(deployStaked);
      await vault.connect(bob).deposit(operator.address, 9_000n * ALT);
      await vault.connect(hub).reserve(key.address, 1_900n * ALT);
      const now = await nextSecond();
      await vault.connect(alice).unbond(operator.address, 9_000n * ALT * SHARES);
      await nextAt(now + UNBONDING - 1n);
      await vault.connect(hub).slash(key.address, 1_900n * ALT, ethers.ZeroAddress);
      expect((await vault.ticketOf(operator, alice, maturityOf(now))).amount).to.equal(8_100n * ALT);
      expect((await vault.stakeOf(operator, bob)).amount).to.equal(8_100n * ALT);
    });
  });

  describe("[reentrancy]", () => {
    it("has nowhere to begin: no call but to the token, which calls nobody [Staking 15]", async () => {
      const { vault, alt, operator, key, hub, alice, fund } = await loadFixture(deployStaked);
      const token = BigInt(await alt.getAddress());
      const callsOf = async (sent: Promise<ContractTransactionResponse>): Promise<number> => {
        const { hash } = await sent;
        const { structLogs } = (await ethers.provider.send("debug_traceTransaction", [hash])) as {
          structLogs: { op: string; depth: number; stack: string[] }[];
        };
        const calls = structLogs.filter(({ op }) =>
          /^(CALL|CALLCODE|DELEGATECALL|STATICCALL|CREATE2?)$/.test(op),
        );
        for (const { op, depth, stack } of calls) {
          expect([op, depth]).to.deep.equal(["CALL", 1]);
          expect(BigInt(`0x${(stack.at(-2) ?? "0").replace(/^0x/, "")}`)).to.equal(token);
        }
        return calls.length;
      };
      expect(await callsOf(vault.connect(alice).deposit(operator.address, ALT))).to.equal(1);
      const now = await nextSecond();
      expect(await callsOf(vault.connect(alice).unbond(operator.address, ALT * SHARES))).to.equal(0);
      expect(await callsOf(vault.connect(hub).reserve(key.address, 2n * ALT))).to.equal(0);
      expect(await callsOf(vault.connect(hub).slash(key.address, ALT, fund.address))).to.equal(2);
      expect(await callsOf(vault.connect(hub).release(key.address, ALT))).to.equal(0);
      await nextAt(now + UNBONDING + DAY);
      expect(await callsOf(vault.claim(operator.address, alice.address, maturityOf(now)))).to.equal(1);
      expect(await callsOf(vault.collectTreasury())).to.equal(1);
    });
  });
});
