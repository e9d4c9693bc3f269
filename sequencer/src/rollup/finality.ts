import { toHex } from "../hashing";
import { RollupContext } from "./context";

/**
 * Says where L1 has made something else final than this node executed; undefined where it hasn't. Then nothing that follows from this node's
 * result can become final: it neither bonds on it nor proves exits under it.
 */
export function finalElsewhere({
  view,
  results,
}: Pick<RollupContext, "view" | "results">): string | undefined {
  const { finalIndex: batch, finalCommitment: final } = view;
  const record = batch === 0 ? undefined : results.executed(batch);
  if (record === undefined || toHex(record.commitment) === final) return undefined;
  return `batch ${batch}: L1 made ${final} final, this node executed ${toHex(record.commitment)}`;
}
