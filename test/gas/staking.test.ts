import { expect } from "chai";
import hre, { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import bounds from "../../config/peers/bounds.json";
import {
  ALT,
  DAY,
  SHARES,
  type Staking,
  W,
  consentOf,
  deployStaked,
  deployStaking,
  nextAt,
} from "../staking/fixture";
import { GasSnapshot } from "./GasSnapshot";

/** Midnight of a day far enough ahead, so that no row depends on when the test runs. */
const START = 40_000n * DAY;

describe("Gas of staking", () => {
  const snapshot = new GasSnapshot("staking");
  const of: typeof GasSnapshot.of = (sent) => GasSnapshot.of(sent);

  before(async function () {
    if (!GasSnapshot.isMeasurable) this.skip();
    await GasSnapshot.freshChain();
  });
  after(() => {
    if (GasSnapshot.isMeasurable) snapshot.finish();
  });

  function headline(key: keyof typeof bounds.rows, gas: bigint): void {
    snapshot.headline(key, gas);
    expect(gas <= bounds.rows[key].most, `${key}: ${gas} is over ${bounds.rows[key].most}`).to.equal(true);
  }

  /** A staked pool, at noon of the first day, with what a chain that has run for a while has: nothing is written for the first time. */
  async function running(): Promise<Staking> {
    const staking = await deployStaked();
    const { alt, vault, operator, key, hub, bob, fund } = staking;
    await alt.transfer(fund.address, ALT);
    await vault.connect(bob).deposit(operator.address, 2_000n * ALT);
    await vault.connect(hub).reserve(key.address, 4_000n * ALT);
    await nextAt(START + DAY / 2n);
    await ethers.provider.send("evm_mine", []);
    return staking;
  }

  /** Bob leaves a bit every day, `skipped` days apart, until tickets of 22 days wait. */
  async function leaving({ vault, operator, bob }: Staking, skipped?: bigint): Promise<void> {
    for (let day = 1n; day <= 30n; day++) {
      if (day === skipped) continue;
      await nextAt(START + day * DAY + DAY / 2n);
      await vault.connect(bob).unbond(operator.address, ALT * SHARES);
    }
  }

  it("operators", async () => {
    const { vault, alice, hub } = await loadFixture(deployStaking);
    // The dearest consent, so that the figure doesn't depend on addresses: one without zero bytes.
    for (let i = 1; ; i++) {
      const wallet = new ethers.Wallet(ethers.toBeHex(i, 32)) as unknown as HardhatEthersSigner;
      const consent = await consentOf(vault, alice.address, wallet);
      if (/^0x(..)*00/.test(consent) || /^0x(..)*00/.test(wallet.address)) continue;
      headline("register operator", await of(vault.connect(alice).registerOperator(wallet.address, consent)));
      break;
    }
    headline("allocate", await of(vault.connect(alice).allocate(hub.address, W / 2n)));
    snapshot.row("raise an allocation", await of(vault.connect(alice).allocate(hub.address, W)));
    snapshot.row("begin a deallocation", await of(vault.connect(alice).allocate(hub.address, W / 2n)));
  });

  it("stakers", async () => {
    const staking = await loadFixture(running);
    const { vault, alt, operator, alice, bob, stranger } = staking;
    await alt.transfer(stranger.address, 100n * ALT);
    await alt.connect(stranger).approve(vault, ethers.MaxUint256);
    const deposit = (staker: HardhatEthersSigner) =>
      of(vault.connect(staker).deposit(operator.address, 10n * ALT));
    const unbond = (staker: HardhatEthersSigner) =>
      of(vault.connect(staker).unbond(operator.address, ALT * SHARES));
    headline("stake and delegate, first", await deposit(stranger));
    headline("stake and delegate, later", await deposit(stranger));
    await alt.connect(stranger).approve(vault, 50n * ALT);
    snapshot.row("stake and delegate, later, from a limited allowance", await deposit(stranger));
    headline("unbond, first", await unbond(alice));
    snapshot.row(
      "unbond, the owner's first, on a day on which somebody else has unbonded",
      await unbond(bob),
    );
    snapshot.row("unbond, on a day on which the owner himself has unbonded", await unbond(bob));
    snapshot.row("stake and delegate, later, while somebody is leaving", await deposit(bob));
    await leaving(staking);
    snapshot.row("stake and delegate, later, while somebody leaves every day", await deposit(alice));
    const day = START / DAY + 22n;
    headline(
      "claim after unbonding",
      await of(vault.connect(alice).claim(operator.address, alice.address, day)),
    );
    snapshot.row(
      "claim for another",
      await of(vault.connect(alice).claim(operator.address, bob.address, day)),
    );
    // An owner who holds no other ALT pays for the slot of his balance.
    await alt.connect(bob).transfer(alice.address, await alt.balanceOf(bob));
    snapshot.row(
      "claim for an owner who holds no other ALT",
      await of(vault.connect(alice).claim(operator.address, bob.address, day + 1n)),
    );
  });

  it("lines", async () => {
    const staking = await loadFixture(running);
    const { vault, operator, key, hub, burner } = staking;
    await vault.connect(operator).allocate(burner.address, W / 2n);
    snapshot.row("first reservation of a service", await of(vault.connect(burner).reserve(key.address, ALT)));
    snapshot.row("reserve", await of(vault.connect(hub).reserve(key.address, ALT)));
    snapshot.row("confirm", await of(vault.connect(hub).confirm(key.address)));
    snapshot.row("release", await of(vault.connect(hub).release(key.address, ALT)));
    await leaving(staking);
    snapshot.row(
      "reserve while somebody leaves every day",
      await of(vault.connect(hub).reserve(key.address, ALT)),
    );
  });

  it("slashes", async () => {
    const staking = await loadFixture(running);
    const { vault, key, hub, fund } = staking;
    const slash = (at: bigint, beneficiary: { address: string }) =>
      nextAt(at).then(() => of(vault.connect(hub).slash(key.address, 100n * ALT, beneficiary.address)));
    snapshot.row("slash a pool for the first time", await slash(START + DAY, fund));
    snapshot.row("slash and pay out, every second one", await slash(START + DAY + 1n, fund));
    // The dearer of two: it begins a slot of the history.
    headline("slash and pay out", await slash(START + DAY + 2n, fund));
  });

  it("a slash costs the same for one delegator as for a hundred [Staking 12]", async () => {
    const staking = await loadFixture(running);
    const { vault, alt, operator, key, hub, fund } = staking;
    const gasOf = async () => {
      const before = (await ethers.provider.send("evm_snapshot", [])) as string;
      await nextAt(START + 2n * DAY);
      const gas = await of(vault.connect(hub).slash(key.address, 100n * ALT, fund.address));
      await ethers.provider.send("evm_revert", [before]);
      return gas;
    };
    const few = await gasOf();
    const vaultAddress = await vault.getAddress();
    for (let i = 1; i <= 100; i++) {
      const address = ethers.getAddress(ethers.toBeHex(0xa11ce00n + BigInt(i), 20));
      await hre.network.provider.send("hardhat_impersonateAccount", [address]);
      await hre.network.provider.send("hardhat_setBalance", [address, "0xde0b6b3a7640000"]);
      const delegator = await ethers.getSigner(address);
      await alt.transfer(address, ALT);
      await alt.connect(delegator).approve(vaultAddress, ethers.MaxUint256);
      await vault.connect(delegator).deposit(operator.address, ALT);
    }
    expect(await gasOf()).to.equal(few);
  });

  it("slashes at worst", async () => {
    // The queue's guess fails, the history begins a slot, a deallocation is due, the beneficiary never had ALT.
    const staking = await loadFixture(running);
    const { vault, alt, operator, key, hub, stranger, fund } = staking;
    await vault.connect(operator).allocate(hub.address, (W * 4n) / 10n);
    await leaving(staking, 20n);
    const slash = (beneficiary: string) => of(vault.connect(hub).slash(key.address, 100n * ALT, beneficiary));
    await nextAt(START + 31n * DAY);
    headline("slash, worst case", await slash(`0x${"ab".repeat(20)}`));
    await alt.connect(fund).delegate(stranger.address);
    await nextAt(START + 31n * DAY + 1n);
    await slash(fund.address);
    await nextAt(START + 31n * DAY + 2n);
    snapshot.row("slash for a beneficiary who votes through a delegate", await slash(fund.address));
  });

  it("sizes", async () => {
    for (const name of ["Vault", "AltToken"]) {
      const { deployedBytecode } = await hre.artifacts.readArtifact(name);
      snapshot.row(`${name}, code [bytes]`, (deployedBytecode.length - 2) / 2);
    }
  });
});
