import { parseEther } from "ethers";
import { mined } from "../chain";
import type { World } from "../world";

const WHOLE = 10n ** 27n;
const OWN_STAKE = parseEther("1000000");
const DELEGATED = parseEther("250000");

/** Two operators stake ALT and give the hub the right to slash it; two delegators join the honest one. */
export async function stake({
  stage,
  protocol,
  cast,
  chainId,
}: Pick<World, "stage" | "protocol" | "cast" | "chainId">): Promise<void> {
  const { altToken, vault, hub } = protocol;
  const [vaultAddress, hubAddress] = [await vault.getAddress(), await hub.getAddress()];
  const domain = { name: "Rollworks Vault", version: "1", chainId, verifyingContract: vaultAddress };
  const types = {
    KeyConsent: [
      { name: "operator", type: "address" },
      { name: "key", type: "address" },
    ],
  };
  for (const [name, { cold, hot }] of [
    ["honest", cast.honest],
    ["crooked", cast.crooked],
  ] as const) {
    await mined(altToken.transfer(cold.address, OWN_STAKE));
    const consent = await hot.signTypedData(domain, types, { operator: cold.address, key: hot.address });
    const registered = await mined(vault.connect(cold).registerOperator(hot.address, consent));
    await mined(altToken.connect(cold).approve(vaultAddress, OWN_STAKE));
    await mined(vault.connect(cold).deposit(cold.address, OWN_STAKE));
    const allocated = await mined(vault.connect(cold).allocate(hubAddress, WHOLE));
    if (name === "honest") {
      stage.gas("register operator", registered.gasUsed);
      stage.gas("allocate", allocated.gasUsed);
    }
  }
  for (const [index, delegator] of cast.delegators.entries()) {
    await mined(altToken.transfer(delegator.address, 2n * DELEGATED));
    await mined(altToken.connect(delegator).approve(vaultAddress, 2n * DELEGATED));
    const first = await mined(vault.connect(delegator).deposit(cast.honest.cold.address, DELEGATED));
    if (index === 0) stage.gas("stake and delegate, first", first.gasUsed);
  }
  const [, amount] = await vault.stakeOf(cast.honest.cold.address, cast.delegators[0]!.address);
  stage.promise("a delegator's stake is worth what was staked, to the wei", amount === DELEGATED);
}
