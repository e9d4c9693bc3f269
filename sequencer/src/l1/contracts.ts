import { EventFragment, Interface, LogDescription } from "ethers";
import { ICatalogue__factory } from "@rollworks/sdk/src/typechain/factories/contracts/hub/ICatalogue__factory";
import { IRollupHub__factory } from "@rollworks/sdk/src/typechain/factories/contracts/hub/IRollupHub__factory";
import { L1Log } from "./watcher";

/** The hub as its interfaces describe it: what every rollup goes through, and the catalogue. */
export const HUB = new Interface([...IRollupHub__factory.abi, ...ICatalogue__factory.abi]);

/** Events of matches that don't name their rollup: it is the one in which the match was opened. */
const OF_MATCHES = new Set(["MatchMoved", "MatchWon", "MatchDropped", "MatchPaid"]);
/** Events whose `rollup` argument says which rollup they are about, by its place among the topics. */
const ROLLUP_TOPICS = new Map(
  HUB.fragments
    .filter((fragment): fragment is EventFragment => fragment instanceof EventFragment)
    .map((event) => {
      const place = event.inputs.filter(({ indexed }) => indexed).findIndex(({ name }) => name === "rollup");
      return [event.topicHash, place + 1] as const;
    })
    .filter(([, place]) => place > 0),
);

/** What a log of the hub is about: a rollup, a match whose rollup its opening named, or nothing of either. */
export function subjectOf(
  log: Pick<L1Log, "topics">,
): { rollup: number; opens?: string } | { match: string } | undefined {
  const [topic = "0x", first] = log.topics;
  const name = HUB.getEvent(topic)?.name;
  if (name === undefined) return undefined;
  if (OF_MATCHES.has(name)) return { match: first! };
  const place = ROLLUP_TOPICS.get(topic);
  if (place === undefined) return undefined;
  const rollup = Number(BigInt(log.topics[place]!));
  return name === "MatchOpened" ? { rollup, opens: first! } : { rollup };
}

export function isCreation(log: Pick<L1Log, "topics">): boolean {
  return HUB.getEvent(log.topics[0] ?? "0x")?.name === "Created";
}

/** The log as one of the hub's events, or undefined where it is none of them. */
export function parseHubLog(log: Pick<L1Log, "topics" | "data">): LogDescription | undefined {
  return HUB.parseLog(log) ?? undefined;
}
