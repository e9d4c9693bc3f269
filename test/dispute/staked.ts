import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { MaxUint256, ZeroAddress, getCreateAddress, parseEther } from "ethers";
import { ethers } from "hardhat";
import type { AltToken, HubMock, Vault, VaultMock } from "../../sdk/src/typechain";
import { BLOCK_TIME, BOND_GAS_PRICE, type HubFixture, UNBONDING, programEntry } from "../hub/fixture";
import { consentOf } from "../staking/fixture";

/** The vault's redistribution to whom the service names. */
const NAMED = 2;
const HALF = 5n * 10n ** 26n;

export interface StakedFixture extends HubFixture {
  alt: AltToken;
  realVault: Vault;
}

/**
 * A hub as it is deployed, over the real vault: sequencer and rival are hot keys of two operators, each with 2,000 ALT of his own, 8,000 ALT of a
 * delegator and half of it allocated to the hub.
 */
export async function stakedFixture(): Promise<StakedFixture> {
  const [governor, treasury, owner, sequencer, rival, stranger, , , , delegator, ...operators] =
    (await ethers.getSigners()) as [...Ten, ...HardhatEthersSigner[]];
  const alt = await ethers.deployContract("AltToken", [governor.address]);
  const machine = await ethers.deployContract("Machine");
  const vault = await ethers.deployContract("Vault", [alt, governor.address, treasury.address, UNBONDING]);
  const libraries: Record<string, string> = {};
  for (const name of ["Catalogue", "Creation", "Inspection", "Lifecycle", "Lines", "Verdicts"])
    libraries[name] = await (await ethers.deployContract(name)).getAddress();
  const foreseen = getCreateAddress({ from: governor.address, nonce: (await governor.getNonce()) + 1 });
  const bridge = await (await ethers.deployContract("BridgeMock", [foreseen])).getAddress();
  await setBalance(bridge, parseEther("100"));
  const hub = await ethers.deployContract(
    "RollupHub",
    [governor.address, bridge, vault, machine, treasury.address, BLOCK_TIME, BOND_GAS_PRICE],
    { libraries },
  );
  await vault.addService(hub, NAMED, ZeroAddress);
  for (const [i, key] of [sequencer, rival].entries()) {
    const operator = operators[i];
    if (operator === undefined) throw new Error("too few signers");
    await vault
      .connect(operator)
      .registerOperator(key.address, await consentOf(vault, operator.address, key));
    for (const [staker, amount] of [
      [operator, "2000"],
      [delegator, "8000"],
    ] as const) {
      await alt.transfer(staker.address, parseEther(amount));
      await alt.connect(staker).approve(vault, MaxUint256);
      await vault.connect(staker).deposit(operator.address, parseEther(amount));
    }
    await vault.connect(operator).allocate(hub, HALF);
  }
  return {
    hub: hub as unknown as HubMock,
    vault: vault as unknown as VaultMock,
    alt,
    realVault: vault,
    governor,
    bridge: await ethers.getImpersonatedSigner(bridge),
    treasury,
    owner,
    sequencer,
    rival,
    stranger,
    program: programEntry(),
  };
}

type Signer = HardhatEthersSigner;
type Ten = [Signer, Signer, Signer, Signer, Signer, Signer, Signer, Signer, Signer, Signer];
