import { parseEther } from "ethers";
import { users } from "../cast";
import { mined } from "../chain";
import type { StoryRollup, World } from "../world";

export const BANKERS = 20;
export const COINS = parseEther("50");
export const TOKENS = parseEther("1000");

/** Where anyone may sequence, a batch comes at most once in so long [s], as presets go. */
export const PACE = 3_600;

/** Coins and an ERC-20 go to rollups; the programs credit them without the sequencer's consent. */
export async function deposit(
  { stage, protocol, cast, sequencer, rollups, mnemonic, chain }: World,
  names: readonly StoryRollup["name"][],
): Promise<void> {
  const { bridge, altToken } = protocol;
  const token = await altToken.getAddress();
  const from = bridge.connect(cast.depositor);
  await mined(altToken.transfer(cast.depositor.address, BigInt(2 * names.length) * TOKENS));
  await mined(
    altToken.connect(cast.depositor).approve(await bridge.getAddress(), BigInt(2 * names.length) * TOKENS),
  );
  const bankers = users(mnemonic, BANKERS);
  const targets = names.map((name) => rollups[name]);
  const heldBefore = await chain.provider.getBalance(await bridge.getAddress());
  for (const { id, name } of targets) {
    for (const [index, { address }] of bankers.entries()) {
      const receipt = await mined(from.depositNative(id, address, "0x", { value: COINS }));
      if (name === "owned" && index === 2) stage.gas("deposit ETH", receipt.gasUsed);
    }
    await mined(from.deposit(id, token, TOKENS, bankers[0]!.address, "0x"));
    const receipt = await mined(from.deposit(id, token, TOKENS, bankers[1]!.address, "0x"));
    if (name === "owned") stage.gas("deposit ERC-20", receipt.gasUsed);
  }
  if (names.includes("immutable")) await chain.pass(PACE);
  for (const { l2ChainId, name } of targets) {
    await sequencer.caughtUp(l2ChainId);
    await sequencer.until("the deposits", l2ChainId, ({ messages }) => messages.consumed >= BANKERS + 2);
    const coins = BigInt(await sequencer.call<string>("ledger_getBalance", [bankers[2]!.address], l2ChainId));
    const tokens = BigInt(
      await sequencer.call<string>("ledger_getBalance", [bankers[0]!.address, 1, token, "0x0"], l2ChainId),
    );
    stage.promise(`${name}: deposits are credited to the wei`, coins === COINS && tokens === TOKENS);
  }
  const held = await chain.provider.getBalance(await bridge.getAddress());
  stage.promise(
    "the bridge holds as much more as was deposited",
    held - heldBefore === BigInt(targets.length * BANKERS) * COINS,
  );
  stage.say(`${targets.length * (BANKERS + 2)} deposits of ETH and ALT`);
}
