import { expect } from "chai";
import { formatEther } from "ethers";
import preset from "../../config/presets/immutable.json";
import { ledger } from "../../programs/artifacts/hashes.json";
import { parsePreset } from "../../sdk/src/presets";
import dispute from "../../snapshots/gas/dispute.json";
import { text } from "./files";

/** Figures that pages repeat in sentences, from where they come. */
describe("The pages' figures", () => {
  const security = parsePreset(preset).preset!.security;
  const whole = (wei: bigint): string => Number(formatEther(wei)).toLocaleString("en-US");

  it("of what griefing costs are the preset's", () => {
    const page = text("docs/security/disputes.md").replace(/\s+/g, " ");
    const { bond, deposit, slash, clock, extension } = security;
    const longest = 2 * clock + (ledger.log2Steps / 3 + 1) * extension; // [ticks]
    const [days, hours] = [Math.floor(longest / 86_400), (longest % 86_400) / 3_600];
    const [b, d, x] = [whole(bond), whole(deposit), whole(slash)];
    expect(page).to.contain(`(B = ${b} ETH, D = ${d} ETH, X = ${x} ALT, T_match = ${days} d ${hours} h)`);
    expect(page).to.contain(`the griefer, B (${b} ETH) per asserter`);
    expect(page).to.contain(`the liars, N·(D + X) (${d} ETH and ${x} ALT each)`);
    expect(page).to.contain(`the liar (${whole(deposit - bond)} ETH and ${x} ALT)`);
    expect(page).to.contain(`the griefer (${whole(bond / 2n)} ETH)`);
    expect(page).to.contain("opening, drop and collecting, more than 140,000 gas");
    expect(dispute.headline["open match"] + dispute.drop + dispute.collect).to.be.greaterThan(140_000);
  });
});
