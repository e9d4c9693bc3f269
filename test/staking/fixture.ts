import { join } from "node:path";
import hre, { ethers } from "hardhat";
import { time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { type Protocol, deployProtocol } from "../../deploy/protocol";
import { readParameters } from "../../deploy/parameters";
import * as staking from "../../sdk/src/staking";
import type { AltToken, Vault } from "../../sdk/src/typechain";

export const ALT = 10n ** 18n;
export const W = 10n ** 27n;
export const DAY = 86_400n;
export const UNBONDING = 21n * DAY;
/** What a pool's first share costs: 10^6 shares per wei. */
export const SHARES = 10n ** 6n;

export enum Redistribution {
  Burn,
  Fixed,
  Named,
}

export interface Staking {
  readonly alt: AltToken;
  readonly vault: Vault;
  readonly governance: HardhatEthersSigner;
  readonly treasury: HardhatEthersSigner;
  /** A registered operator and its hot key. */
  readonly operator: HardhatEthersSigner;
  readonly key: HardhatEthersSigner;
  readonly alice: HardhatEthersSigner;
  readonly bob: HardhatEthersSigner;
  /** A service that names the beneficiary of its slashes, as the hub does. */
  readonly hub: HardhatEthersSigner;
  /** A service whose slashes are burned whole. */
  readonly burner: HardhatEthersSigner;
  /** A service whose slashes go to `fund`. */
  readonly paying: HardhatEthersSigner;
  readonly fund: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
}

/** The signature by which `key` agrees to act for `operator`. */
export async function consentOf(vault: Vault, operator: string, key: HardhatEthersSigner): Promise<string> {
  const { chainId } = await ethers.provider.getNetwork();
  const consent = staking.keyConsent({
    chainId,
    vault: await vault.getAddress(),
    operator,
    key: key.address,
  });
  return key.signTypedData(consent.domain, consent.types, consent.value);
}

/** The protocol as it is deployed on a chain like Ethereum, by the first account. */
export async function deployWith(addresses: { treasury?: string }): Promise<Protocol> {
  const { parameters } = readParameters(join(hre.config.paths.root, "deploy", "parameters", "default.json5"));
  if (parameters === undefined) throw new Error("deploy/parameters/default.json5 is invalid.");
  return deployProtocol(hre, { parameters: { ...parameters, ...addresses } });
}

/** Token, vault, three services, and one operator who has registered but not staked. */
export async function deployStaking(): Promise<Staking> {
  const signers = await ethers.getSigners();
  const [governance, treasury, operator, key, alice, bob, hub, burner, paying, fund, stranger] =
    signers as unknown as [
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
    ];
  const { altToken: alt, vault } = await deployWith({ treasury: treasury.address });
  for (const staker of [operator, alice, bob]) {
    await alt.transfer(staker.address, 1_000_000n * ALT);
    await alt.connect(staker).approve(vault, ethers.MaxUint256);
  }
  await vault.addService(hub.address, Redistribution.Named, ethers.ZeroAddress);
  await vault.addService(burner.address, Redistribution.Burn, ethers.ZeroAddress);
  await vault.addService(paying.address, Redistribution.Fixed, fund.address);
  await vault.connect(operator).registerOperator(key.address, await consentOf(vault, operator.address, key));
  return {
    alt,
    vault,
    governance,
    treasury,
    operator,
    key,
    alice,
    bob,
    hub,
    burner,
    paying,
    fund,
    stranger,
  };
}

/** The same with 1,000 ALT of the operator and 9,000 of Alice staked, half of it allocated to the hub. */
export async function deployStaked(): Promise<Staking> {
  const staking = await deployStaking();
  const { vault, operator, alice, hub } = staking;
  await vault.connect(operator).deposit(operator.address, 1_000n * ALT);
  await vault.connect(alice).deposit(operator.address, 9_000n * ALT);
  await vault.connect(operator).allocate(hub.address, W / 2n);
  return staking;
}

/** The day a ticket matures that is made at `timestamp`. */
export function maturityOf(timestamp: bigint): bigint {
  return staking.maturityOf(timestamp, UNBONDING);
}

/** Makes the next block's time `timestamp`. */
export async function nextAt(timestamp: bigint): Promise<void> {
  await time.setNextBlockTimestamp(timestamp);
}

/** The time of the next block unless something else sets it: fixed here, one second after the last. */
export async function nextSecond(): Promise<bigint> {
  const timestamp = BigInt(await time.latest()) + 1n;
  await nextAt(timestamp);
  return timestamp;
}
