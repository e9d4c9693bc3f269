import { HUB } from "../l1/contracts";
import { RollupContext } from "../rollup/context";

/** A bond line claims batches posted so long ago [s]. */
const BOND_LINE_DELAY = 86_400;

/** The node's line in a rollup, as the hub has it now. */
export class Line {
  constructor(
    private readonly deposit: bigint,
    /** last second in which it can claim */
    private readonly validUntil: number,
    /** stake is reserved for it; else it is a bond line */
    private readonly isAlt: boolean,
  ) {}

  /** Whether it can claim, at the time `now`, a batch posted at `postedAt` (now, if it isn't given) [s since 1970]. */
  canClaim(now: number, postedAt = now): boolean {
    return this.deposit > 0n && now <= this.validUntil && (this.isAlt || now >= postedAt + BOND_LINE_DELAY);
  }
}

export async function readLine({ place, l1 }: RollupContext): Promise<Line> {
  const data = HUB.encodeFunctionData("lineOf", [place.id, l1.address]);
  const answer = await l1.call<string>("eth_call", [{ to: place.hub, data }, "latest"]);
  const line = HUB.decodeFunctionResult("lineOf", answer)[0] as {
    deposit: bigint;
    validUntil: bigint;
    isAlt: boolean;
  };
  return new Line(line.deposit, Number(line.validUntil), line.isAlt);
}
